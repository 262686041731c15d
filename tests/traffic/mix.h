/*
 * Mixes: the application's code, as the statements it sends and how often.
 *
 * Every statement names its columns. $1 is the key of the row it is about, $2 an e-mail
 * address. A mix is code that some deploy of a real shop would run: `old` knows only
 * email, `both` writes both columns and still reads the old one, `new` writes only
 * new_email and reads both, `reader` writes nothing but its own first rows.
 */
#ifndef PGSTRIDE_TESTS_TRAFFIC_MIX_H
#define PGSTRIDE_TESTS_TRAFFIC_MIX_H

typedef enum Subject
{
    ANY_ROW, /* one of the shop's rows */
    OWN_READ,
    OWN_WRITE,
    OWN_DELETE,
    NO_ROW
} Subject;

typedef struct Statement
{
    const char *name;
    const char *sql;
    Subject subject;
    int weight;
} Statement;

typedef struct Mix
{
    const char *name;
    const char *insert;       /* makes a row of the client's own */
    Statement statements[12]; /* up to one without a name */
} Mix;

extern const Mix mixes[];
extern const int mix_count;

/* Its number, or -1. */
int mix_find(const char *name);

#endif

/*
 * A PostgreSQL that passes for CockroachDB: not one, and no proof of how one answers.
 *
 * None can be had where this is tested. What its manual says of the conversation is put
 * between pgstride and a PostgreSQL: it announces itself as CockroachDB does, by
 * version() and on connecting; advisory locks, NOWAIT, LOCK TABLE, PostgreSQL's views
 * of activity and system columns, and schema changes in a transaction that was begun
 * are refused; [SHOW JOBS] reads the view cockroach.jobs, which the test makes; every
 * so many COMMITs end with 40001. All else is PostgreSQL's own answer.
 */
#ifndef PGSTRIDE_PROXY_COCKROACH_H
#define PGSTRIDE_PROXY_COCKROACH_H

#include <stdbool.h>
#include <stddef.h>

#define MESSAGE_MOST (1 << 20)

typedef struct Passing
{
    const char *version; /* what it says it is, at most 80 bytes; NULL: no disguise */
    bool silent;         /* only version() tells: a pooler keeps the rest to itself */
    int conflicts;       /* each such COMMIT ends with 40001; 0: none */
} Passing;

extern const char cockroach_version[];

/* One connection of it; all zero at first. */
typedef struct Guise
{
    bool started; /* the first packet, which has no type, went by */
    bool greeted;
    bool refusing; /* what was refused came in parts: until the last of them */
    char state;    /* of the server: 'I'dle, in a 'T'ransaction, which 'E'nded badly */
    size_t held;
    char bytes[MESSAGE_MOST]; /* from the client, not yet a whole message */
} Guise;

/* Sends on, or answers; false when the connection is to end. */
bool guise_question(Guise *guise, const Passing *passing, int server, int client);
bool guise_answer(Guise *guise, const Passing *passing, const char *piece,
                  size_t length, int client);

/* main.c */
bool write_all(int to, const char *bytes, size_t length);

#endif

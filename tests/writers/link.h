/*
 * Link: one program's connection to its database, and the three statements it knows.
 */
#ifndef PGSTRIDE_TESTS_WRITERS_LINK_H
#define PGSTRIDE_TESTS_WRITERS_LINK_H

#include <stdbool.h>

enum
{
    EMAIL_SIZE = 64
};

typedef enum LinkText
{
    TEXT_READ,
    TEXT_WRITE,
    TEXT_WRITE_NEW, /* code that knows the new name alone */
    TEXT_COUNT
} LinkText;

typedef struct Link
{
    void *server;
    void *prepared[TEXT_COUNT]; /* where the engine has a use for them */
} Link;

typedef struct LinkKind
{
    const char *prefix; /* of the target that is its */
    bool (*open)(Link *link, const char *where);
    /* One statement on the row `id`; `email` is what it reads, or writes. */
    bool (*run)(Link *link, LinkText text, int id, char email[EMAIL_SIZE]);
    const char *(*error)(const Link *link); /* of the statement that failed last */
    void (*close)(Link *link);
} LinkKind;

extern const LinkKind mysql_link;  /* mysql:SOCKET/DATABASE */
extern const LinkKind sqlite_link; /* any other target: a file */

extern const char *const link_texts[TEXT_COUNT]; /* their SQL, to be named by */

#endif

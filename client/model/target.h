/* Where to connect, kept so that the password is in one place and never in a text. */
#ifndef PGSTRIDE_MODEL_TARGET_H
#define PGSTRIDE_MODEL_TARGET_H

#include <stdbool.h>

#include "base/mem.h"

typedef struct Target
{
    const char *engine; /* "postgres" */
    const char *given;  /* URL or keyword string as given, with its password; empty:
                           libpq's environment */
    const char *shown;  /* the same without a password: all that may be printed */
    const char *port;   /* where the string names none; NULL: libpq's */
    /* What golang-migrate is told there: the name of its table, or NULL; its schema,
     * or NULL; and that a file is not to be one transaction. */
    const char *history_table;
    const char *history_schema;
    bool unwrapped;
    const char **notes; /* what is said there and not honoured */
    int note_count;
} Target;

#endif

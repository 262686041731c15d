/* Where to connect, kept so that the password is in one place and never in a text. */
#ifndef PGSTRIDE_MODEL_TARGET_H
#define PGSTRIDE_MODEL_TARGET_H

#include "base/mem.h"

typedef struct Target
{
    const char *engine; /* "postgres" */
    const char *given;  /* URL or keyword string as given, with its password; empty:
                           libpq's environment */
    const char *shown;  /* the same without a password: all that may be printed */
    const char *port;   /* where the string names none; NULL: libpq's */
    const char *history_table; /* golang-migrate's, which is told there; or NULL */
} Target;

#endif

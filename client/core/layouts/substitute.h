/*
 * What stands for something else in the files of other runners: ${NAME}.
 *
 * pgstride's own files have none, so that what runs is what was reviewed; a folder that
 * comes with them is read as its runner reads it.
 */
#ifndef PGSTRIDE_CORE_SUBSTITUTE_H
#define PGSTRIDE_CORE_SUBSTITUTE_H

#include "base/buf.h"
#include "base/err.h"
#include "core/config/target.h"

typedef struct Substitution
{
    const char *file; /* for errors */
    int line;
    const Environment *environment; /* NULL: nothing is set */
    const char *script;             /* Flyway: the file's own name */
    const char *table;              /* ... its history table */
    const char *prefix;             /* ... and what stands around a name: "${" */
    const char *suffix;
} Substitution;

/* goose: $NAME, ${NAME}, ${NAME:-default} and ${NAME-default}; what is not set is
 * empty.
 */
bool substitute_environment(const Substitution *substitution, const char *text,
                            size_t length, Buf *into, Err *err);

/* Flyway: ${name}, or as prefix and suffix have it, from FLYWAY_PLACEHOLDERS_NAME, and
 * its built-in ones; what has no value is ERR_REFUSED. */
bool substitute_placeholders(const Substitution *substitution, const char *text,
                             size_t length, Buf *into, Err *err);

#endif

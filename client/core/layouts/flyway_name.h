/*
 * Names and versions of Flyway: V1_2__what.sql, R__what.sql, B3__what.sql,
 * U1_2__what.sql.
 *
 * The description has blanks for its underscores; a version has dots for them, its
 * parts are numbers of any length, and zeros at its end do not count: 1, 1.0 and 01 are
 * one.
 */
#ifndef PGSTRIDE_CORE_FLYWAY_NAME_H
#define PGSTRIDE_CORE_FLYWAY_NAME_H

#include "core/layouts/parts.h"

typedef struct FlywayName
{
    char kind;         /* 'V', 'R', 'B', 'U' */
    char *version;     /* "1.2"; empty for R */
    char *sort_key;    /* strcmp orders: repeatable ones behind all others */
    char *description; /* "what it is" */
    char *label;       /* "V1_2__what_it_is" */
    bool program;      /* .java, .kt */
} FlywayName;

/* False: the name is none of its. `name` may stand in a subfolder. */
bool flyway_name_read(Mem *mem, const char *name, FlywayName *parts);

/* As its table has it: of more than 200 characters, as Java counts them, the first 197
 * and three dots. */
char *flyway_description(Mem *mem, const char *text);

/* Signed, as its column holds it: of every line without its end. */
int32_t flyway_checksum(const char *bytes, size_t length);

#endif

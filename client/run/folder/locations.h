/*
 * Where migration files are: one folder, or several, as Flyway's locations have it.
 *
 *     migrations
 *     filesystem:sql, filesystem:parts/?/sql, classpath:migrations/postgres
 *
 * In a name a star stands for any letters, ? for one; two stars are any folders on the
 * way. What a program has in its classpath is a folder of that name here, if somebody
 * unpacked it.
 */
#ifndef PGSTRIDE_RUN_LOCATIONS_H
#define PGSTRIDE_RUN_LOCATIONS_H

#include "base/err.h"
#include "base/mem.h"

typedef struct Locations
{
    const char **items;
    int count;
    int room;
} Locations;

/* Without `dir`: "migrations", else "db/migrations". What lies within another location
 * is not told again. ERR_USAGE: one that cannot be a folder; whether it can be read is
 * not asked. */
bool locations_read(Mem *mem, const char *dir, Locations *locations, Err *err);

/* "sql, parts/a/sql" */
char *locations_shown(Mem *mem, const Locations *locations);

/* The length of what is before a pattern, to its last slash; all of a path without. */
size_t location_plain(const char *path);

bool is_folder(const char *path);

#endif

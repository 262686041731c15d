/*
 * The folder of migration files: read whole before anything is decided, and where
 * `pgstride new` writes.
 */
#ifndef PGSTRIDE_RUN_FOLDER_H
#define PGSTRIDE_RUN_FOLDER_H

#include "base/err.h"
#include "core/files/scaffold.h"
#include "model/migration.h"

/*
 * The *.sql files of the folders that `dir` names (locations.h), and what layouts want
 * besides (core/layouts/), sorted by name as bytes; names in subfolders have slashes.
 * `used` says which folders it were. Symbolic links are followed, because mounted
 * config maps are made of them. ERR_USAGE names the file.
 */
bool folder_read(Mem *mem, const char *dir, const char **used, SourceFiles *files,
                 Err *err);

/* False: one that is named is not there, or none of the usual. */
bool folder_is_there(const char *dir);

/* What `new` made: "migrations", of several folders the first, and the files in it. */
typedef struct NewMigration
{
    const char *dir;
    Scaffold scaffold;
} NewMigration;

/*
 * Writes a new migration, and the folder where there is none. Its version is the wall
 * time of the wish, or the next second that is free. Never overwrites: a file that is
 * there is ERR_USAGE, and nothing is left behind.
 */
bool folder_new(Mem *mem, const char *dir, const ScaffoldWish *wish, NewMigration *made,
                Err *err);

#endif

/*
 * The folder of migration files: read whole before anything is decided, and where
 * `pgstride new` writes.
 */
#ifndef PGSTRIDE_RUN_FOLDER_H
#define PGSTRIDE_RUN_FOLDER_H

#include "base/err.h"
#include "core/scaffold.h"
#include "model/migration.h"

/*
 * The *.sql files of a folder, sorted by name as bytes. Without `dir`: "migrations",
 * else "db/migrations". `used` says which it was. Symbolic links are followed, because
 * mounted config maps are made of them; subfolders are not. ERR_USAGE names the file.
 */
bool folder_read(Mem *mem, const char *dir, const char **used, SourceFiles *files,
                 Err *err);

/*
 * Writes a new migration, and the folder where there is none. Never overwrites: an
 * existing file, or another migration of the same version, is ERR_USAGE and nothing is
 * written.
 */
bool folder_create(Mem *mem, const char *dir, const char **used,
                   const Scaffold *scaffold, Err *err);

#endif

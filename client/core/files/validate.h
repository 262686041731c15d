/*
 * What can be said of a migration without a database: its SQL parses, and every section
 * holds only what it may (design §16.4).
 */
#ifndef PGSTRIDE_CORE_VALIDATE_H
#define PGSTRIDE_CORE_VALIDATE_H

#include "base/err.h"
#include "model/migration.h"

/*
 * Fills the statements of sections that are not parsed yet, then checks them all.
 * Without back, the way down that another runner's file has is left unread: it is not
 * read there either before it is gone, and nobody is kept from going up by a mistake in
 * it. Errors name file and line: those of sql_parse and backfill_read, and ERR_USAGE
 * for a statement that a backfill section cannot hold.
 */
bool migration_validate(Mem *mem, Migration *migration, bool back, Err *err);

#endif

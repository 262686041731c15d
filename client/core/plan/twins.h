/*
 * Before an old column is dropped for a new one: has everything that hangs on the old
 * one a twin on the new?
 *
 * DROP COLUMN takes indexes, constraints, statistics and grants with it, silently. A
 * twin is the same definition with the column renamed.
 */
#ifndef PGSTRIDE_CORE_TWINS_H
#define PGSTRIDE_CORE_TWINS_H

#include "base/err.h"
#include "model/facts.h"
#include "model/migration.h"

/* What would be lost, one sentence each; empty when nothing would. */
typedef struct Losses
{
    const char **items;
    int count;
} Losses;

/* Of one swap: contract drops `old_name` and renames `new_name` to it. */
Losses twins_missing(Mem *mem, const TableFact *table, const char *old_name,
                     const char *new_name);

/* Every swap of the contract section; `allow:lost-twin:"..."` accepts the losses.
 * ERR_REFUSED names them all. */
bool twins_check(Mem *mem, const Migration *migration, const Facts *facts, Err *err);

#endif

/*
 * An index on a partitioned table: made, attached and dropped with its parts.
 *
 * core/index_tree decides from the catalog what the next move is. What takes a strong
 * lock goes through the lock policy; every leaf is built concurrently.
 */
#ifndef PGSTRIDE_RUN_INDEX_TREE_H
#define PGSTRIDE_RUN_INDEX_TREE_H

#include "run/indexes/index_work.h"

/* True with *done false: the table is not partitioned, and nothing was done. */
bool index_tree_build(IndexWork *work, bool *done, Err *err);

/* The index with all its parts, in one short transaction with its record: the server
 * knows no other way. `table` is the one it is on. */
bool index_tree_drop(IndexWork *work, const QName *table, const char *name, Err *err);

#endif

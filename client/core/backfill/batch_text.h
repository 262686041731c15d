/* Pieces of a batch's text. Private to core/batch*.c. */
#ifndef PGSTRIDE_CORE_BATCH_TEXT_H
#define PGSTRIDE_CORE_BATCH_TEXT_H

#include "core/backfill/batch.h"

/* The table, by the name that expressions know it by. */
void batch_add_leaf(SqlText *sql, const BatchJob *job);

/* new_email = email, ... */
void batch_add_assignments(SqlText *sql, const Backfill *fill);

/* UPDATE ... SET or DELETE of the leaf's rows, up to where WHERE begins; and RETURNING
 * whether such a row would be written again. */
void batch_add_change(SqlText *sql, const BatchJob *job);
void batch_add_again(SqlText *sql, const BatchJob *job);

/* The row of progress, as long as it is ours: the fence. */
void batch_add_own_key(SqlText *sql, const BatchJob *job);

/* UPDATE pgstride.backfills ... FROM told, by the fence; and what it gives. */
void batch_add_progress(SqlText *sql, const BatchJob *job, const Batch *batch);
void batch_add_answer(SqlText *sql, const BatchJob *job);

#endif

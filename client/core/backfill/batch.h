/*
 * The text of one batch: rows changed and progress recorded by one statement.
 *
 * Pure; client/run/backfill/batch.c sends it. The places of rows are named only inside
 * one transaction, and every row is tested again when it is met. Where the caller must
 * know something to decide (rows changed, rows that would be changed again), the
 * statement answers it before anything is committed.
 */
#ifndef PGSTRIDE_CORE_BATCH_H
#define PGSTRIDE_CORE_BATCH_H

#include "core/backfill/blocks.h"
#include "core/backfill/passes.h"
#include "model/backfill.h"

/* What all batches of one table share. */
typedef struct BatchJob
{
    const Caps *caps;
    const Backfill *fill;
    QName leaf; /* the table itself: never its children */
    int64_t leaf_oid;
    int64_t part; /* whose progress row it is */
    int at_once;  /* batches that run at the same time; 0 is 1 */
    SqlParsed not_done;
    SqlParsed not_done_cheaply; /* asked by all passes but the last; or text NULL */
    bool key_assigned;          /* a unique index holds an assigned column */
    const char *component;
    const char *version;
    const char *run_id;
} BatchJob;

/* No page has more places for rows, whatever its size. */
#define BATCH_PLACES 1164

/* Row by row, each change by itself: those of one block, by their places in it. */
typedef struct BatchRows
{
    int64_t block;
    int from; /* places are counted from 1 */
    int to;
    char *const *key; /* columns that name a row which cannot take its value */
    int key_count;
} BatchRows;

typedef struct Batch
{
    BlockRange blocks;
    Pass pass;
    bool skip_locked;              /* pass over rows that others have locked */
    int64_t position;              /* of the sweep when this is committed */
    const char *skipped;           /* blocks to revisit, as text */
    const char *skipped_if_passed; /* the same when rows were passed over */
    const BatchRows *rows;         /* not NULL: these, instead of `blocks` and `pass` */
} Batch;

/* Time limits of this transaction alone, as one statement. */
typedef struct BatchLimits
{
    int64_t lock_ms;      /* for a row: below deadlock_timeout */
    int64_t statement_ms; /* a guard against the unforeseen */
    bool durable;         /* wait for the disk at COMMIT */
    bool skip_triggers; /* as a replica's session: only ALWAYS and REPLICA ones fire */
} BatchLimits;

SqlText batch_limits(Mem *mem, const Caps *caps, BatchLimits limits);
SqlText batch_lock(Mem *mem, const BatchJob *job);

/* Gives filenode, and named: who has the table's name by now. Notes what batch_change
 * measures from. */
SqlText batch_check(Mem *mem, const BatchJob *job);

/* Locks what can be locked, for batch_change to take; gives found. */
SqlText batch_find(Mem *mem, const BatchJob *job, const Batch *batch);

/* Gives rows, again, passed, hot, wal_bytes, xid, worked_ms; no row: the fence is lost.
 */
SqlText batch_change(Mem *mem, const BatchJob *job, const Batch *batch);

/*
 * The same for Batch.rows, as two statements. What a row refuses (a cast, a constraint,
 * a trigger's own error) is undone for that row alone, which is set aside by its key;
 * the others are changed. batch_told gives also set_aside, why (of one of them; empty:
 * none) and beyond: the rows of the block behind the last place.
 */
SqlText batch_rows(Mem *mem, const BatchJob *job, const Batch *batch);
SqlText batch_told(Mem *mem, const BatchJob *job, const Batch *batch);

/* Records a run of a statement that changed so many rows; gives what batch_change does.
 */
SqlText batch_counted(Mem *mem, const BatchJob *job, int64_t rows);

/* Changes no row, only what is known: gives one row; none: the fence is lost. */
typedef struct BatchNote
{
    BlockRange rest; /* position and end */
    const char *skipped;
    bool swept;
    bool verified;
} BatchNote;
SqlText batch_note(Mem *mem, const BatchJob *job, const BatchNote *note);

/* Forgets the rows set aside: they are met again. */
SqlText batch_unpoison(Mem *mem, const BatchJob *job);

/* How many rows of these blocks are not done: gives rows_left. */
SqlText batch_left(Mem *mem, const BatchJob *job, BlockRange blocks);

#endif

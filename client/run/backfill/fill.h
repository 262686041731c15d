/*
 * A backfill while it runs: what its parts share, its pace, and what it tells.
 *
 * sweep.c, revisit.c and verify.c do the work table by table; backfill.c puts them in
 * order. Why every row is met once and none is lost is argued in sweep.md.
 */
#ifndef PGSTRIDE_RUN_FILL_H
#define PGSTRIDE_RUN_FILL_H

#include "core/backfill/parts.h"
#include "core/backfill/sweep.h"
#include "core/backfill/throttle.h"
#include "run/backfill/batch.h"
#include "run/backfill/pressure.h"

/* One table that holds rows, and how far it is. */
typedef struct Leaf
{
    int64_t oid;
    QName name;
    char *shown; /* its name for people */
    char *kind;  /* as pg_class.relkind */
    int64_t filenode;
    int64_t blocks;
    int64_t rows; /* estimate; -1 unknown */
    int64_t indexes;
    int64_t fillfactor; /* percent */
    bool never_hot;
    bool key_assigned;
    bool guarded;       /* a sync trigger is in force on it */
    char *sync_trigger; /* one that the server extension runs; or NULL */
    int64_t deadlock_ms;
    char **key; /* columns of its primary key */
    int key_count;

    int64_t part;    /* whose progress row a batch writes; 0 but in a worker's copy */
    BlockRange rest; /* blocks still to be swept: position and end */
    Blocks skipped;
    Parts parts; /* two and more: what several workers have left */
    bool swept;
    bool verified;
    int64_t rows_done;
    int64_t set_aside; /* since it was swept from its start */
    bool replaced;     /* it was rewritten meanwhile: begin again */
} Leaf;

/* Progress at one moment, for rates over the last seconds. */
typedef struct Mark
{
    double at_ms;
    int64_t rows;
    int64_t blocks;
} Mark;

#define MARKS 20

typedef struct Fill
{
    Run *run;
    const Step *step;
    Mem *mem; /* of one attempt, from connection to connection */
    SqlParsed not_done;
    SqlParsed not_done_cheaply; /* text NULL: there is no cheaper question */
    bool stays_done; /* a trigger fills whatever is written behind the sweep */
    const Allow *aside_allowed; /* rows set aside do not fail the phase; or NULL */
    Limits limits;
    int orders_heard; /* of run->orders_count */
    double stall_ms;
    int hands;     /* that sweep at the same time */
    int in_flight; /* batches under way beside the one that is looked at */
    Throttle throttle;
    double worked_since_ms; /* a rest ended, or it began */
    double rested_since_ms; /* of that time, what the server rested by itself */
    double longest_ms;      /* batch since the throttle was last told of one */
    Gauge gauge;
    Cost *cost;
    Progress *progress;
    int64_t hot_rows;
    int64_t blocks_before; /* of the tables that are done */
    int64_t batches;       /* in this run, for noticing that none was made */
    double began_ms;
    double told_ms;
    double rested_ms; /* when a rest was last told of */
    int told_aside;   /* rows set aside that were told of */
    Mark marks[MARKS];
    int mark_count;
} Fill;

Limits fill_limits(const Run *run, const Step *step);
BatchJob fill_job(const Fill *fill, const Leaf *leaf);

/* Waiting for one row takes less time than the server takes to suspect a deadlock. */
int64_t leaf_lock_ms(const Leaf *leaf);

/* What the batch adds to progress and cost. */
void fill_count(Fill *fill, const BatchReport *report);

/* EVENT_BATCH, at most four a second; blocks_done are those of this table. */
void fill_tell(Fill *fill, const char *doing, int64_t blocks_done);

/* The server waited for an older snapshot; or it rested between its batches, so as to
 * keep its share of the time. */
void fill_waited(Fill *fill, double millis);
void fill_rested(Fill *fill, double millis);

/*
 * After a batch of batch_ms (< 0: none of the usual size): samples the pressure, and
 * rests as long as the throttle wants, saying why. ERR_STOPPED when asked to stop.
 * While other batches are in flight it does not rest, or their rows would stay locked.
 */
bool fill_pace(Fill *fill, const Leaf *leaf, double batch_ms, Err *err);

/* A rest that the throttle knows nothing of, told of at most four times a second; why
 * NULL: only to see whether we are asked to stop. */
bool fill_rest(Fill *fill, double millis, const char *why, Err *err);

/* The whole table is locked by others, since *since (0: since now): rests; ERR_BUSY
 * when the patience for locks is over. */
bool fill_barred(Fill *fill, const Leaf *leaf, double *since, Err *err);

/* --- one table ------------------------------------------------------------------- */

typedef struct Leaves
{
    Leaf *items;
    int count;
} Leaves;

/* Every table that holds rows of the one to fill. */
bool leaves_find(Fill *fill, Leaves *leaves, Err *err);

/* The table itself, whatever holds its rows. */
bool leaf_root(Fill *fill, Leaf *leaf, Err *err);

/* A row of backfill_begin.sql. */
typedef struct Begun
{
    int64_t part;
    int64_t position;
    int64_t end_block;
    char *skipped;
    int64_t rows_done;
    int64_t rows_total; /* as estimated when it began */
    int64_t hot_rows;
    int64_t wal_bytes;
    bool swept;
    bool verified;
} Begun;

/* Makes its progress row ours, or makes one; ERR_DIRTY when it cannot be read. */
bool leaf_begin(Fill *fill, Leaf *leaf, Begun *begun, Err *err);

/* Sweeps and proves it. Without error and not verified: rows were set aside. */
bool leaf_fill(Fill *fill, Leaf *leaf, Err *err);

/* What is known of it, on disk. */
bool leaf_note(Fill *fill, Leaf *leaf, Err *err);

/* Looks at every row again. */
bool leaf_prove(Fill *fill, Leaf *leaf, Err *err);

/* Cuts what is left of it into parts for so many workers, and makes one of it again. */
bool leaf_share(Fill *fill, Leaf *leaf, int workers, Err *err);
bool leaf_join(Fill *fill, Leaf *leaf, Err *err);

/* --- the parts ------------------------------------------------------------------- */

/* Until every block of leaf->rest was met; leaf->skipped are those to come back to. */
bool sweep_leaf(Fill *fill, Leaf *leaf, Err *err);

/* repeat:true: the statement as it stands, until it changes no row. */
bool repeat_run(Fill *fill, Err *err);

/* Until nothing is skipped any more. ERR_BUSY names who holds a row. */
bool revisit_leaf(Fill *fill, Leaf *leaf, Err *err);

/* The blocks that hold rows which are not done, and how many rows those are. */
bool verify_leaf(Fill *fill, Leaf *leaf, Blocks *left, int64_t *rows_left, Err *err);

/* One block holds rows that cannot take their value: the others are filled, they are
 * set aside by their keys. */
bool poison_set_aside(Fill *fill, Leaf *leaf, int64_t block, Err *err);

/* Those of this table are met again: they may have been mended. */
bool poison_forget(Fill *fill, Leaf *leaf, Err *err);

#endif

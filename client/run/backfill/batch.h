/*
 * One batch on the wire: a message that changes rows and records it, a look at what it
 * did, and the COMMIT or ROLLBACK that follows from it.
 *
 * While the server works on it the watcher counts who waits for its rows; a batch that
 * keeps others waiting is cancelled before the stall budget is used up.
 */
#ifndef PGSTRIDE_RUN_BATCH_H
#define PGSTRIDE_RUN_BATCH_H

#include "core/backfill/batch.h"
#include "core/backfill/slice.h"
#include "run/run.h"

typedef enum BatchEnd
{
    BATCH_DONE,     /* committed */
    BATCH_LOCKED,   /* somebody else has one of its rows, or what a row depends on */
    BATCH_BARRED,   /* somebody has, or wants, the whole table */
    BATCH_SLOW,     /* it took too long, or made others wait, and was cancelled */
    BATCH_CLASHED,  /* deadlock or serialization failure: simply try again */
    BATCH_REPLACED, /* the table was rewritten or dropped: block numbers mean nothing */
    BATCH_POISONED, /* a row cannot take its value */
    BATCH_FAILED    /* anything else */
} BatchEnd;

typedef struct BatchOrder
{
    const BatchJob *job;
    const Batch *batch;
    const Slice *slice; /* not NULL: the server makes batches, instead of `batch` */
    int64_t filenode;   /* that the block numbers belong to */
    int64_t lock_ms;    /* waiting for one row */
    double stall_ms;    /* others may wait for us this long */
    Mem *texts;         /* owns those of the report; NULL: it needs none */
    bool blame;         /* look whom we wait for */
} BatchOrder;

typedef struct BatchReport
{
    BatchEnd end;
    int64_t rows;
    int64_t again;  /* rows just written that are still not done */
    int64_t passed; /* rows not taken because others had them */
    int64_t hot;
    int64_t wal_bytes;
    int64_t xid;
    double took_ms;   /* from our first word to the answer to COMMIT */
    double worked_ms; /* as the server counts it, until it answered; 0: not told */
    int64_t waiters;  /* most sessions seen waiting for us */
    double stall_ms;  /* the longest that any of them can have waited */
    char *blocker;    /* BatchOrder.blame: who, and what can be done; NULL: nobody */
    char *advice;
    int64_t set_aside; /* Batch.rows: rows that cannot take their value */
    int64_t beyond;    /* and rows of the block behind the last place */
    char *why;         /* of one set aside: its key and the error; or empty */
    int64_t position;  /* BatchOrder.slice: how far it is */
    char *skipped;     /* and which blocks it skipped, beside those it was told of */
    double waited_ms;  /* for an older snapshot to end */
    double rested_ms;  /* so as to take no more than its share of the time */
    char *ended;       /* "done", "time", "snapshot", "barred", "replaced" */
} BatchReport;

/*
 * True when the server answered: report.end says how, and after all but BATCH_DONE
 * nothing was changed. Errors: ERR_LOST (the outcome is unknown: read the progress
 * again), ERR_REFUSED (another run has taken over, or rows would be changed twice),
 * ERR_SQL with BATCH_POISONED or BATCH_FAILED, ERR_CONNECT.
 */
bool batch_run(Run *run, const BatchOrder *order, BatchReport *report, Err *err);

/*
 * The same in three acts, for several at once, each on a connection of its own that is
 * run->worker meanwhile: begun, looked at now and then (it is cancelled when others
 * wait too long), ended when its answer is there, or waited for. `order` outlives it,
 * `mem` owns it.
 */
typedef struct Flight Flight;

/* How often it is looked at. */
double batch_look_ms(const BatchOrder *order);

bool batch_begin(Mem *mem, Run *run, const BatchOrder *order, Flight **begun, Err *err);
bool batch_look(Run *run, Flight *flight, Err *err);
bool batch_end(Run *run, Flight *flight, BatchReport *report, Err *err);

/* --- a slice, in batch_slice.c --------------------------------------------------- */

SqlText batch_slice_text(Mem *mem, Run *run, const BatchOrder *order);
bool batch_slice_read(const BatchOrder *order, const Rows *rows, BatchReport *report,
                      Err *err);

/* --- beside the batches, in message.c -------------------------------------------- */

/* One statement about the backfill, behind the guard, in a transaction of its own. */
bool batch_write(Run *run, const char *label, const SqlText *text, Err *err);

/* Records what is known, durably, without changing rows. */
bool batch_record(Run *run, const BatchJob *job, const BatchNote *note, Err *err);

#endif

/*
 * What building one index and building a tree of them share: the wait before, the
 * statement under supervision, clearing up after it, trying again.
 */
#ifndef PGSTRIDE_RUN_INDEX_WORK_H
#define PGSTRIDE_RUN_INDEX_WORK_H

#include "run/run.h"

/* One step's work on its index. */
typedef struct IndexWork
{
    Run *run;
    const Step *step;
    Cost *cost;
    bool build;
    QName table; /* the one that the next statement is about */
    bool ours;   /* its record says started, by this run or one before */
    bool begun;  /* by this run */
    bool apart;  /* of no migration: nothing of it is journalled */
    double started_ms;
    double waited_ms;  /* for somebody else's build */
    int failures;      /* in a row, that another attempt may not meet */
    const char *place; /* "events_2025 (3 of 12)"; NULL: there is but one */
} IndexWork;

IndexWork index_work_begin(Run *run, const Step *step, Cost *cost, bool build);

/* A statement, and how to clear away what is left when it fails: at once, because an
 * invalid index that is ready rejects duplicates and costs every write. */
typedef struct IndexSend
{
    const char *sql;
    void (*clear)(IndexWork *work, const void *of);
    const void *of;
} IndexSend;

/*
 * Waits for old snapshots, notes that the step is begun, sends, and clears up after a
 * failure. True with *done false: it failed in a way that another attempt, after the
 * rest that was just taken, may not meet.
 */
bool index_work_send(IndexWork *work, const IndexSend *send, bool *done, Err *err);

/* A rest while somebody else is building the index of that name; ERR_BUSY when the
 * patience is over. */
bool index_work_wait(IndexWork *work, int64_t builder, const char *name, Err *err);

/* Expressions have statistics of their own, and none until somebody asks. */
bool index_work_analyze(IndexWork *work, const char *table, Err *err);

/* ERR_STOPPED. */
bool index_work_stopped(Err *err);

#endif

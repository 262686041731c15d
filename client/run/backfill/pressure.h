/* Samples of the server's load and of its horizon, taken on the watcher between
 * batches. */
#ifndef PGSTRIDE_RUN_PRESSURE_H
#define PGSTRIDE_RUN_PRESSURE_H

#include "model/pressure.h"
#include "run/run.h"

/* The last sample, and what its texts belong to. */
typedef struct Gauge
{
    Mem *mem;
    Pressure pressure;
    double sampled_ms;   /* 0: never */
    double slow_ms;      /* the same of what is asked once a second */
    bool commits;        /* a commit of our own is timed too */
    double commit_ms[3]; /* the last of them, in turn */
    int commit_count;
    int64_t wal_bytes; /* written by the server when it was sampled */
    char *silent;      /* a replica that has not confirmed what it was sent; or NULL */
    int64_t silent_at; /* up to where it had */
    double silent_ms;  /* since when */
    char *complaint;   /* why the operator's query is not heeded, as told; or NULL */
    const Step *step; /* whose record of progress the replicas are asked for; or NULL */
} Gauge;

/*
 * A new sample, unless the last one is younger than 200 ms. Who waited for a batch is
 * the batch's to tell: that stays. What cannot be known is below zero, and an error of
 * the operator's own query is told and stops nothing. Errors: ERR_LOST, ERR_SQL.
 */
bool pressure_sample(Run *run, Gauge *gauge, int64_t table, Err *err);

/* Says once a run which grant would show the load that is hidden from this role. */
void pressure_tell_hidden(Run *run);

/*
 * The oldest transaction that a snapshot may still see as running; row versions that
 * died before it can be pruned. Errors: ERR_LOST.
 */
bool pressure_horizon(Run *run, int64_t *horizon, Err *err);

#endif

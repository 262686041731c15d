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
    double sampled_ms; /* 0: never */
} Gauge;

/* A new sample, unless the last one is younger than 200 ms. Who waits for locks is the
 * batch's to tell: that stays. */
bool pressure_sample(Run *run, Gauge *gauge, int64_t table, Err *err);

/*
 * The oldest transaction that a snapshot may still see as running; row versions that
 * died before it can be pruned. Errors: ERR_LOST.
 */
bool pressure_horizon(Run *run, int64_t *horizon, Err *err);

#endif

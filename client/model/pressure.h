/* One sample of the server's load; throttle turns samples into rests and batch sizes.
 */
#ifndef PGSTRIDE_MODEL_PRESSURE_H
#define PGSTRIDE_MODEL_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

/* -1 (or NULL) wherever the server did not say, or we may not see it: never a reason to
 * rest. */
typedef struct Pressure
{
    double replica_lag_ms; /* replay lag of the worst streaming replica */
    int64_t replica_lag_bytes;
    char *replica;               /* its name */
    int64_t slot_retained_bytes; /* WAL kept for the laziest slot */
    char *slot;
    int64_t active_sessions; /* other backends running a statement */
    int64_t lock_waiters;    /* sessions waiting for one of our transactions or locks */
    int64_t oldest_xmin_age; /* transactions between the oldest snapshot and now */
    double oldest_snapshot_ms; /* age of the transaction that holds it */
    char *oldest_snapshot_who;
    bool autovacuum_here; /* autovacuum works on the table */
    int64_t dead_rows;
    int64_t wal_bytes; /* written by the whole server since the last sample */
} Pressure;

#endif

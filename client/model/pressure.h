/* One sample of the server's load; throttle turns samples into rests and batch sizes.
 */
#ifndef PGSTRIDE_MODEL_PRESSURE_H
#define PGSTRIDE_MODEL_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

/* What can make a backfill rest; core/backfill/throttle.c has a row for each, with its
 * unit. */
typedef enum Signal
{
    SIGNAL_LAG,        /* replay lag of the worst streaming replica, in time */
    SIGNAL_LAG_BYTES,  /* the same in bytes, where the server tells no time */
    SIGNAL_SLOT,       /* WAL kept for the laziest slot */
    SIGNAL_WAL_RATE,   /* WAL written by the whole server, per second */
    SIGNAL_COMMIT,     /* what a small commit takes, behind our batches */
    SIGNAL_CHECKPOINT, /* WAL since the last checkpoint, in percent of max_wal_size */
    SIGNAL_ACTIVE,     /* other sessions that run a statement */
    SIGNAL_WAITERS,    /* sessions that waited for a batch: the batch tells it */
    SIGNAL_SNAPSHOT,   /* age of the oldest snapshot: nothing it sees can be pruned */
    SIGNAL_DEAD,       /* dead rows of the table, in percent of all */
    SIGNAL_AUTOVACUUM, /* autovacuum works on the table */
    SIGNAL_HISTORY,    /* transactions whose old rows InnoDB has not purged yet */
    SIGNAL_QUERY,      /* the operator's own query */
    SIGNAL_FILE,       /* the operator's flag file */
    SIGNAL_COUNT
} Signal;

/* Below zero wherever the server did not say, or we may not see it: never a reason to
 * rest. */
typedef struct Pressure
{
    double value[SIGNAL_COUNT];
    char *who[SIGNAL_COUNT]; /* the replica, slot, session, table or file; or NULL */
    bool fresh;              /* sampled since the last time it was asked for */
} Pressure;

#endif

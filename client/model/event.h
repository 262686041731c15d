/*
 * What run tells: typed events, seen by the printers and kept in the history alike.
 *
 * The texts belong to the sender and are valid only during the call.
 */
#ifndef PGSTRIDE_MODEL_EVENT_H
#define PGSTRIDE_MODEL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/lock.h"
#include "model/phase.h"
#include "model/pressure.h"
#include "model/step.h"

typedef enum EventKind
{
    EVENT_CONNECTED,      /* text: what we are connected to */
    EVENT_WAITING_RUNNER, /* text: who holds the runner lock */
    EVENT_WAITING_ORPHAN, /* text: what a killed run left going on the server */
    EVENT_MIGRATION_START,
    EVENT_MIGRATION_DONE, /* state reached in `state` */
    EVENT_PHASE_START,
    EVENT_PHASE_DONE,
    EVENT_STEP_START,
    EVENT_STEP_WAITING,  /* a lock is not to be had: look */
    EVENT_STEP_PROGRESS, /* of an index build or a validation */
    EVENT_STEP_DONE,
    EVENT_STEP_FAILED,
    EVENT_STEP_SKIPPED, /* done by an earlier run */
    EVENT_BATCH,        /* progress of a backfill */
    EVENT_REST,         /* text: why, millis: how long */
    EVENT_HELD,         /* text: by whom or what, millis: how long yet; -1 unknown */
    EVENT_GOES_ON,      /* after EVENT_HELD */
    EVENT_WARNING,      /* text */
    EVENT_NOTE,         /* text */
    EVENT_STOPPING,     /* text: what is finished first */
    EVENT_KIND_COUNT
} EventKind;

/* How a backfill stands; rates are of the last seconds, not since the start. */
typedef struct Progress
{
    int64_t rows_done;
    int64_t rows_before; /* of those, by earlier runs */
    int64_t rows_total;  /* estimate at the start */
    int64_t blocks_done;
    int64_t blocks_total;
    double rows_per_second;
    double left_ms;   /* -1 unknown */
    double batch_ms;  /* of the last batch */
    double hot_share; /* 0..1; -1 unknown */
    int64_t wal_bytes;
    int64_t skipped_blocks; /* to be revisited */
    int64_t set_aside;
    int workers; /* sweeping at the same time */
    double elapsed_ms;
    double fraction;          /* 0..1, for the bar */
    const char *doing;        /* "sweeping", "revisiting", "verifying", "building index:
                                 scanning table" */
    const Pressure *pressure; /* what the server said last; NULL: it is not told */
} Progress;

/* What a step cost others. */
typedef struct Cost
{
    int tries;
    double queued_ms; /* longest time a try waited in the lock queue */
    double held_ms;   /* of the try that succeeded */
    double stall_ms;  /* largest stall caused: queued + held, an upper bound; or since
                         the last look that saw nobody wait */
    double took_ms;   /* from start to end */
    double waited_ms; /* for others, before the step could run */
    int victims;      /* most statements seen waiting for us at once */
    bool unfelt;      /* held for longer than the budget, and nobody waited */
    bool noted;       /* recorded with the deed */
} Cost;

typedef struct Event
{
    EventKind kind;
    const Migration *migration; /* or NULL */
    Phase phase;
    State state;
    const Step *step; /* or NULL */
    const char *text; /* or NULL */
    double millis;
    const Look *look;         /* EVENT_STEP_WAITING */
    const Progress *progress; /* EVENT_BATCH, EVENT_STEP_PROGRESS, EVENT_STEP_DONE */
    const Cost *cost;         /* EVENT_STEP_DONE, EVENT_STEP_WAITING */
} Event;

typedef struct Observer Observer;
struct Observer
{
    void (*see)(Observer *observer, const Event *event);
};

#endif

/*
 * What to do next about a lock: try, queue for a moment, look again, or give up.
 *
 * Pure: the same terms, tries and look always give the same move. The promise kept is
 * the stall budget: a try may queue and hold for no longer than the budget together,
 * and nobody is made to queue behind a holder that is older than it. A relation that is
 * hidden, prepared, or of unknown age counts as old.
 */
#ifndef PGSTRIDE_CORE_LOCK_POLICY_H
#define PGSTRIDE_CORE_LOCK_POLICY_H

#include <stdint.h>

#include "model/lock.h"

typedef enum LockMove
{
    LOCK_TRY_NOWAIT,       /* ask again and again for wait_ms, never queueing */
    LOCK_TRY_QUEUE,        /* queue on one relation for wait_ms, the others at once */
    LOCK_NUDGE_AUTOVACUUM, /* a transaction of its own makes it give way */
    LOCK_END_IDLER,        /* --on-blocker allows it: end the holder's transaction */
    LOCK_LOOK_AGAIN,       /* rest, then look */
    LOCK_GIVE_UP,          /* patience is over: name the blockers */
    LOCK_GIVE_UP_TOO_LONG  /* the statements themselves take longer than the budget */
} LockMove;

/* What was promised, and what the server is like. */
typedef struct LockTerms
{
    double budget_ms;
    double patience_ms;
    double deadlock_ms;  /* deadlock_timeout: how long an autovacuum lets others wait */
    bool stalls_traffic; /* false: nobody of the application waits behind our queue */
    bool unknown;        /* ... for all we know: what it locks could not be read */
    bool may_linger;   /* a vigil can be kept: hold longer while nobody waits for it */
    bool looks_inside; /* the server itself looks before it takes: nobody feels that */
    OnBlocker on_blocker; /* what may be done about an idle transaction */
    uint64_t seed;        /* of the jitter */
} LockTerms;

/* What happened so far; all zero before the first move. */
typedef struct LockTried
{
    double elapsed_ms; /* since the first look; set by the caller */
    int moves;         /* decisions so far */
    int tries;         /* messages sent */
    int blocked;       /* looks in a row that met an old holder */
    int nowaits;       /* tries since an old holder was last in the way */
    int queues;
    int nudges;    /* in vain */
    int overruns;  /* tries whose statements took longer than what was left */
    int unfelt;    /* of those, after which nobody had been seen waiting */
    int busy_lock; /* which lock of the step was refused last */
} LockTried;

typedef struct LockDecision
{
    LockMove move;
    double wait_ms;       /* see LockMove; the nudge: its lock_timeout */
    double hold_ms;       /* for as long, while nobody waits for it; 0: the budget */
    int queue_on;         /* index of the lock to queue on; the others NOWAIT */
    double rest_ms;       /* afterwards, unless the try succeeds */
    const Holder *holder; /* whom we wait for, or NULL */
    bool blocked;         /* an old holder is in the way */
    const char *reason;
} LockDecision;

/* How a try ended. */
typedef enum TryEnd
{
    TRY_NONE,    /* there was none */
    TRY_BUSY,    /* the lock was refused */
    TRY_OVERRUN, /* the lock was had, the statements ran out of the budget */
    TRY_UNFELT,  /* the same, and nobody was seen waiting for it */
} TryEnd;

LockDecision lock_policy_next(const LockTerms *terms, const LockTried *tried,
                              const Look *look);
/* What is known after the move; busy_lock only after TRY_BUSY, -1 when not known. */
LockTried lock_tried_after(LockTried tried, const LockDecision *decision, TryEnd end,
                           int busy_lock);

#endif

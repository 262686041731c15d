/*
 * One try of a step: its message is sent, metered while it runs, and judged.
 *
 * The loop around it, which looks, decides and rests, is run/locks/locks.c.
 */
#ifndef PGSTRIDE_RUN_ATTEMPT_H
#define PGSTRIDE_RUN_ATTEMPT_H

#include "core/locks/lock_policy.h"
#include "run/locks/locks.h"
#include "run/locks/look.h"

/* Everything one step's tries share. */
typedef struct Trying
{
    Run *run;
    const StepTry *what;
    Targets targets;
    LockTerms terms;
    LockTried tried;
    Watch watch;
    Mem *met_mem;
    Look met; /* whom a try that stalls nobody waited for, whatever their locks are */
    bool unwatched; /* a vigil was asked for, and could not be kept */
    double started_ms;
    Cost *cost;
} Trying;

/* How one try ended; done: the step and its records are committed. */
typedef struct Attempt
{
    bool done;
    TryEnd end;
    int busy_lock; /* which lock was refused; -1 unknown */
} Attempt;

/* False for what another try would only meet again: see step_try_locked. */
bool attempt_run(Trying *trying, const LockDecision *decision, Attempt *attempt,
                 Err *err);

/* What the operator sees while a step cannot go on. */
void attempt_tell_waiting(Trying *trying, const char *why, const Look *look);

#endif

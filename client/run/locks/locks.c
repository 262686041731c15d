#include "run/locks/locks.h"

#include "base/stop.h"
#include "core/locks/lock_blame.h"
#include "core/locks/lock_message.h"
#include "core/locks/on_blocker.h"
#include "run/hold/hold.h"
#include "run/locks/attempt.h"
#include "run/locks/idler.h"
#include "run/locks/vigil.h"

#define DEADLOCK_MS 1000.0  /* the server's default, where it was not asked */
#define TELL_AFTER_MS 200.0 /* what is over at once needs no line */

/* What is wanted now, and who is in its way. */
static bool
trying_see(Trying *trying, Mem *mem, Look *look, Err *err)
{
    trying->terms.deadlock_ms = trying->targets.deadlock_ms > DEADLOCK_MS
                                    ? trying->targets.deadlock_ms
                                    : DEADLOCK_MS;
    trying->terms.stalls_traffic = false;
    for (int i = 0; i < trying->targets.count; i++)
        if (lock_mode_blocks_traffic(trying->targets.locks[i].mode))
            trying->terms.stalls_traffic = true;
    trying->terms.may_linger =
        !trying->unwatched && vigil_possible(trying->run, &trying->targets);
    trying->terms.unknown =
        trying->targets.count == 0 && trying->what->step->kind == STEP_TRANSACTION;
    trying->tried.elapsed_ms = clock_now(trying->run->clock) - trying->started_ms;
    return look_at(trying->run, mem, &trying->targets, &trying->watch, look, err);
}

/*
 * Oids are looked up for every try: a table may have been replaced while we waited.
 * Only where the facts are fresh and nobody is in the way, the first goes by those.
 */
static bool
trying_look(Trying *trying, Mem *mem, Look *look, Err *err)
{
    const Step *step = trying->what->step;
    bool known = trying->cost->tries == 0 &&
                 targets_known(trying->run, mem, step, &trying->targets);

    if (known && !trying_see(trying, mem, look, err))
        return false;
    if ((!known || look->count > 0) &&
        (!targets_find(trying->run, mem, step->locks, step->lock_count,
                       &trying->targets, err) ||
         !trying_see(trying, mem, look, err)))
        return false;
    /* Where nothing tells what to look at, the last try has met who must be moved. */
    if (trying->terms.unknown && trying->met.count > 0 &&
        (trying->met.holders[0].kind == HOLDER_AUTOVACUUM ||
         blocker_to_end(&trying->terms.on_blocker, &trying->met,
                        trying->terms.budget_ms) != NULL))
        *look = trying->met;
    return true;
}

/* Fails where somebody else holds it too, or where LOCK TABLE is not for us: the next
 * look says what came of it, and it is not repeated for ever. */
static bool
trying_nudge(Trying *trying, const LockDecision *decision, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Run *run = trying->run;
    TryMessage message =
        lock_nudge_message(scope, run->caps, decision->holder, decision->wait_ms);
    Ask *asks = mem_array(scope, Ask, message.count);
    Reply reply;

    for (int i = 0; i < message.count; i++)
        asks[i] = (Ask){.label = message.asks[i].label, .sql = message.asks[i].sql};
    if (db_script(scope, run->worker, asks, message.count, &reply, err))
        return true;
    if (err->kind == ERR_LOST)
        return false;
    err_clear(err);
    return true;
}

static bool
trying_end_idler(Trying *trying, const LockDecision *decision, Err *err)
{
    const IdlerScene scene = idler_scene(trying->what->step);
    bool good = idler_end(trying->run, &scene, decision->holder, err);

    trying->met = (Look){0}; /* it may have been the one: see trying_look */
    return good;
}

static bool
trying_move(Trying *trying, const LockDecision *decision, bool *done, Err *err)
{
    Attempt attempt = {.busy_lock = -1};
    bool good = true;

    if (decision->move == LOCK_NUDGE_AUTOVACUUM)
        good = trying_nudge(trying, decision, err);
    else if (decision->move == LOCK_END_IDLER)
        good = trying_end_idler(trying, decision, err);
    else if (decision->move != LOCK_LOOK_AGAIN)
        good = attempt_run(trying, decision, &attempt, err);
    trying->tried =
        lock_tried_after(trying->tried, decision, attempt.end, attempt.busy_lock);
    *done = attempt.done;
    return good;
}

static bool
trying_give_up(Trying *trying, const LockDecision *decision, const Look *look, Err *err)
{
    trying->cost->took_ms = trying->tried.elapsed_ms;

    const LockBlame blame = {.locks = trying->targets.locks,
                             .lock_count = trying->targets.count,
                             .terms = &trying->terms,
                             .decision = decision,
                             .look = look->count > 0 ? look : &trying->met,
                             .cost = trying->cost};

    return lock_blame(&blame, err);
}

/* A try that waits for its lock until the window closes does not begin. */
static bool
trying_heed(Trying *trying, Err *err)
{
    double began = clock_now(trying->run->clock);
    bool held = false;

    if (!hold_heed(trying->run, trying->what->step, &held, err))
        return false;
    if (held) /* patience is for locks */
        trying->started_ms += clock_now(trying->run->clock) - began;
    return true;
}

static bool
trying_tell(Trying *trying, const LockDecision *next, const Look *look, Err *err)
{
    attempt_tell_waiting(trying, next->reason, look);
    return next->holder == NULL || idler_tell_way_out(trying->run, next->holder, err);
}

static Trying
trying_begin(Run *run, const StepTry *what, Cost *cost)
{
    *cost = (Cost){0};
    return (Trying){
        .run = run,
        .what = what,
        .terms = {.budget_ms =
                      (double)(what->step->max_stall > 0 ? what->step->max_stall
                                                         : run->settings->max_stall),
                  .patience_ms = (double)run->settings->lock_patience,
                  .on_blocker = run->settings->on_blocker,
                  .looks_inside = extension_used(run->caps),
                  .seed = (uint64_t)run->clock->wall_us(run->clock)},
        .started_ms = clock_now(run->clock),
        .cost = cost,
    };
}

bool
step_try_locked(Run *run, const StepTry *what, Cost *cost, Err *err)
{
    MEM_SCOPE(kept, run->mem); /* what one look remembers of the one before */
    Trying trying = trying_begin(run, what, cost);

    trying.watch.owner = kept;

    bool done = false;

    while (!stop_asked())
    {
        MEM_SCOPE(scope, kept);
        LockDecision next;
        Look look;

        if (!trying_heed(&trying, err))
            return false;
        if (!trying_look(&trying, scope, &look, err))
            return false;
        next = lock_policy_next(&trying.terms, &trying.tried, &look);
        if (next.move == LOCK_GIVE_UP || next.move == LOCK_GIVE_UP_TOO_LONG)
            return trying_give_up(&trying, &next, &look, err);
        if (!trying_move(&trying, &next, &done, err))
            return false;
        if (done)
            return true;
        if (trying.tried.elapsed_ms >= TELL_AFTER_MS &&
            !trying_tell(&trying, &next, &look, err))
            return false;
        clock_rest(run->clock, (Millis)(next.rest_ms + 0.5));
    }
    return err_set(err, ERR_STOPPED, "stopped while waiting for a lock");
}

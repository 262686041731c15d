#include "run/locks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "base/units.h"
#include "core/lock_blame.h"
#include "core/lock_message.h"
#include "core/lock_policy.h"
#include "run/failure.h"
#include "run/look.h"
#include "run/runner.h"
#include "run/tell.h"

/* A try shorter than this is over before anybody could be seen waiting for it. */
#define SAMPLE_MS 10.0
#define PROGRESS_MS 250.0

/* Everything one step's tries share. */
typedef struct Trying
{
    Run *run;
    const StepTry *what;
    Targets targets;
    LockTerms terms;
    LockTried tried;
    Watch watch;
    double started_ms;
    Cost *cost;
} Trying;

/* One message on its way, and what became of it. */
typedef struct Attempt
{
    TryMessage message;
    const LockDecision *decision;
    double sent_ms;
    Reply reply;
    TryEnd end;
    bool stalled; /* others could have queued behind it all the time it took */
    int busy_lock;
} Attempt;

static double
larger(double a, double b)
{
    return a > b ? a : b;
}

/* --- gather ---------------------------------------------------------------------- */

/* Oids are looked up for every try: a table may have been replaced while we waited. */
static bool
trying_look(Trying *trying, Mem *mem, Look *look, Err *err)
{
    const Step *step = trying->what->step;

    if (!targets_find(trying->run, mem, step->locks, step->lock_count, &trying->targets,
                      err))
        return false;
    trying->terms.deadlock_ms = larger(trying->targets.deadlock_ms, 1000);
    trying->terms.stalls_traffic = false;
    for (int i = 0; i < trying->targets.count; i++)
        if (lock_mode_blocks_traffic(trying->targets.locks[i].mode))
            trying->terms.stalls_traffic = true;
    trying->tried.elapsed_ms = clock_now(trying->run->clock) - trying->started_ms;
    return look_at(trying->run, mem, &trying->targets, &trying->watch, look, err);
}

/* --- act ------------------------------------------------------------------------- */

static void
tell_progress(Trying *trying, double elapsed_ms)
{
    const Step *step = trying->what->step;
    Progress progress = {.doing = "scanning the table",
                         .elapsed_ms = elapsed_ms,
                         .rows_total = step->rows,
                         .left_ms = -1,
                         .hot_share = -1};
    Event event = {.kind = EVENT_STEP_PROGRESS,
                   .migration = step->migration,
                   .phase = step->phase,
                   .step = step,
                   .progress = &progress};

    if (step->estimate_ms > 0)
        progress.fraction = elapsed_ms / (elapsed_ms + step->estimate_ms);
    tell(trying->run, &event);
}

/*
 * While the server works through the message we only count who waits behind it. A try
 * ends by itself within the budget; only a scan that stalls nobody can be long, and is
 * cancelled when we are asked to stop.
 */
static bool
attempt_wait(Trying *trying, Attempt *attempt, Err *err)
{
    Run *run = trying->run;
    bool strong = trying->terms.stalls_traffic;
    double period = strong ? SAMPLE_MS : PROGRESS_MS;
    bool cancelled = false;

    for (;;)
    {
        double now = clock_now(run->clock);
        int victims = 0;

        int wake = strong || cancelled ? -1 : stop_fd();

        if (run->driver->wait(&run->worker, 1, now + period, wake) == 0)
            return true;
        if (wake >= 0 && stop_asked())
        {
            cancelled = true;
            if (!run->driver->cancel(run->worker, err))
                return false;
        }
        if (!look_at_victims(run, &victims, err))
            return false;
        if (victims > trying->cost->victims)
            trying->cost->victims = victims;
        if (!strong)
            tell_progress(trying, now - attempt->sent_ms);
    }
}

static bool
attempt_send(Trying *trying, Mem *mem, Attempt *attempt, Err *err)
{
    Run *run = trying->run;
    const TryMessage *message = &attempt->message;
    Ask *asks = mem_array(mem, Ask, message->count);
    const Script script = {.asks = asks, .count = message->count};
    Err watching = {0};

    for (int i = 0; i < message->count; i++)
        asks[i] = (Ask){.label = message->asks[i].label, .sql = message->asks[i].sql};
    attempt->sent_ms = clock_now(run->clock);
    if (!run->driver->start(run->worker, &script, err))
        return false;
    fault_point(FAULT_step_sent);
    /* What only watches must not decide: its failure leaves the answer to be taken. */
    if (!attempt_wait(trying, attempt, &watching))
        err_clear(&watching);
    run->driver->finish(run->worker, mem, &attempt->reply);
    return true;
}

/* --- what became of it ------------------------------------------------------------ */

/* The first answer that has that column; our statements stand between the user's. */
static double
reply_number(const Reply *reply, const char *column)
{
    for (int i = 0; i < reply->row_count; i++)
        for (int j = 0; j < reply->rows[i].column_count; j++)
            if (reply->rows[i].row_count == 1 &&
                strcmp(reply->rows[i].names[j], column) == 0)
                return strtod(rows_cell(&reply->rows[i], 0, column), NULL);
    return 0;
}

static void
cost_of_success(Trying *trying, const Attempt *attempt)
{
    Cost *cost = trying->cost;
    double queued = reply_number(&attempt->reply, "queued_ms");
    double granted = reply_number(&attempt->reply, "granted_ms");

    cost->held_ms = reply_number(&attempt->reply, "released_ms") - granted;
    cost->queued_ms = larger(cost->queued_ms, queued);
    cost->waited_ms = attempt->sent_ms - trying->started_ms;
    cost->took_ms = clock_now(trying->run->clock) - trying->started_ms;
    if (trying->terms.stalls_traffic)
        cost->stall_ms = larger(cost->stall_ms, queued + cost->held_ms);
}

static void
cost_of_failure(Trying *trying, const Attempt *attempt)
{
    Cost *cost = trying->cost;

    if (!attempt->stalled)
        return;
    if (attempt->end == TRY_BUSY)
        cost->queued_ms = larger(cost->queued_ms, attempt->reply.took_ms);
    if (trying->terms.stalls_traffic)
        cost->stall_ms = larger(cost->stall_ms, attempt->reply.took_ms);
}

/* True when the failure is one that another try may not meet; else err is filled. */
static bool
attempt_failed(Trying *trying, Attempt *attempt, const Ask *asks, Err *err)
{
    const Reply *reply = &attempt->reply;
    const TryAsk *ask = &attempt->message.asks[reply->failed_at];
    bool timeout = strcmp(reply->sqlstate, "57014") == 0;
    bool busy =
        strcmp(reply->sqlstate, "55P03") == 0 || strcmp(reply->sqlstate, "40P01") == 0;

    attempt->end = TRY_BUSY;
    attempt->stalled =
        attempt->decision->move == LOCK_TRY_QUEUE || ask->part == TRY_PART_STATEMENT;
    attempt->busy_lock = lock_message_refused(reply->detail);
    if (strcmp(reply->sqlstate, SQLSTATE_FENCED) == 0)
        return err_set(err, ERR_REFUSED, "%s", reply->message);
    if (timeout && stop_asked())
        return err_set(err, ERR_STOPPED, "stopped; the step was rolled back");
    if (busy || (timeout && ask->part == TRY_PART_LOCK))
        return true;
    if (timeout && trying->terms.stalls_traffic)
    {
        attempt->end = TRY_OVERRUN;
        return true;
    }
    if (ask->part == TRY_PART_STATEMENT)
        return failure_explain(trying->what->step, ask->index, reply, err);
    db_reply_err(reply, asks, err);
    return ask->part == TRY_PART_RECORD ? err_in(err, "while recording the step")
                                        : false;
}

/* One message; done says whether it is committed. */
static bool
trying_attempt(Trying *trying, const LockDecision *decision, bool *done,
               Attempt *attempt, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Run *run = trying->run;
    SqlText guard = runner_guard(scope, run);
    const TryTerms terms = {
        .caps = run->caps,
        .statements = trying->what->step->sql,
        .statement_count = trying->what->step->sql_count,
        .locks = trying->targets.locks,
        .lockable = trying->targets.lockable,
        .lock_count = trying->targets.count,
        .queue = decision->move == LOCK_TRY_QUEUE,
        .queue_on = decision->queue_on < trying->targets.count ? decision->queue_on : 0,
        .wait_ms = decision->wait_ms,
        .budget_ms = trying->terms.budget_ms,
        .unlimited = !trying->terms.stalls_traffic,
        .guards = &guard,
        .guard_count = 1,
        .records = trying->what->records,
        .record_count = trying->what->record_count,
    };

    *attempt = (Attempt){.message = lock_message(scope, &terms), .decision = decision};
    trying->cost->tries++;
    if (!attempt_send(trying, scope, attempt, err))
        return false;

    const Ask first = {.label = "step"};

    switch (attempt->reply.outcome)
    {
    case DB_DONE:
        *done = true;
        cost_of_success(trying, attempt);
        return true;
    case DB_FAILED:
        if (!attempt_failed(trying, attempt, &first, err))
            return false;
        cost_of_failure(trying, attempt);
        return true;
    case DB_LOST:
        break;
    }
    return db_reply_err(&attempt->reply, &first, err);
}

/* Fails where somebody else holds it too: then the next look says so. */
static bool
trying_nudge(Trying *trying, const LockDecision *decision, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Run *run = trying->run;
    TryMessage message = lock_nudge_message(scope, run->caps, &trying->targets.locks[0],
                                            decision->wait_ms);
    Ask *asks = mem_array(scope, Ask, message.count);
    Reply reply;

    for (int i = 0; i < message.count; i++)
        asks[i] = (Ask){.label = message.asks[i].label, .sql = message.asks[i].sql};
    if (db_script(scope, run->worker, asks, message.count, &reply, err))
        return true;
    if (err->kind != ERR_BUSY)
        return false;
    err_clear(err);
    return true;
}

/* --- the loop --------------------------------------------------------------------- */

static void
tell_waiting(Trying *trying, const LockDecision *decision, const Look *look)
{
    const Step *step = trying->what->step;

    trying->cost->waited_ms = trying->tried.elapsed_ms;

    const Event event = {.kind = EVENT_STEP_WAITING,
                         .migration = step->migration,
                         .phase = step->phase,
                         .step = step,
                         .text = decision->reason,
                         .millis = trying->tried.elapsed_ms,
                         .look = look,
                         .cost = trying->cost};

    tell(trying->run, &event);
}

static bool
trying_move(Trying *trying, const LockDecision *decision, bool *done, Err *err)
{
    Attempt attempt = {.end = TRY_NONE, .busy_lock = -1};
    bool good = true;

    if (decision->move == LOCK_NUDGE_AUTOVACUUM)
        good = trying_nudge(trying, decision, err);
    else if (decision->move != LOCK_LOOK_AGAIN)
        good = trying_attempt(trying, decision, done, &attempt, err);
    trying->tried =
        lock_tried_after(trying->tried, decision, attempt.end, attempt.busy_lock);
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
                             .look = look,
                             .cost = trying->cost};

    return lock_blame(&blame, err);
}

static Trying
trying_begin(Run *run, const StepTry *what, Cost *cost)
{
    *cost = (Cost){0};
    return (Trying){
        .run = run,
        .what = what,
        .terms = {.budget_ms = (double)what->step->max_stall,
                  .patience_ms = (double)run->settings->lock_patience,
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

        if (!trying_look(&trying, scope, &look, err))
            return false;
        next = lock_policy_next(&trying.terms, &trying.tried, &look);
        if (next.move == LOCK_GIVE_UP || next.move == LOCK_GIVE_UP_TOO_LONG)
            return trying_give_up(&trying, &next, &look, err);
        if (!trying_move(&trying, &next, &done, err))
            return false;
        if (done)
            return true;
        tell_waiting(&trying, &next, &look);
        clock_rest(run->clock, (Millis)(next.rest_ms + 0.5));
    }
    return err_set(err, ERR_STOPPED, "stopped while waiting for a lock");
}

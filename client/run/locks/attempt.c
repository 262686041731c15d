#include "run/locks/attempt.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "base/units.h"
#include "core/locks/lock_message.h"
#include "run/connect/runner.h"
#include "run/facts/planning.h"
#include "run/failure.h"
#include "run/locks/vigil.h"
#include "run/tell.h"

/* A try shorter than this is over before anybody could be seen waiting for it. */
#define SAMPLE_MS 10.0
#define PROGRESS_MS 250.0
#define EARLY_MS 100.0 /* a short wait for a lock would be over before PROGRESS_MS */

/* One message on its way. */
typedef struct Sending
{
    Trying *trying;
    const LockDecision *decision;
    TryTerms terms;
    TryMessage message;
    double sent_ms;
    Reply reply;
    bool stalled;      /* others could have queued behind it all the time it took */
    double clear_ms;   /* nobody waited then: the last look that saw nobody began */
    double longest_ms; /* nobody can have waited for longer */
    bool felt;         /* somebody was seen waiting */
    Vigil vigil;
} Sending;

static double
larger(double a, double b)
{
    return a > b ? a : b;
}

static double
smaller(double a, double b)
{
    return a < b ? a : b;
}

/* --- sending, and watching ------------------------------------------------------- */

void
attempt_tell_waiting(Trying *trying, const char *why, const Look *look)
{
    const Step *step = trying->what->step;
    double waited_ms = clock_now(trying->run->clock) - trying->started_ms;
    const Event event = {.kind = EVENT_STEP_WAITING,
                         .migration = step->migration,
                         .phase = step->phase,
                         .step = step,
                         .text = why,
                         .millis = waited_ms,
                         .look = look,
                         .cost = trying->cost};

    trying->cost->waited_ms = waited_ms;
    tell(trying->run, &event);
}

/* A long try that stalls nobody: how far it is, or whom it waits for. */
static bool
weak_sample(Sending *sending, double elapsed_ms, Err *err)
{
    Trying *trying = sending->trying;
    Mem *mem = mem_scope_begin(trying->watch.owner);
    Look look = {0};
    const Step *step = trying->what->step;
    bool good = look_at_blockers(trying->run, mem, &look, err);

    if (look.count == 0)
    {
        const char *doing =
            step->work == WORK_SCAN
                ? "scanning the table"
                : mem_text(mem, "at work for %s", duration_show(mem, elapsed_ms));

        if (elapsed_ms >= EARLY_MS)
            tell_reading(trying->run, step, doing, elapsed_ms);
        mem_scope_end(&mem);
        return good;
    }
    TALLOC_FREE(trying->met_mem);
    trying->met_mem = mem;
    trying->met = look;
    attempt_tell_waiting(trying, sending->decision->reason, &look);
    return good;
}

/* Who waited until now, and may have gone since, began to after the last look that saw
 * nobody. */
static void
wait_note(Sending *sending)
{
    double now = clock_now(sending->trying->run->clock);

    sending->longest_ms = larger(sending->longest_ms, now - sending->clear_ms);
}

static bool
victims_count(Sending *sending, Err *err)
{
    Cost *cost = sending->trying->cost;
    double asked_ms = clock_now(sending->trying->run->clock);
    int victims = 0;

    if (!look_at_victims(sending->trying->run, &victims, err))
        return false;
    wait_note(sending);
    if (victims == 0)
        sending->clear_ms = asked_ms;
    sending->felt = sending->felt || victims > 0;
    if (victims > cost->victims)
        cost->victims = victims;
    return true;
}

/*
 * While the server works through the message we only count who waits behind it. A try
 * ends by itself within the budget; only a scan that stalls nobody can be long, and is
 * cancelled when we are asked to stop.
 */
static bool
sending_wait(Sending *sending, Err *err)
{
    Trying *trying = sending->trying;
    Run *run = trying->run;
    bool strong = trying->terms.stalls_traffic;
    bool secluded = trying->what->step->secluded; /* there is nobody to count */
    bool cancelled = false;

    for (;;)
    {
        int wake = strong || cancelled ? -1 : stop_fd();
        double now = clock_now(run->clock);
        bool early = now - sending->sent_ms < EARLY_MS && !secluded;
        double period = strong || early ? SAMPLE_MS : PROGRESS_MS;

        if (run->driver->wait(&run->worker, 1, now + period, wake) == 0)
            return true;
        if (wake >= 0 && stop_asked())
        {
            cancelled = true;
            if (!run->driver->cancel(run->worker, err))
                return false;
        }
        if (!secluded && !victims_count(sending, err))
            return false;
        if (!strong && !weak_sample(sending, now - sending->sent_ms, err))
            return false;
    }
}

/* What the vigil has seen is part of what the try has cost. */
static void
sending_met(Sending *sending)
{
    const Vigil *vigil = &sending->vigil;
    Cost *cost = sending->trying->cost;

    wait_note(sending);
    sending->felt = sending->felt || vigil->torn || vigil->waiters > 0;
    if (sending->terms.hold_ms > 0 && !vigil->watched)
        sending->trying->unwatched = true;
    if (vigil->watched)
        sending->longest_ms = vigil->longest_ms;
    if (vigil->waiters > cost->victims)
        cost->victims = (int)vigil->waiters;
}

static bool
sending_send(Sending *sending, Mem *mem, Err *err)
{
    Run *run = sending->trying->run;
    const TryMessage *message = &sending->message;
    Ask *asks = mem_array(mem, Ask, message->count);
    const Script script = {.asks = asks, .count = message->count};
    Err watching = {0};

    for (int i = 0; i < message->count; i++)
        asks[i] = (Ask){.label = message->asks[i].label,
                        .sql = message->asks[i].sql,
                        .data = message->asks[i].data};
    if (sending->terms.hold_ms > 0)
        sending->vigil = vigil_begin(run, &sending->trying->targets,
                                     sending->trying->terms.budget_ms);
    sending->sent_ms = sending->clear_ms = clock_now(run->clock);

    bool sent = run->driver->start(run->worker, &script, err);

    if (sent)
        fault_point(FAULT_step_sent);
    /* What only watches must not decide: its failure leaves the answer to be taken. */
    if (sent && sending->vigil.kept)
        vigil_wait(&sending->vigil);
    else if (sent && !sending_wait(sending, &watching))
        err_clear(&watching);
    if (sent)
        run->driver->finish(run->worker, mem, &sending->reply);
    vigil_end(&sending->vigil);
    sending_met(sending);
    return sent;
}

/* --- what became of it ----------------------------------------------------------- */

/* The last answer that has that column: ours come after the user's. */
static double
reply_number(const Reply *reply, const char *column)
{
    for (int i = reply->row_count - 1; i >= 0; i--)
        for (int j = 0; j < reply->rows[i].column_count; j++)
            if (reply->rows[i].row_count == 1 &&
                strcmp(reply->rows[i].names[j], column) == 0)
                return strtod(rows_cell(&reply->rows[i], 0, column), NULL);
    return 0;
}

static void
cost_of_success(const Sending *sending)
{
    const Trying *trying = sending->trying;
    Cost *cost = trying->cost;
    double queued = reply_number(&sending->reply, "queued_ms");
    double granted = reply_number(&sending->reply, "granted_ms");

    cost->noted = trying->what->released != NULL && sending->reply.outcome == DB_DONE;
    if (cost->noted)
        cost->held_ms = reply_number(&sending->reply, "held_ms");
    else if (trying->what->step->secluded || trying->what->released != NULL)
        cost->held_ms = sending->reply.took_ms;
    else
        cost->held_ms = reply_number(&sending->reply, "released_ms") - granted;
    cost->queued_ms = larger(cost->queued_ms, queued);
    cost->waited_ms = sending->sent_ms - trying->started_ms;
    cost->took_ms = clock_now(trying->run->clock) - trying->started_ms;
    if (!trying->terms.stalls_traffic)
        return;

    /* What was seen says more than the clocks, and is recorded where it matters. */
    double shut_ms = queued + cost->held_ms;
    bool over = shut_ms > trying->terms.budget_ms;

    cost->unfelt = over && !sending->felt && sending->longest_ms < shut_ms;
    cost->noted = cost->noted && !over;
    cost->stall_ms =
        larger(cost->stall_ms, over ? smaller(shut_ms, sending->longest_ms) : shut_ms);
}

/* How long it can have been in the way; for its vigil it waited with nothing in hand.
 */
static double
failure_shut_ms(const Sending *sending)
{
    const TryTerms *terms = &sending->terms;
    bool unmet = terms->hold_ms > 0 && !sending->vigil.watched && !sending->vigil.torn;
    double most = unmet ? terms->wait_ms + terms->budget_ms : sending->longest_ms;

    return smaller(sending->reply.took_ms, most);
}

static void
cost_of_failure(const Sending *sending, TryEnd end)
{
    const Trying *trying = sending->trying;
    Cost *cost = trying->cost;

    if (!sending->stalled)
        return;
    if (end == TRY_BUSY)
        cost->queued_ms = larger(cost->queued_ms, sending->reply.took_ms);
    if (trying->terms.stalls_traffic)
        cost->stall_ms = larger(cost->stall_ms, failure_shut_ms(sending));
}

/* A slow machine may not come to the step's own statements in time. */
static bool
failed_before_step(const Sending *sending)
{
    for (int i = 0; i <= sending->reply.failed_at; i++)
        if (sending->message.asks[i].part == TRY_PART_STATEMENT)
            return false;
    return true;
}

/* Which columns there are, for whoever has misspelt one, may not have been asked yet.
 */
static bool
statement_failed(const Trying *trying, int index, const Reply *reply, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Step step = *trying->what->step;

    if (step.lean)
        planning_names(trying->run, scope, &step);
    return failure_explain(&step, index, reply, err);
}

/* True when the failure is one that another try may not meet; else err is filled. */
static bool
sending_failed(Sending *sending, Attempt *attempt, const Ask *asks, Err *err)
{
    const Trying *trying = sending->trying;
    const Reply *reply = &sending->reply;
    const TryAsk *ask = &sending->message.asks[reply->failed_at];
    bool timeout = strcmp(reply->sqlstate, "57014") == 0;
    bool busy =
        strcmp(reply->sqlstate, "55P03") == 0 || strcmp(reply->sqlstate, "40P01") == 0;

    attempt->end = TRY_BUSY;
    attempt->busy_lock = lock_message_refused(&sending->terms, reply->detail);
    sending->stalled =
        sending->decision->move == LOCK_TRY_QUEUE || ask->part == TRY_PART_STATEMENT;
    if (strcmp(reply->sqlstate, SQLSTATE_FENCED) == 0)
        return err_set(err, ERR_REFUSED, "%s", reply->message);
    if (timeout && stop_asked())
        return err_set(err, ERR_STOPPED, "stopped; the step was rolled back");
    if (busy || (timeout && failed_before_step(sending)))
        return true;
    if (timeout && trying->terms.stalls_traffic)
    {
        attempt->end = sending->felt ? TRY_OVERRUN : TRY_UNFELT;
        return true;
    }
    if (ask->part == TRY_PART_STATEMENT)
        return statement_failed(trying, ask->index, reply, err);
    db_reply_err(reply, asks, err);
    return ask->part == TRY_PART_RECORD ? err_in(err, "while recording the step")
                                        : false;
}

static TryTerms
terms_for(const Trying *trying, const LockDecision *decision, const SqlText *guard)
{
    const Targets *targets = &trying->targets;

    return (TryTerms){
        .caps = trying->run->caps,
        .statements = trying->what->step->sql,
        .statement_count = trying->what->step->sql_count,
        .locks = targets->locks,
        .lockable = targets->lockable,
        .lock_count = targets->count,
        .queue = decision->move == LOCK_TRY_QUEUE,
        .queue_on = decision->queue_on < targets->count ? decision->queue_on : 0,
        .wait_ms = decision->wait_ms,
        .budget_ms = trying->terms.budget_ms,
        .hold_ms = decision->hold_ms,
        .unlimited = !trying->terms.stalls_traffic,
        .secluded = trying->what->step->secluded,
        .in_session = trying->what->step->in_session,
        .guards = guard,
        .guard_count = 1,
        .records = trying->what->records,
        .record_count = trying->what->record_count,
        .released = trying->what->released,
    };
}

bool
attempt_run(Trying *trying, const LockDecision *decision, Attempt *attempt, Err *err)
{
    MEM_SCOPE(scope, NULL);
    SqlText guard = runner_guard(scope, trying->run);
    Sending sending = {.trying = trying,
                       .decision = decision,
                       .terms = terms_for(trying, decision, &guard)};
    const Ask first = {.label = "step"};

    sending.message = lock_message(scope, &sending.terms);

    trying->cost->tries++;
    if (!sending_send(&sending, scope, err))
        return false;
    switch (sending.reply.outcome)
    {
    case DB_DONE:
        attempt->done = true;
        cost_of_success(&sending);
        return true;
    case DB_FAILED:
        /* What was to be said behind COMMIT failed: that can be said again. */
        if (sending.reply.committed)
        {
            attempt->done = true;
            cost_of_success(&sending);
            return true;
        }
        if (!sending_failed(&sending, attempt, &first, err))
            return false;
        cost_of_failure(&sending, attempt->end);
        return true;
    case DB_LOST:
        break;
    }
    return db_reply_err(&sending.reply, &first, err);
}

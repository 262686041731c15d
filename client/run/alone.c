#include "run/engine.h"

#include <string.h>

#include "base/fault.h"
#include "run/failure.h"
#include "run/history.h"
#include "run/runner.h"

/* What a second attempt answers when the first, unheard-of one had done it. */
static const char *const done_before[] = {
    "42P04", /* duplicate_database */
    "3D000", /* invalid_catalog_name: dropped */
    "42710", /* duplicate_object: subscription, tablespace, enum label */
    "42704", /* undefined_object: dropped */
};

static bool
was_done_before(const StepRecord *record, const Reply *reply)
{
    for (int i = 0; record != NULL && !record->done && i < LENGTH(done_before); i++)
        if (strcmp(reply->sqlstate, done_before[i]) == 0)
            return true;
    return false;
}

static bool
step_lock(Run *run, const char *label, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    return db_query(
        scope, run->worker, label,
        ARGS(mem_text(scope, "%d", STEP_LOCK),
             mem_text(scope, "%d", (int)runner_key(run->settings->component))),
        &rows, err);
}

/* The statement's own error is the one to tell, whatever letting go of the lock says.
 */
static bool
alone_failed(Run *run, const Step *step, const Reply *reply, Err *err)
{
    Err ignored = {0};

    step_lock(run, "advisory_release_shared", &ignored);
    err_clear(&ignored);
    return failure_explain(step, 0, reply, err);
}

/*
 * The step lock is held by the session, because there is no transaction: should we be
 * killed now, the next run waits until the server is through with the statement.
 */
bool
alone_run(Run *run, const Step *step, Cost *cost, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const StepRecord *record = history_of_step(&run->history, step);
    Ask ask = {.label = "alone", .sql = step->sql[0].text};
    Script script = {.asks = &ask, .count = 1};
    Reply reply;

    cost->tries = 1;
    if (!step_lock(run, "advisory_try_shared", err) ||
        !history_started(run, step, err) ||
        !run->driver->start(run->worker, &script, err))
        return false;
    fault_point(FAULT_alone_sent);
    run->driver->finish(run->worker, scope, &reply);
    if (reply.outcome == DB_LOST)
        return db_reply_err(&reply, &ask, err);
    if (reply.outcome == DB_FAILED && !was_done_before(record, &reply))
        return alone_failed(run, step, &reply, err);
    fault_point(FAULT_alone_done);
    return history_done(run, step, err) &&
           step_lock(run, "advisory_release_shared", err);
}

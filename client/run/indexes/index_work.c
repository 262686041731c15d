#include "run/indexes/index_work.h"

#include <inttypes.h>
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "base/units.h"
#include "core/indexes/index.h"
#include "core/locks/holder.h"
#include "run/failure.h"
#include "run/history/history.h"
#include "run/indexes/leftover.h"
#include "run/locks/idler.h"
#include "run/locks/look.h"
#include "run/locks/supervise.h"
#include "run/tell.h"

/* A snapshot older than this is worth waiting for before we begin: while we wait inside
 * the build, we keep VACUUM and ANALYZE off the table. Not for ever: new ones come. */
#define SNAPSHOT_OLD_MS 10000
#define SNAPSHOT_PATIENCE_MS 30000
#define REST_MS 500

IndexWork
index_work_begin(Run *run, const Step *step, Cost *cost, bool build)
{
    const StepRecord *record = history_of_step(&run->history, step);

    cost->tries = 1;
    return (IndexWork){
        .run = run,
        .step = step,
        .cost = cost,
        .build = build,
        .table = step->table,
        .ours = record != NULL && strcmp(record->hash, step->hash) == 0,
        .started_ms = clock_now(run->clock),
    };
}

bool
index_work_stopped(Err *err)
{
    return err_set(err, ERR_STOPPED, "stopped before the index was done");
}

/* --- before ---------------------------------------------------------------------- */

static void
tell_waiting(IndexWork *work, const char *why, const Look *look)
{
    Event event = {.kind = EVENT_STEP_WAITING,
                   .migration = work->step->migration,
                   .phase = work->step->phase,
                   .step = work->step,
                   .text = why,
                   .millis = clock_now(work->run->clock) - work->started_ms,
                   .look = look,
                   .cost = work->cost};

    tell(work->run, &event);
}

static bool
prepared_refused(const IndexWork *work, const Holder *holder, Err *err)
{
    MEM_SCOPE(scope, NULL);

    err_set(err, ERR_BUSY, "index \"%s\" would wait for a prepared transaction",
            work->step->index.name);
    err_detail(err, "held by %s", holder_show(scope, holder));
    return err_hint(err, "%s", holder_advice(scope, holder));
}

/*
 * Outside the build, where waiting costs nobody anything. A prepared transaction that
 * has written to the table ends only when somebody ends it: for that one we wait as
 * long as we would inside.
 */
static bool
await_snapshots(IndexWork *work, Err *err)
{
    Run *run = work->run;
    const IdlerScene scene = idler_scene(work->step);
    Millis patience = run->settings->lock_patience;
    double began = clock_now(run->clock);

    while (!stop_asked())
    {
        MEM_SCOPE(scope, NULL);
        const Holder *oldest;
        double waited = clock_now(run->clock) - began;
        Look look;

        if (!look_at_snapshots(run, scope, &work->table, &look, err))
            return false;
        oldest = look.count == 0 ? NULL : &look.holders[0];

        bool prepared = oldest != NULL && oldest->kind == HOLDER_PREPARED;
        bool old = oldest != NULL && oldest->age_known &&
                   oldest->age_ms >= SNAPSHOT_OLD_MS && waited < SNAPSHOT_PATIENCE_MS;

        if (!prepared && (!old || waited >= (double)patience))
            return true;
        if (waited >= (double)patience)
            return prepared_refused(work, oldest, err);
        tell_waiting(work,
                     prepared ? "a prepared transaction has written to the table"
                              : "older snapshots than the index could bear",
                     &look);
        if (!idler_end_any(run, &scene, &look, err))
            return false;
        clock_rest(run->clock, REST_MS);
        work->cost->waited_ms += REST_MS;
    }
    return index_work_stopped(err);
}

/* --- the statement --------------------------------------------------------------- */

/* True with failed: the server answered, and err says what is wrong. */
static bool
statement_send(IndexWork *work, const char *sql, bool *failed, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Run *run = work->run;
    Supervised what = {.step = work->step,
                       .label = "alone",
                       .sql = sql,
                       .place = work->place,
                       .patience = run->settings->lock_patience,
                       .stoppable = true,
                       .cost = work->cost};
    Reply reply;

    *failed = false;
    if ((work->build && !await_snapshots(work, err)) ||
        (!work->begun && !history_started(run, work->step, err)))
        return false;
    work->ours = work->begun = true;

    bool answered = supervise(run, scope, &what, &reply, err);

    if (!answered && err->kind == ERR_LOST)
        return false;
    *failed = !answered || reply.outcome != DB_DONE;
    if (!*failed)
        fault_point(FAULT_alone_done);
    if (*failed && answered)
        failure_explain(work->step, 0, &reply, err);
    return !*failed;
}

bool
index_work_send(IndexWork *work, const IndexSend *send, bool *done, Err *err)
{
    MEM_SCOPE(scope, NULL);
    bool failed = false;
    IndexRetry retry;

    *done = statement_send(work, send->sql, &failed, err);
    if (*done)
    {
        work->failures = 0;
        return true;
    }
    if (!failed)
        return false;
    send->clear(work, send->of);
    work->cost->tries++;
    retry = index_retry(err->sqlstate, ++work->failures);
    if (!retry.again)
        return false;
    tell_note(work->run, EVENT_WARNING, "%s: %s; again in %s", work->step->title,
              err->text, duration_show(scope, (double)retry.rest_ms));
    err_clear(err);
    clock_rest(work->run->clock, retry.rest_ms);
    return true;
}

/* --- beside it ------------------------------------------------------------------- */

bool
index_work_wait(IndexWork *work, int64_t builder, const char *name, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Run *run = work->run;

    if (work->waited_ms >= (double)run->settings->lock_patience)
        return err_set(err, ERR_BUSY, "pid %" PRId64 " is still building index %s",
                       builder, name);
    tell_waiting(work, mem_text(scope, "pid %" PRId64 " is building it", builder),
                 &(Look){0});
    clock_rest(run->clock, REST_MS);
    work->waited_ms += REST_MS;
    return true;
}

bool
index_work_analyze(IndexWork *work, const char *table, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Supervised what = {.step = work->step,
                       .label = "index_analyze",
                       .sql = mem_text(scope, "ANALYZE %s", table),
                       .doing = mem_text(scope, "analyzing %s", table),
                       .patience = LEFTOVER_PATIENCE_MS,
                       .stoppable = true,
                       .cost = work->cost};
    Reply reply = {0};
    Err trouble = {0};

    if (supervise(work->run, scope, &what, &reply, &trouble) &&
        (reply.outcome == DB_DONE ||
         db_reply_err(&reply, &(Ask){.label = what.label}, &trouble)))
        return true;
    if (trouble.kind == ERR_LOST || trouble.kind == ERR_STOPPED)
    {
        *err = trouble;
        return false;
    }
    tell_note(work->run, EVENT_WARNING,
              "the index is there, but %s failed (%s): until it is analyzed, the "
              "planner guesses about its expressions",
              what.sql, trouble.text);
    err_clear(&trouble);
    return true;
}

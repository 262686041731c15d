#include "run/engine.h"

#include "base/fault.h"
#include "base/stop.h"
#include "run/backfill.h"
#include "run/check.h"
#include "run/history.h"
#include "run/index.h"
#include "run/locks.h"
#include "run/open.h"
#include "run/planning.h"
#include "run/tell.h"

/* A server that dies this often under the same step is not going to get it done. */
#define LOST_AT_MOST 5

/* Under the lock policy, with its record in the same transaction. */
static bool
transaction_run(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText record = record_step(scope, run, step);
    StepTry what = {.step = step, .records = &record, .record_count = 1};

    (void)progress;
    return step_try_locked(run, &what, cost, err);
}

static bool
alone_act(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    (void)progress;
    return alone_run(run, step, cost, err);
}

static bool
index_act(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    (void)progress;
    return index_run(run, step, cost, err);
}

static bool
backfill_act(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    return backfill_run(run, step, cost, progress, err) && history_done(run, step, err);
}

typedef bool (*StepAct)(Run *run, const Step *step, Cost *cost, Progress *progress,
                        Err *err);

static const StepAct step_acts[STEP_KIND_COUNT] = {
    [STEP_TRANSACTION] = transaction_run, [STEP_ALONE] = alone_act,
    [STEP_INDEX_BUILD] = index_act,       [STEP_INDEX_DROP] = index_act,
    [STEP_VALIDATE] = transaction_run,    [STEP_BACKFILL] = backfill_act,
    [STEP_ANALYZE] = transaction_run,
};

/*
 * A lost connection leaves one question: did it commit? The history answers it, once
 * nothing of ours is at work any more.
 */
static bool
step_act(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    for (int lost = 0;; lost++)
    {
        bool done = false;

        if (step_acts[step->kind](run, step, cost, progress, err))
            return true;
        if (err->kind != ERR_LOST || lost == LOST_AT_MOST)
            return false;
        if (!run_recover(run, err) || !history_step_done(run, step, &done, err))
            return false;
        if (done)
            return true;
    }
}

/* Where in the file, how far, and whether anything stayed. */
static bool
step_failed(Run *run, const Plan *plan, const Step *step, Err *err)
{
    int done = 0;
    int count = 0;
    bool stopped = err->kind == ERR_STOPPED;

    for (int i = 0; i < plan->step_count; i++)
        count += plan->steps[i].phase == step->phase;
    done = step->ordinal - 1;
    if (!stopped)
    {
        tell_step(run, EVENT_STEP_FAILED, step, err->text);
        history_failed(run, plan->migration, err->text);
    }
    if (err->file == NULL && step->span.file != NULL && !stopped)
    {
        err->file = mem_copy(err->mem, step->span.file);
        err->line = step->span.line;
    }
    if (!stopped && step->kind == STEP_TRANSACTION && done == 0)
        err_detail(err,
                   "the transaction was rolled back: nothing of this %s is in the "
                   "database",
                   step->phase == PHASE_UP ? "migration" : phase_name(step->phase));
    if (done > 0)
        err_detail(err,
                   "partial at %d/%d: %d of its steps stay done, the next run goes on "
                   "behind them",
                   done, count, done);
    if (err->kind == ERR_SQL && err->hint == NULL)
        err_hint(err, "Mend the file, then: pgstride %s", run->settings->verb);
    return err_in(err, "%s %s at step %d of %d (%s)", plan->migration->label,
                  stopped ? "stopped" : "failed", step->ordinal, count,
                  phase_name(step->phase));
}

static bool
step_do(Run *run, const Plan *plan, const Step *step, Toll *toll, Err *err)
{
    Cost cost = {0};
    Progress progress = {0};
    double began = clock_now(run->clock);

    if (stop_asked())
        return err_set(err, ERR_STOPPED, "asked to stop") ||
               step_failed(run, plan, step, err);
    tell_step(run, EVENT_STEP_START, step, NULL);
    fault_point(FAULT_step_before);
    if (!step_act(run, step, &cost, &progress, err))
        return step_failed(run, plan, step, err);
    fault_point(FAULT_step_after);
    if (step->undoes)
        fault_point(FAULT_undo_after);
    cost.took_ms = clock_now(run->clock) - began;
    if (!history_cost(run, step, &cost, err))
        return step_failed(run, plan, step, err);

    Event event = {.kind = EVENT_STEP_DONE,
                   .migration = plan->migration,
                   .phase = step->phase,
                   .step = step,
                   .cost = &cost,
                   .progress = step->kind == STEP_BACKFILL ? &progress : NULL};

    tell(run, &event);
    toll->rows += progress.rows_done;
    if (toll->stall_ms < cost.stall_ms)
        toll->stall_ms = cost.stall_ms;
    return true;
}

/* The steps of one phase that are not recorded done. */
static bool
steps_do(Run *run, const Plan *plan, Phase phase, Toll *toll, Err *err)
{
    for (int i = 0; i < plan->step_count; i++)
    {
        const Step *step = &plan->steps[i];
        const StepRecord *record = history_of_step(&run->history, step);

        if (step->phase != phase)
            continue;
        if (record != NULL && record->done)
            tell_step(run, EVENT_STEP_SKIPPED, step, NULL);
        else if (!step_do(run, plan, step, toll, err))
            return false;
    }
    return true;
}

bool
engine_phase(Run *run, const Plan *plan, Phase phase, Toll *toll, Err *err)
{
    const Migration *migration = plan->migration;
    double began = clock_now(run->clock);
    bool more_follows =
        plan->step_count > 0 && plan->steps[plan->step_count - 1].phase > phase;
    Checksums sums;

    if (!planning_dirty(run, plan, phase, err))
        return false;
    check_sums(run->mem, migration, phase, &sums);
    if (!history_phase_begin(run, migration, phase, &sums, err) ||
        !steps_do(run, plan, phase, toll, err) || !history_read(run, err))
        return false;
    toll->took_ms += clock_now(run->clock) - began;

    const PhaseRecord *record = history_phase(&run->history, migration->version, phase);

    /* The last step's record said so already, unless there was no step to do. */
    return record->done ||
           (history_phase_done(run, migration, phase, !more_follows, err) &&
            history_read(run, err));
}

bool
engine_down(Run *run, const Plan *plan, Toll *toll, Err *err)
{
    double began = clock_now(run->clock);

    for (int i = 0; i < plan->step_count; i++)
        if (plan->steps[i].ordinal == 1 &&
            !steps_do(run, plan, plan->steps[i].phase, toll, err))
            return false;
    toll->took_ms += clock_now(run->clock) - began;
    return history_read(run, err);
}

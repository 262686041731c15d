#include "run/steps/engine.h"

#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "run/connect/sessions.h"
#include "run/engines/engines.h"
#include "run/facts/planning.h"
#include "run/facts/probe.h"
#include "run/failure.h"
#include "run/folder/check.h"
#include "run/history/history.h"
#include "run/hold/hold.h"
#include "run/tell.h"

/* A server that dies this often under the same step is not going to get it done. */
#define LOST_AT_MOST 5

/* A step under way. */
typedef struct Deed
{
    Run *run;
    const Plan *plan;
    const Step *step;
    Cost cost;
    Progress progress;
    double began_ms;
    Fate fate;
} Deed;

static bool
deed_settle(Deed *deed, Err *err)
{
    fault_point(FAULT_step_after);
    if (deed->step->undoes)
        fault_point(FAULT_undo_after);
    deed->cost.took_ms = clock_now(deed->run->clock) - deed->began_ms;
    return deed->cost.noted || history_cost(deed->run, deed->step, &deed->cost, err);
}

/* --- sessions -------------------------------------------------------------------- */

static bool
session_gone(const Plan *plan, const Step *before, Err *err)
{
    failure_dirty(plan->migration, err);
    err_detail(err,
               "step %d of %s set up its session (%s), which went with the run that "
               "was interrupted",
               before->ordinal, phase_name(before->phase), before->title);
    err_hint(err, "Do the rest by hand, then say where it stands: pgstride mark %s",
             plan->migration->version);
    return false;
}

static bool
settings_say(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    bool good = true;

    for (int i = 0; good && i < step->sql_count; i++)
    {
        const Ask ask = {.label = "settings", .sql = step->sql[i].text};
        Reply reply;

        good = db_script(scope, run->worker, &ask, 1, &reply, err);
    }
    return good;
}

static bool
phase_goes_on(const Plan *plan, const Step *step)
{
    bool on = false;

    for (int i = 0; i < plan->step_count; i++)
        on = on || (plan->steps[i].phase == step->phase &&
                    plan->steps[i].ordinal > step->ordinal);
    return on;
}

/* Of the first `done` steps none did anything but prepare its session. */
static bool
phase_only_prepared(const Plan *plan, Phase phase, int done)
{
    for (int i = 0; i < plan->step_count; i++)
        if (plan->steps[i].phase == phase && plan->steps[i].ordinal <= done &&
            !plan->steps[i].session_only)
            return false;
    return true;
}

/* What a file set up in its session (SET, temporary tables) went with the session. To
 * the new one it is said again, in its order: what only sets, and all of it where the
 * first `done` steps of the phase changed nothing that it could have come from. */
static bool
session_restore(Run *run, const Plan *plan, const Step *step, int done, Err *err)
{
    bool anew = phase_only_prepared(plan, step->phase, done);

    for (int i = 0; i < plan->step_count; i++)
    {
        const Step *before = &plan->steps[i];

        if (before->phase != step->phase || before->ordinal > done || !before->session)
            continue;
        if (!before->settings && !anew)
            return session_gone(plan, before, err);
        if (!settings_say(run, before, err))
            return false;
    }
    return true;
}

/* --- deeds ----------------------------------------------------------------------- */

/* What is journalled, or fails, finds its phase begun in the history. */
static bool
phase_open(Run *run, Err *err)
{
    PhaseStart *start = run->start;

    if (start == NULL || start->recorded)
        return true;
    start->recorded =
        history_phase_begin(run, start->migration, start->phase, &start->sums, err);
    return start->recorded;
}

/* The rows are asked first, each time: others write to them while we are away. */
static bool
deed_act(Deed *deed, Err *err)
{
    const Step *step = deed->step;
    const Probe *probe = &step->probe;
    bool asks = probe->sql.text != NULL && !probe->gate && !probe->blame;

    if (asks && !probe_pass(deed->run, step, err))
        return false;
    if ((!engine_of(deed->run)->opens[step->kind] ||
         deed->plan->migration->repeatable) &&
        !phase_open(deed->run, err))
        return false;
    if (engine_of(deed->run)->acts[step->kind](deed->run, step, &deed->cost,
                                               &deed->progress, err))
        return true;
    if (probe->blame && strncmp(err->sqlstate, INTEGRITY_CLASS, 2) == 0)
        probe_blame(deed->run, step, err);
    return false;
}

/* Does it, unless it is done already, and settles it. */
static bool
deed_try(Deed *deed, Err *err)
{
    bool held = false;
    bool good = deed->fate == FATE_DONE ||
                (hold_heed(deed->run, deed->step, &held, err) && deed_act(deed, err));

    deed->fate = good ? FATE_DONE : FATE_NOT_DONE;
    if (good && deed_settle(deed, err))
        return true;
    if (err->kind == ERR_LOST)
        deed->fate = FATE_UNKNOWN;
    return false;
}

/*
 * A lost connection leaves one question: did it commit? The history answers it, once
 * nothing of ours is at work any more. A server that crashed may even take back what it
 * had said was done: this step, or, which run_recover refuses, steps before it.
 */
static bool
deed_recover(Deed *deed, Err *err)
{
    bool done = false;

    if (!run_recover(deed->run, err) ||
        !history_step_done(deed->run, deed->step, &done, err))
        return false;
    deed->fate = done ? FATE_DONE : FATE_NOT_DONE;
    if (deed->run->start != NULL) /* a crash may have taken that back as well */
        deed->run->start->recorded =
            history_phase(&deed->run->history, deed->step->migration->version,
                          deed->step->phase) != NULL;
    return (done && !phase_goes_on(deed->plan, deed->step)) ||
           session_restore(deed->run, deed->plan, deed->step,
                           deed->step->ordinal - !done, err);
}

static bool
deed_do(Deed *deed, Err *err)
{
    for (int lost = 0; !deed_try(deed, err); lost++)
        if (err->kind != ERR_LOST || lost == LOST_AT_MOST || !deed_recover(deed, err))
            return false;
    return true;
}

static bool
deed_failed(const Deed *deed, Err *err)
{
    if (deed->run->taken_back) /* it did not fail: the run goes back to what is gone */
        return false;
    if (err->kind != ERR_STOPPED)
    {
        Err ignored = {0};

        if (deed->run->warden != NULL) /* else the server went away and stayed away */
            phase_open(deed->run, &ignored);
        err_clear(&ignored);
        tell_step(deed->run, EVENT_STEP_FAILED, deed->step, err->text);
        history_failed(deed->run, deed->plan->migration,
                       failure_statement(deed->step, err), err->text);
    }
    return err->kind == ERR_DIRTY
               ? false
               : failure_of_step(deed->plan, deed->step, deed->fate, err);
}

static bool
step_do(Run *run, const Plan *plan, const Step *step, Toll *toll, Err *err)
{
    Deed deed = {
        .run = run, .plan = plan, .step = step, .began_ms = clock_now(run->clock)};

    if (stop_asked())
        return err_set(err, ERR_STOPPED, "asked to stop") || deed_failed(&deed, err);
    tell_step(run, EVENT_STEP_START, step, NULL);
    fault_point(FAULT_step_before);
    if (!deed_do(&deed, err))
        return deed_failed(&deed, err);

    Event event = {.kind = EVENT_STEP_DONE,
                   .migration = plan->migration,
                   .phase = step->phase,
                   .step = step,
                   .cost = &deed.cost,
                   .progress = step->kind == STEP_BACKFILL ? &deed.progress : NULL};

    tell(run, &event);
    run->deeds++;
    toll->rows += deed.progress.rows_done;
    if (toll->stall_ms < deed.cost.stall_ms)
        toll->stall_ms = deed.cost.stall_ms;
    return true;
}

/* The steps of one phase that are not recorded done. */
static bool
steps_do(Run *run, const Plan *plan, Phase phase, Toll *toll, Err *err)
{
    bool gone = false;    /* session state of a step that an earlier run did */
    bool session = false; /* session state of ours */

    for (int i = 0; i < plan->step_count; i++)
    {
        const Step *step = &plan->steps[i];
        const StepRecord *record = history_of_step(&run->history, step);
        bool done = record != NULL && record->done;

        if (step->phase != phase)
            continue;
        if (done)
            tell_step(run, EVENT_STEP_SKIPPED, step, NULL);
        else if ((gone && !session_restore(run, plan, step, step->ordinal - 1, err)) ||
                 !step_do(run, plan, step, toll, err))
            return false;
        gone = done && (gone || step->session);
        session = session || step->session;
    }
    return !session || run_renew_worker(run, err);
}

/* What one deed has written is known; anything else is read again. */
static bool
phase_remember(Run *run, const PhaseStart *start, Err *err)
{
    const DeedRecord deed = {.step = start->whole, .begins = &start->sums};

    return (start->whole != NULL && history_learn(run, &deed)) ||
           history_read_of(run, start->migration->version, err);
}

static bool
phase_run(Run *run, const Plan *plan, PhaseStart *start, Toll *toll, Err *err)
{
    double began = clock_now(run->clock);
    bool good;

    run->start = start;
    good = steps_do(run, plan, start->phase, toll, err) && phase_open(run, err);
    run->start = NULL;
    toll->took_ms += clock_now(run->clock) - began;
    return good && phase_remember(run, start, err);
}

bool
engine_phase(Run *run, const Plan *plan, Phase phase, Toll *toll, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Migration *migration = plan->migration;
    PhaseStart start = {.migration = migration, .phase = phase};
    bool more_follows =
        plan->step_count > 0 && plan->steps[plan->step_count - 1].phase > phase;

    if (!planning_dirty(run, plan, phase, err))
        return false;
    check_sums(scope, migration, phase, &start.sums);
    if (!phase_run(run, plan, &start, toll, err))
        return false;

    const PhaseRecord *record = history_phase(&run->history, migration->version, phase);

    /* The last step's record said so already, unless there was no step to do. */
    return record->done ||
           (history_phase_done(run, migration, phase, !more_follows, err) &&
            history_read_of(run, migration->version, err));
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
    return history_read_of(run, plan->migration->version, err);
}

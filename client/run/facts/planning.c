#include "run/facts/planning.h"

#include <string.h>

#include "core/plan/down.h"
#include "core/plan/lean.h"
#include "run/connect/open.h"
#include "run/facts/gather.h"
#include "run/failure.h"

/* What was written for another runner runs as it is, unless somebody says otherwise. */
static Safe
planning_safe(const Run *run)
{
    return run->migrations.verbatim && !run->settings->safe_said ? SAFE_WARN
                                                                 : run->settings->safe;
}

/* As far as anybody has noted, another runner included. */
static bool
is_untouched(const Run *run, const Migration *migration)
{
    const ForeignMidway *midway = run->foreign_midway;

    for (Phase phase = 0; phase < PHASE_COUNT; phase++)
        if (history_phase(&run->history, migration->version, phase) != NULL)
            return false;
    return midway == NULL || midway->migration != migration;
}

static bool
planning_gather(Run *run, Mem *mem, Migration *migration, Facts *facts, Err *err)
{
    Needs needs = {0};

    if (!run_parse(run, migration, err) ||
        !(lean_needs(mem, migration, run->caps, planning_safe(run), &needs) ||
          plan_needs(mem, migration, &needs, err)))
        return false;
    if (is_untouched(run, migration))
        needs_made(mem, migration, &needs);
    return gather_facts(run, mem, &needs, facts, err);
}

static PlanRequest
planning_request(Run *run, const Migration *migration, const Facts *facts)
{
    return (PlanRequest){.migration = migration,
                         .component = run->settings->component,
                         .facts = facts,
                         .history = &run->history,
                         .caps = run->caps,
                         .safe = planning_safe(run),
                         .max_stall = run->settings->max_stall,
                         .batch_time = run->settings->batch_time,
                         .max_stall_flag = run->settings->max_stall_flag,
                         .batch_time_flag = run->settings->batch_time_flag,
                         .window = run->settings->window,
                         .window_flag = run->settings->window_flag};
}

bool
planning_on(Run *run, Mem *mem, const Migration *migration, const Facts *facts,
            Plan *plan, Err *err)
{
    PlanRequest request = planning_request(run, migration, facts);

    return plan_make(mem, &request, plan, err);
}

bool
planning_make(Run *run, Mem *mem, Migration *migration, Facts *facts, Plan *plan,
              Err *err)
{
    return planning_gather(run, mem, migration, facts, err) &&
           planning_on(run, mem, migration, facts, plan, err);
}

void
planning_names(Run *run, Mem *mem, Step *step)
{
    LIST(const char *) names = {0};
    Needs needs = {0};
    Facts facts = {0};
    Err ignored = {0};

    if (!plan_needs(mem, step->migration, &needs, &ignored) ||
        !gather_facts(run, mem, &needs, &facts, &ignored))
        facts.table_count = 0;
    err_clear(&ignored);
    for (int i = 0; i < step->name_count; i++)
        *list_add(mem, &names) = step->names[i];
    for (int i = 0; i < facts.table_count; i++)
        for (int j = 0; j < facts.tables[i].column_count; j++)
            *list_add(mem, &names) = facts.tables[i].columns[j].name;
    step->names = names.items;
    step->name_count = names.count;
}

bool
planning_down_on(Run *run, Mem *mem, const Migration *migration, const Facts *facts,
                 Plan *plan, Err *err)
{
    PlanRequest request = planning_request(run, migration, facts);

    return down_plan(mem, &request, &run->history, plan, err);
}

bool
planning_down(Run *run, Mem *mem, Migration *migration, Plan *plan, Err *err)
{
    Facts *facts = mem_new(mem, Facts);
    Needs needs = {0};

    return run_parse_back(run, migration, err) &&
           down_needs(mem, migration, &run->history, &needs, err) &&
           gather_facts(run, mem, &needs, facts, err) &&
           planning_down_on(run, mem, migration, facts, plan, err);
}

static const Step *
plan_step(const Plan *plan, Phase phase, int ordinal)
{
    for (int i = 0; i < plan->step_count; i++)
        if (plan->steps[i].phase == phase && plan->steps[i].ordinal == ordinal)
            return &plan->steps[i];
    return NULL;
}

static bool
dirty_refused(const Migration *migration, const StepRecord *record, const Step *step,
              Err *err)
{
    failure_dirty(migration, err);
    if (step == NULL)
        err_detail(err, "step %lld of %s (%s) is done, and the file no longer has it",
                   (long long)record->number, record->phase, record->title);
    else
        err_detail(err,
                   "step %lld of %s is done, but its text in %s:%d has changed since; "
                   "what is in the database is the old one:",
                   (long long)record->number, record->phase, step->span.file,
                   step->span.line);
    err_detail(err, "%s", record->sql);
    return err_hint(
        err,
        "Put the old text back, then: pgstride up. Or let both be shown, and "
        "say which is true: pgstride repair %s",
        migration->version);
}

bool
planning_differs(Run *run, const Plan *plan, Phase phase, const StepRecord **record,
                 const Step **step)
{
    for (int i = 0; i < run->history.step_count; i++)
    {
        *record = &run->history.steps[i];
        if (strcmp((*record)->version, plan->migration->version) != 0 ||
            strcmp((*record)->phase, phase_name(phase)) != 0 || !(*record)->done)
            continue;
        *step = plan_step(plan, phase, (int)(*record)->number);
        if (*step == NULL || strcmp((*step)->hash, (*record)->hash) != 0)
            return true;
    }
    return false;
}

bool
planning_dirty(Run *run, const Plan *plan, Phase phase, Err *err)
{
    const StepRecord *record;
    const Step *step;

    return !planning_differs(run, plan, phase, &record, &step) ||
           dirty_refused(plan->migration, record, step, err);
}

bool
planning_partial(const Run *run, const Migration *migration, Phase phase)
{
    const PhaseRecord *record = history_phase(&run->history, migration->version, phase);

    return record != NULL && !record->done &&
           history_step(&run->history, migration->version, phase, 1) != NULL;
}

static bool
phase_clean(Run *run, Migration *migration, Phase phase, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Facts facts;
    Plan plan;

    if (planning_make(run, scope, migration, &facts, &plan, err) &&
        planning_dirty(run, &plan, phase, err))
        return true;
    if (err->kind == ERR_LOST || err->kind == ERR_DIRTY)
        return false;
    err_clear(err);
    return true;
}

/* Only a half-done phase can be dirty, and only then is the catalog asked. */
bool
planning_clean(Run *run, Migration *migration, Err *err)
{
    for (Phase phase = 0; phase < PHASE_COUNT; phase++)
        if (planning_partial(run, migration, phase) &&
            !phase_clean(run, migration, phase, err))
            return false;
    return true;
}

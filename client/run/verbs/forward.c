#include "run/verbs/migrate.h"

#include "core/plan/phase.h"
#include "run/facts/planning.h"
#include "run/foreign/foreign.h"
#include "run/history/history.h"
#include "run/steps/gate.h"
#include "run/tell.h"

void
report_moved(Report *report, Mem *mem, const Moved *moved)
{
    *list_add(mem, report) = *moved;
}

void
report_correct(Report *report, const Run *run)
{
    int count = 0;

    for (int i = 0; i < report->count; i++)
    {
        const Moved *moved = &report->items[i];

        if (history_state(&run->history, moved->migration->version) == moved->to)
            report->items[count++] = *moved;
    }
    report->count = count;
}

static const char **
names_copy(Mem *mem, const char **names, int count)
{
    const char **copy = mem_array(mem, const char *, count + 1);

    for (int i = 0; i < count; i++)
        copy[i] = names[i];
    return copy;
}

/* Of a plan that ran, what the closing lines say: a folder of a thousand migrations
 * must not keep a thousand plans. */
static const Plan *
plan_remember(Mem *mem, const Plan *plan)
{
    Plan *kept = mem_new(mem, Plan);

    *kept = (Plan){
        .migration = plan->migration,
        .caps = plan->caps,
        .vanishing = names_copy(mem, plan->vanishing, plan->vanishing_count),
        .vanishing_count = plan->vanishing_count,
        .surviving = names_copy(mem, plan->surviving, plan->surviving_count),
        .surviving_count = plan->surviving_count,
    };
    return kept;
}

/* One edge: planned again on fresh facts, because the edge before it changed them. */
static bool
migrate_edge(Run *run, Migration *migration, const Transition *move, Moved *moved,
             Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Facts facts;
    Plan plan;
    Toll toll = {0};
    Event begin = {
        .kind = EVENT_PHASE_START, .migration = migration, .phase = move->phase};
    Event end = {
        .kind = EVENT_PHASE_DONE, .migration = migration, .phase = move->phase};

    if (!planning_make(run, scope, migration, &facts, &plan, err) ||
        !foreign_resume(run, &plan, err))
        return false;
    if (moved->plan == NULL)
        moved->plan = plan_remember(run->mem, &plan);
    if (move->phase == PHASE_CONTRACT && !gate_check(run, &plan, &facts, err))
        return false;
    tell(run, &begin);

    bool good = engine_phase(run, &plan, move->phase, &toll, err);

    if (good)
        tell(run, &end);
    moved->rows += toll.rows;
    moved->took_ms += toll.took_ms;
    if (moved->stall_ms < toll.stall_ms)
        moved->stall_ms = toll.stall_ms;
    return good;
}

/* One edge, and whether the history agrees that it was gone. */
static bool
migrate_once(Run *run, Migration *migration, Verb verb, Moved *moved, Err *err)
{
    const Transition *move = NULL;
    Verb next = moved->to == STATE_BACKFILLED ? VERB_CONTRACT : verb;

    if (!phase_move(migration, moved->to, next, &move, err) ||
        !migrate_edge(run, migration, move, moved, err))
        return false;

    State state = history_state(&run->history, migration->version);

    if (state <= moved->to)
        return err_set(err, ERR_INTERNAL, "%s of %s ran, and the history says %s",
                       phase_name(move->phase), migration->label, state_name(state));
    moved->to = state;
    return true;
}

bool
migrate_forward(Run *run, Migration *migration, Verb verb, State goal, Report *report,
                Err *err)
{
    State state = history_state(&run->history, migration->version);
    Moved moved = {.migration = migration, .from = state, .to = state};
    bool good = true;

    tell_migration(run, EVENT_MIGRATION_START, migration, state);
    while (good && moved.to < goal)
        good = migrate_once(run, migration, verb, &moved, err);
    if (moved.to != moved.from)
        report_moved(report, run->mem, &moved);
    if (good)
        tell_migration(run, EVENT_MIGRATION_DONE, migration, moved.to);
    return good;
}

void
report_waiting(Run *run, Report *report)
{
    report->waiting_contract = 0;
    for (int i = 0; i < run->history.migration_count; i++)
        if (history_state(&run->history, run->history.migrations[i].version) ==
            STATE_BACKFILLED)
            report->waiting_contract++;
}

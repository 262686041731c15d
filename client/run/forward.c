#include "run/migrate.h"

#include "core/phase.h"
#include "run/check.h"
#include "run/gate.h"
#include "run/history.h"
#include "run/planning.h"
#include "run/tell.h"

void
report_moved(Report *report, Mem *mem, const Moved *moved)
{
    Moved *grown = mem_array(mem, Moved, report->count + 1);

    for (int i = 0; i < report->count; i++)
        grown[i] = report->items[i];
    grown[report->count++] = *moved;
    report->items = grown;
}

/* One edge: planned again on fresh facts, because the edge before it changed them. */
static bool
migrate_edge(Run *run, Migration *migration, const Transition *move, Moved *moved,
             Err *err)
{
    Facts *facts = mem_new(run->mem, Facts);
    Plan *plan = mem_new(run->mem, Plan);
    Toll toll = {0};
    Event begin = {
        .kind = EVENT_PHASE_START, .migration = migration, .phase = move->phase};
    Event end = {
        .kind = EVENT_PHASE_DONE, .migration = migration, .phase = move->phase};

    if (!planning_make(run, run->mem, migration, facts, plan, err))
        return false;
    moved->plan = plan;
    if (move->phase == PHASE_CONTRACT && !gate_check(run, plan, facts, err))
        return false;
    tell(run, &begin);
    if (!engine_phase(run, plan, move->phase, &toll, err))
        return false;
    tell(run, &end);
    moved->rows += toll.rows;
    moved->took_ms += toll.took_ms;
    if (moved->stall_ms < toll.stall_ms)
        moved->stall_ms = toll.stall_ms;
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
    while (good && state < goal)
    {
        const Transition *move = NULL;
        Verb next = state == STATE_BACKFILLED ? VERB_CONTRACT : verb;

        good = phase_move(migration, state, next, &move, err) &&
               migrate_edge(run, migration, move, &moved, err);
        if (good)
            state = history_state(&run->history, migration->version);
    }
    moved.to = state;
    if (moved.to != moved.from)
        report_moved(report, run->mem, &moved);
    if (good)
        tell_migration(run, EVENT_MIGRATION_DONE, migration, state);
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

bool
run_up(Run *run, Mem *mem, Report *report, Err *err)
{
    Chosen chosen;
    bool good = check_folder(run, err) && choose_up(run, mem, &chosen, err);

    for (int i = 0; good && i < chosen.count; i++)
        good = migrate_forward(run, chosen.items[i], VERB_UP,
                               phase_goal(chosen.items[i], run->settings->through),
                               report, err);
    report_waiting(run, report);
    return good;
}

bool
run_contract(Run *run, Mem *mem, Report *report, Err *err)
{
    Chosen chosen;
    bool good = check_folder(run, err) && choose_contract(run, mem, &chosen, err);

    for (int i = 0; good && i < chosen.count; i++)
    {
        State state = history_state(&run->history, chosen.items[i]->version);
        const Transition *move;

        if (state == STATE_CONTRACTED)
            continue;
        good = phase_move(chosen.items[i], state, VERB_CONTRACT, &move, err) &&
               migrate_forward(run, chosen.items[i], VERB_CONTRACT, STATE_CONTRACTED,
                               report, err);
    }
    report_waiting(run, report);
    return good;
}

/* The same gathering and deciding as `up`, and then nothing. */
bool
run_plan(Run *run, Verb verb, Mem *mem, Plans *plans, Err *err)
{
    static bool (*const choose[VERB_COUNT])(Run *, Mem *, Chosen *,
                                            Err *) = {[VERB_UP] = choose_up,
                                                      [VERB_CONTRACT] = choose_contract,
                                                      [VERB_DOWN] = choose_down};
    Chosen chosen;

    if (!check_folder(run, err) || !choose[verb](run, mem, &chosen, err))
        return false;
    plans->items = mem_array(mem, Plan *, chosen.count + 1);
    for (int i = 0; i < chosen.count; i++)
    {
        Facts *facts = mem_new(mem, Facts);
        Plan *plan = mem_new(mem, Plan);
        State state = history_state(&run->history, chosen.items[i]->version);
        const Transition *move;

        if (verb == VERB_CONTRACT && state == STATE_CONTRACTED)
            continue;
        if (verb == VERB_CONTRACT &&
            !phase_move(chosen.items[i], state, verb, &move, err))
            return false;

        bool good = verb == VERB_DOWN
                        ? planning_down(run, mem, chosen.items[i], plan, err)
                        : planning_make(run, mem, chosen.items[i], facts, plan, err);

        if (!good)
            return false;
        plan->state = state;
        plans->items[plans->count++] = plan;
    }
    return true;
}

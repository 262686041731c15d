#include "run/check.h"
#include "run/migrate.h"
#include "run/planning.h"
#include "run/tell.h"

static bool
migrate_down(Run *run, Migration *migration, const Plan *plan, Report *report, Err *err)
{
    State from = history_state(&run->history, migration->version);
    Toll toll = {0};

    tell_migration(run, EVENT_MIGRATION_START, migration, from);

    bool good = engine_down(run, plan, &toll, err);
    State to = history_state(&run->history, migration->version);
    Moved moved = {.migration = migration,
                   .from = from,
                   .to = to,
                   .took_ms = toll.took_ms,
                   .stall_ms = toll.stall_ms};

    if (good || from != to)
        report_moved(report, run->mem, &moved);
    if (good)
        tell_migration(run, EVENT_MIGRATION_DONE, migration, to);
    return good;
}

/* All ways back are found first: a refusal must not come after half of them. */
bool
run_down(Run *run, Mem *mem, Report *report, Err *err)
{
    Chosen chosen = {0};
    bool good = choose_down(run, mem, &chosen, err);
    Plan *plans = mem_array(mem, Plan, chosen.count + 1);

    for (int i = 0; good && i < chosen.count; i++)
        good = planning_down(run, mem, chosen.items[i], &plans[i], err);
    for (int i = 0; good && i < chosen.count; i++)
        good = migrate_down(run, chosen.items[i], &plans[i], report, err);
    report_waiting(run, report);
    return good;
}

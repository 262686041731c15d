#include "run/facts/planning.h"
#include "run/folder/check.h"
#include "run/tell.h"
#include "run/verbs/migrate.h"

/* Planned again: what was taken down before it is gone. */
bool
migrate_back(Run *run, Migration *migration, Report *report, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    State from = history_state(&run->history, migration->version);
    Toll toll = {0};
    Plan plan;

    if (!planning_down(run, scope, migration, &plan, err))
        return false;
    tell_migration(run, EVENT_MIGRATION_START, migration, from);

    bool good = engine_down(run, &plan, &toll, err);
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

#include "core/plan/phase.h"
#include "run/check.h"
#include "run/control.h"
#include "run/foreign.h"
#include "run/planning.h"
#include "run/verbs.h"

static void
status_record(const MigrationRecord *record, StatusLine *line)
{
    if (record == NULL)
        return;
    state_read(record->state, &line->state);
    line->how = record->how;
    line->applied_at = line->state == STATE_PENDING ? NULL : record->applied_at;
    line->error = record->failed ? record->error : NULL;
}

static StatusLine
status_of(Run *run, const Migration *migration)
{
    const char *phase;
    StatusLine line = {.version = migration->version,
                       .name = migration->name,
                       .file = migration->file,
                       .skipped = migration->skipped,
                       .phased = migration_phased(migration),
                       .migration = migration,
                       .changed = check_changed(run, migration, &phase)};

    status_record(history_migration(&run->history, migration->version), &line);
    if (history_undoing(&run->history, migration->version))
        line.error = "its way down was begun and not finished: pgstride down";
    return line;
}

/* Some steps of the phase are done, the phase is not. */
static bool
phase_partial(const Run *run, const Migration *migration, Phase phase)
{
    const PhaseRecord *record = history_phase(&run->history, migration->version, phase);

    return record != NULL && !record->done &&
           history_step(&run->history, migration->version, phase, 1) != NULL;
}

/* What cannot be planned, for want of rights or of a good file, is not called dirty. */
static bool
phase_dirty(Run *run, Migration *migration, Phase phase, Status *status, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Facts facts;
    Plan plan;
    Err why = {0};

    if (planning_make(run, scope, migration, &facts, &plan, &why) &&
        planning_dirty(run, &plan, phase, &why))
        return true;
    if (why.kind == ERR_LOST)
    {
        *err = why;
        return false;
    }
    if (why.kind == ERR_DIRTY && !status->dirty)
    {
        status->dirty = true;
        status->dirty_version = migration->version;
        status->dirty_why = mem_copy(run->mem, why.detail);
    }
    err_clear(&why);
    return true;
}

/* Only a half-done phase can be dirty, and only then is the catalog asked. */
static bool
status_dirty(Run *run, Migration *migration, Status *status, Err *err)
{
    for (Phase phase = 0; phase < PHASE_COUNT; phase++)
        if (phase_partial(run, migration, phase) &&
            !phase_dirty(run, migration, phase, status, err))
            return false;
    return true;
}

static void
status_missing(Run *run, Status *status)
{
    for (int i = 0; i < run->history.migration_count; i++)
    {
        const MigrationRecord *record = &run->history.migrations[i];
        StatusLine line = {.version = record->version,
                           .name = record->name,
                           .file = record->file,
                           .missing = true};

        if (!history_kept(&run->history, record->version) ||
            check_find(run, record->version) != NULL)
            continue;
        status_record(record, &line);
        status->lines[status->count++] = line;
    }
}

bool
run_status(Run *run, Mem *mem, Status *status, Err *err)
{
    *status = (Status){
        .database = run->database,
        .layout = run->migrations.layout,
        .lines = mem_array(mem, StatusLine,
                           run->migrations.count + run->history.migration_count + 1)};
    for (int i = 0; i < run->migrations.count; i++)
    {
        Migration *migration = &run->migrations.items[i];
        StatusLine line = status_of(run, migration);

        if (!line.skipped && line.state < phase_goal(migration, PHASE_BACKFILL))
            status->pending++;
        if (line.state == STATE_BACKFILLED)
            status->waiting_contract++;
        status->lines[status->count++] = line;
        if (!status_dirty(run, migration, status, err))
            return false;
    }
    status_missing(run, status);
    if (!status->dirty && foreign_stopped_at(run) != NULL)
    {
        status->dirty = true;
        status->dirty_version = foreign_stopped_at(run);
        status->dirty_why = "the runner of this folder stopped in the middle of it";
    }
    return !run->history.exists || control_read(run, mem, &status->control, err);
}

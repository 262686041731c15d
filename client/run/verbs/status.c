#include "core/plan/phase.h"
#include "run/facts/planning.h"
#include "run/folder/check.h"
#include "run/foreign/foreign.h"
#include "run/hold/control.h"
#include "run/verbs.h"
#include "run/verbs/watch.h"

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

static bool
status_dirty(Run *run, Migration *migration, Status *status, Err *err)
{
    Err why = {0};

    if (planning_clean(run, migration, &why))
        return true;
    if (why.kind != ERR_DIRTY)
    {
        *err = why;
        return false;
    }
    if (!status->dirty)
    {
        status->dirty = true;
        status->dirty_version = migration->version;
        status->dirty_why = mem_copy(run->mem, why.detail);
        status->cure = mem_copy(run->mem, why.hint);
    }
    err_clear(&why);
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

/* What keeps us from going on: the table of the folder's own runner, a folder of which
 * nothing is for this engine, or a file that came late. */
static bool
status_refusal(Run *run, Mem *mem, Status *status, Err *err)
{
    Err why = {0};

    if (check_engine(run, &why) && foreign_check(run, &why) &&
        (status->pending == 0 || check_order(run, &why)))
        return true;
    if (why.kind != ERR_DIRTY && why.kind != ERR_REFUSED)
    {
        *err = why;
        return false;
    }
    status->dirty = why.kind == ERR_DIRTY;
    if (status->dirty)
    {
        status->dirty_version = foreign_stopped_at(run);
        status->dirty_why = mem_copy(mem, why.detail);
        status->dirty_mend = foreign_stopped_mend(run, mem);
    }
    else
        status->refused = mem_copy(mem, why.text);
    status->cure = mem_copy(mem, why.hint);
    err_clear(&why);
    return true;
}

/* What was said to a run, and what it is doing about it. */
static bool
status_at_work(Run *run, Mem *mem, Status *status, Err *err)
{
    return control_read(run, mem, &status->control, err) &&
           (status->control.at_work == NULL ||
            run_at_work(run, mem, &status->at_work, err));
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
    if (!status->dirty && !status_refusal(run, mem, status, err))
        return false;
    return !run->history.exists || status_at_work(run, mem, status, err);
}

#include "core/files/version.h"
#include "run/doctor/doctor.h"
#include "run/facts/planning.h"
#include "run/folder/check.h"
#include "run/foreign/foreign.h"
#include "run/history/history.h"

static void
part_fill(Mem *mem, const Migration *migration, const StepRecord *record,
          const Step *step, DirtyPart *part)
{
    *part = (DirtyPart){.label = migration->label,
                        .phase = mem_copy(mem, record->phase),
                        .number = record->number,
                        .kept = mem_copy(mem, record->sql),
                        .file = migration->file};
    if (step == NULL)
        return;
    part->written =
        mem_copy(mem, step->sql_count > 0 ? step->sql[0].text : step->title);
    part->file = mem_copy(mem, step->span.file);
    part->line = step->span.line;
}

bool
run_dirty(Run *run, Mem *mem, bool accept, DirtyPart *part, bool *found, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Migration *named;
    const StepRecord *record;
    const Step *step;
    Facts facts;
    Plan plan;

    *found = false;
    if (!version_find(&run->migrations, run->settings->versions[0], &named, err))
        return false;

    Migration *migration = check_find(run, named->version);

    if (!planning_make(run, scope, migration, &facts, &plan, err))
        return false;
    for (Phase phase = 0; phase < PHASE_COUNT && !*found; phase++)
        *found = planning_partial(run, migration, phase) &&
                 planning_differs(run, &plan, phase, &record, &step);
    if (!*found)
        return foreign_check_stopped(run, migration, err);
    part_fill(mem, migration, record, step, part);
    if (!accept)
        return true;

    SqlText text = record_accepted(scope, run, record, step);

    return history_write(run, "repair", &text, 1, err) && history_read(run, err);
}

/*
 * A change of schema commits by itself, so its record cannot commit with it: a line
 * says that it begins and what the objects look like, another that it is done. Killed
 * in between, the next run waits for what the server still does (it holds the runner
 * lock), looks again, and knows: a statement happens whole or not at all.
 */
#include "run/engines/mysql/mysql.h"

#include <string.h>

#include "base/fault.h"
#include "run/history/history.h"
#include "run/tell.h"

/* A digest of everything that the statement could change. */
static bool
fingerprint(Run *run, Mem *mem, const Step *step, char **print, Err *err)
{
    Rows rows;
    const QName *table = &step->table;

    if (!db_query(mem, run->warden, "fingerprint",
                  ARGS(table->schema, table->name == NULL ? NULL : table->name), &rows,
                  err))
        return false;
    *print = mem_copy(mem, rows_cell(&rows, 0, "print"));
    return true;
}

static bool
print_keep(Run *run, Mem *mem, const Step *step, const char *print, Err *err)
{
    Rows rows;

    return db_query(mem, run->warden, "step_before",
                    ARGS(run->settings->component, step->migration->version,
                         step_phase(step), mem_text(mem, "%d", step->ordinal), print),
                    &rows, err);
}

static bool
manner_keep(Run *run, Mem *mem, const Step *step, const char *manner, Err *err)
{
    Rows rows;

    return db_query(mem, run->warden, "step_manner",
                    ARGS(run->settings->component, step->migration->version,
                         step_phase(step), mem_text(mem, "%d", step->ordinal), manner),
                    &rows, err);
}

/* Was it done by a run that could not say so any more? */
static bool
happened_before(Run *run, Mem *mem, const Step *step, const char *now, bool *happened,
                Err *err)
{
    Rows rows;

    *happened = false;
    if (!db_query(mem, run->warden, "step_print",
                  ARGS(run->settings->component, step->migration->version,
                       step_phase(step), mem_text(mem, "%d", step->ordinal),
                       step->hash),
                  &rows, err))
        return false;
    if (rows.row_count == 0)
        return true;
    *happened = strcmp(rows_cell(&rows, 0, "print"), now) != 0;
    tell_note(run, EVENT_NOTE, "%s was interrupted; what it changes is %s", step->title,
              *happened ? "not as it was before: recorded as done"
                        : "as it was before: done again");
    return true;
}

/* The line of an attempt that the server refused says nothing any more. */
static bool
ddl_failed(Run *run, const Step *step, const Err *err)
{
    if (err->kind != ERR_LOST)
        history_forget(run, step);
    return false;
}

bool
mysql_ddl(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Manner *manner = NULL;
    bool swaps = step->level_count > 0;
    bool happened;
    char *before;

    (void)progress;
    if (!(swaps ? mysql_swap_print : fingerprint)(run, scope, step, &before, err) ||
        !happened_before(run, scope, step, before, &happened, err))
        return false;
    if (happened)
        return history_done(run, step, err);
    if (!history_started(run, step, err) || !print_keep(run, scope, step, before, err))
        return false;
    if (!(swaps ? mysql_swap : mysql_attempt)(run, step, cost, &manner, err))
        return ddl_failed(run, step, err);
    fault_point(FAULT_alone_done);
    return manner_keep(run, scope, step, manner == NULL ? NULL : manner->shown, err) &&
           history_done(run, step, err);
}

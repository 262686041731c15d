/*
 * Where the runner of a folder stopped in the middle of a migration and keeps how far
 * it came: Atlas. As it would, we go on behind what is done, if its texts are what they
 * were; whoever only reads is told.
 */
#include <inttypes.h>
#include <string.h>

#include "run/connect/open.h"
#include "run/folder/check.h"
#include "run/foreign/foreign.h"
#include "run/history/history.h"

static const Column midway_columns[] = {
    COLUMN(INT64, ForeignMidway, done),
    COLUMN(INT64, ForeignMidway, total),
    COLUMN(TEXT_OR_NULL, ForeignMidway, error),
    COLUMN(TEXT_OR_NULL, ForeignMidway, hashes),
};

/* The migration of a row that says it stopped; NULL: there is none, or no file. */
static Migration *
stopped_migration(const Run *run)
{
    for (int i = 0; i < run->foreign_rows.count; i++)
        for (int j = 0; run->foreign_rows.items[i].failed && j < run->migrations.count;
             j++)
            if (strcmp(run->migrations.items[j].version,
                       run->foreign_rows.items[i].version) == 0)
                return &run->migrations.items[j];
    return NULL;
}

static bool
midway_ask(Run *run, Mem *mem, ForeignMidway *midway, Err *err)
{
    SqlText sql = sql_begin(mem, run->caps);
    const ForeignNote note = foreign_note(run, midway->migration);
    Ask ask = {.label = "foreign_midway"};
    Reply reply;

    run->foreign->midway(&sql, &note);
    ask.sql = sql_done(&sql);
    return db_script(mem, run->watcher, &ask, 1, &reply, err) &&
           rows_one(mem, &reply.rows[reply.row_count - 1], midway_columns,
                    LENGTH(midway_columns), midway, err);
}

bool
foreign_midway_read(Run *run, Mem *mem, Err *err)
{
    Migration *migration = run->foreign->midway == NULL ? NULL : stopped_migration(run);
    ForeignMidway *midway = mem_new(mem, ForeignMidway);
    Err unread = {0};

    *midway = (ForeignMidway){.migration = migration};
    if (migration == NULL)
        return true;
    if (!midway_ask(run, mem, midway, err))
        return false;
    /* A file that cannot be read says nothing of what is done of it. */
    if (run_parse(run, migration, &unread))
    {
        midway->changed = run->foreign->changed(midway);
        run->foreign_midway = midway;
    }
    err_clear(&unread);
    return true;
}

char *
foreign_midway_show(const Run *run, Mem *mem)
{
    const ForeignMidway *midway = run->foreign_midway;

    return mem_text(mem, "%s stopped behind %" PRId64 " of %" PRId64 " statements%s%s",
                    foreign_runner(run), midway->done, midway->total,
                    midway->error == NULL ? "" : ": ",
                    midway->error == NULL ? "" : midway->error);
}

char *
foreign_midway_next(const Run *run, Mem *mem, const Migration *migration)
{
    const ForeignMidway *midway = run->foreign_midway;

    if (midway == NULL || midway->migration != migration || midway->changed > 0 ||
        history_phase(&run->history, migration->version, PHASE_UP) != NULL)
        return NULL;
    return mem_text(mem, "%s; pgstride up %s", foreign_midway_show(run, mem),
                    midway->done == 0   ? "begins it anew"
                    : midway->done == 1 ? "goes on behind it"
                                        : "goes on behind them");
}

bool
foreign_step_done(const Run *run, const Step *step)
{
    const ForeignMidway *midway = run->foreign_midway;

    return midway != NULL && midway->migration == step->migration && !step->undoes &&
           midway->changed == 0 && foreign_statements_done(step) <= midway->done;
}

/* --- going on -------------------------------------------------------------------- */

static bool
together_refused(const Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, NULL);

    err_set(err, ERR_DIRTY, "Database is in dirty state at version %s",
            step->migration->version);
    err_detail(err, "%s, and step %d of the file is one transaction with more",
               foreign_midway_show(run, scope), step->ordinal);
    return err_hint(err, "Say at the top of the file what it ran with, -- atlas:txmode "
                         "none, and seal it again: atlas migrate hash. Then: "
                         "pgstride up");
}

bool
foreign_resume(Run *run, const Plan *plan, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const ForeignMidway *midway = run->foreign_midway;
    const Migration *migration = plan->migration;
    LIST(SqlText) texts = {0};
    Checksums sums;
    int64_t done = 0;

    if (midway == NULL || midway->migration != migration || midway->done == 0 ||
        history_kept(&run->history, migration->version))
        return true;
    check_sums(scope, migration, PHASE_UP, &sums);
    *list_add(scope, &texts) =
        record_phase_begin(scope, run, migration, PHASE_UP, &sums);
    for (int i = 0; i < plan->step_count && done < midway->done; i++)
    {
        const Step *step = &plan->steps[i];

        done = foreign_statements_done(step);
        if (done > midway->done)
            return together_refused(run, step, err);
        *list_add(scope, &texts) = record_step(scope, run, step);
    }
    return history_write(run, "foreign_resume", texts.items, texts.count, err) &&
           history_read_of(run, migration->version, err);
}

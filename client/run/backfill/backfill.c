#include "run/backfill/backfill.h"

#include <inttypes.h>
#include <string.h>

#include "base/fault.h"
#include "base/units.h"
#include "core/sql/sql.h"
#include "run/backfill/aside.h"
#include "run/backfill/fill.h"
#include "run/connect/sessions.h"
#include "run/tell.h"

/* Losing the connection so often without one batch in between is no accident. */
#define LOST_AT_MOST 5

/* `allow:` for rows that cannot take their value. */
#define ALLOW_ASIDE "set-aside"

/* It is the rows that are wrong: integrity_constraint_violation. */
#define SQLSTATE_ROWS "23000"

/*
 * What a function gives twice must be the same, or a row that is done would look as if
 * it were not. Then its WHERE alone says what is done.
 */
static bool
fill_volatile(Fill *fill, bool *is_volatile, Err *err)
{
    const Backfill *about = fill->step->backfill;

    *is_volatile = false;
    for (int i = 0; i < about->function_count && !*is_volatile; i++)
    {
        Rows rows;

        if (!db_query(fill->mem, fill->run->watcher, "function_facts",
                      ARGS(about->functions[i]), &rows, err))
            return false;
        *is_volatile =
            rows.row_count == 0 || strcmp(rows_cell(&rows, 0, "volatility"), "i") != 0;
    }
    return true;
}

/* The server's own sweep sees for itself which functions are meant. */
static bool
fill_cheaply(Fill *fill, Err *err)
{
    MEM_SCOPE(scope, fill->mem);
    const Backfill *about = fill->step->backfill;
    Rows rows;

    fill->not_done_cheaply = (SqlParsed){.text = NULL};
    if (!about->null_by_sources || extension_used(fill->run->caps))
        return true;
    if (!db_query(scope, fill->run->watcher, "strange_calls", NO_ARGS, &rows, err))
        return err_in(err, "while looking for operators of your own");
    if (strcmp(rows_cell(&rows, 0, "strange"), "f") == 0)
        fill->not_done_cheaply = sql_sources_given(fill->mem, about);
    return true;
}

/* --- all of them ----------------------------------------------------------------- */

/* Where progress starts: with what earlier runs did. */
static bool
leaves_begin(Fill *fill, Leaves *leaves, Err *err)
{
    Progress *progress = fill->progress;
    int64_t rows = 0;
    int64_t blocks = 0;

    progress->rows_done = progress->wal_bytes = fill->hot_rows = 0;
    for (int i = 0; i < leaves->count; i++)
    {
        Leaf *leaf = &leaves->items[i];
        Begun begun;

        if (!leaf_begin(fill, leaf, &begun, err))
            return false;
        rows += begun.rows_total;
        blocks += leaf->rest.to;
        progress->rows_done += begun.rows_done;
        progress->wal_bytes += begun.wal_bytes;
        fill->hot_rows += begun.hot_rows;
    }
    progress->rows_total = rows > 0 ? rows : fill->step->rows;
    progress->blocks_total = blocks;
    return true;
}

/* A child that was made after expand. */
static void
leaves_warn(const Fill *fill, const Leaves *leaves)
{
    for (int i = 0; i < leaves->count && fill->stays_done; i++)
        if (!leaves->items[i].guarded)
            tell_note(fill->run, EVENT_WARNING,
                      "\"%s\" has no sync trigger: what is written to it is not filled",
                      leaves->items[i].shown);
}

static bool
set_aside_forget(Fill *fill, const Leaves *leaves, Err *err)
{
    fill->progress->set_aside = 0;
    for (int i = 0; i < leaves->count; i++)
        if (!leaves->items[i].verified && !poison_forget(fill, &leaves->items[i], err))
            return false;
    return true;
}

/* A table that was dropped or detached meanwhile is nobody's to finish. */
static bool
leaves_forget(Fill *fill, const Leaves *leaves, Err *err)
{
    MEM_SCOPE(scope, fill->mem);
    const Run *run = fill->run;
    Buf oids = buf_begin(scope);
    Rows rows;

    for (int i = 0; i < leaves->count; i++)
        buf_format(&oids, "%s%" PRId64, i > 0 ? "," : "{", leaves->items[i].oid);
    buf_add(&oids, leaves->count > 0 ? "}" : "{}");
    return db_query(scope, run->warden, "backfill_forget",
                    ARGS(run->settings->component, fill->step->migration->version,
                         mem_text(scope, "%d", fill->step->backfill->number), run->id,
                         oids.text),
                    &rows, err);
}

/*
 * Without a trigger an update may carry a row that is not done from a table not yet
 * swept to one that was: then all of them are looked at again, until none has any.
 */
static bool
leaves_look_again(Fill *fill, Leaves *leaves, Err *err)
{
    for (int i = 0; i < leaves->count && leaves->count > 1; i++)
    {
        Leaf *leaf = &leaves->items[i];

        if (leaf->verified && !(fill->stays_done && leaf->guarded) &&
            !leaf_prove(fill, leaf, err))
            return false;
    }
    return true;
}

/* New children may have come while the others were filled. */
static bool
leaves_all_done(Fill *fill, bool *done, Err *err)
{
    Leaves now;

    if (!leaves_find(fill, &now, err) || !leaves_begin(fill, &now, err) ||
        !leaves_forget(fill, &now, err) || !leaves_look_again(fill, &now, err))
        return false;
    *done = true;
    for (int i = 0; i < now.count; i++)
        *done = *done && now.items[i].verified;
    return true;
}

/* The phase fails, unless its author said that such rows may stay as they are. */
static bool
set_aside_report(Fill *fill, Err *err)
{
    MEM_SCOPE(scope, fill->mem);
    const Backfill *about = fill->step->backfill;
    const Migration *migration = fill->step->migration;
    const char *verb = about->is_delete ? "deleted" : "filled";
    Aside aside;

    if (!aside_read(fill->run, scope, migration, about, &aside, err))
        return false;

    char *rows = mem_text(scope, "%s row%s of \"%s\" could not be %s",
                          count_show(scope, aside.count), aside.count == 1 ? "" : "s",
                          about->table.name, verb);

    if (fill->aside_allowed != NULL)
    {
        tell_note(fill->run, EVENT_WARNING, "%s: allowed here (%s)", rows,
                  fill->aside_allowed->reason);
        return true;
    }
    err_at(err, ERR_SQL, about->statement->span.file, about->statement->span.line, "%s",
           rows);
    aside_details(&aside, err);
    err_detail(err, "all other rows are %s", verb);
    memcpy(err->sqlstate, SQLSTATE_ROWS, sizeof(err->sqlstate));
    return err_hint(err, "If they may stay: allow:" ALLOW_ASIDE ":\"reason\".");
}

/* One attempt, on connections that are all there. */
static bool
fill_attempt(Fill *fill, Err *err)
{
    bool is_volatile = false;
    bool done = false;

    if (fill->step->backfill->repeat)
        return repeat_run(fill, err);
    if (!fill_volatile(fill, &is_volatile, err))
        return false;
    fill->not_done =
        sql_not_done(fill->mem, fill->step->backfill, ROW_BARE, is_volatile);
    if (!is_volatile && !fill_cheaply(fill, err))
        return false;
    for (int round = 0; !done; round++)
    {
        Leaves leaves;

        if (!leaves_find(fill, &leaves, err) || !leaves_begin(fill, &leaves, err) ||
            !set_aside_forget(fill, &leaves, err))
            return false;
        if (round == 0)
            leaves_warn(fill, &leaves);
        if (round == 0)
            fault_point(FAULT_sweep_started);
        fill->blocks_before = 0;
        for (int i = 0; i < leaves.count; i++)
        {
            if (!leaf_fill(fill, &leaves.items[i], err))
                return false;
            fill->blocks_before += leaves.items[i].rest.to;
        }
        if (fill->progress->set_aside > 0 && fill->aside_allowed == NULL)
            return set_aside_report(fill, err);
        if (!leaves_all_done(fill, &done, err))
            return false;
    }
    return fill->progress->set_aside == 0 || set_aside_report(fill, err);
}

bool
backfill_run(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    Fill fill = {.run = run,
                 .step = step,
                 .cost = cost,
                 .progress = progress,
                 .began_ms = clock_now(run->clock)};
    bool good = false;

    *progress = (Progress){.rows_total = step->rows, .left_ms = -1, .hot_share = -1};
    cost->tries = 1;
    pressure_tell_hidden(run);
    fill.stays_done = step->backfill->sync != SYNC_OFF && !step->backfill->is_delete;
    fill.aside_allowed = section_allows(step->backfill->section, ALLOW_ASIDE);
    fill.limits = fill_limits(run, step);
    fill.orders_heard = run->orders_count;
    fill.stall_ms = (double)step->max_stall;
    fill.throttle = throttle_start(&fill.limits);
    fill.worked_since_ms = fill.began_ms;
    for (int lost = 0; !good; lost++)
    {
        int64_t batches = fill.batches;
        MEM_SCOPE(attempt, run->mem);

        fill.mem = attempt;
        good = fill_attempt(&fill, err);
        if (good || err->kind != ERR_LOST)
            break;
        lost = fill.batches > batches ? 0 : lost;
        if (lost >= LOST_AT_MOST || !run_recover(run, err))
            break;
    }
    mem_scope_end(&fill.gauge.mem);
    return good;
}

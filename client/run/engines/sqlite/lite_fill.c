/*
 * A backfill in short IMMEDIATE transactions along the rowid. Between two of them the
 * writers that wait get their turn: a pause is fairness, not politeness, because their
 * tries are seldom and ours would come at once (lite_pace.c).
 */
#include <inttypes.h>
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "core/plan/plan.h"
#include "core/sql/sql.h"
#include "run/engines/sqlite/lite_run.h"
#include "run/history/history.h"
#include "run/hold.h"
#include "run/runner.h"
#include "run/tell.h"

#define PASSES_MOST 20
#define REPEATS "a row would be changed again by the next batch"

typedef struct Filling
{
    Run *run;
    const Step *step;
    const Backfill *fill;
    Progress *progress;
    int64_t position; /* the last rowid that is done */
    LitePace pace;
    int64_t set_aside;
    int64_t rows_before; /* this run */
    double began_ms;
} Filling;

/* --- text ----------------------------------------------------------------------------
 */

static void
add_range(SqlText *sql, const Filling *filling, int64_t until)
{
    sql_raw(sql, " WHERE rowid > ");
    sql_int(sql, filling->position);
    sql_raw(sql, " AND rowid <= ");
    sql_int(sql, until);
    sql_raw(sql, " AND ");
    lite_not_done(sql, filling->fill);
}

static void
add_change(SqlText *sql, const Filling *filling)
{
    const Backfill *fill = filling->fill;

    if (fill->is_delete)
    {
        sql_raw(sql, "DELETE FROM ");
        sql_qname(sql, &fill->table);
        return;
    }
    sql_raw(sql, "UPDATE ");
    sql_qname(sql, &fill->table);
    for (int i = 0; i < fill->assignment_count; i++)
    {
        if (i == 0)
            sql_raw(sql, " SET ");
        else
            sql_raw(sql, ", ");
        sql_ident(sql, fill->assignments[i].target);
        sql_raw(sql, " = ");
        sql_parsed(sql, fill->assignments[i].expression);
    }
}

static void
add_row(SqlText *sql, const Filling *filling)
{
    sql_raw(sql, " WHERE component = ");
    sql_string(sql, filling->run->settings->component);
    sql_raw(sql, " AND version = ");
    sql_string(sql, filling->step->migration->version);
    sql_raw(sql, " AND number = ");
    sql_int(sql, filling->fill->number);
}

static SqlText
batch_begin(Mem *mem, const Filling *filling)
{
    SqlText sql = sql_begin(mem, filling->run->caps);
    SqlText guard = runner_guard(mem, filling->run);

    sql_raw(&sql, "BEGIN IMMEDIATE; ");
    sql_add(&sql, &guard);
    sql_raw(&sql, "; ");
    return sql;
}

/* changes() is that of the statement before: the rows of the batch. */
static void
add_progress(SqlText *sql, const Filling *filling, int64_t until)
{
    sql_raw(sql, "; UPDATE pgstride_backfills SET rows_done = rows_done + changes(), "
                 "batches = batches + 1, position = ");
    sql_int(sql, until);
    sql_raw(sql, ", updated_at = ");
    sql_now(sql);
    add_row(sql, filling);
    sql_raw(sql, "; ");
}

/* --- one batch
 * -------------------------------------------------------------------------- */

/* Where the next batch ends; false in *more: nothing is behind the position. */
static bool
batch_until(Filling *filling, int64_t *until, bool *more, Err *err)
{
    MEM_SCOPE(scope, filling->run->mem);
    SqlText sql = sql_begin(scope, filling->run->caps);
    Reply reply;

    sql_raw(&sql, "SELECT max(id) AS until FROM (SELECT rowid AS id FROM ");
    sql_qname(&sql, &filling->fill->table);
    sql_raw(&sql, " WHERE rowid > ");
    sql_int(&sql, filling->position);
    sql_raw(&sql, " ORDER BY rowid LIMIT ");
    sql_int(&sql, filling->pace.rows);
    sql_raw(&sql, ")");
    if (!lite_send(scope, filling->run->worker, "batch_until", &sql, &reply, err))
        return false;
    *more = rows_cell(&reply.rows[0], 0, "until") != NULL;
    *until = *more ? rows_int(&reply.rows[0], 0, "until") : 0;
    return true;
}

static bool
batch_change(Filling *filling, int64_t until, Err *err)
{
    MEM_SCOPE(scope, filling->run->mem);
    SqlText begin = batch_begin(scope, filling);
    SqlText sql = sql_begin(scope, filling->run->caps);
    SqlText commit = sql_begin(scope, filling->run->caps);
    double began;
    Reply reply;

    add_change(&sql, filling);
    add_range(&sql, filling, until);
    add_progress(&sql, filling, until);
    sql_raw(&sql, "SELECT CASE WHEN EXISTS (SELECT 1 FROM ");
    sql_qname(&sql, &filling->fill->table);
    add_range(&sql, filling, until);
    sql_raw(&sql, ") THEN pgstride_refuse('" REPEATS "') END");
    sql_raw(&commit, "COMMIT");
    if (!lite_send(scope, filling->run->worker, "begin", &begin, &reply, err))
        return false;
    began = clock_now(filling->run->clock); /* the wait for others is not ours */
    if (!lite_send(scope, filling->run->worker, "batch", &sql, &reply, err))
        return false;
    fault_point(FAULT_batch_open);
    if (!lite_send(scope, filling->run->worker, "commit", &commit, &reply, err))
        return false;
    lite_pace_size(filling->run, &filling->pace,
                   clock_now(filling->run->clock) - began);
    return true;
}

/* One row that breaks a constraint is passed, and named at the end. */
static bool
row_set_aside(Filling *filling, int64_t id, const char *why, Err *err)
{
    MEM_SCOPE(scope, filling->run->mem);
    SqlText sql = batch_begin(scope, filling);
    Reply reply;

    sql_raw(&sql,
            "INSERT OR REPLACE INTO pgstride_set_aside (component, version, number, "
            "key, error) VALUES (");
    sql_string(&sql, filling->run->settings->component);
    sql_raw(&sql, ", ");
    sql_string(&sql, filling->step->migration->version);
    sql_raw(&sql, ", ");
    sql_int(&sql, filling->fill->number);
    sql_raw(&sql, ", 'rowid ");
    sql_int(&sql, id);
    sql_raw(&sql, "', ");
    sql_string(&sql, sql_scrub(scope, why));
    sql_raw(&sql, "); UPDATE pgstride_backfills SET position = ");
    sql_int(&sql, id);
    add_row(&sql, filling);
    sql_raw(&sql, "; COMMIT");
    filling->set_aside++;
    return lite_send(scope, filling->run->worker, "set_aside", &sql, &reply, err);
}

static bool
repeats_refused(const Filling *filling, Err *err)
{
    const Span *span = &filling->fill->statement->span;

    err_clear(err);
    err_at(err, ERR_REFUSED, span->file, span->line,
           "the backfill would change rows again that it has just changed");
    return err_hint(err, "Write a WHERE that is false of what is done.");
}

/* Smaller and smaller, until the row that breaks a constraint is alone. */
static bool
batch_failed(Filling *filling, int64_t until, Err *err)
{
    MEM_SCOPE(scope, filling->run->mem);
    const char *why = mem_copy(scope, err->text);

    if (strcmp(err->text, REPEATS) == 0)
        return repeats_refused(filling, err);
    if (strncmp(err->sqlstate, "23", 2) != 0)
        return false;
    err_clear(err);
    if (filling->pace.rows > 1)
    {
        filling->pace.rows = filling->pace.rows / 10 < 1 ? 1 : filling->pace.rows / 10;
        return true;
    }
    if (!row_set_aside(filling, until, why, err))
        return false;
    filling->position = until;
    return true;
}

/* --- around the batches
 * ------------------------------------------------------------------- */

static void
filling_tell(Filling *filling, double batch_ms)
{
    Progress *progress = filling->progress;
    double elapsed = clock_now(filling->run->clock) - filling->began_ms;

    progress->batch_ms = batch_ms;
    progress->elapsed_ms = elapsed;
    progress->hot_share = -1;
    progress->left_ms = -1;
    progress->doing = "sweeping";
    progress->set_aside = filling->set_aside;
    if (elapsed > 0)
        progress->rows_per_second =
            (double)(progress->rows_done - filling->rows_before) * 1000.0 / elapsed;
    if (progress->rows_total > 0)
        progress->fraction = (double)progress->rows_done / (double)progress->rows_total;
    if (progress->rows_per_second > 0 && progress->rows_total > progress->rows_done)
        progress->left_ms = (double)(progress->rows_total - progress->rows_done) *
                            1000.0 / progress->rows_per_second;

    Event event = {.kind = EVENT_BATCH,
                   .migration = filling->step->migration,
                   .phase = filling->step->phase,
                   .step = filling->step,
                   .progress = progress};

    tell(filling->run, &event);
}

static bool
filling_pause(Filling *filling, Err *err)
{
    bool held = false;

    if (stop_asked())
        return err_set(err, ERR_STOPPED, "stopped between two batches");
    if (!hold_heed(filling->run, filling->step, &held, err))
        return false;
    return lite_pace_rest(filling->run, filling->step, &filling->pace, err);
}

/* --- a pass, and the proof
 * ------------------------------------------------------------------ */

static bool
filling_read(Filling *filling, int64_t *rows_done, Err *err)
{
    MEM_SCOPE(scope, filling->run->mem);
    SqlText sql = sql_begin(scope, filling->run->caps);
    Reply reply;

    sql_raw(&sql, "SELECT position, rows_done FROM pgstride_backfills");
    add_row(&sql, filling);
    if (!lite_send(scope, filling->run->worker, "backfill_position", &sql, &reply, err))
        return false;
    filling->position = rows_int(&reply.rows[0], 0, "position");
    *rows_done = rows_int(&reply.rows[0], 0, "rows_done");
    return true;
}

static bool
pass_run(Filling *filling, Err *err)
{
    for (;;)
    {
        double began = clock_now(filling->run->clock);
        int64_t until = 0;
        bool more = false;

        if (!batch_until(filling, &until, &more, err))
            return false;
        if (!more)
            return true;
        if (batch_change(filling, until, err))
        {
            fault_point(FAULT_batch_after);
            if (!filling_read(filling, &filling->progress->rows_done, err))
                return false;
        }
        else if (!batch_failed(filling, until, err))
            return false;
        filling_tell(filling, clock_now(filling->run->clock) - began);
        if (!filling_pause(filling, err))
            return false;
    }
}

static bool
filling_write(Filling *filling, const char *what, Err *err)
{
    MEM_SCOPE(scope, filling->run->mem);
    SqlText sql = batch_begin(scope, filling);
    Reply reply;

    sql_raw(&sql, "UPDATE pgstride_backfills SET ");
    sql_parsed(&sql, (SqlParsed){what});
    add_row(&sql, filling);
    sql_raw(&sql, "; COMMIT");
    return lite_send(scope, filling->run->worker, "backfill", &sql, &reply, err);
}

static bool
aside_refused(const Filling *filling, int64_t left, Err *err)
{
    MEM_SCOPE(scope, filling->run->mem);
    SqlText sql = sql_begin(scope, filling->run->caps);
    Reply reply;

    sql_raw(&sql, "SELECT group_concat(key || ': ' || error, '; ') AS examples FROM "
                  "(SELECT key, error FROM pgstride_set_aside");
    add_row(&sql, filling);
    sql_raw(&sql, " LIMIT 3)");
    if (!lite_send(scope, filling->run->worker, "set_aside", &sql, &reply, err))
        return false;

    const char *examples = rows_cell(&reply.rows[0], 0, "examples");

    err_set(err, ERR_SQL, "%" PRId64 " row%s of \"%s\" could not be filled", left,
            left == 1 ? "" : "s", filling->fill->table.name);
    if (examples != NULL)
        err_detail(err, "%s", examples);
    return err_hint(err, "Mend them, then: pgstride up %s",
                    filling->step->migration->version);
}

/* Rows that came behind the position, or changed, are met by another pass. */
static bool
passes_run(Filling *filling, Err *err)
{
    int64_t left = 0;

    for (int pass = 0; pass < PASSES_MOST; pass++)
    {
        if (!pass_run(filling, err))
            return false;
        fault_point(FAULT_sweep_done);
        if (!lite_rows_left(filling->run, filling->run->worker, filling->fill, &left,
                            err))
            return false;
        if (left == 0)
            return true;
        if (!filling_write(filling, "position = -9223372036854775808", err))
            return false;
        filling->position = INT64_MIN;
        if (filling->set_aside > 0)
            break;
    }
    return aside_refused(filling, left, err);
}

static bool
filling_begin(Filling *filling, Err *err)
{
    MEM_SCOPE(scope, filling->run->mem);
    const Run *run = filling->run;
    SqlText sql = batch_begin(scope, filling);
    Reply reply;

    sql_raw(&sql, "DELETE FROM pgstride_set_aside");
    add_row(&sql, filling);
    sql_raw(&sql,
            "; INSERT INTO pgstride_backfills (component, version, number, leaf_name, "
            "position, rows_total, run_id) VALUES (");
    sql_string(&sql, run->settings->component);
    sql_raw(&sql, ", ");
    sql_string(&sql, filling->step->migration->version);
    sql_raw(&sql, ", ");
    sql_int(&sql, filling->fill->number);
    sql_raw(&sql, ", ");
    sql_string(&sql, filling->fill->table.name);
    sql_raw(&sql, ", -9223372036854775808, ");
    sql_int(&sql, filling->step->rows < 0 ? 0 : filling->step->rows);
    sql_raw(&sql, ", ");
    sql_string(&sql, run->id);
    sql_raw(&sql, ") ON CONFLICT (component, version, number) DO UPDATE SET "
                  "run_id = excluded.run_id; COMMIT");
    if (!lite_send(scope, run->worker, "backfill_begin", &sql, &reply, err))
        return false;
    fault_point(FAULT_sweep_started);
    return filling_read(filling, &filling->progress->rows_done, err);
}

/* A statement that its author batches runs until it changes nothing. */
static bool
repeat_run(Filling *filling, Err *err)
{
    for (;;)
    {
        MEM_SCOPE(scope, filling->run->mem);
        SqlText sql = batch_begin(scope, filling);
        int64_t before = filling->progress->rows_done;
        Reply reply;

        sql_parsed(&sql, filling->fill->statement->sql);
        add_progress(&sql, filling, 0);
        sql_raw(&sql, "COMMIT");
        if (!lite_send(scope, filling->run->worker, "repeat", &sql, &reply, err) ||
            !filling_read(filling, &filling->progress->rows_done, err))
            return false;
        if (filling->progress->rows_done == before)
            return true;
        filling_tell(filling, 0);
        if (!filling_pause(filling, err))
            return false;
    }
}

bool
lite_fill(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    Filling filling = {.run = run,
                       .step = step,
                       .fill = step->backfill,
                       .progress = progress,
                       .began_ms = clock_now(run->clock)};

    cost->tries = 1;
    progress->rows_total = step->rows;
    if (!filling_begin(&filling, err) || !lite_pace_begin(run, &filling.pace, err))
        return false;
    filling.rows_before = progress->rows_done;

    bool filled =
        step->backfill->repeat ? repeat_run(&filling, err) : passes_run(&filling, err);

    lite_pace_end(run);
    if (!filled)
        return false;
    fault_point(FAULT_verify_done);
    return filling_write(&filling,
                         "swept = true, verified = true, finished_at = "
                         "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
                         err) &&
           history_done(run, step, err);
}

/*
 * A backfill in short IMMEDIATE transactions along the key (lite_batch.c). Between two
 * of them the writers that wait get their turn: a pause is fairness, not politeness,
 * because their tries are seldom and ours would come at once (lite_pace.c).
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "core/plan/plan.h"
#include "core/sql/sql.h"
#include "run/connect/runner.h"
#include "run/engines/sqlite/lite_run.h"
#include "run/history/history.h"
#include "run/hold/hold.h"
#include "run/tell.h"

#define PASSES_MOST 20
#define REPEATS "a row would be changed again by the next batch"

typedef struct Filling
{
    LiteBatch batch;
    Progress *progress;
    LitePace pace;
    int64_t set_aside;
    double began_ms;
} Filling;

/* --- one batch ------------------------------------------------------------------- */

/* Where the next batch ends; NULL: nothing is behind the place. */
static bool
batch_until(Mem *mem, Filling *filling, char **until, Err *err)
{
    MEM_SCOPE(scope, mem);
    SqlText sql = lite_batch_end(scope, &filling->batch, filling->pace.rows);
    Reply reply;

    if (!lite_send(scope, filling->batch.run->worker, "batch_until", &sql, &reply, err))
        return false;
    *until = reply.rows[0].row_count == 0
                 ? NULL
                 : mem_copy(mem, rows_cell(&reply.rows[0], 0, "until"));
    return true;
}

static bool
batch_change(Filling *filling, const char *until, Err *err)
{
    MEM_SCOPE(scope, filling->batch.run->mem);
    SqlText begin = lite_batch_begin(scope, &filling->batch);
    SqlText sql = sql_begin(scope, filling->batch.run->caps);
    SqlText commit = sql_begin(scope, filling->batch.run->caps);
    double came;
    double began;
    Reply reply;

    lite_batch_change(&sql, &filling->batch, until);
    lite_batch_done(&sql, &filling->batch, until);
    sql_raw(&sql, "SELECT CASE WHEN EXISTS (SELECT 1 FROM ");
    sql_qname(&sql, &filling->batch.fill->table);
    lite_batch_range(&sql, &filling->batch, until);
    sql_raw(&sql, ") THEN pgstride_refuse('" REPEATS "') END");
    sql_raw(&commit, "COMMIT");
    came = clock_now(filling->batch.run->clock);
    if (!lite_send(scope, filling->batch.run->worker, "begin", &begin, &reply, err))
        return false;
    began = clock_now(filling->batch.run->clock); /* the wait for others is not ours */
    lite_pace_met(&filling->pace, began - came);
    if (!lite_send(scope, filling->batch.run->worker, "batch", &sql, &reply, err))
        return false;
    fault_point(FAULT_batch_open);
    if (!lite_send(scope, filling->batch.run->worker, "commit", &commit, &reply, err))
        return false;
    lite_pace_size(filling->batch.run, &filling->pace,
                   clock_now(filling->batch.run->clock) - began);
    return true;
}

/* One row that breaks a constraint is passed, and named at the end. */
static bool
row_set_aside(Filling *filling, const char *key, const char *why, Err *err)
{
    MEM_SCOPE(scope, filling->batch.run->mem);
    SqlText sql = lite_batch_begin(scope, &filling->batch);
    Reply reply;

    sql_raw(&sql,
            "INSERT OR REPLACE INTO pgstride_set_aside (component, version, number, "
            "key, error) VALUES (");
    sql_string(&sql, filling->batch.run->settings->component);
    sql_raw(&sql, ", ");
    sql_string(&sql, filling->batch.step->migration->version);
    sql_raw(&sql, ", ");
    sql_int(&sql, filling->batch.fill->number);
    sql_raw(&sql, ", ");
    sql_string(
        &sql, mem_text(scope, "%s %s", filling->batch.by_rowid ? "rowid" : "key", key));
    sql_raw(&sql, ", ");
    sql_string(&sql, sql_scrub(scope, why));
    sql_raw(&sql, "); UPDATE pgstride_backfills SET place = ");
    sql_string(&sql, key);
    lite_batch_row(&sql, &filling->batch);
    sql_raw(&sql, "; COMMIT");
    filling->set_aside++;
    return lite_send(scope, filling->batch.run->worker, "set_aside", &sql, &reply, err);
}

static bool
repeats_refused(const Filling *filling, Err *err)
{
    const Span *span = &filling->batch.fill->statement->span;

    err_clear(err);
    err_at(err, ERR_REFUSED, span->file, span->line,
           "the backfill would change rows again that it has just changed");
    return err_hint(err, "Write a WHERE that is false of what is done.");
}

/* Smaller and smaller, until the row that breaks a constraint is alone. */
static bool
batch_failed(Filling *filling, const char *until, Err *err)
{
    MEM_SCOPE(scope, filling->batch.run->mem);
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
    filling->batch.place = mem_copy(filling->batch.mem, until);
    return true;
}

/* --- around the batches ---------------------------------------------------------- */

static void
filling_tell(Filling *filling, double batch_ms)
{
    Progress *progress = filling->progress;
    double elapsed = clock_now(filling->batch.run->clock) - filling->began_ms;

    progress->batch_ms = batch_ms;
    progress->elapsed_ms = elapsed;
    progress->hot_share = -1;
    progress->left_ms = -1;
    progress->doing = "sweeping";
    progress->set_aside = filling->set_aside;
    if (elapsed > 0)
        progress->rows_per_second =
            (double)(progress->rows_done - progress->rows_before) * 1000.0 / elapsed;
    if (progress->rows_total > 0)
        progress->fraction =
            fmin(1.0, (double)progress->rows_done / (double)progress->rows_total);
    if (progress->rows_per_second > 0 && progress->rows_total > progress->rows_done)
        progress->left_ms = (double)(progress->rows_total - progress->rows_done) *
                            1000.0 / progress->rows_per_second;

    Event event = {.kind = EVENT_BATCH,
                   .migration = filling->batch.step->migration,
                   .phase = filling->batch.step->phase,
                   .step = filling->batch.step,
                   .progress = progress};

    tell(filling->batch.run, &event);
}

static bool
filling_pause(Filling *filling, Err *err)
{
    bool held = false;

    if (stop_asked())
        return err_set(err, ERR_STOPPED, "stopped between two batches");
    if (!hold_heed(filling->batch.run, filling->batch.step, &held, err))
        return false;
    return lite_pace_rest(filling->batch.run, filling->batch.step, &filling->pace, err);
}

/* --- a pass, and the proof ------------------------------------------------------- */

static bool
filling_read(Filling *filling, int64_t *rows_done, Err *err)
{
    MEM_SCOPE(scope, filling->batch.run->mem);
    SqlText sql = sql_begin(scope, filling->batch.run->caps);
    Reply reply;

    sql_raw(&sql, "SELECT place, rows_done FROM pgstride_backfills");
    lite_batch_row(&sql, &filling->batch);
    if (!lite_send(scope, filling->batch.run->worker, "backfill_place", &sql, &reply,
                   err))
        return false;
    filling->batch.place =
        mem_copy(filling->batch.mem, rows_cell(&reply.rows[0], 0, "place"));
    *rows_done = rows_int(&reply.rows[0], 0, "rows_done");
    return true;
}

static bool
pass_run(Filling *filling, Err *err)
{
    for (;;)
    {
        MEM_SCOPE(scope, filling->batch.run->mem);
        double began = clock_now(filling->batch.run->clock);
        char *until = NULL;

        if (!batch_until(scope, filling, &until, err))
            return false;
        if (until == NULL)
            return true;
        if (batch_change(filling, until, err))
        {
            fault_point(FAULT_batch_after);
            if (!filling_read(filling, &filling->progress->rows_done, err))
                return false;
        }
        else if (!batch_failed(filling, until, err))
            return false;
        filling_tell(filling, clock_now(filling->batch.run->clock) - began);
        if (!filling_pause(filling, err))
            return false;
    }
}

static bool
filling_write(Filling *filling, const char *what, Err *err)
{
    MEM_SCOPE(scope, filling->batch.run->mem);
    SqlText sql = lite_batch_begin(scope, &filling->batch);
    Reply reply;

    sql_raw(&sql, "UPDATE pgstride_backfills SET ");
    sql_parsed(&sql, (SqlParsed){.text = what});
    lite_batch_row(&sql, &filling->batch);
    sql_raw(&sql, "; COMMIT");
    return lite_send(scope, filling->batch.run->worker, "backfill", &sql, &reply, err);
}

static bool
aside_refused(const Filling *filling, int64_t left, Err *err)
{
    MEM_SCOPE(scope, filling->batch.run->mem);
    SqlText sql = sql_begin(scope, filling->batch.run->caps);
    Reply reply;

    sql_raw(&sql, "SELECT group_concat(key || ': ' || error, '; ') AS examples FROM "
                  "(SELECT key, error FROM pgstride_set_aside");
    lite_batch_row(&sql, &filling->batch);
    sql_raw(&sql, " LIMIT 3)");
    if (!lite_send(scope, filling->batch.run->worker, "set_aside", &sql, &reply, err))
        return false;

    const char *examples = rows_cell(&reply.rows[0], 0, "examples");

    err_set(err, ERR_SQL, "%" PRId64 " row%s of \"%s\" could not be filled", left,
            left == 1 ? "" : "s", filling->batch.fill->table.name);
    if (examples != NULL)
        err_detail(err, "%s", examples);
    return err_hint(err, "Mend them, then: pgstride up %s",
                    filling->batch.step->migration->version);
}

/* Rows that came behind the place, or changed, are met by another pass. */
static bool
passes_run(Filling *filling, Err *err)
{
    int64_t left = 0;

    for (int pass = 0; pass < PASSES_MOST; pass++)
    {
        if (!pass_run(filling, err))
            return false;
        fault_point(FAULT_sweep_done);
        if (!lite_rows_left(filling->batch.run, filling->batch.run->worker,
                            filling->batch.fill, &left, err))
            return false;
        if (left == 0)
            return true;
        if (!filling_write(filling, "place = NULL", err))
            return false;
        filling->batch.place = NULL;
        if (filling->set_aside > 0)
            break;
    }
    return aside_refused(filling, left, err);
}

static bool
filling_begin(Filling *filling, Err *err)
{
    MEM_SCOPE(scope, filling->batch.run->mem);
    const Run *run = filling->batch.run;
    SqlText sql = lite_batch_begin(scope, &filling->batch);
    Reply reply;

    sql_raw(&sql, "DELETE FROM pgstride_set_aside");
    lite_batch_row(&sql, &filling->batch);
    sql_raw(&sql,
            "; INSERT INTO pgstride_backfills (component, version, number, leaf_name, "
            "rows_total, run_id) VALUES (");
    sql_string(&sql, run->settings->component);
    sql_raw(&sql, ", ");
    sql_string(&sql, filling->batch.step->migration->version);
    sql_raw(&sql, ", ");
    sql_int(&sql, filling->batch.fill->number);
    sql_raw(&sql, ", ");
    sql_string(&sql, filling->batch.fill->table.name);
    sql_raw(&sql, ", ");
    sql_int(&sql, filling->batch.step->rows < 0 ? 0 : filling->batch.step->rows);
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
        MEM_SCOPE(scope, filling->batch.run->mem);
        SqlText sql = lite_batch_begin(scope, &filling->batch);
        int64_t before = filling->progress->rows_done;
        Reply reply;

        sql_parsed(&sql, filling->batch.fill->statement->sql);
        lite_batch_done(&sql, &filling->batch, NULL);
        sql_raw(&sql, "COMMIT");
        if (!lite_send(scope, filling->batch.run->worker, "repeat", &sql, &reply,
                       err) ||
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
    MEM_SCOPE(scope, run->mem);
    Filling filling = {
        .batch = {.mem = scope, .run = run, .step = step, .fill = step->backfill},
        .progress = progress,
        .began_ms = clock_now(run->clock)};

    cost->tries = 1;
    progress->rows_total = step->rows;
    if (!lite_batch_key(&filling.batch, err) || !filling_begin(&filling, err) ||
        !lite_pace_begin(run, &filling.pace, err))
        return false;
    progress->rows_before = progress->rows_done;

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

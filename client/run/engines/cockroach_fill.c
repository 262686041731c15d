/*
 * A backfill by the primary key. Every batch is one short transaction with the key it
 * has reached, and rests as long as it took; a run that comes later goes on from there.
 * It is verified when a whole pass over the table finds nothing more to do.
 */
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "core/backfill/keyset.h"
#include "core/sql/sql.h"
#include "run/engines/cockroach.h"
#include "run/failure.h"
#include "run/history/history.h"
#include "run/hold/hold.h"
#include "run/tell.h"

#define ROWS_FIRST 200
#define ROWS_LEAST 10
#define ROWS_MOST 20000
#define BUSY_MOST 10
#define PASSES_MOST 5

typedef struct Fill
{
    Run *run;
    const Step *step;
    Progress *progress;
    Keyset keyset;
    const char *number;
    char **after; /* NULL: at the beginning; owned by run->mem */
    int64_t rows; /* of the next batch */
    int64_t pass_rows;
    double began_ms;
} Fill;

/* --- before ---------------------------------------------------------------------- */

static const Column key_columns[] = {
    COLUMN(TEXT, KeyColumn, name),
    COLUMN(TEXT, KeyColumn, type),
};

static bool
key_read(Fill *fill, Mem *mem, Err *err)
{
    const Backfill *about = fill->step->backfill;
    const Span *span = &about->statement->span;
    KeyColumn *columns;
    Rows rows;

    if (!db_query(mem, fill->run->watcher, "primary_key",
                  ARGS(about->table.schema, about->table.name), &rows, err) ||
        !rows_decode(mem, &rows, key_columns, LENGTH(key_columns), sizeof(KeyColumn),
                     (void **)&columns, &fill->keyset.column_count, err))
        return false;
    fill->keyset.columns = columns;
    if (fill->keyset.column_count > 0)
        return true;
    err_at(err, ERR_REFUSED, span->file, span->line,
           "\"%s\" has no primary key to go by", about->table.name);
    return err_hint(err, "Is it there, and a table?");
}

/* What is computed by a function that need not answer the same twice is compared with
 * nothing: then only the WHERE tells what is done. */
static bool
values_waver(Fill *fill, bool *waver, Err *err)
{
    const Backfill *about = fill->step->backfill;

    *waver = about->is_volatile;
    for (int i = 0; i < about->value_function_count && !*waver; i++)
    {
        MEM_SCOPE(scope, fill->run->mem);
        Rows rows;

        if (!db_query(scope, fill->run->watcher, "function_facts",
                      ARGS(about->functions[i]), &rows, err))
            return false;

        const char *worst = rows_cell(&rows, 0, "volatility");

        *waver = worst == NULL || strcmp(worst, "i") != 0;
    }
    if (!*waver || about->where.text != NULL)
        return true;
    err_at(
        err, ERR_REFUSED, about->statement->span.file, about->statement->span.line,
        "its values may differ from call to call, and it has no WHERE to tell what is "
        "done");
    return err_hint(err, "Add one: WHERE %s IS NULL.", about->assignments[0].target);
}

/* Where the last run left off. */
static bool
place_read(Fill *fill, Err *err)
{
    typedef struct Place
    {
        char **last_key;
        int count;
    } Place;
    static const Column columns[] = {COLUMN_LIST(Place, last_key, count)};
    Run *run = fill->run;
    const char *version = fill->step->migration->version;
    Place place = {0};
    Rows rows;

    if (!db_query(run->mem, run->warden, "backfill_begin",
                  ARGS(run->settings->component, version, fill->number,
                       fill->step->backfill->table.name, run->id),
                  &rows, err) ||
        !db_query(run->mem, run->warden, "backfill_key",
                  ARGS(run->settings->component, version, fill->number), &rows, err) ||
        !rows_one(run->mem, &rows, columns, LENGTH(columns), &place, err))
        return false;
    fill->after = place.count == fill->keyset.column_count ? place.last_key : NULL;
    return true;
}

/* --- a batch --------------------------------------------------------------------- */

/* The row of the backfill, behind the rows of the batch in one statement. */
static void
batch_record(SqlText *sql, const Fill *fill, KeyPlace until)
{
    sql_raw(sql, "UPDATE pgstride.backfills SET last_key = ");
    keyset_place(sql, &fill->keyset, until);
    sql_raw(sql, ", rows_done = rows_done + (SELECT count(*) FROM batch), "
                 "batches = batches + 1, updated_at = clock_timestamp(), run_id = ");
    sql_uuid(sql, fill->run->id);
    if (until == NULL)
        sql_raw(sql, ", swept = true");
    sql_raw(sql, " WHERE component = ");
    sql_string(sql, fill->run->settings->component);
    sql_raw(sql, " AND version = ");
    sql_string(sql, fill->step->migration->version);
    sql_raw(sql, " AND number = ");
    sql_int(sql, fill->step->backfill->number);
    sql_raw(sql, " RETURNING rows_done");
}

static bool
batch_end(Fill *fill, Mem *mem, char ***until, Err *err)
{
    typedef struct End
    {
        char **last_key;
        int count;
    } End;
    static const Column columns[] = {COLUMN_LIST(End, last_key, count)};
    SqlText sql =
        keyset_end(mem, fill->run->caps, &fill->keyset, fill->after, fill->rows);
    const Ask ask = {.label = "batch_end", .sql = sql_done(&sql)};
    End end = {0};
    Reply reply;

    *until = NULL;
    if (!db_script(mem, fill->run->worker, &ask, 1, &reply, err))
        return false;
    if (reply.rows[0].row_count == 0)
        return true;
    if (!rows_one(fill->run->mem, &reply.rows[0], columns, LENGTH(columns), &end, err))
        return false;
    *until = end.last_key;
    return true;
}

/* To the end of the stretch, or of the table (*until NULL); how many rows it did. */
static bool
batch_run(Fill *fill, char ***until, int64_t *did, Err *err)
{
    MEM_SCOPE(scope, fill->run->mem);
    Reply reply;

    if (!batch_end(fill, scope, until, err))
        return false;

    SqlText batch =
        keyset_batch(scope, fill->run->caps, &fill->keyset, fill->after, *until);
    SqlText sql = sql_begin(scope, fill->run->caps);

    sql_raw(&sql, "WITH batch AS (");
    sql_add(&sql, &batch);
    sql_raw(&sql, "), noted AS (");
    batch_record(&sql, fill, *until);
    sql_raw(&sql, ") SELECT (SELECT count(*) FROM batch) AS did, rows_done FROM noted");
    if (!cockroach_commit(fill->run, scope, &sql, 1, &reply, err))
    {
        if (reply.outcome != DB_FAILED || err->kind != ERR_SQL)
            return false;
        err_clear(err);
        return failure_explain(fill->step, 0, &reply, err);
    }
    *did = rows_int(&reply.rows[2], 0, "did");
    fill->progress->rows_done = rows_int(&reply.rows[2], 0, "rows_done");
    fault_point(FAULT_batch_after);
    return true;
}

/* The next batch takes about as long as was asked for. */
static void
batch_settle(Fill *fill, double took_ms)
{
    double aim_ms = (double)fill->step->batch_time;
    double factor = took_ms <= 0 ? 2 : aim_ms / took_ms;

    factor = factor > 2 ? 2 : factor < 0.5 ? 0.5 : factor;
    fill->rows = (int64_t)((double)fill->rows * factor);
    if (fill->rows < ROWS_LEAST)
        fill->rows = ROWS_LEAST;
    if (fill->rows > ROWS_MOST)
        fill->rows = ROWS_MOST;
}

static void
batch_tell(Fill *fill, double took_ms)
{
    Event event = {.kind = EVENT_BATCH,
                   .migration = fill->step->migration,
                   .phase = fill->step->phase,
                   .step = fill->step,
                   .progress = fill->progress};

    fill->progress->batch_ms = took_ms;
    fill->progress->elapsed_ms = clock_now(fill->run->clock) - fill->began_ms;
    tell(fill->run, &event);
}

/*
 * A row that cannot be filled fails its batch, and the server need not say which: half
 * as many are tried, until it is one. What lies before it is filled meanwhile.
 */
static bool
batch_narrow(Fill *fill, Err *err)
{
    bool of_row = err->kind == ERR_SQL && (strncmp(err->sqlstate, "22", 2) == 0 ||
                                           strncmp(err->sqlstate, "23", 2) == 0);

    if (!of_row || fill->rows == 1 || stop_asked())
        return false;
    err_clear(err);
    fill->rows /= 2;
    return true;
}

/* Others are at work on the same rows: a smaller batch meets fewer of them. */
static bool
batch_try(Fill *fill, char ***until, int64_t *did, Err *err)
{
    for (int busy = 0; !batch_run(fill, until, did, err);)
    {
        if (batch_narrow(fill, err))
            continue;
        if (err->kind != ERR_BUSY || busy == BUSY_MOST || stop_asked())
            return false;
        err_clear(err);
        fill->rows = fill->rows / 2 < ROWS_LEAST ? ROWS_LEAST : fill->rows / 2;
        clock_rest(fill->run->clock, 50 << (busy < 5 ? busy : 5));
        busy++;
    }
    return true;
}

/* --- passes ---------------------------------------------------------------------- */

static bool
fill_goes_on(Fill *fill, Err *err)
{
    bool held = false;

    if (stop_asked())
        return err_set(err, ERR_STOPPED, "stopped between two batches") ||
               err_hint(err, "Run it again to go on from there.");
    return hold_heed(fill->run, fill->step, &held, err) && runner_keep(fill->run, err);
}

static bool
pass_run(Fill *fill, Err *err)
{
    char **until;

    fill->pass_rows = 0;
    do
    {
        double began = clock_now(fill->run->clock);
        int64_t did = 0;

        if (!fill_goes_on(fill, err) || !batch_try(fill, &until, &did, err))
            return false;

        double took_ms = clock_now(fill->run->clock) - began;

        fill->after = until;
        fill->pass_rows += did;
        batch_settle(fill, took_ms);
        batch_tell(fill, took_ms);
        if (did > 0 && until != NULL)
            clock_rest(fill->run->clock, (Millis)took_ms + 1);
    } while (until != NULL);
    fault_point(FAULT_sweep_done);
    return true;
}

/* The last step of it: verified, and the step is done. */
static bool
fill_done(Fill *fill, Err *err)
{
    MEM_SCOPE(scope, fill->run->mem);
    SqlText texts[] = {sql_begin(scope, fill->run->caps),
                       record_step(scope, fill->run, fill->step)};

    sql_raw(&texts[0], "UPDATE pgstride.backfills SET verified = true, "
                       "finished_at = clock_timestamp() WHERE component = ");
    sql_string(&texts[0], fill->run->settings->component);
    sql_raw(&texts[0], " AND version = ");
    sql_string(&texts[0], fill->step->migration->version);
    sql_raw(&texts[0], " AND number = ");
    sql_int(&texts[0], fill->step->backfill->number);
    fault_point(FAULT_verify_done);
    return history_write(fill->run, "step_done", texts, LENGTH(texts), err);
}

static bool
passes_run(Fill *fill, Err *err)
{
    const Backfill *about = fill->step->backfill;

    for (int pass = 0; pass < PASSES_MOST; pass++)
    {
        bool whole = fill->after == NULL;

        fill->progress->doing = pass == 0 ? "sweeping" : "verifying";
        if (!pass_run(fill, err))
            return false;
        if (whole && fill->pass_rows == 0)
            return fill_done(fill, err);
    }
    err_at(err, ERR_REFUSED, about->statement->span.file, about->statement->span.line,
           "rows of \"%s\" come to be unfilled as fast as they are filled",
           about->table.name);
    return err_hint(err, "Let the application write both columns first, then run it "
                         "again.");
}

/* --- batched by its author ------------------------------------------------------- */

static bool
repeat_until_none(Fill *fill, Err *err)
{
    for (int64_t rows = 1; rows > 0;)
    {
        MEM_SCOPE(scope, fill->run->mem);
        double began = clock_now(fill->run->clock);
        SqlText sql = sql_begin(scope, fill->run->caps);
        Reply reply;

        if (!fill_goes_on(fill, err))
            return false;
        sql_parsed(&sql, fill->step->sql[0]);
        if (!cockroach_commit(fill->run, scope, &sql, 1, &reply, err))
            return false;
        rows = reply.rows[2].affected;
        fill->progress->rows_done += rows;
        batch_tell(fill, clock_now(fill->run->clock) - began);
        clock_rest(fill->run->clock, (Millis)(clock_now(fill->run->clock) - began) + 1);
    }
    return fill_done(fill, err);
}

bool
cockroach_fill(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    bool waver = false;
    Fill fill = {.run = run,
                 .step = step,
                 .progress = progress,
                 .number = mem_text(scope, "%d", step->backfill->number),
                 .keyset = {.fill = step->backfill},
                 .rows = ROWS_FIRST,
                 .began_ms = clock_now(run->clock)};

    cost->tries = 1;
    *progress = (Progress){.rows_total = step->rows, .left_ms = -1, .hot_share = -1};
    if (step->backfill->repeat)
        return place_read(&fill, err) && repeat_until_none(&fill, err);
    if (!key_read(&fill, scope, err) || !values_waver(&fill, &waver, err) ||
        !place_read(&fill, err))
        return false;
    fill.keyset.not_done = sql_not_done(scope, step->backfill, ROW_BARE, waver);
    fault_point(FAULT_sweep_started);
    return passes_run(&fill, err);
}

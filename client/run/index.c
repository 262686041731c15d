#include "run/index.h"

#include <inttypes.h>
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "core/holder.h"
#include "core/index.h"
#include "core/sql/sql.h"
#include "run/failure.h"
#include "run/history.h"
#include "run/leftover.h"
#include "run/look.h"
#include "run/supervise.h"
#include "run/tell.h"

/* A snapshot older than this is worth waiting for before we begin: while we wait inside
 * the build, we keep VACUUM and ANALYZE off the table. Not for ever: new ones come. */
#define SNAPSHOT_OLD_MS 10000
#define SNAPSHOT_PATIENCE_MS 30000
#define REST_MS 500
#define RETRIES_MOST 3

/* A row of index_state.sql. */
typedef struct IndexRow
{
    char *name;
    bool is_index;
    char *definition;
    bool on_table;
    char *table_name;
    bool valid;
    bool ready;
    bool live;
    bool has_expressions;
    int64_t builder;
} IndexRow;

static const Column index_columns[] = {
    COLUMN(TEXT, IndexRow, name),
    COLUMN(BOOL, IndexRow, is_index),
    COLUMN(TEXT_OR_NULL, IndexRow, definition),
    COLUMN(BOOL, IndexRow, on_table),
    COLUMN(TEXT_OR_NULL, IndexRow, table_name),
    COLUMN(BOOL, IndexRow, valid),
    COLUMN(BOOL, IndexRow, ready),
    COLUMN(BOOL, IndexRow, live),
    COLUMN(BOOL, IndexRow, has_expressions),
    COLUMN(INT64, IndexRow, builder),
};

/* One step's work on its index. */
typedef struct IndexWork
{
    Run *run;
    const Step *step;
    Cost *cost;
    bool build;
    bool ours; /* its record says started, by this run or one before */
    double started_ms;
    double waited_ms; /* for somebody else's build */
} IndexWork;

/* --- gather ---------------------------------------------------------------------- */

static char *
quoted(Mem *mem, const Run *run, const QName *name)
{
    SqlText sql = sql_begin(mem, run->caps);

    sql_qname(&sql, name);
    return (char *)sql_done(&sql);
}

/* The row of that name; its `name` is NULL where there is none. */
static bool
index_row(IndexWork *work, Mem *mem, IndexRow *row, Err *err)
{
    MEM_SCOPE(scope, mem);
    const Step *step = work->step;
    const char *table = work->build ? quoted(scope, work->run, &step->table) : NULL;
    IndexRow *found;
    int count;
    Rows rows;

    *row = (IndexRow){0};
    if (!db_query(scope, work->run->watcher, "index_state",
                  ARGS(quoted(scope, work->run, &step->index), table, step->index.name),
                  &rows, err) ||
        !rows_decode(mem, &rows, index_columns, LENGTH(index_columns), sizeof(IndexRow),
                     (void **)&found, &count, err))
        return err_in(err, "while looking at index \"%s\"", step->index.name);
    if (count > 0)
        *row = found[0];
    return true;
}

static IndexFound
index_found(const IndexWork *work, const IndexRow *row)
{
    bool exists = row->name != NULL;

    return (IndexFound){
        .exists = exists,
        .is_index = row->is_index,
        .same = exists && row->is_index && row->on_table &&
                sql_builds_index(work->step->sql[0].text, row->definition),
        .ours = work->ours,
        .valid = row->valid,
        .ready = row->ready,
        .live = row->live,
        .builder = row->builder,
    };
}

/* --- act ------------------------------------------------------------------------- */

/*
 * After a failure, at once: an invalid index that is ready rejects duplicates and costs
 * every write.
 */
static void
index_clear_after(IndexWork *work)
{
    MEM_SCOPE(scope, NULL);
    IndexRow row = {0};
    Err ignored = {0};
    bool known = work->build && index_row(work, scope, &row, &ignored);

    err_clear(&ignored);
    if (known && row.is_index && !row.valid)
        leftover_drop_after(work->run, work->step, row.name, work->cost);
}

static void
tell_waiting(IndexWork *work, const char *why, const Look *look)
{
    Event event = {.kind = EVENT_STEP_WAITING,
                   .migration = work->step->migration,
                   .phase = work->step->phase,
                   .step = work->step,
                   .text = why,
                   .millis = clock_now(work->run->clock) - work->started_ms,
                   .look = look,
                   .cost = work->cost};

    tell(work->run, &event);
}

/* Outside the build, where waiting costs nobody anything. */
static bool
await_snapshots(IndexWork *work, Err *err)
{
    Run *run = work->run;
    Millis most = run->settings->lock_patience < SNAPSHOT_PATIENCE_MS
                      ? run->settings->lock_patience
                      : SNAPSHOT_PATIENCE_MS;
    double until = clock_now(run->clock) + (double)most;

    while (!stop_asked())
    {
        MEM_SCOPE(scope, NULL);
        Look look;

        if (!look_at_snapshots(run, scope, &look, err))
            return false;
        if (look.count == 0 || !look.holders[0].age_known ||
            look.holders[0].age_ms < SNAPSHOT_OLD_MS || clock_now(run->clock) >= until)
            return true;
        tell_waiting(work, "older snapshots than the index could bear", &look);
        clock_rest(run->clock, REST_MS);
        work->cost->waited_ms += REST_MS;
    }
    return err_set(err, ERR_STOPPED, "stopped before the index was begun");
}

/* True with done false: failed in a way that the next attempt may not. */
static bool
index_send(IndexWork *work, bool *failed, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Run *run = work->run;
    Supervised what = {.step = work->step,
                       .label = "alone",
                       .sql = work->step->sql[0].text,
                       .patience = run->settings->lock_patience,
                       .stoppable = true,
                       .cost = work->cost};
    Reply reply;

    if ((work->build && !await_snapshots(work, err)) ||
        !history_started(run, work->step, err))
        return false;
    work->ours = true;
    work->cost->tries++;

    bool answered = supervise(run, scope, &what, &reply, err);

    if (!answered && err->kind == ERR_LOST)
        return false;
    *failed = !answered || reply.outcome != DB_DONE;
    if (!*failed)
        fault_point(FAULT_alone_done);
    if (*failed && answered)
        failure_explain(work->step, 0, &reply, err);
    return !*failed;
}

/* --- decide, and again ----------------------------------------------------------- */

static bool
index_stop(IndexWork *work, const IndexRow *row, const char *why, Err *err)
{
    err_set(err, ERR_REFUSED, "index \"%s\": %s", work->step->index.name, why);
    if (row->definition != NULL)
    {
        err_detail(err, "there:  %s%s", row->definition,
                   row->valid ? "" : " (invalid)");
        err_detail(err, "wanted: %s", work->step->sql[0].text);
    }
    return err_hint(err, "Give it another name, or drop the one that is there first.");
}

static bool
index_wait(IndexWork *work, const IndexRow *row, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Run *run = work->run;

    if (work->waited_ms >= (double)run->settings->lock_patience)
        return err_set(err, ERR_BUSY, "pid %" PRId64 " is still building index %s",
                       row->builder, row->name);
    tell_waiting(work, mem_text(scope, "pid %" PRId64 " is building it", row->builder),
                 &(Look){0});
    clock_rest(run->clock, REST_MS);
    work->waited_ms += REST_MS;
    return true;
}

/* Expressions have statistics of their own, and none until somebody asks. */
static void
index_analyze(IndexWork *work, const IndexRow *row)
{
    MEM_SCOPE(scope, NULL);
    Ask ask = {.label = "index_analyze",
               .sql = mem_text(scope, "ANALYZE %s", row->table_name)};
    Reply reply;
    Err trouble = {0};

    if (!db_script(scope, work->run->worker, &ask, 1, &reply, &trouble))
        tell_note(work->run, EVENT_WARNING, "%s failed: %s", ask.sql, trouble.text);
    err_clear(&trouble);
}

static bool
index_done(IndexWork *work, const IndexRow *row, Err *err)
{
    if (work->build && row->has_expressions)
        index_analyze(work, row);
    return history_done(work->run, work->step, err);
}

/* A deadlock with another concurrent build ends one of the two; try that again. */
static bool
may_retry(const IndexWork *work, const Err *err)
{
    return strcmp(err->sqlstate, "40P01") == 0 && work->cost->tries < RETRIES_MOST;
}

static bool
index_attempt(IndexWork *work, Err *err)
{
    bool failed = false;

    if (index_send(work, &failed, err))
        return true;
    if (!failed)
        return false;
    index_clear_after(work);
    if (!may_retry(work, err))
        return false;
    err_clear(err);
    clock_rest(work->run->clock, REST_MS * work->cost->tries);
    return true;
}

bool
index_run(Run *run, const Step *step, Cost *cost, Err *err)
{
    const StepRecord *record = history_of_step(&run->history, step);
    const char *refused = index_server_refuses(run->caps);
    IndexWork work = {
        .run = run,
        .step = step,
        .cost = cost,
        .build = step->kind == STEP_INDEX_BUILD,
        .ours = record != NULL && strcmp(record->hash, step->hash) == 0,
        .started_ms = clock_now(run->clock),
    };

    if (refused != NULL && work.build)
        return err_set(err, ERR_REFUSED, "%s", refused) ||
               err_hint(err, "Update the server to 14.4 or newer first.");
    while (!stop_asked())
    {
        MEM_SCOPE(scope, NULL);
        IndexRow row;
        bool good = true;

        if (!index_row(&work, scope, &row, err))
            return false;

        IndexFound found = index_found(&work, &row);
        IndexVerdict next =
            work.build ? index_build_next(&found) : index_drop_next(&found);

        switch (next.move)
        {
        case INDEX_DONE:
            return index_done(&work, &row, err);
        case INDEX_STOP:
            return index_stop(&work, &row, next.why, err);
        case INDEX_RUN:
            good = index_attempt(&work, err);
            break;
        case INDEX_WAIT:
            good = index_wait(&work, &row, err);
            break;
        case INDEX_CLEAR:
            good = leftover_drop(run, step, row.name, run->settings->lock_patience,
                                 cost, err);
            break;
        }
        if (!good)
            return false;
    }
    return err_set(err, ERR_STOPPED, "stopped before the index was done");
}

#include "run/indexes/index.h"

#include <string.h>

#include "base/stop.h"
#include "core/indexes/index.h"
#include "core/sql/sql.h"
#include "run/history/history.h"
#include "run/indexes/index_tree.h"
#include "run/indexes/index_work.h"
#include "run/indexes/leftover.h"

/* A row of index_state.sql. */
typedef struct IndexRow
{
    char *name;
    bool is_index;
    bool partitioned;
    char *definition;
    bool on_table;
    char *table_schema;
    char *table_name;
    char *table;
    bool valid;
    bool ready;
    bool live;
    bool has_expressions;
    int64_t builder;
} IndexRow;

static const Column index_columns[] = {
    COLUMN(TEXT, IndexRow, name),
    COLUMN(BOOL, IndexRow, is_index),
    COLUMN(BOOL, IndexRow, partitioned),
    COLUMN(TEXT_OR_NULL, IndexRow, definition),
    COLUMN(BOOL, IndexRow, on_table),
    COLUMN(TEXT_OR_NULL, IndexRow, table_schema),
    COLUMN(TEXT_OR_NULL, IndexRow, table_name),
    COLUMN(TEXT_OR_NULL, IndexRow, table),
    COLUMN(BOOL, IndexRow, valid),
    COLUMN(BOOL, IndexRow, ready),
    COLUMN(BOOL, IndexRow, live),
    COLUMN(BOOL, IndexRow, has_expressions),
    COLUMN(INT64, IndexRow, builder),
};

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
index_row(const IndexWork *work, Mem *mem, IndexRow *row, Err *err)
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

static void
index_clear(IndexWork *work, const void *of)
{
    MEM_SCOPE(scope, NULL);
    IndexRow row = {0};
    Err ignored = {0};
    bool known = work->build && index_row(work, scope, &row, &ignored);

    (void)of;
    err_clear(&ignored);
    if (known && row.is_index && !row.valid)
        leftover_drop_after(work->run, work->step, row.name, work->cost);
}

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
index_done(IndexWork *work, const IndexRow *row, Err *err)
{
    return (!work->build || !row->has_expressions ||
            index_work_analyze(work, row->table, err)) &&
           history_done(work->run, work->step, err);
}

/* One move; true with *done: the step is. */
static bool
index_move(IndexWork *work, const IndexRow *row, IndexVerdict next, bool *done,
           Err *err)
{
    const IndexSend send = {.sql = work->step->sql[0].text, .clear = index_clear};
    bool sent;

    switch (next.move)
    {
    case INDEX_DONE:
        *done = index_done(work, row, err);
        return *done;
    case INDEX_STOP:
        return index_stop(work, row, next.why, err);
    case INDEX_RUN:
        return index_work_send(work, &send, &sent, err);
    case INDEX_WAIT:
        return index_work_wait(work, row->builder, row->name, err);
    case INDEX_CLEAR:
        return leftover_drop(work->run, work->step, row->name,
                             work->run->settings->lock_patience, work->cost, err);
    }
    return false;
}

/*
 * True with *done false: it is an index like any other. A partitioned one has no
 * storage of its own, and is built and dropped with its parts.
 */
static bool
index_partitioned(IndexWork *work, bool *done, Err *err)
{
    MEM_SCOPE(scope, NULL);
    IndexRow row;

    if (work->build)
        return index_tree_build(work, done, err);
    if (!index_row(work, scope, &row, err))
        return false;
    if (!row.partitioned)
        return true;

    QName table = {row.table_schema, row.table_name};

    *done = index_tree_drop(work, &table, row.name, err);
    return *done;
}

bool
index_run(Run *run, const Step *step, Cost *cost, Err *err)
{
    const char *refused = index_server_refuses(run->caps);
    IndexWork work = index_work_begin(run, step, cost, step->kind == STEP_INDEX_BUILD);
    bool done = false;

    if (refused != NULL && work.build)
        return err_set(err, ERR_REFUSED, "%s", refused) ||
               err_hint(err, "Update the server to 14.4 or newer first.");
    if (!index_partitioned(&work, &done, err))
        return false;
    while (!done && !stop_asked())
    {
        MEM_SCOPE(scope, NULL);
        IndexRow row;

        if (!index_row(&work, scope, &row, err))
            return false;

        IndexFound found = index_found(&work, &row);
        IndexVerdict next =
            work.build ? index_build_next(&found) : index_drop_next(&found);

        if (!index_move(&work, &row, next, &done, err))
            return false;
    }
    return done || index_work_stopped(err);
}

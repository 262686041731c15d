#include "core/backfill/batch_text.h"

#include <string.h>

SqlText
batch_limits(Mem *mem, const Caps *caps, BatchLimits limits)
{
    SqlText sql = sql_begin(mem, caps);

    sql_raw(&sql, "SELECT pg_catalog.set_config('lock_timeout', ");
    sql_millis(&sql, limits.lock_ms);
    sql_raw(&sql, ", true), pg_catalog.set_config('statement_timeout', ");
    sql_millis(&sql, limits.statement_ms);
    sql_raw(&sql,
            ", true), pg_catalog.set_config('idle_in_transaction_session_timeout', ");
    sql_millis(&sql, limits.statement_ms);
    sql_raw(&sql, ", true), pg_catalog.set_config('row_security', 'off', true)");
    /* A batch is short: compiling its plan, or sharing it out, only delays it. */
    sql_raw(&sql, ", pg_catalog.set_config('jit', 'off', true)");
    sql_raw(&sql, ", pg_catalog.set_config('max_parallel_workers_per_gather', '0', "
                  "true)");
    if (!limits.durable)
        sql_raw(&sql, ", pg_catalog.set_config('synchronous_commit', 'off', true)");
    if (limits.skip_triggers)
        sql_raw(&sql, ", pg_catalog.set_config('session_replication_role', 'replica', "
                      "true)");
    return sql;
}

SqlText
batch_lock(Mem *mem, const BatchJob *job)
{
    SqlText sql = sql_begin(mem, job->caps);

    sql_raw(&sql, "LOCK TABLE ONLY ");
    sql_qname(&sql, &job->leaf);
    sql_raw(&sql, " IN ROW EXCLUSIVE MODE NOWAIT");
    return sql;
}

/*
 * The server's count of rows updated in place, and the end of its WAL. Neither begins
 * with our transaction (the count goes on until it is handed to the statistics, at most
 * once a second), so both are noted here and subtracted later.
 */
static void
add_hot(SqlText *sql, const BatchJob *job)
{
    sql_raw(sql, "pg_catalog.pg_stat_get_xact_tuples_hot_updated(");
    sql_int(sql, job->leaf_oid);
    sql_raw(sql, ")");
}

static void
add_hot_since(SqlText *sql, const BatchJob *job)
{
    add_hot(sql, job);
    sql_raw(sql, " - pg_catalog.current_setting('pgstride.hot')::bigint");
}

/* What all have written meanwhile, so several workers share it out among them. */
static void
add_wal_since(SqlText *sql, const BatchJob *job)
{
    sql_raw(sql, "pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), "
                 "pg_catalog.current_setting('pgstride.wal')::pg_catalog.pg_lsn)"
                 "::bigint");
    if (job->at_once <= 1)
        return;
    sql_raw(sql, " / ");
    sql_int(sql, job->at_once);
}

SqlText
batch_check(Mem *mem, const BatchJob *job)
{
    MEM_SCOPE(scope, mem);
    SqlText sql = sql_begin(mem, job->caps);

    sql_raw(&sql, "SELECT pg_catalog.pg_relation_filenode(");
    sql_int(&sql, job->leaf_oid);
    sql_raw(&sql, ")::bigint AS filenode, pg_catalog.to_regclass(");
    sql_string(&sql, qname_show(scope, &job->leaf));
    sql_raw(&sql, ")::oid::bigint AS named, pg_catalog.set_config('pgstride.wal', "
                  "pg_catalog.pg_current_wal_insert_lsn()::text, true) AS wal, "
                  "pg_catalog.set_config('pgstride.hot', ");
    add_hot(&sql, job);
    sql_raw(&sql, "::text, true) AS hot");
    return sql;
}

/* --- which rows ------------------------------------------------------------------ */

/*
 * Expressions may name the table they were written for, so a child goes by the name of
 * its parent.
 */
void
batch_add_leaf(SqlText *sql, const BatchJob *job)
{
    sql_qname(sql, &job->leaf);
    if (strcmp(job->leaf.name, job->fill->table.name) == 0)
        return;
    sql_raw(sql, " AS ");
    sql_ident(sql, job->fill->table.name);
}

/* Every row of a block is at one of so many places: no page has room for more. */
#define PLACES_OF_A_PAGE "(pg_catalog.current_setting('block_size')::integer - 24) / 28"

/*
 * A server that cannot scan a range of blocks can look at places one by one: at every
 * place that a row of these blocks may have. The list is made and used up within the
 * statement; it finds what a range would find.
 */
static void
add_places(SqlText *sql, BlockRange blocks)
{
    sql_raw(sql, "ctid = ANY (ARRAY(SELECT pg_catalog.format('(%s,%s)', block, place)"
                 "::tid FROM pg_catalog.generate_series(");
    sql_int(sql, blocks.from);
    sql_raw(sql, "::bigint, ");
    sql_int(sql, blocks.to - 1);
    sql_raw(sql,
            ") block, pg_catalog.generate_series(1, " PLACES_OF_A_PAGE ") place))");
}

static void
add_blocks(SqlText *sql, const Caps *caps, BlockRange blocks)
{
    if (!caps->tid_range_scan)
    {
        add_places(sql, blocks);
        return;
    }
    sql_raw(sql, "ctid >= '(");
    sql_int(sql, blocks.from);
    sql_raw(sql, ",0)' AND ctid < '(");
    sql_int(sql, blocks.to);
    sql_raw(sql, ",0)'");
}

/*
 * No index can answer this: only a scan by block range looks at pages in a way that
 * prunes them.
 *
 * A pass that leaves others behind it may ask the cheaper question. The last pass over
 * a range asks the whole one, and so does the proof: were the cheaper one ever wrong,
 * no row would be missed, and none written more than once a pass.
 */
static void
add_wanted(SqlText *sql, const BatchJob *job, const Batch *batch)
{
    bool cheaply = batch->pass.rows > 0 && job->not_done_cheaply.text != NULL;

    sql_parsed(sql, cheaply ? job->not_done_cheaply : job->not_done);
    sql_raw(sql, " IS TRUE");
}

#define PAGE_BEGINS "pg_catalog.format('(%s,0)', pgstride_pages.block"

/*
 * The first so many rows of each page. Each page is a range of its own, so that it is
 * left as soon as they are found; the list is made and used up within the statement,
 * and each of its rows is tested again when it is met.
 */
static void
add_first_rows(SqlText *sql, const BatchJob *job, const Batch *batch)
{
    sql_raw(sql, "ctid = ANY (ARRAY(SELECT pgstride_rows.place FROM "
                 "pg_catalog.generate_series(");
    sql_int(sql, batch->blocks.from);
    sql_raw(sql, "::bigint, ");
    sql_int(sql, batch->blocks.to - 1);
    sql_raw(sql,
            ") AS pgstride_pages(block), LATERAL (SELECT ctid AS place FROM ONLY ");
    batch_add_leaf(sql, job);
    sql_raw(sql, " WHERE ctid >= " PAGE_BEGINS ")::tid AND ctid < " PAGE_BEGINS
                 " + 1)::tid AND ");
    add_wanted(sql, job, batch);
    sql_raw(sql, " LIMIT ");
    sql_int(sql, batch->pass.rows);
    sql_raw(sql, ") AS pgstride_rows))");
}

static void
add_where(SqlText *sql, const BatchJob *job, const Batch *batch)
{
    sql_raw(sql, " WHERE ");
    if (batch->pass.rows > 0)
        add_first_rows(sql, job, batch);
    else
        add_blocks(sql, job->caps, batch->blocks);
    sql_raw(sql, " AND ");
    add_wanted(sql, job, batch);
}

/*
 * Two statements, because one would not see what it waited for: the list goes from the
 * first to the second through a setting of this transaction, not through the client.
 */
SqlText
batch_find(Mem *mem, const BatchJob *job, const Batch *batch)
{
    SqlText sql = sql_begin(mem, job->caps);

    sql_raw(&sql, "SELECT pg_catalog.set_config('pgstride.rows', "
                  "coalesce(pg_catalog.array_agg(place)::text, '{}'), true) AS rows, "
                  "pg_catalog.count(*) AS found FROM (SELECT ctid AS place FROM ONLY ");
    batch_add_leaf(&sql, job);
    add_where(&sql, job, batch);
    if (job->fill->is_delete || job->key_assigned)
        sql_raw(&sql, " FOR UPDATE SKIP LOCKED) found");
    else
        sql_raw(&sql, " FOR NO KEY UPDATE SKIP LOCKED) found");
    return sql;
}

/* --- the change ------------------------------------------------------------------ */

void
batch_add_assignments(SqlText *sql, const Backfill *fill)
{
    for (int i = 0; i < fill->assignment_count; i++)
    {
        if (i > 0)
            sql_raw(sql, ", ");
        sql_ident(sql, fill->assignments[i].target);
        sql_raw(sql, " = ");
        sql_parsed(sql, fill->assignments[i].expression);
    }
}

void
batch_add_change(SqlText *sql, const BatchJob *job)
{
    if (job->fill->is_delete)
        sql_raw(sql, "DELETE FROM ONLY ");
    else
        sql_raw(sql, "UPDATE ONLY ");
    batch_add_leaf(sql, job);
    if (job->fill->is_delete)
        return;
    sql_raw(sql, " SET ");
    batch_add_assignments(sql, job->fill);
}

void
batch_add_again(SqlText *sql, const BatchJob *job)
{
    sql_raw(sql, " RETURNING ");
    if (job->fill->is_delete)
        sql_raw(sql, "false");
    else
        sql_parsed(sql, job->not_done);
}

/* changed: one row for every row written, saying whether it would be written again. */
static void
add_changed(SqlText *sql, const BatchJob *job, const Batch *batch)
{
    sql_raw(sql, "WITH changed AS (");
    batch_add_change(sql, job);
    if (batch->skip_locked)
    {
        sql_raw(sql, " WHERE ctid = ANY (pg_catalog.current_setting('pgstride.rows')"
                     "::tid[]) AND ");
        add_wanted(sql, job, batch);
    }
    else
        add_where(sql, job, batch);
    batch_add_again(sql, job);
    sql_raw(sql, " AS again)");
}

/* wanted: the rows that the snapshot shows as not done, locked by others or not. */
static void
add_wanted_count(SqlText *sql, const BatchJob *job, const Batch *batch)
{
    sql_raw(sql, ", wanted AS (SELECT pg_catalog.count(*) AS rows FROM ONLY ");
    batch_add_leaf(sql, job);
    add_where(sql, job, batch);
    sql_raw(sql, ")");
}

static void
add_key(SqlText *sql, const BatchJob *job)
{
    sql_raw(sql, " WHERE b.component = ");
    sql_string(sql, job->component);
    sql_raw(sql, " AND b.version = ");
    sql_string(sql, job->version);
    sql_raw(sql, " AND b.number = ");
    sql_int(sql, job->fill->number);
    sql_raw(sql, " AND b.leaf = ");
    sql_int(sql, job->leaf_oid);
}

/* The fence: the row is ours, or nothing is written and nothing answered. */
void
batch_add_own_key(SqlText *sql, const BatchJob *job)
{
    add_key(sql, job);
    sql_raw(sql, " AND b.part = ");
    sql_int(sql, job->part);
    sql_raw(sql, " AND b.run_id = ");
    sql_string(sql, job->run_id);
    sql_raw(sql, "::pg_catalog.uuid");
}

/* What is skipped depends on what the statement itself has met. */
void
batch_add_progress(SqlText *sql, const BatchJob *job, const Batch *batch)
{
    sql_raw(sql, " UPDATE pgstride.backfills b SET position = ");
    sql_int(sql, batch->position);
    sql_raw(sql, ", skipped = ");
    if (batch->skip_locked || batch->rows != NULL)
    {
        sql_raw(sql, "CASE WHEN told.passed > 0 THEN ");
        sql_string(sql, batch->skipped_if_passed);
        sql_raw(sql, " ELSE ");
        sql_string(sql, batch->skipped);
        sql_raw(sql, " END");
    }
    else
        sql_string(sql, batch->skipped);
    sql_raw(sql, ", rows_done = b.rows_done + told.rows, hot_rows = b.hot_rows + ");
    add_hot_since(sql, job);
    sql_raw(sql, ", wal_bytes = b.wal_bytes + ");
    add_wal_since(sql, job);
    sql_raw(sql, ", batches = b.batches + 1, last_xid = CASE WHEN told.rows > 0 "
                 "THEN pg_catalog.txid_current() ELSE b.last_xid END, "
                 "updated_at = pg_catalog.clock_timestamp() FROM told");
    batch_add_own_key(sql, job);
}

void
batch_add_answer(SqlText *sql, const BatchJob *job)
{
    sql_raw(sql, " RETURNING told.rows, told.again, told.passed, ");
    add_hot_since(sql, job);
    sql_raw(sql, " AS hot, ");
    add_wal_since(sql, job);
    sql_raw(sql, " AS wal_bytes, pg_catalog.txid_current() AS xid, "
                 "pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - "
                 "pg_catalog.now()) * 1000 AS worked_ms");
}

SqlText
batch_change(Mem *mem, const BatchJob *job, const Batch *batch)
{
    SqlText sql = sql_begin(mem, job->caps);

    add_changed(&sql, job, batch);
    if (batch->skip_locked)
        add_wanted_count(&sql, job, batch);
    sql_raw(&sql, ", told AS (SELECT pg_catalog.count(*) AS rows, "
                  "pg_catalog.count(*) FILTER (WHERE again) AS again, ");
    if (batch->skip_locked)
        sql_raw(&sql, "greatest((SELECT rows FROM wanted) - pg_catalog.count(*), 0)");
    else
        sql_raw(&sql, "0::bigint");
    sql_raw(&sql, " AS passed FROM changed)");
    batch_add_progress(&sql, job, batch);
    batch_add_answer(&sql, job);
    return sql;
}

SqlText
batch_counted(Mem *mem, const BatchJob *job, int64_t rows)
{
    SqlText sql = sql_begin(mem, job->caps);
    const Batch nowhere = {.skipped = "{}"};

    sql_raw(&sql, "WITH told AS (SELECT ");
    sql_int(&sql, rows);
    sql_raw(&sql, "::bigint AS rows, 0::bigint AS again, 0::bigint AS passed)");
    batch_add_progress(&sql, job, &nowhere);
    batch_add_answer(&sql, job);
    return sql;
}

/* --- without a change ------------------------------------------------------------ */

SqlText
batch_note(Mem *mem, const BatchJob *job, const BatchNote *note)
{
    SqlText sql = sql_begin(mem, job->caps);

    sql_raw(&sql, "UPDATE pgstride.backfills b SET position = ");
    sql_int(&sql, note->rest.from);
    sql_raw(&sql, ", end_block = ");
    sql_int(&sql, note->rest.to);
    sql_raw(&sql, ", skipped = ");
    sql_string(&sql, note->skipped);
    sql_raw(&sql, ", swept = ");
    sql_bool(&sql, note->swept);
    sql_raw(&sql, ", verified = ");
    sql_bool(&sql, note->verified);
    sql_raw(&sql, ", updated_at = pg_catalog.clock_timestamp(), finished_at = ");
    if (note->verified)
        sql_raw(&sql, "pg_catalog.clock_timestamp()");
    else
        sql_raw(&sql, "NULL");
    batch_add_own_key(&sql, job);
    sql_raw(&sql, " RETURNING b.position");
    return sql;
}

SqlText
batch_unpoison(Mem *mem, const BatchJob *job)
{
    SqlText sql = sql_begin(mem, job->caps);

    sql_raw(&sql, "DELETE FROM pgstride.set_aside b");
    add_key(&sql, job);
    return sql;
}

SqlText
batch_left(Mem *mem, const BatchJob *job, BlockRange blocks)
{
    SqlText sql = sql_begin(mem, job->caps);
    const Batch whole = {.blocks = blocks, .pass = {.rows = 0}};

    sql_raw(&sql, "SELECT pg_catalog.count(*) AS rows_left FROM ONLY ");
    batch_add_leaf(&sql, job);
    add_where(&sql, job, &whole);
    return sql;
}

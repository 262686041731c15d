#include "core/backfill/slice.h"

#include <math.h>

#include "core/backfill/batch_text.h"

/*
 * A range is gone over pass by pass while its pages are still warm; a wider stripe is
 * only opened while an older snapshot keeps the passes apart. In a narrower one the
 * rows that leave their pages come to lie so close to each other that the indexes grow
 * by a quarter (16 blocks) instead of a tenth.
 */
#define RANGE_BLOCKS 128
#define STRIPE_BLOCKS 131072
#define PATIENCE_MS 1000

/* Rows that the server has chosen, by their places; each is tested when it is met. */
static SqlText
change_text(Mem *mem, const BatchJob *job)
{
    SqlText sql = sql_begin(mem, job->caps);

    if (job->fill->is_delete)
        sql_raw(&sql, "DELETE FROM ONLY ");
    else
        sql_raw(&sql, "UPDATE ONLY ");
    batch_add_leaf(&sql, job);
    if (!job->fill->is_delete)
    {
        sql_raw(&sql, " SET ");
        batch_add_assignments(&sql, job->fill);
    }
    sql_raw(&sql, " WHERE ctid OPERATOR(pg_catalog.=) ANY ($1) AND ");
    sql_parsed(&sql, job->not_done);
    sql_raw(&sql, " IS TRUE");
    if (!job->fill->is_delete)
    {
        sql_raw(&sql, " RETURNING ");
        sql_parsed(&sql, job->not_done);
    }
    return sql;
}

static SqlText
progress_text(Mem *mem, const BatchJob *job)
{
    SqlText sql = sql_begin(mem, job->caps);

    sql_raw(&sql, "UPDATE pgstride.backfills b SET position = $1, skipped = $2, "
                  "rows_done = b.rows_done + $3, hot_rows = b.hot_rows + $4, "
                  "wal_bytes = b.wal_bytes + $5, batches = b.batches + 1, "
                  "last_xid = CASE WHEN $3 > 0 THEN pg_catalog.txid_current() "
                  "ELSE b.last_xid END, updated_at = pg_catalog.clock_timestamp()");
    batch_add_own_key(&sql, job);
    return sql;
}

static void
add_setting(SqlText *sql, const char *name, const char *value)
{
    sql_raw(sql, ", ");
    sql_string(sql, name);
    sql_raw(sql, ", ");
    sql_string(sql, value);
}

/* What batch_limits sets, but for the time limits of statements: the CALL is one. */
static void
add_settings(SqlText *sql, const BatchLimits *limits)
{
    sql_raw(sql, "ARRAY['lock_timeout', '");
    sql_int(sql, limits->lock_ms);
    sql_raw(sql, "'");
    add_setting(sql, "row_security", "off");
    add_setting(sql, "jit", "off");
    add_setting(sql, "max_parallel_workers_per_gather", "0");
    if (!limits->durable)
        add_setting(sql, "synchronous_commit", "off");
    if (limits->skip_triggers)
        add_setting(sql, "session_replication_role", "replica");
    sql_raw(sql, "]");
}

static void
add_bool(SqlText *sql, const char *name, bool value)
{
    sql_raw(sql, ", ");
    sql_ident(sql, name);
    sql_raw(sql, " => ");
    sql_bool(sql, value);
}

static void
add_number(SqlText *sql, const char *name, int64_t value)
{
    sql_raw(sql, ", ");
    sql_ident(sql, name);
    sql_raw(sql, " => ");
    sql_int(sql, value);
}

static void
add_text(SqlText *sql, const char *name, const char *value)
{
    sql_raw(sql, ", ");
    sql_ident(sql, name);
    sql_raw(sql, " => ");
    sql_string(sql, value);
}

static void
add_millis(SqlText *sql, const char *name, double millis)
{
    MEM_SCOPE(scope, NULL);

    sql_raw(sql, ", ");
    sql_ident(sql, name);
    sql_raw(sql, " => ");
    sql_parsed(sql, (SqlParsed){.text = mem_text(scope, "%g", millis)});
}

SqlText
slice_call(Mem *mem, const BatchJob *job, const Slice *slice, const SliceTerms *terms)
{
    SqlText sql = sql_begin(mem, job->caps);
    SqlText change = change_text(mem, job);
    SqlText progress = progress_text(mem, job);

    sql_raw(&sql, "CALL pgstride_server.sweep(relation => ");
    sql_int(&sql, job->leaf_oid);
    sql_raw(&sql, "::pg_catalog.regclass, filenode => ");
    sql_int(&sql, terms->filenode);
    sql_raw(&sql, "::pg_catalog.oid");
    add_number(&sql, "from_block", slice->rest.from);
    add_number(&sql, "to_block", slice->rest.to);
    add_text(&sql, "change", sql_done(&change));
    add_text(&sql, "guard", sql_done(&terms->guard));
    add_text(&sql, "progress", sql_done(&progress));
    sql_raw(&sql, ", settings => ");
    add_settings(&sql, &terms->limits);
    add_text(&sql, "sync_trigger", slice->sync_trigger);
    add_bool(&sql, "in_place", slice->in_place);
    add_bool(&sql, "key_assigned", job->key_assigned || job->fill->is_delete);
    add_millis(&sql, "batch_ms", slice->batch_ms);
    add_number(&sql, "slice_ms", (int64_t)ceil(slice->slice_ms));
    add_number(&sql, "patience_ms", PATIENCE_MS);
    add_number(&sql, "range_blocks", RANGE_BLOCKS);
    add_number(&sql, "stripe_blocks", STRIPE_BLOCKS);
    add_number(&sql, "share_percent", (int64_t)round(slice->share * 100));
    add_text(&sql, "skipped", slice->skipped);
    sql_raw(&sql, ")");
    return sql;
}

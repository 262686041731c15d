/*
 * A batch of rows that may refuse their value: each is changed by itself, inside one
 * statement, so that a page full of bad rows costs one transaction and not one a row.
 *
 * Every row has a subtransaction. More than 64 of them that wrote would make every
 * snapshot on the server look them up on disk, so a batch takes fewer places than that.
 */
#include "core/backfill/batch_text.h"

static void
add_places(SqlText *sql, const BatchRows *rows)
{
    sql_raw(sql, "ctid OPERATOR(pg_catalog.=) ANY ('{");
    for (int place = rows->from; place < rows->to; place++)
    {
        if (place > rows->from)
            sql_raw(sql, ",");
        sql_raw(sql, "\"(");
        sql_int(sql, rows->block);
        sql_raw(sql, ",");
        sql_int(sql, place);
        sql_raw(sql, ")\"");
    }
    sql_raw(sql, "}'::pg_catalog.tid[])");
}

static void
add_place(SqlText *sql)
{
    sql_raw(sql, " WHERE ctid OPERATOR(pg_catalog.=) pgstride_place");
}

/* Somebody else's row is passed over; one that is done is none of ours. */
static void
add_lock(SqlText *sql, const BatchJob *job)
{
    sql_raw(sql, "SELECT ");
    sql_parsed(sql, job->not_done);
    sql_raw(sql, " INTO pgstride_wanted FROM ONLY ");
    batch_add_leaf(sql, job);
    add_place(sql);
    sql_raw(sql, ";\nCONTINUE WHEN pgstride_wanted IS NOT TRUE;\n"
                 "PERFORM 1 FROM ONLY ");
    batch_add_leaf(sql, job);
    add_place(sql);
    if (job->fill->is_delete || job->key_assigned)
        sql_raw(sql, " FOR UPDATE SKIP LOCKED;\n");
    else
        sql_raw(sql, " FOR NO KEY UPDATE SKIP LOCKED;\n");
    sql_raw(sql, "IF NOT FOUND THEN\n"
                 "pgstride_passed := pgstride_passed OPERATOR(pg_catalog.+) 1;\n"
                 "CONTINUE;\nEND IF;\n");
}

static void
add_change(SqlText *sql, const BatchJob *job)
{
    batch_add_change(sql, job);
    add_place(sql);
    batch_add_again(sql, job);
    sql_raw(sql, " INTO pgstride_wanted;\n"
                 "IF FOUND THEN\n"
                 "pgstride_changed := pgstride_changed OPERATOR(pg_catalog.+) 1;\n"
                 "END IF;\nIF pgstride_wanted THEN\n"
                 "pgstride_again := pgstride_again OPERATOR(pg_catalog.+) 1;\n"
                 "END IF;\n");
}

/* pg_catalog.concat knows every type, and calls no operator. */
static void
add_row_name(SqlText *sql, const BatchRows *rows)
{
    sql_raw(sql, "pg_catalog.concat(");
    if (rows->key_count == 0)
        sql_raw(sql, "'ctid ', ctid");
    for (int i = 0; i < rows->key_count; i++)
    {
        MEM_SCOPE(scope, NULL);

        if (i > 0)
            sql_raw(sql, ", ', ', ");
        sql_string(sql, mem_text(scope, "%s ", rows->key[i]));
        sql_raw(sql, ", ");
        sql_ident(sql, rows->key[i]);
    }
    sql_raw(sql, ")");
}

/* Met again, it is counted once: only a row of the list that was written has no xmax.
 */
static void
add_set_aside(SqlText *sql, const BatchJob *job, const BatchRows *rows)
{
    sql_raw(sql, "EXCEPTION WHEN data_exception OR cardinality_violation OR "
                 "integrity_constraint_violation OR plpgsql_error THEN\n"
                 "INSERT INTO pgstride.set_aside AS s (component, version, number, "
                 "leaf, key, error) SELECT ");
    sql_string(sql, job->component);
    sql_raw(sql, ", ");
    sql_string(sql, job->version);
    sql_raw(sql, ", ");
    sql_int(sql, job->fill->number);
    sql_raw(sql, ", ");
    sql_int(sql, job->leaf_oid);
    sql_raw(sql, ", ");
    add_row_name(sql, rows);
    sql_raw(sql, ", SQLERRM FROM ONLY ");
    batch_add_leaf(sql, job);
    add_place(sql);
    sql_raw(sql, "\nON CONFLICT (component, version, number, leaf, key) DO UPDATE SET "
                 "error = excluded.error, at = excluded.at\nRETURNING "
                 "pg_catalog.concat(s.key, ': ', s.error), s.xmax "
                 "OPERATOR(pg_catalog.=) 0 INTO pgstride_why, pgstride_wanted;\n"
                 "IF pgstride_wanted THEN\n"
                 "pgstride_aside := pgstride_aside OPERATOR(pg_catalog.+) 1;\n"
                 "END IF;\nEND;\n");
}

/* Constraints speak at once, while it is known which row they speak of. */
SqlText
batch_rows(Mem *mem, const BatchJob *job, const Batch *batch)
{
    MEM_SCOPE(scope, mem);
    SqlText sql = sql_begin(mem, job->caps);
    SqlText body = sql_begin(scope, job->caps);

    sql_raw(&body, "\n#variable_conflict use_column\nDECLARE\n"
                   "pgstride_place tid;\npgstride_wanted boolean;\n"
                   "pgstride_changed bigint := 0;\npgstride_again bigint := 0;\n"
                   "pgstride_passed bigint := 0;\npgstride_aside bigint := 0;\n"
                   "pgstride_why text := '';\n"
                   "BEGIN\nSET CONSTRAINTS ALL IMMEDIATE;\n"
                   "FOR pgstride_place IN SELECT ctid FROM ONLY ");
    batch_add_leaf(&body, job);
    sql_raw(&body, " WHERE ");
    add_places(&body, batch->rows);
    sql_raw(&body, " LOOP\nBEGIN\n");
    add_lock(&body, job);
    add_change(&body, job);
    add_set_aside(&body, job, batch->rows);
    sql_raw(&body,
            "END LOOP;\nPERFORM "
            "pg_catalog.set_config('pgstride.changed', pgstride_changed::text, true), "
            "pg_catalog.set_config('pgstride.again', pgstride_again::text, true), "
            "pg_catalog.set_config('pgstride.passed', pgstride_passed::text, true), "
            "pg_catalog.set_config('pgstride.aside', pgstride_aside::text, true), "
            "pg_catalog.set_config('pgstride.why', pgstride_why, true);\nEND\n");
    sql_raw(&sql, "DO ");
    sql_dollar(&sql, &body);
    return sql;
}

SqlText
batch_told(Mem *mem, const BatchJob *job, const Batch *batch)
{
    SqlText sql = sql_begin(mem, job->caps);
    const BatchRows behind = {
        .block = batch->rows->block, .from = batch->rows->to, .to = BATCH_PLACES + 1};

    sql_raw(&sql, "WITH told AS (SELECT "
                  "pg_catalog.current_setting('pgstride.changed')::bigint AS rows, "
                  "pg_catalog.current_setting('pgstride.again')::bigint AS again, "
                  "pg_catalog.current_setting('pgstride.passed')::bigint AS passed, "
                  "pg_catalog.current_setting('pgstride.aside')::bigint AS set_aside, "
                  "pg_catalog.current_setting('pgstride.why') AS why, "
                  "(SELECT pg_catalog.count(*) FROM ONLY ");
    batch_add_leaf(&sql, job);
    sql_raw(&sql, " WHERE ");
    add_places(&sql, &behind);
    sql_raw(&sql, ") AS beyond)");
    batch_add_progress(&sql, job, batch);
    batch_add_answer(&sql, job);
    sql_raw(&sql, ", told.set_aside, told.why, told.beyond");
    return sql;
}

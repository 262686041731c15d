/* The texts of a backfill's batches. A place is written as SQL, by quote(): of any type
 * of value, and as exact as the library itself is. */
#include <string.h>

#include "run/connect/runner.h"
#include "run/engines/sqlite/lite_run.h"

bool
lite_batch_key(LiteBatch *batch, Err *err)
{
    const char *table = batch->fill->table.name;
    Rows rows;

    if (batch->fill->repeat)
        return true;
    if (!db_query(batch->mem, batch->run->worker, "batch_key", ARGS(table), &rows, err))
        return false;
    batch->key = mem_array(batch->mem, const char *, rows.row_count + 1);
    for (; batch->key_count < rows.row_count; batch->key_count++)
        batch->key[batch->key_count] = rows_cell(&rows, batch->key_count, "name");
    batch->by_rowid = rows.row_count == 1 && rows_bool(&rows, 0, "is_rowid");
    return true;
}

/* "a", "b" */
static void
add_key(SqlText *sql, const LiteBatch *batch)
{
    for (int i = 0; i < batch->key_count; i++)
    {
        if (i > 0)
            sql_raw(sql, ", ");
        sql_ident(sql, batch->key[i]);
    }
}

void
lite_batch_range(SqlText *sql, const LiteBatch *batch, const char *until)
{
    sql_raw(sql, " WHERE ");
    if (batch->place != NULL)
    {
        sql_raw(sql, "(");
        add_key(sql, batch);
        sql_raw(sql, ") > (");
        sql_parsed(sql, (SqlParsed){.text = batch->place});
        sql_raw(sql, ") AND ");
    }
    if (until != NULL)
    {
        sql_raw(sql, "(");
        add_key(sql, batch);
        sql_raw(sql, ") <= (");
        sql_parsed(sql, (SqlParsed){.text = until});
        sql_raw(sql, ") AND ");
    }
    lite_not_done(sql, batch->fill);
}

/* The stretch is read from its begin, and its last row is what is asked for. */
SqlText
lite_batch_end(Mem *mem, const LiteBatch *batch, int rows)
{
    SqlText sql = sql_begin(mem, batch->run->caps);

    sql_raw(&sql, "SELECT ");
    for (int i = 0; i < batch->key_count; i++)
    {
        if (i > 0)
            sql_raw(&sql, " || ', ' || ");
        sql_raw(&sql, "quote(");
        sql_ident(&sql, batch->key[i]);
        sql_raw(&sql, ")");
    }
    sql_raw(&sql, " AS until FROM (SELECT ");
    for (int i = 0; i < batch->key_count; i++)
    {
        if (i > 0)
            sql_raw(&sql, ", ");
        sql_ident(&sql, batch->key[i]);
        sql_raw(&sql, " AS "); /* a rowid would go by the name of its column */
        sql_ident(&sql, batch->key[i]);
    }
    sql_raw(&sql, " FROM ");
    sql_qname(&sql, &batch->fill->table);
    if (batch->place != NULL)
    {
        sql_raw(&sql, " WHERE (");
        add_key(&sql, batch);
        sql_raw(&sql, ") > (");
        sql_parsed(&sql, (SqlParsed){.text = batch->place});
        sql_raw(&sql, ")");
    }
    sql_raw(&sql, " ORDER BY ");
    add_key(&sql, batch);
    sql_raw(&sql, " LIMIT ");
    sql_int(&sql, rows);
    sql_raw(&sql, ") ORDER BY ");
    for (int i = 0; i < batch->key_count; i++)
    {
        if (i > 0)
            sql_raw(&sql, ", ");
        sql_ident(&sql, batch->key[i]);
        sql_raw(&sql, " DESC");
    }
    sql_raw(&sql, " LIMIT 1");
    return sql;
}

void
lite_batch_change(SqlText *sql, const LiteBatch *batch, const char *until)
{
    const Backfill *fill = batch->fill;

    if (fill->is_delete)
        sql_raw(sql, "DELETE FROM ");
    else
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
    lite_batch_range(sql, batch, until);
}

void
lite_batch_row(SqlText *sql, const LiteBatch *batch)
{
    sql_raw(sql, " WHERE component = ");
    sql_string(sql, batch->run->settings->component);
    sql_raw(sql, " AND version = ");
    sql_string(sql, batch->step->migration->version);
    sql_raw(sql, " AND number = ");
    sql_int(sql, batch->fill->number);
}

SqlText
lite_batch_begin(Mem *mem, const LiteBatch *batch)
{
    SqlText sql = sql_begin(mem, batch->run->caps);
    SqlText guard = runner_guard(mem, batch->run);

    sql_raw(&sql, "BEGIN IMMEDIATE; ");
    sql_add(&sql, &guard);
    sql_raw(&sql, "; ");
    return sql;
}

/* changes() is that of the statement before: the rows of the batch. */
void
lite_batch_done(SqlText *sql, const LiteBatch *batch, const char *until)
{
    sql_raw(sql, "; UPDATE pgstride_backfills SET rows_done = rows_done + changes(), "
                 "batches = batches + 1, updated_at = ");
    sql_now(sql);
    if (until != NULL)
    {
        sql_raw(sql, ", place = ");
        sql_string(sql, until);
    }
    lite_batch_row(sql, batch);
    sql_raw(sql, "; ");
}

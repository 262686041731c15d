/* Batches: the key that bounds one, what it changes, and how far it says that it came.
 */
#include "base/fault.h"
#include "run/engines/mysql/fill.h"
#include "run/engines/mysql/mysql.h"
#include "run/failure.h"

/* --- keys as conditions ---------------------------------------------------------- */

static void
key_literal(SqlText *sql, const KeyPart *part, const char *value)
{
    if (part->binary)
    {
        sql_raw(sql, "x");
        sql_string(sql, value);
        return;
    }
    sql_string(sql, value);
}

/*
 * a > 1 OR (a = 1 AND (b > 2 OR ...)): a row value would be the same, and would not use
 * the index. `last` closes it: ">" for the rows behind, "<=" for those up to it.
 */
static void
key_condition(SqlText *sql, const MysqlFill *fill, const Rows *bound, bool behind)
{
    for (int i = 0; i < fill->key_count; i++)
    {
        const char *value = bound->cells[i];
        bool last = i + 1 == fill->key_count;

        sql_raw(sql, "(");
        sql_ident(sql, fill->key[i].name);
        sql_parsed(sql, (SqlParsed){.text = behind ? " > " : last ? " <= " : " < "});
        key_literal(sql, &fill->key[i], value);
        if (last)
            break;
        sql_raw(sql, " OR (");
        sql_ident(sql, fill->key[i].name);
        sql_raw(sql, " = ");
        key_literal(sql, &fill->key[i], value);
        sql_raw(sql, " AND ");
    }
    for (int i = 0; i < fill->key_count; i++)
        sql_parsed(sql, (SqlParsed){.text = i == 0 ? ")" : "))"});
}

static void
key_columns(SqlText *sql, const MysqlFill *fill, const char *order)
{
    for (int i = 0; i < fill->key_count; i++)
    {
        bool hex = order == NULL && fill->key[i].binary;

        sql_parsed(sql, (SqlParsed){.text = i == 0 ? "" : ", "});
        sql_parsed(sql, (SqlParsed){.text = hex ? "HEX(" : ""});
        sql_ident(sql, fill->key[i].name);
        sql_parsed(sql, (SqlParsed){.text = hex ? ")" : order == NULL ? "" : order});
    }
}

static void
from_table(SqlText *sql, const MysqlFill *fill)
{
    sql_qname(sql, &fill->step->backfill->table);
    sql_raw(sql, " FORCE INDEX (");
    sql_ident(sql, fill->index);
    sql_raw(sql, ")");
}

/* The key `ahead` rows on, or of the last row. */
static bool
bound_ask(const MysqlFill *fill, Mem *mem, int64_t ahead, Rows *bound, Err *err)
{
    SqlText sql = sql_begin(mem, fill->run->caps);
    Ask ask = {.label = "fill_bound"};
    Reply reply;

    sql_raw(&sql, "SELECT ");
    key_columns(&sql, fill, NULL);
    sql_raw(&sql, " FROM ");
    from_table(&sql, fill);
    if (fill->place != NULL)
    {
        sql_raw(&sql, " WHERE ");
        sql_parsed(&sql, (SqlParsed){.text = fill->place});
    }
    sql_raw(&sql, " ORDER BY ");
    key_columns(&sql, fill, ahead < 0 ? " DESC" : " ASC");
    sql_raw(&sql, " LIMIT 1 OFFSET ");
    sql_int(&sql, ahead < 0 ? 0 : ahead);
    ask.sql = sql_done(&sql);
    if (!db_script(mem, fill->run->worker, &ask, 1, &reply, err))
        return false;
    *bound = reply.rows[0];
    return true;
}

static void
progress_text(SqlText *sql, const MysqlFill *fill, int64_t rows, const char *place)
{
    sql_raw(sql, "UPDATE ");
    sql_own(sql, "backfills");
    sql_raw(sql, " SET rows_done = rows_done + ");
    sql_int(sql, rows);
    sql_raw(sql, ", batches = batches + 1, place = ");
    sql_string(sql, place);
    sql_raw(sql, ", updated_at = ");
    sql_now(sql);
    sql_raw(sql, " WHERE component = ");
    sql_string(sql, fill->run->settings->component);
    sql_raw(sql, " AND version = ");
    sql_string(sql, fill->step->migration->version);
    sql_raw(sql, " AND number = ");
    sql_int(sql, fill->step->backfill->number);
}

/* "id 1500, part 00FF": what tells its row from all others. */
static char *
bound_shown(const MysqlFill *fill, Mem *mem, const Rows *bound)
{
    Buf text = buf_begin(mem);

    for (int i = 0; i < fill->key_count; i++)
        buf_format(&text, "%s%s %s", i == 0 ? "" : ", ", fill->key[i].name,
                   bound->cells[i]);
    return text.text;
}

/* --- a batch --------------------------------------------------------------------- */

static void
range_text(SqlText *sql, const MysqlFill *fill, const Rows *bound)
{
    sql_raw(sql, " WHERE ");
    if (fill->place != NULL)
    {
        sql_parsed(sql, (SqlParsed){.text = fill->place});
        sql_raw(sql, " AND ");
    }
    key_condition(sql, fill, bound, false);
    sql_raw(sql, " AND ");
    sql_parsed(sql, fill->not_done);
}

static SqlText
change_text(const MysqlFill *fill, Mem *mem, const Rows *bound)
{
    const Backfill *backfill = fill->step->backfill;
    SqlText sql = sql_begin(mem, fill->run->caps);

    if (backfill->is_delete)
    {
        sql_raw(&sql, "DELETE FROM ");
        sql_qname(&sql, &backfill->table);
        sql_raw(&sql, " USING ");
        from_table(&sql, fill);
    }
    else
    {
        sql_raw(&sql, "UPDATE ");
        from_table(&sql, fill);
        for (int i = 0; i < backfill->assignment_count; i++)
        {
            sql_parsed(&sql, (SqlParsed){.text = i == 0 ? " SET " : ", "});
            sql_ident(&sql, backfill->assignments[i].target);
            sql_raw(&sql, " = ");
            sql_parsed(&sql, backfill->assignments[i].expression);
            sql_raw(&sql, "\n");
        }
    }
    range_text(&sql, fill, bound);
    return sql;
}

/* Rows that would be changed again and again are never done: before anything commits.
 */
static bool
batch_settled(MysqlFill *fill, Mem *mem, const Rows *bound, int64_t changed, Err *err)
{
    SqlText sql = sql_begin(mem, fill->run->caps);
    Ask asks[] = {{.label = "fill_left"}, {.label = "rollback", .sql = "ROLLBACK"}};
    Reply reply;

    sql_raw(&sql, "SELECT count(*) AS left_over FROM ");
    from_table(&sql, fill);
    range_text(&sql, fill, bound);
    asks[0].sql = sql_done(&sql);
    if (!db_script(mem, fill->run->worker, asks, 1, &reply, err))
        return false;

    int64_t left_over = rows_int(&reply.rows[0], 0, "left_over");

    if (left_over == 0 || left_over < changed)
        return true;
    if (!db_script(mem, fill->run->worker, asks + 1, 1, &reply, err))
        return false;
    return mysql_fill_refuse(
        fill, err, "rows that were filled would be filled again",
        "The WHERE or the value must tell which rows are done: nothing of "
        "this batch was kept.");
}

static int64_t
rows_of_batch(const MysqlFill *fill)
{
    return fill->narrow > 0 && fill->narrow < fill->batch_rows ? fill->narrow
                                                               : fill->batch_rows;
}

/* What the server says of the statement; and which row it may be about. */
static bool
batch_failed(MysqlFill *fill, const Reply *reply, const Rows *bound, Err *err)
{
    if (reply->outcome != DB_FAILED || reply->failed_at != 2 || err->kind != ERR_SQL)
        return false;
    fill->bound = bound_shown(fill, fill->mem, bound);
    err_clear(err);
    return failure_explain(fill->step, 0, reply, err);
}

bool
mysql_fill_batch(MysqlFill *fill, Mem *mem, bool *more, Err *err)
{
    const Caps *caps = fill->run->caps;
    SqlText guard = engine_of(fill->run)->guard(mem, fill->run);
    SqlText behind = sql_begin(mem, caps);
    SqlText progress = sql_begin(mem, caps);
    Rows bound;
    Reply reply = {0};

    *more = true;
    if (!bound_ask(fill, mem, rows_of_batch(fill) - 1, &bound, err))
        return false;
    if (bound.row_count == 0)
    {
        *more = false;
        if (!bound_ask(fill, mem, -1, &bound, err) || bound.row_count == 0)
            return err->kind == ERR_NONE;
    }

    SqlText change = change_text(fill, mem, &bound);
    const Ask work[] = {{.label = "begin", .sql = caps->own->begin},
                        {.label = "guard", .sql = sql_done(&guard)},
                        {.label = "batch", .sql = sql_done(&change)}};

    if (!db_script(mem, fill->run->worker, work, LENGTH(work), &reply, err))
        return batch_failed(fill, &reply, &bound, err);
    fault_point(FAULT_batch_open);

    int64_t changed = reply.rows[2].affected;

    if (!batch_settled(fill, mem, &bound, changed, err))
        return false;
    key_condition(&behind, fill, &bound, true);
    progress_text(&progress, fill, changed, sql_done(&behind));

    const Ask end[] = {{.label = "progress", .sql = sql_done(&progress)},
                       {.label = "commit", .sql = "COMMIT"}};

    fault_point(FAULT_batch_sent);
    if (!db_script(mem, fill->run->worker, end, LENGTH(end), &reply, err))
        return false;
    fill->place = mem_copy(fill->mem, sql_done(&behind));
    fill->progress->rows_done += changed;
    return true;
}

bool
mysql_fill_repeat(MysqlFill *fill, Mem *mem, int64_t *changed, Err *err)
{
    SqlText guard = engine_of(fill->run)->guard(mem, fill->run);
    const Ask work[] = {{.label = "begin", .sql = fill->run->caps->own->begin},
                        {.label = "guard", .sql = sql_done(&guard)},
                        {.label = "batch", .sql = fill->step->sql[0].text}};
    SqlText progress = sql_begin(mem, fill->run->caps);
    Reply reply;

    if (!db_script(mem, fill->run->worker, work, LENGTH(work), &reply, err))
        return false;
    *changed = reply.rows[2].affected;
    progress_text(&progress, fill, *changed, NULL);

    const Ask end[] = {{.label = "progress", .sql = sql_done(&progress)},
                       {.label = "commit", .sql = "COMMIT"}};

    if (!db_script(mem, fill->run->worker, end, LENGTH(end), &reply, err))
        return false;
    fill->progress->rows_done += *changed;
    return true;
}

bool
mysql_fill_verify(MysqlFill *fill, bool *clean, Err *err)
{
    MEM_SCOPE(scope, fill->mem);
    SqlText sql = sql_begin(scope, fill->run->caps);
    Ask ask = {.label = "fill_verify"};
    Reply reply;

    mysql_fill_tell(fill, "verifying");
    sql_raw(&sql, "SELECT 1 FROM ");
    sql_qname(&sql, &fill->step->backfill->table);
    sql_raw(&sql, " WHERE ");
    sql_parsed(&sql, fill->not_done);
    sql_raw(&sql, " LIMIT 1");
    ask.sql = sql_done(&sql);
    if (!db_script(scope, fill->run->worker, &ask, 1, &reply, err))
        return false;
    *clean = reply.rows[0].row_count == 0;
    return true;
}

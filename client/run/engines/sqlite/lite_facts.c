#include <string.h>

#include "core/plan/plan.h"
#include "run/engines/sqlite/lite_run.h"

static const Column column_columns[] = {
    COLUMN(TEXT, ColumnFact, name),
    COLUMN(TEXT, ColumnFact, type),
    COLUMN(INT64, ColumnFact, number),
    COLUMN(BOOL, ColumnFact, not_null),
    COLUMN(BOOL, ColumnFact, generated),
    COLUMN(BOOL, ColumnFact, identity),
    COLUMN(TEXT_OR_NULL, ColumnFact, default_sql),
};

static const Column trigger_columns[] = {
    COLUMN(TEXT, TriggerFact, name),       COLUMN(TEXT, TriggerFact, function),
    COLUMN(TEXT, TriggerFact, definition), COLUMN(TEXT, TriggerFact, enabled),
    COLUMN(BOOL, TriggerFact, before_row), COLUMN(BOOL, TriggerFact, on_update),
    COLUMN(BOOL, TriggerFact, on_insert),  COLUMN(BOOL, TriggerFact, on_delete),
    COLUMN(BOOL, TriggerFact, ours),
};

/* --- how many rows --------------------------------------------------------------- */

#define ROWS_COUNTED 100000 /* counted up to here; behind it, it is an estimate */
#define ROW_BYTES_LEAST 8   /* in a file: so it has no more rows than that */

static bool
rows_ask(Run *run, const SqlText *sql, int64_t *count, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Reply reply;

    if (!lite_send(scope, run->watcher, "rows", sql, &reply, err))
        return false;
    *count = rows_int(&reply.rows[0], 0, "rows");
    return true;
}

static bool
rows_analyzed(Run *run, TableFact *table, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(scope, run->watcher, "analyzed_rows", ARGS(table->name.name), &rows,
                  err))
        return false;
    if (rows_cell(&rows, 0, "rows") != NULL)
        table->rows = rows_int(&rows, 0, "rows");
    return true;
}

static void
add_key_at(SqlText *sql, const TableFact *table)
{
    sql_raw(sql, "(SELECT 1.0 * ");
    sql_ident(sql, table->row_key[0]);
    sql_raw(sql, " FROM ");
    sql_qname(sql, &table->name);
    sql_raw(sql, " ORDER BY ");
    sql_ident(sql, table->row_key[0]);
}

/* As dense as the first rows are along the key, and no more than the file can hold:
 * right of keys that are counted up and of those that are drawn by lot. */
static bool
rows_spanned(Run *run, TableFact *table, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText sql = sql_begin(scope, run->caps);

    sql_raw(&sql, "SELECT coalesce(CAST(min(1 + ");
    sql_int(&sql, ROWS_COUNTED);
    sql_raw(&sql, " * (high - low) / (nth - low), page_count * page_size / ");
    sql_int(&sql, ROW_BYTES_LEAST);
    sql_raw(&sql, ") AS INTEGER), -1) AS \"rows\" FROM (SELECT ");
    add_key_at(&sql, table);
    sql_raw(&sql, " LIMIT 1) AS low, ");
    add_key_at(&sql, table);
    sql_raw(&sql, " DESC LIMIT 1) AS high, ");
    add_key_at(&sql, table);
    sql_raw(&sql, " LIMIT 1 OFFSET ");
    sql_int(&sql, ROWS_COUNTED);
    sql_raw(&sql, ") AS nth), pragma_page_count, pragma_page_size");
    return rows_ask(run, &sql, &table->rows, err);
}

/* Counting reads the whole table: a plan of a big one would wait for it. */
static bool
gather_rows(Run *run, TableFact *table, bool analyzed, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText sql = sql_begin(scope, run->caps);
    int64_t counted;

    table->rows = table->total_bytes = table->heap_bytes = -1;
    if (strcmp(table->kind, "r") != 0)
        return true;
    sql_raw(&sql, "SELECT count(*) AS \"rows\" FROM (SELECT 1 FROM ");
    sql_qname(&sql, &table->name);
    sql_raw(&sql, " LIMIT ");
    sql_int(&sql, ROWS_COUNTED + 1);
    sql_raw(&sql, ")");
    if (!rows_ask(run, &sql, &counted, err))
        return false;
    if (counted <= ROWS_COUNTED)
        table->rows = counted;
    else if (analyzed && !rows_analyzed(run, table, err))
        return false;
    return table->rows >= 0 || table->row_key_count != 1 ||
           rows_spanned(run, table, err);
}

/* --- tables ---------------------------------------------------------------------- */

static bool
gather_key(Run *run, Mem *mem, TableFact *table, Err *err)
{
    Rows rows;

    if (!db_query(mem, run->watcher, "batch_key", ARGS(table->name.name), &rows, err))
        return false;
    table->row_key = mem_array(mem, char *, rows.row_count + 1);
    for (int i = 0; i < rows.row_count; i++)
        if (rows_cell(&rows, i, "name") != NULL)
            table->row_key[table->row_key_count++] =
                mem_copy(mem, rows_cell(&rows, i, "name"));
    return true;
}

static bool
gather_table(Run *run, Mem *mem, const QName *asked, TableFact *table, Err *err)
{
    bool analyzed;
    Rows rows;

    *table = (TableFact){.asked = qname_copy(mem, asked),
                         .name = qname_copy(mem, asked),
                         .may_own = true,
                         .may_update = true,
                         .may_delete = true,
                         .kind = mem_copy(mem, "r")};
    if (!db_query(mem, run->watcher, "table_facts", ARGS(asked->name), &rows, err))
        return false;
    table->exists = rows.row_count > 0;
    if (!table->exists)
        return true;
    if (strcmp(rows_cell(&rows, 0, "type"), "view") == 0)
        table->kind = mem_copy(mem, "v");
    analyzed = rows_bool(&rows, 0, "analyzed");
    table->index_count = (int)rows_int(&rows, 0, "indexes");
    table->access_method =
        mem_copy(mem, rows_bool(&rows, 0, "without_rowid") ? "key" : "rowid");
    table->indexes = mem_array(mem, IndexFact, table->index_count + 1);
    return gather_key(run, mem, table, err) &&
           db_query(mem, run->watcher, "column_facts", ARGS(asked->name), &rows, err) &&
           rows_decode(mem, &rows, column_columns, LENGTH(column_columns),
                       sizeof(ColumnFact), (void **)&table->columns,
                       &table->column_count, err) &&
           db_query(mem, run->watcher, "trigger_facts", ARGS(asked->name), &rows,
                    err) &&
           rows_decode(mem, &rows, trigger_columns, LENGTH(trigger_columns),
                       sizeof(TriggerFact), (void **)&table->triggers,
                       &table->trigger_count, err) &&
           gather_rows(run, table, analyzed, err);
}

bool
lite_gather(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err)
{
    *facts = (Facts){.caps = run->caps,
                     .database = mem_copy(mem, run->settings->target.shown),
                     .user = mem_copy(mem, ""),
                     .search_path = mem_copy(mem, "")};
    facts->tables = mem_array(mem, TableFact, needs->table_count + 1);
    for (; facts->table_count < needs->table_count; facts->table_count++)
    {
        TableFact *table = &facts->tables[facts->table_count];

        if (!gather_table(run, mem, &needs->tables[facts->table_count], table, err))
            return err_in(err, "while reading the schema");
    }
    return true;
}

/* --- the gate -------------------------------------------------------------------- */

static bool
fills_verified(const Run *run, const Plan *plan, Err *err)
{
    const Migration *migration = plan->migration;
    const History *history = &run->history;

    for (int i = 0; i < history->backfill_count; i++)
    {
        const BackfillRecord *record = &history->backfills[i];

        if (strcmp(record->version, migration->version) == 0 && !record->verified)
        {
            err_set(err, ERR_REFUSED,
                    "contract of %s is refused: the backfill of \"%s\" is not verified",
                    migration->label, record->leaf);
            return err_hint(err, "pgstride up %s finishes it.", migration->version);
        }
    }
    return true;
}

static bool
after_passed(Run *run, const Plan *plan, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Section *section = migration_section(plan->migration, PHASE_CONTRACT, false);
    Rows rows;

    if (section == NULL || section->options.after == 0)
        return true;
    if (!db_query(scope, run->watcher, "since_backfilled",
                  ARGS(run->settings->component, plan->migration->version), &rows, err))
        return false;
    return rows_int(&rows, 0, "since_ms") >= section->options.after ||
           err_set(err, ERR_REFUSED,
                   "contract of %s is refused: it may run later after the backfill "
                   "(%s:%d)",
                   plan->migration->label, section->file, section->span.line);
}

/* What only contract's own transaction can know is asked there once more. */
bool
lite_gate(Run *run, const Plan *plan, const Facts *facts, Err *err)
{
    (void)facts;
    for (int i = 0; i < plan->step_count; i++)
        if (plan->steps[i].phase == PHASE_CONTRACT &&
            history_of_step(&run->history, &plan->steps[i]) != NULL)
            return true;
    return fills_verified(run, plan, err) && after_passed(run, plan, err) &&
           lite_level_check(run, run->watcher, plan->migration, err);
}

#include "run/engines/mysql/mysql.h"

#include <string.h>

/* clang-format off */
static const Column column_columns[] = {
    COLUMN(TEXT, ColumnFact, name),      COLUMN(TEXT, ColumnFact, type),
    COLUMN(INT64, ColumnFact, number),   COLUMN(BOOL, ColumnFact, not_null),
    COLUMN(BOOL, ColumnFact, generated), COLUMN(BOOL, ColumnFact, identity),
    COLUMN(TEXT_OR_NULL, ColumnFact, default_sql),
};
/* clang-format on */

/* Columns that change when a row of another table does. */
static bool
gather_cascades(Run *run, Mem *mem, TableFact *table, Err *err)
{
    Rows rows;

    if (!db_query(mem, run->watcher, "cascades",
                  ARGS(table->name.schema, table->name.name), &rows, err))
        return false;
    for (int i = 0; i < rows.row_count; i++)
        for (int j = 0; j < table->column_count; j++)
            if (strcmp(table->columns[j].name, rows_cell(&rows, i, "name")) == 0)
                table->columns[j].cascade =
                    mem_copy(mem, rows_cell(&rows, i, "cascade"));
    return true;
}

static bool
gather_table(Run *run, Mem *mem, const QName *asked, TableFact *table, Err *err)
{
    Rows rows;

    *table = (TableFact){.asked = qname_copy(mem, asked), .name = *asked};
    if (!db_query(mem, run->watcher, "table_facts", ARGS(asked->schema, asked->name),
                  &rows, err))
        return false;
    if (rows.row_count == 0)
        return true;
    table->exists = true;
    table->name = (QName){mem_copy(mem, rows_cell(&rows, 0, "schema_name")),
                          mem_copy(mem, rows_cell(&rows, 0, "table_name"))};
    table->kind = mem_copy(mem, rows_cell(&rows, 0, "kind"));
    table->access_method = mem_copy(mem, rows_cell(&rows, 0, "access_method"));
    table->rows = rows_int(&rows, 0, "rows");
    table->heap_bytes = rows_int(&rows, 0, "heap_bytes");
    table->total_bytes = rows_int(&rows, 0, "total_bytes");
    table->may_own = table->may_update = table->may_delete = true;
    return db_query(mem, run->watcher, "column_facts",
                    ARGS(table->name.schema, table->name.name), &rows, err) &&
           rows_decode(mem, &rows, column_columns, LENGTH(column_columns),
                       sizeof(ColumnFact), (void **)&table->columns,
                       &table->column_count, err) &&
           gather_cascades(run, mem, table, err);
}

bool
mysql_gather(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err)
{
    Rows rows;

    *facts = (Facts){.caps = run->caps};
    if (!db_query(mem, run->watcher, "where_am_i", NO_ARGS, &rows, err))
        return false;
    facts->database = mem_copy(mem, rows_cell(&rows, 0, "database"));
    facts->user = mem_copy(mem, rows_cell(&rows, 0, "user_name"));
    facts->search_path = facts->database;
    facts->tables = mem_array(mem, TableFact, needs->table_count + 1);
    for (; facts->table_count < needs->table_count; facts->table_count++)
        if (!gather_table(run, mem, &needs->tables[facts->table_count],
                          &facts->tables[facts->table_count], err))
            return err_in(err, "while reading the catalog");
    return true;
}

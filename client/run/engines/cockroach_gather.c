/* What the catalog of CockroachDB says of the tables that a migration names: as much as
 * a plain path (core/plan/plain.h) asks. */
#include "run/engines/cockroach.h"

/* clang-format off */
static const Column column_columns[] = {
    COLUMN(TEXT, ColumnFact, name),     COLUMN(TEXT, ColumnFact, type),
    COLUMN(INT64, ColumnFact, number),  COLUMN(BOOL, ColumnFact, not_null),
    COLUMN(BOOL, ColumnFact, generated),
};
/* clang-format on */

static bool
table_gather(Run *run, Mem *mem, const QName *asked, TableFact *table, Err *err)
{
    Rows rows;

    *table = (TableFact){.asked = qname_copy(mem, asked), .rows = -1};
    table->name = table->asked;
    if (!db_query(mem, run->watcher, "table_facts", ARGS(asked->schema, asked->name),
                  &rows, err))
        return false;
    table->exists = rows.row_count > 0;
    if (!table->exists)
        return true;
    table->kind = mem_copy(mem, "r");
    table->name = (QName){mem_copy(mem, rows_cell(&rows, 0, "schema_name")),
                          mem_copy(mem, rows_cell(&rows, 0, "table_name"))};
    return db_query(mem, run->watcher, "column_facts",
                    ARGS(table->name.schema, table->name.name), &rows, err) &&
           rows_decode(mem, &rows, column_columns, LENGTH(column_columns),
                       sizeof(ColumnFact), (void **)&table->columns,
                       &table->column_count, err);
}

bool
cockroach_gather(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err)
{
    Rows rows;

    *facts = (Facts){.caps = run->caps};
    facts->tables = mem_array(mem, TableFact, needs->table_count + 1);
    for (int i = 0; i < needs->table_count; i++)
        if (!table_gather(run, mem, &needs->tables[i],
                          &facts->tables[facts->table_count++], err))
            return false;
    if (!db_query(mem, run->watcher, "where_am_i", NO_ARGS, &rows, err))
        return false;
    facts->database = mem_copy(mem, rows_cell(&rows, 0, "database"));
    facts->user = mem_copy(mem, rows_cell(&rows, 0, "user_name"));
    facts->search_path = mem_copy(mem, rows_cell(&rows, 0, "search_path"));
    return true;
}

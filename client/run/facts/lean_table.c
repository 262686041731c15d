#include "run/facts/lean_table.h"

#include <stdlib.h>
#include <string.h>

/* A row of key_facts.sql. */
typedef struct KeyRow
{
    char *name;
    bool incoming;
    char *mentions;
    char **columns; /* the names of what it mentions, in that order */
    int column_count;
    int64_t other_oid;
    char *other_schema;
    char *other_name;
    bool other_lockable;
} KeyRow;

/* clang-format off */
static const Column key_columns[] = {
    COLUMN(TEXT, KeyRow, name),         COLUMN(BOOL, KeyRow, incoming),
    COLUMN(TEXT, KeyRow, mentions),     COLUMN_LIST(KeyRow, columns, column_count),
    COLUMN(INT64, KeyRow, other_oid),   COLUMN(BOOL, KeyRow, other_lockable),
    COLUMN(TEXT, KeyRow, other_schema), COLUMN(TEXT, KeyRow, other_name),
};
/* clang-format on */

/* Columns that no key mentions stay unknown. */
static void
columns_of_key(Mem *mem, const KeyRow *key, TableFact *table)
{
    const char *number = key->mentions;

    for (int i = 0; i < key->column_count; i++)
    {
        char *end;
        int64_t column = strtoll(number, &end, 10);

        if (table_column(table, key->columns[i]) == NULL)
            table->columns[table->column_count++] =
                (ColumnFact){.name = mem_copy(mem, key->columns[i]), .number = column};
        number = *end == ',' ? end + 1 : end;
    }
}

static bool
keys_gather(Run *run, Mem *mem, TableFact *table, Err *err)
{
    MEM_SCOPE(scope, mem);
    KeyRow *keys;
    int count, columns = 0;
    Rows rows;

    if (!db_query(scope, run->watcher, "key_facts",
                  ARGS(mem_text(scope, "%lld", (long long)table->oid)), &rows, err) ||
        !rows_decode(mem, &rows, key_columns, LENGTH(key_columns), sizeof(KeyRow),
                     (void **)&keys, &count, err))
        return false;
    for (int i = 0; i < count; i++)
        columns += keys[i].column_count;
    table->constraints = mem_array(mem, ConstraintFact, count + 1);
    table->columns = mem_array(mem, ColumnFact, columns + 1);
    for (int i = 0; i < count; i++)
    {
        table->constraints[table->constraint_count++] =
            (ConstraintFact){.name = keys[i].name,
                             .kind = mem_copy(mem, "f"),
                             .definition = mem_copy(mem, ""),
                             .mentions = keys[i].mentions,
                             .incoming = keys[i].incoming,
                             .other = {keys[i].other_schema, keys[i].other_name},
                             .other_oid = keys[i].other_oid,
                             .other_lockable = keys[i].other_lockable};
        columns_of_key(mem, &keys[i], table);
    }
    return true;
}

bool
lean_table(Run *run, Mem *mem, const LeanRow *row, TableFact *table, Err *err)
{
    table->exists = true;
    table->oid = rows_int(row->rows, row->at, "oid");
    table->kind = mem_copy(mem, rows_cell(row->rows, row->at, "kind"));
    table->owner = mem_copy(mem, rows_cell(row->rows, row->at, "owner"));
    table->may_own = rows_bool(row->rows, row->at, "may_own");
    table->lockable = rows_bool(row->rows, row->at, "lockable");
    table->name = (QName){mem_copy(mem, rows_cell(row->rows, row->at, "schema_name")),
                          mem_copy(mem, rows_cell(row->rows, row->at, "table_name"))};
    table->rows = table->heap_bytes = table->total_bytes = -1;
    return !row->keys || strchr("rp", table->kind[0]) == NULL ||
           keys_gather(run, mem, table, err);
}

#include "run/facts/gather.h"

#include <string.h>

#include "base/buf.h"
#include "model/sqltext.h"
#include "run/backfill/room.h"
#include "run/facts/lean_table.h"

/* Rows carry a schema and a name apart; here they become one QName. */
typedef struct TableRow
{
    TableFact fact;
    char *schema_name;
    char *table_name;
} TableRow;

typedef struct IndexRow
{
    IndexFact fact;
    char *schema_name;
    char *index_name;
} IndexRow;

typedef struct ConstraintRow
{
    ConstraintFact fact;
    char *other_schema;
    char *other_name;
} ConstraintRow;

/* clang-format off */
#define FACT(kind, Row, member) COLUMN_AS(kind, Row, fact.member, #member)

static const Column table_columns[] = {
    FACT(BOOL, TableRow, exists),          FACT(INT64_OR_MINUS, TableRow, oid),
    COLUMN(TEXT_OR_NULL, TableRow, schema_name), COLUMN(TEXT_OR_NULL, TableRow, table_name),
    FACT(TEXT_OR_NULL, TableRow, kind),    FACT(TEXT_OR_NULL, TableRow, owner),
    FACT(BOOL, TableRow, has_children),    FACT(INT64, TableRow, leaves),
    FACT(BOOL, TableRow, row_security),
    FACT(BOOL, TableRow, force_row_security), FACT(INT64_OR_MINUS, TableRow, rows),
    FACT(INT64_OR_MINUS, TableRow, heap_bytes), FACT(INT64_OR_MINUS, TableRow, total_bytes),
    FACT(INT64_OR_MINUS, TableRow, blocks), FACT(INT64, TableRow, fillfactor),
    FACT(BOOL, TableRow, may_own),         FACT(BOOL, TableRow, may_update),
    FACT(BOOL, TableRow, may_delete),      FACT(BOOL, TableRow, rows_hidden),
    FACT(TEXT_OR_NULL, TableRow, access_method), FACT(TEXT_OR_NULL, TableRow, publications),
    {"taken", COLUMN_TEXT_LIST, offsetof(TableRow, fact.taken), offsetof(TableRow, fact.taken_count)},
};

static const Column column_columns[] = {
    COLUMN(TEXT, ColumnFact, name),        COLUMN(TEXT, ColumnFact, type),
    COLUMN(INT64, ColumnFact, number),     COLUMN(BOOL, ColumnFact, not_null),
    COLUMN(BOOL, ColumnFact, generated),   COLUMN(BOOL, ColumnFact, identity),
    COLUMN(TEXT_OR_NULL, ColumnFact, default_sql), COLUMN(TEXT_OR_NULL, ColumnFact, grants),
    COLUMN(BOOL, ColumnFact, in_statistics), COLUMN(BOOL, ColumnFact, published),
    COLUMN_LIST(ColumnFact, dependents, dependent_count),
    COLUMN(TEXT_OR_NULL, ColumnFact, comment), COLUMN(TEXT_OR_NULL, ColumnFact, collation),
};

static const Column index_columns[] = {
    COLUMN(TEXT, IndexRow, schema_name),   COLUMN(TEXT, IndexRow, index_name),
    FACT(TEXT, IndexRow, definition),      FACT(TEXT, IndexRow, mentions),
    FACT(BOOL, IndexRow, unique),          FACT(BOOL, IndexRow, primary),
    FACT(BOOL, IndexRow, constraint),      FACT(BOOL, IndexRow, replica_identity),
    FACT(BOOL, IndexRow, valid),           FACT(BOOL, IndexRow, ready),
};

static const Column constraint_columns[] = {
    FACT(TEXT, ConstraintRow, name),       FACT(TEXT, ConstraintRow, kind),
    FACT(TEXT, ConstraintRow, definition), FACT(TEXT_OR_NULL, ConstraintRow, mentions),
    FACT(BOOL, ConstraintRow, valid),      FACT(BOOL, ConstraintRow, incoming),
    FACT(TEXT_OR_NULL, ConstraintRow, refers), FACT(BOOL, ConstraintRow, indexed),
    FACT(INT64, ConstraintRow, referring_rows),
    COLUMN(TEXT_OR_NULL, ConstraintRow, other_schema),
    COLUMN(TEXT_OR_NULL, ConstraintRow, other_name),
};

static const Column trigger_columns[] = {
    COLUMN(TEXT, TriggerFact, name),       COLUMN(TEXT, TriggerFact, function),
    COLUMN(TEXT, TriggerFact, definition), COLUMN(TEXT, TriggerFact, enabled),
    COLUMN(BOOL, TriggerFact, before_row), COLUMN(BOOL, TriggerFact, on_update),
    COLUMN(BOOL, TriggerFact, on_insert),  COLUMN(BOOL, TriggerFact, on_delete),
    COLUMN(BOOL, TriggerFact, ours),
    COLUMN_LIST(TriggerFact, columns, column_count),
};

static const Column tree_columns[] = {
    COLUMN_AS(TEXT, TreeFact, name.schema, "schema_name"),
    COLUMN_AS(TEXT, TreeFact, name.name, "table_name"),
    COLUMN(INT64, TreeFact, oid),          COLUMN(TEXT, TreeFact, kind),
    COLUMN(TEXT, TreeFact, owner),         COLUMN(TEXT_OR_NULL, TreeFact, access_method),
    COLUMN(BOOL, TreeFact, may_own),       COLUMN(BOOL, TreeFact, may_update),
    COLUMN(BOOL, TreeFact, may_delete),    COLUMN(BOOL, TreeFact, rows_hidden),
    COLUMN(TEXT_OR_NULL, TreeFact, late_trigger), COLUMN_LIST(TreeFact, key, key_count),
    COLUMN_LIST(TreeFact, not_null, not_null_count),
    COLUMN_LIST(TreeFact, foreign_keys, foreign_key_count),
};
/* clang-format on */

/* One stored query into an array of that Type, by its table of columns. */
#define GATHER(label, args, columns, Type, items, count)                               \
    (db_query(mem, run->watcher, (label), args, &rows, err) &&                         \
     rows_decode(mem, &rows, (columns), LENGTH(columns), sizeof(Type),                 \
                 (void **)(items), (count), err))

static bool
gather_indexes(Run *run, Mem *mem, const char *oid, TableFact *table, Err *err)
{
    IndexRow *found;
    Rows rows;

    if (!GATHER("index_facts", ARGS(oid), index_columns, IndexRow, &found,
                &table->index_count))
        return false;
    table->indexes = mem_array(mem, IndexFact, table->index_count + 1);
    for (int i = 0; i < table->index_count; i++)
    {
        table->indexes[i] = found[i].fact;
        table->indexes[i].name = (QName){found[i].schema_name, found[i].index_name};
    }
    return true;
}

static bool
gather_constraints(Run *run, Mem *mem, const char *oid, TableFact *table, Err *err)
{
    ConstraintRow *found;
    Rows rows;

    if (!GATHER("constraint_facts", ARGS(oid), constraint_columns, ConstraintRow,
                &found, &table->constraint_count))
        return false;
    table->constraints = mem_array(mem, ConstraintFact, table->constraint_count + 1);
    for (int i = 0; i < table->constraint_count; i++)
    {
        table->constraints[i] = found[i].fact;
        table->constraints[i].other =
            (QName){found[i].other_schema, found[i].other_name};
    }
    return true;
}

static bool
gather_definition(Run *run, Mem *mem, const char *oid, TableFact *table, Err *err)
{
    Rows rows;

    if (!db_query(mem, run->watcher, "definition_facts", ARGS(oid), &rows, err))
        return false;
    table->definition =
        rows.row_count == 0 ? NULL : mem_copy(mem, rows_cell(&rows, 0, "definition"));
    return true;
}

static bool
gather_table(Run *run, Mem *mem, const QName *asked, TableFact *table, Err *err)
{
    TableRow row = {0};
    Rows rows;

    if (!db_query(mem, run->watcher, "table_facts", ARGS(asked->schema, asked->name),
                  &rows, err) ||
        !rows_one(mem, &rows, table_columns, LENGTH(table_columns), &row, err))
        return false;
    *table = row.fact;
    table->asked = qname_copy(mem, asked);
    table->name = (QName){row.schema_name, row.table_name};
    if (!table->exists)
        return true;

    const char *oid = mem_text(mem, "%lld", (long long)table->oid);

    if (strchr("iv", table->kind[0]) != NULL &&
        !gather_definition(run, mem, oid, table, err))
        return false;

    return GATHER("column_facts", ARGS(oid), column_columns, ColumnFact,
                  &table->columns, &table->column_count) &&
           GATHER("trigger_facts", ARGS(oid), trigger_columns, TriggerFact,
                  &table->triggers, &table->trigger_count) &&
           (!table->has_children ||
            GATHER("table_tree", ARGS(oid), tree_columns, TreeFact, &table->tree,
                   &table->tree_count)) &&
           (strchr("rpm", table->kind[0]) == NULL ||
            room_gather(run, mem, oid, &table->room, err)) &&
           gather_indexes(run, mem, oid, table, err) &&
           gather_constraints(run, mem, oid, table, err);
}

/* A function that the catalog does not know counts as volatile: the server will say. */
static bool
gather_function(Run *run, Mem *mem, const char *name, FunctionFact *fact, Err *err)
{
    Rows rows;

    if (!db_query(mem, run->watcher, "function_facts", ARGS(name), &rows, err))
        return false;
    fact->name = mem_copy(mem, name);
    fact->volatility =
        mem_copy(mem, rows.row_count == 0 ? "v" : rows_cell(&rows, 0, "volatility"));
    return true;
}

static bool
gather_type(Run *run, Mem *mem, const char *name, TypeFact *fact, Err *err)
{
    Rows rows;

    if (!db_query(mem, run->watcher, "type_facts", ARGS(name), &rows, err))
        return false;
    fact->name = mem_copy(mem, name);
    fact->rewrites = rows_bool(&rows, 0, "rewrites");
    return true;
}

static bool
is_asked(const Needs *needs, int table)
{
    return needs->made == NULL || !needs->made[table];
}

/*
 * '{"public.\\"Users\\"", NULL, "notes"}': the names as an array of texts, each in its
 * place; NULL: not asked. No array at all where none is.
 */
static const char *
names_array(Run *run, Mem *mem, const Needs *needs)
{
    Buf text = buf_begin(mem);
    bool any = false;

    for (int i = 0; i < needs->table_count; i++)
    {
        SqlText name = sql_begin(mem, run->caps);

        buf_add(&text, i == 0 ? "{" : ",");
        if (!is_asked(needs, i))
        {
            buf_add(&text, "NULL");
            continue;
        }
        any = true;
        sql_qname(&name, &needs->tables[i]);
        buf_add(&text, "\"");
        for (const char *c = sql_done(&name); *c != '\0'; c++)
            buf_format(&text, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
        buf_add(&text, "\"");
    }
    buf_add(&text, "}");
    return any ? text.text : NULL;
}

/* Most of what a folder names is not there before it has run: one question for all of
 * that, and the long ones about what there is. */
static bool
gather_tables(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err)
{
    MEM_SCOPE(scope, mem);
    const char *names = names_array(run, scope, needs);
    Rows rows = {0};

    facts->tables = mem_array(mem, TableFact, needs->table_count + 1);
    facts->table_count = needs->table_count;
    for (int i = 0; i < needs->table_count; i++)
        facts->tables[i] = (TableFact){
            .asked = qname_copy(mem, &needs->tables[i]), .oid = -1, .fillfactor = 100};
    if (names != NULL &&
        !db_query(scope, run->watcher, "tables_there", ARGS(names), &rows, err))
        return false;
    for (int i = 0; i < rows.row_count; i++)
    {
        int64_t place = rows_int(&rows, i, "place");
        TableFact *table = &facts->tables[place];

        if (!(needs->lean
                  ? lean_table(run, mem, &(LeanRow){&rows, i, needs->keys[place]},
                               table, err)
                  : gather_table(run, mem, &needs->tables[place], table, err)))
            return false;
    }
    return true;
}

/* What is true of the server as a whole is asked once a second, not once a migration.
 */
#define AROUND_MS 1000.0

static bool
gather_around(Run *run, Err *err)
{
    Facts *around = mem_new(run->mem, Facts);
    Rows rows;

    if (!db_query(around, run->watcher, "where_am_i", NO_ARGS, &rows, err))
        return false;
    around->database = mem_copy(around, rows_cell(&rows, 0, "database"));
    around->user = mem_copy(around, rows_cell(&rows, 0, "user_name"));
    around->search_path = mem_copy(around, rows_cell(&rows, 0, "search_path"));
    around->standbys = rows_int(&rows, 0, "standbys");
    if (!db_query(around, run->watcher, "may_skip_triggers", NO_ARGS, &rows, err))
        return false;
    around->triggers_stay =
        rows_cell(&rows, 0, "may") != NULL && !rows_bool(&rows, 0, "may");
    TALLOC_FREE(run->around);
    run->around = around;
    run->around_ms = clock_now(run->clock);
    return true;
}

bool
postgres_gather(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err)
{
    bool old =
        run->around == NULL || clock_now(run->clock) - run->around_ms >= AROUND_MS;

    if (old && !gather_around(run, err))
        return false;
    run->lean_ms = needs->lean ? clock_now(run->clock) : 0;
    *facts = *run->around;
    facts->caps = run->caps;
    facts->lean = needs->lean;
    facts->standbys_watched = run->standby_count;
    facts->database = mem_copy(mem, run->around->database);
    facts->user = mem_copy(mem, run->around->user);
    facts->search_path = mem_copy(mem, run->around->search_path);
    if (!gather_tables(run, mem, needs, facts, err))
        return err_in(err, "while reading the catalog");
    facts->functions = mem_array(mem, FunctionFact, needs->function_count + 1);
    for (; facts->function_count < needs->function_count; facts->function_count++)
        if (!gather_function(run, mem, needs->functions[facts->function_count],
                             &facts->functions[facts->function_count], err))
            return err_in(err, "while reading the catalog");
    facts->types = mem_array(mem, TypeFact, needs->type_count + 1);
    for (; facts->type_count < needs->type_count; facts->type_count++)
        if (!gather_type(run, mem, needs->types[facts->type_count],
                         &facts->types[facts->type_count], err))
            return err_in(err, "while reading the catalog");
    return true;
}

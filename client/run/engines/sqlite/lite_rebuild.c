/* The table is made again: SQLite's own twelve steps, none of them left to chance. */
#include <string.h>

#include "core/sql/sqlite/lite.h"
#include "run/engines/sqlite/lite_run.h"

typedef struct Rebuild
{
    Mem *mem;
    Run *run;
    Db *db;
    const char *table;
    const LiteActs *acts; /* on it, in their order */
    const char *create;   /* as sqlite_schema has it */
    const char
        *rowids; /* their name, to be copied too; NULL: a column stands for them */
    const char *spare; /* the new table's name, until the old one is gone */
    Rows columns;
    Rows others; /* its indexes and triggers, as they were made */
} Rebuild;

static bool
rebuild_ask(Rebuild *rebuild, const char *label, Rows *rows, Err *err)
{
    return db_query(rebuild->mem, rebuild->db, label, ARGS(rebuild->table), rows, err);
}

static bool
rebuild_look(Rebuild *rebuild, Err *err)
{
    Rows table;

    if (!rebuild_ask(rebuild, "rebuild_table", &table, err))
        return false;
    if (table.row_count == 0)
        return err_set(err, ERR_SQL, "no such table: %s", rebuild->table);
    rebuild->create = rows_cell(&table, 0, "sql");
    rebuild->rowids = rows_cell(&table, 0, "rowids");
    rebuild->spare = mem_text(rebuild->mem, "pgstride_new_%s", rebuild->table);
    return rebuild_ask(rebuild, "rebuild_columns", &rebuild->columns, err) &&
           rebuild_ask(rebuild, "rebuild_others", &rebuild->others, err);
}

static bool
is_dropped(const Rebuild *rebuild, const char *column)
{
    for (int i = 0; i < rebuild->acts->count; i++)
    {
        const Act *act = &rebuild->acts->items[i];

        if (act->action == ACTION_DROP_COLUMN && strcasecmp(act->column, column) == 0)
            return true;
    }
    return false;
}

static void
add_columns(SqlText *sql, const Rebuild *rebuild)
{
    bool first = rebuild->rowids == NULL;

    if (!first)
        sql_ident(sql, rebuild->rowids);
    for (int i = 0; i < rebuild->columns.row_count; i++)
    {
        const char *column = rows_cell(&rebuild->columns, i, "name");

        if (is_dropped(rebuild, column))
            continue;
        if (!first)
            sql_raw(sql, ", ");
        first = false;
        sql_ident(sql, column);
    }
}

/* Named one by one: the order of columns may differ, and generated ones are left out.
 */
static void
add_copy(SqlText *sql, const Rebuild *rebuild)
{
    const char *table = rebuild->table;

    sql_raw(sql, "INSERT INTO ");
    sql_ident(sql, rebuild->spare);
    sql_raw(sql, " (");
    add_columns(sql, rebuild);
    sql_raw(sql, ") SELECT ");
    add_columns(sql, rebuild);
    sql_raw(sql, " FROM ");
    sql_ident(sql, table);
    sql_raw(sql, "; SELECT CASE WHEN (SELECT count(*) FROM ");
    sql_ident(sql, table);
    sql_raw(sql, ") <> (SELECT count(*) FROM ");
    sql_ident(sql, rebuild->spare);
    sql_raw(sql, ") THEN pgstride_refuse('not every row was copied') END; ");
}

/* AUTOINCREMENT must not give a number twice: what the old table had reached stays. */
static void
add_sequence(SqlText *sql, const Rebuild *rebuild)
{
    const LiteTokens tokens = lite_tokens(rebuild->mem, rebuild->create);
    bool counts = false;

    for (int i = 0; i < tokens.count; i++)
        counts |= lite_is(&tokens, i, "AUTOINCREMENT");
    if (!counts)
        return;
    sql_raw(sql, "DELETE FROM sqlite_sequence WHERE name = ");
    sql_string(sql, rebuild->spare);
    sql_raw(sql, "; INSERT INTO sqlite_sequence (name, seq) SELECT ");
    sql_string(sql, rebuild->spare);
    sql_raw(sql, ", seq FROM sqlite_sequence WHERE name = ");
    sql_string(sql, rebuild->table);
    sql_raw(sql, "; ");
}

/* Views and triggers, all of them, must still stand on it when it is back: a column of
 * any table that gets a new name has SQLite read each. */
static void
add_proof(SqlText *sql)
{
    sql_raw(sql, "CREATE TABLE pgstride_proof (x); ALTER TABLE pgstride_proof RENAME "
                 "COLUMN x TO y; DROP TABLE pgstride_proof; ");
}

static SqlText
rebuild_text(const Rebuild *rebuild, SqlParsed create)
{
    SqlText sql = sql_begin(rebuild->mem, rebuild->run->caps);

    sql_raw(&sql, "PRAGMA legacy_alter_table = ON; ");
    sql_parsed(&sql, create);
    sql_raw(&sql, "; ");
    add_copy(&sql, rebuild);
    add_sequence(&sql, rebuild);
    sql_raw(&sql, "DROP TABLE ");
    sql_ident(&sql, rebuild->table);
    sql_raw(&sql, "; ALTER TABLE ");
    sql_ident(&sql, rebuild->spare);
    sql_raw(&sql, " RENAME TO ");
    sql_ident(&sql, rebuild->table);
    sql_raw(&sql, "; PRAGMA legacy_alter_table = OFF; ");
    for (int i = 0; i < rebuild->others.row_count; i++)
    {
        sql_parsed(&sql, (SqlParsed){.text = rows_cell(&rebuild->others, i, "sql")});
        sql_raw(&sql, "; ");
    }
    add_proof(&sql);
    return sql;
}

static bool
altered_all(const Rebuild *rebuild, SqlParsed *create, Err *err)
{
    SqlText name = sql_begin(rebuild->mem, rebuild->run->caps);

    sql_ident(&name, rebuild->spare);
    *create = (SqlParsed){.text = rebuild->create};
    for (int i = 0; i < rebuild->acts->count; i++)
        if (!lite_altered(rebuild->mem, create->text, &rebuild->acts->items[i],
                          sql_done(&name), create, err))
            return false;
    return true;
}

bool
lite_rebuild(Run *run, Db *db, const LiteActs *acts, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rebuild rebuild = {.mem = scope,
                       .run = run,
                       .db = db,
                       .table = acts->items[0].relation.name,
                       .acts = acts};
    SqlParsed create;
    Reply reply;

    if (!rebuild_look(&rebuild, err) || !altered_all(&rebuild, &create, err))
        return false;

    SqlText sql = rebuild_text(&rebuild, create);

    return lite_send(scope, db, "rebuild", &sql, &reply, err) ||
           err_in(err, "while making \"%s\" again", rebuild.table);
}

/* The table is made again: SQLite's own twelve steps, none of them left to chance. */
#include <string.h>

#include "core/sql/sqlite/lite.h"
#include "run/engines/sqlite/lite_run.h"

typedef struct Rebuild
{
    Mem *mem;
    Run *run;
    Db *db;
    const Act *act;
    const char *create; /* as sqlite_schema has it */
    bool rowids;        /* to be copied too: no column stands for them */
    const char *spare;  /* the new table's name, until the old one is gone */
    Rows columns;
    Rows others; /* its indexes and triggers, as they were made */
    Rows views;
} Rebuild;

static bool
rebuild_ask(Rebuild *rebuild, const char *label, Rows *rows, Err *err)
{
    return db_query(rebuild->mem, rebuild->db, label, ARGS(rebuild->act->relation.name),
                    rows, err);
}

static bool
rebuild_look(Rebuild *rebuild, Err *err)
{
    Rows table;

    if (!rebuild_ask(rebuild, "rebuild_table", &table, err))
        return false;
    if (table.row_count == 0)
        return err_set(err, ERR_SQL, "no such table: %s", rebuild->act->relation.name);
    rebuild->create = rows_cell(&table, 0, "sql");
    rebuild->rowids = rows_bool(&table, 0, "rowids");
    rebuild->spare =
        mem_text(rebuild->mem, "pgstride_new_%s", rebuild->act->relation.name);
    return rebuild_ask(rebuild, "rebuild_columns", &rebuild->columns, err) &&
           rebuild_ask(rebuild, "rebuild_others", &rebuild->others, err) &&
           rebuild_ask(rebuild, "rebuild_views", &rebuild->views, err);
}

static void
add_columns(SqlText *sql, const Rebuild *rebuild)
{
    if (rebuild->rowids)
        sql_raw(sql, "rowid");
    for (int i = 0; i < rebuild->columns.row_count; i++)
    {
        if (i > 0 || rebuild->rowids)
            sql_raw(sql, ", ");
        sql_ident(sql, rows_cell(&rebuild->columns, i, "name"));
    }
}

/* Named one by one: the order of columns may differ, and generated ones are left out.
 */
static void
add_copy(SqlText *sql, const Rebuild *rebuild)
{
    const char *table = rebuild->act->relation.name;

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
    sql_string(sql, rebuild->act->relation.name);
    sql_raw(sql, "; ");
}

/* The views must still stand on it when it is back. */
static void
add_proof(SqlText *sql, const Rebuild *rebuild)
{
    for (int i = 0; i < rebuild->views.row_count; i++)
    {
        sql_raw(sql, "SELECT 1 FROM ");
        sql_ident(sql, rows_cell(&rebuild->views, i, "name"));
        sql_raw(sql, " LIMIT 0; ");
    }
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
    sql_ident(&sql, rebuild->act->relation.name);
    sql_raw(&sql, "; ALTER TABLE ");
    sql_ident(&sql, rebuild->spare);
    sql_raw(&sql, " RENAME TO ");
    sql_ident(&sql, rebuild->act->relation.name);
    sql_raw(&sql, "; PRAGMA legacy_alter_table = OFF; ");
    for (int i = 0; i < rebuild->others.row_count; i++)
    {
        sql_parsed(&sql, (SqlParsed){rows_cell(&rebuild->others, i, "sql")});
        sql_raw(&sql, "; ");
    }
    add_proof(&sql, rebuild);
    return sql;
}

bool
lite_rebuild(Run *run, Db *db, const Act *act, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rebuild rebuild = {.mem = scope, .run = run, .db = db, .act = act};
    SqlText name = sql_begin(scope, run->caps);
    SqlParsed create;
    Reply reply;

    if (!rebuild_look(&rebuild, err))
        return false;
    sql_ident(&name, rebuild.spare);
    if (!lite_altered(scope, rebuild.create, act, sql_done(&name), &create, err))
        return false;

    SqlText sql = rebuild_text(&rebuild, create);

    return lite_send(scope, db, "rebuild", &sql, &reply, err) ||
           err_in(err, "while making \"%s\" again", act->relation.name);
}

/* Where the table of the folder's own runner is, and whether it is what it should be.
 */
#include <string.h>

#include "core/foreign/named.h"
#include "core/layouts/layout.h"
#include "run/foreign/foreign.h"

const char *
foreign_runner(const Run *run)
{
    return layout_named(run->migrations.layout)->runner;
}

static bool
place_refused(const Run *run, const char *columns, Err *err)
{
    err_set(err, ERR_REFUSED, "the table \"%s\" is not the one that %s makes",
            run->foreign->table, foreign_runner(run));
    err_detail(err, "its columns are: %s", columns);
    return err_hint(err, "Say whose folder it is: --layout=NAME. Or leave that table "
                         "alone: --history=own.");
}

/* Its runner may have been told to give the table another name, or to keep it
 * elsewhere. */
static const Foreign *
foreign_called(Run *run, const Foreign *foreign)
{
    const char *table = run->migrations.history_table;
    Foreign *called;

    if (table == NULL)
        return foreign;
    called = mem_new(run->mem, Foreign);
    *called = *foreign;
    called->table = table;
    if (run->migrations.history_schema != NULL)
        called->schema = run->migrations.history_schema;
    return called;
}

char *
foreign_text(const Run *run, Mem *mem, const char *label)
{
    const char *text = run->driver->query(run->watcher, label);
    const Foreign *usual = foreign_of(run->foreign->layout, run->caps->engine);

    /* Where it has several places, each has its own query. */
    while (usual != NULL && strcmp(usual->query, run->foreign->query) != 0)
        usual = foreign_next(usual);
    if (usual == NULL || usual == run->foreign)
        return mem_copy(mem, text);
    return foreign_named(mem, text, usual, run->foreign, run->caps);
}

static bool
place_look(Run *run, Mem *mem, const Foreign *row, Rows *rows, Err *err)
{
    const Foreign *foreign = foreign_called(run, row);

    if (!db_query(mem, run->watcher, "foreign_place",
                  ARGS(foreign->schema, foreign->table), rows, err))
        return false;
    run->foreign = foreign;
    run->foreign_here = rows_bool(rows, 0, "here");
    run->foreign_schema = mem_copy(run->mem, rows_cell(rows, 0, "schema"));
    run->foreign_database = mem_copy(run->mem, rows_cell(rows, 0, "database"));
    run->foreign_denied = mem_copy(run->mem, rows_cell(rows, 0, "denied"));
    run->foreign_counter = mem_copy(run->mem, rows_cell(rows, 0, "denied_sequence"));
    run->foreign_role = mem_copy(run->mem, rows_cell(rows, 0, "role"));
    return true;
}

/* The first of its places where the table is, else the one where it is made. */
static bool
place_find(Run *run, Mem *mem, const Foreign *first, Rows *rows, Err *err)
{
    for (const Foreign *at = first; at != NULL; at = foreign_next(at))
    {
        if (!place_look(run, mem, at, rows, err))
            return false;
        if (run->foreign_here)
            return true;
    }
    return foreign_next(first) == NULL || place_look(run, mem, first, rows, err);
}

bool
foreign_find(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    run->foreign_old = false;
    if (!place_find(run, scope, foreign_of(run->migrations.layout, run->caps->engine),
                    &rows, err))
        return false;
    run->foreign_here = run->foreign_here && rows_bool(&rows, 0, "readable") &&
                        foreign_fits(run->foreign, rows_cell(&rows, 0, "columns"));
    return true;
}

/* Flyway would go to the schema that it is told; here the address says where we are. */
static bool
schema_agrees(Run *run, Mem *mem, const Foreign *foreign, Err *err)
{
    const char *told = run->migrations.schema;
    bool postgres = strcmp(run->caps->engine, "mysql") != 0;
    Rows rows;

    if (told == NULL || strcmp(run->caps->engine, "sqlite3") == 0)
        return true;
    if (!place_look(run, mem, foreign, &rows, err))
        return false;
    run->foreign = NULL;

    const char *here = rows_cell(&rows, 0, "schema");

    if (here != NULL && strcmp(here, told) == 0)
        return true;
    if (here == NULL || here[0] == '\0')
        return err_set(err, ERR_REFUSED, "there is no schema \"%s\"", told) ||
               err_hint(err, "%s would make it: CREATE SCHEMA %s;", foreign_runner(run),
                        ident_show(mem, told));
    err_set(err, ERR_REFUSED,
            "the schema of %s is \"%s\", and this address leads to \"%s\"",
            foreign_runner(run), told, here);
    return err_hint(err,
                    postgres ? "Name it in the address: currentSchema=%s."
                             : "Name it in the address, as its database: /%s.",
                    told);
}

static bool
table_denied(const Run *run, const char *grant, Err *err)
{
    MEM_SCOPE(scope, NULL);

    err_set(err, ERR_CONNECT, "permission denied for table %s", run->foreign->table);
    return err_hint(err, "Ask its owner: GRANT %s ON %s.%s TO %s;", grant,
                    ident_show(scope, run->foreign_schema),
                    ident_show(scope, run->foreign->table), run->foreign_role);
}

/* Is one of the words also among those? Both are lists as GRANT has them. */
static bool
shares_word(const char *words, const char *with)
{
    for (; *words != '\0'; words += strspn(words, ", "))
    {
        size_t length = strcspn(words, ",");
        const char *at = with;

        while (*at != '\0' &&
               (strncmp(at, words, length) != 0 || strchr(",", at[length]) == NULL))
        {
            at += strcspn(at, ",");
            at += strspn(at, ", ");
        }
        if (*at != '\0')
            return true;
        words += length;
    }
    return false;
}

/* MySQL says of no column whether its rows may be deleted: it is tried, on none of
 * them.
 */
static bool
delete_tried(Run *run, bool *denied, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const QName table = {.schema = run->foreign_schema,
                         .name = (char *)run->foreign->table};
    SqlText sql = sql_begin(scope, run->caps);
    Reply reply;

    sql_raw(&sql, "EXPLAIN DELETE FROM ");
    sql_qname(&sql, &table);
    sql_raw(&sql, " WHERE FALSE");

    const Ask ask = {.label = "may we delete", .sql = sql_done(&sql)};

    *denied = !db_script(scope, run->watcher, &ask, 1, &reply, err) &&
              err->kind == ERR_CONNECT;
    if (*denied)
        err_clear(err);
    return err->kind == ERR_NONE;
}

/* `writes`: words of GRANT. ERR_CONNECT where one of them is denied. */
static bool
may_write(Run *run, const char *writes, Err *err)
{
    bool denied = false;

    if (!run->foreign_here || run->foreign_apart || run->foreign_denied == NULL)
        return true;
    if (shares_word(writes, run->foreign_denied))
        return table_denied(run, run->foreign_denied, err);
    if (shares_word(writes, "DELETE") && strcmp(run->caps->engine, "mysql") == 0 &&
        !delete_tried(run, &denied, err))
        return false;
    if (denied)
        return table_denied(run, "DELETE", err);
    if (run->foreign_counter == NULL || !shares_word(writes, "INSERT"))
        return true;
    err_set(err, ERR_CONNECT, "permission denied for sequence %s",
            run->foreign_counter);
    return err_hint(err, "Ask its owner: GRANT USAGE ON SEQUENCE %s TO %s;",
                    run->foreign_counter, run->foreign_role);
}

/* Who examines may find nothing to write; who adopts writes only where its runner
 * would; who goes back is asked about that, see foreign_may_forget. */
bool
foreign_may_write(Run *run, Err *err)
{
    const char *verb = run->settings->verb;
    bool writes = !run->settings->examines && strcmp(verb, "down") != 0 &&
                  (strcmp(verb, "adopt") != 0 || run->foreign->adopted != NULL);

    return !writes || may_write(run, run->foreign->writes, err);
}

bool
foreign_may_forget(Run *run, Err *err)
{
    return run->foreign == NULL || run->foreign->undone == NULL ||
           may_write(run, "DELETE", err);
}

bool
foreign_meet(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Foreign *foreign = foreign_of(run->migrations.layout, run->caps->engine);
    Rows rows;

    run->foreign = NULL;
    run->foreign_old = false;
    if (run->settings->history_table != NULL &&
        (foreign == NULL || foreign->applied == NULL))
        return err_set(err, ERR_USAGE,
                       "--history-table: a folder of %s has no table of that kind",
                       foreign_runner(run));
    if (foreign == NULL)
        return true;
    if (!schema_agrees(run, scope, foreign, err))
        return false;
    if (run->settings->own_history)
        return true;
    if (!foreign_attach(run, foreign, err) ||
        !place_find(run, scope, foreign, &rows, err) || !foreign_survey(run, err))
        return false;
    if (!run->foreign_here)
        return true;
    if (!rows_bool(&rows, 0, "readable"))
        return table_denied(run, "SELECT, INSERT, UPDATE, DELETE", err);
    run->foreign_old = foreign_fits_old(run->foreign, rows_cell(&rows, 0, "columns"));
    return run->foreign_old ||
           foreign_fits(run->foreign, rows_cell(&rows, 0, "columns")) ||
           place_refused(run, rows_cell(&rows, 0, "columns"), err);
}

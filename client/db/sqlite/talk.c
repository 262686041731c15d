#include <stdio.h>
#include <string.h>

#include "base/stop.h"
#include "db/sqlite/sqlite.h"

/* So many steps of the library's machine pass between two looks at the stop flag. */
#define STOP_STEPS 10000

/* What the library says, in the codes that db/driver.c understands. */
typedef struct Code
{
    int result; /* the primary one */
    const char *sqlstate;
} Code;

static const Code codes[] = {{SQLITE_BUSY, "55P03"},       {SQLITE_LOCKED, "55P03"},
                             {SQLITE_CONSTRAINT, "23000"}, {SQLITE_READONLY, "25006"},
                             {SQLITE_PERM, "42501"},       {SQLITE_AUTH, "42501"},
                             {SQLITE_INTERRUPT, "57014"},  {SQLITE_FULL, "53100"},
                             {SQLITE_IOERR, "58030"},      {SQLITE_CORRUPT, "XX001"},
                             {SQLITE_NOTADB, "XX001"},     {SQLITE_NOMEM, "53200"},
                             {SQLITE_TOOBIG, "54000"},     {SQLITE_CANTOPEN, "58030"}};

static const char *
code_sqlstate(int result)
{
    for (int i = 0; i < LENGTH(codes); i++)
        if (codes[i].result == (result & 0xff))
            return codes[i].sqlstate;
    return "42000";
}

/* --- one statement --------------------------------------------------------------- */

static void
row_take(sqlite3_stmt *statement, Mem *mem, Rows *rows)
{
    const char **grown =
        mem_array(mem, const char *, rows->column_count *(rows->row_count + 1));

    if (rows->row_count > 0)
        memcpy((void *)grown, (const void *)rows->cells,
               sizeof(char *) * (size_t)(rows->column_count * rows->row_count));
    for (int i = 0; i < rows->column_count; i++)
        grown[rows->column_count * rows->row_count + i] =
            mem_copy(mem, (const char *)sqlite3_column_text(statement, i));
    rows->cells = grown;
    rows->row_count++;
}

static int
statement_run(Sqlite *lite, sqlite3_stmt *statement, const Ask *ask, Mem *mem,
              Rows *rows)
{
    int result;

    for (int i = 1; i <= sqlite3_bind_parameter_count(statement); i++)
        if (i <= ask->arg_count && ask->args[i - 1] != NULL)
            sqlite3_bind_text(statement, i, ask->args[i - 1], -1, SQLITE_TRANSIENT);
    *rows =
        (Rows){.label = ask->label, .column_count = sqlite3_column_count(statement)};
    rows->names = mem_array(mem, const char *, rows->column_count + 1);
    for (int i = 0; i < rows->column_count; i++)
        rows->names[i] = mem_copy(mem, sqlite3_column_name(statement, i));
    while ((result = sqlite3_step(statement)) == SQLITE_ROW)
        row_take(statement, mem, rows);
    if (result == SQLITE_DONE && !sqlite3_stmt_readonly(statement))
        rows->affected = sqlite3_changes64(lite->conn);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

/* All statements of one text, split by the library's own parser; the last that has one
 * gives the answer. */
static int
ask_run(Sqlite *lite, const Ask *ask, Mem *mem, Rows *rows, int *offset)
{
    const char *at = ask->sql;
    int result = SQLITE_OK;

    *rows = (Rows){.label = ask->label};
    while (result == SQLITE_OK && *at != '\0')
    {
        sqlite3_stmt *statement = NULL;
        const char *tail = at;
        Rows answer = {.label = ask->label};

        result = sqlite3_prepare_v3(lite->conn, at, -1, 0, &statement, &tail);
        if (result != SQLITE_OK)
            *offset = (int)(at - ask->sql) + sqlite3_error_offset(lite->conn);
        else if (statement != NULL)
            result = statement_run(lite, statement, ask, mem, &answer);
        if (answer.column_count > 0 || answer.affected > 0)
            *rows = answer;
        sqlite3_finalize(statement);
        at = tail;
    }
    return result;
}

/* --- the script ------------------------------------------------------------------ */

static bool
is_fenced(const char *message)
{
    return strcmp(message, "another run of pgstride has taken over") == 0;
}

/* Nobody waits for that, and to say the statement again would not help: what was read
 * is old, and the transaction has to begin anew. */
static void
snapshot_explain(Mem *mem, Reply *reply)
{
    snprintf(reply->sqlstate, sizeof(reply->sqlstate), "40001");
    reply->detail = mem_copy(
        mem, "another writer committed after this transaction had begun to read");
    reply->hint = mem_copy(mem, "Nothing of it is left: run it again.");
}

static void
busy_explain(Sqlite *lite, Mem *mem, Reply *reply)
{
    char *who = busy_holders(mem, lite->path);
    bool writer = who != NULL;

    if (who == NULL)
        who = busy_sharers(mem, lite->path);
    reply->message = mem_copy(mem, "database is locked");
    reply->detail = mem_text(mem, "another %s had \"%s\" for %.1f s%s%s",
                             writer || who == NULL ? "writer" : "reader", lite->path,
                             (clock_now(&clock_real) - lite->waiting_since) / 1000.0,
                             who == NULL ? "" : ": ", who == NULL ? "" : who);
    reply->hint = mem_copy(mem, "Let it finish, or end it, and run this again.");
}

/* How it is told; then no transaction is left, and constraints are watched again. */
static void
reply_fail(Sqlite *lite, Mem *mem, int result, int offset, Reply *reply)
{
    const char *message = sqlite3_errmsg(lite->conn);

    reply->outcome = DB_FAILED;
    reply->message = mem_copy(mem, message);
    snprintf(reply->sqlstate, sizeof(reply->sqlstate), "%s",
             is_fenced(message) ? "PS001" : code_sqlstate(result));
    reply->position = offset >= 0 ? offset + 1 : 0;
    if (result == SQLITE_BUSY_SNAPSHOT)
        snapshot_explain(mem, reply);
    else if ((result & 0xff) == SQLITE_BUSY)
        busy_explain(lite, mem, reply);
    if ((result & 0xff) == SQLITE_FULL)
        reply->hint =
            mem_copy(mem, "Make room on the disk of the database and of its "
                          "-wal or -journal, then run the same command again.");
    if (strncmp(message, "no such function: ", 18) == 0)
        reply->hint = mem_text(mem, "This is SQLite %s; a newer library may have it.",
                               sqlite3_libversion());
    if (!sqlite3_get_autocommit(lite->conn))
        sqlite3_exec(lite->conn, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_exec(lite->conn,
                 "PRAGMA foreign_keys = ON; PRAGMA legacy_alter_table = OFF", NULL,
                 NULL, NULL);
}

static int
stop_look(void *data)
{
    Sqlite *lite = data;

    return lite->cancelled || stop_asked();
}

bool
sqlite_start(Db *db, const Script *script, Err *err)
{
    Sqlite *lite = (Sqlite *)db;

    (void)err;
    lite->script = *script;
    lite->asked = true;
    lite->cancelled = false;
    return true;
}

void
sqlite_finish(Db *db, Mem *mem, Reply *reply)
{
    Sqlite *lite = (Sqlite *)db;
    double began = clock_now(&clock_real);

    *reply = (Reply){.outcome = DB_DONE, .position = 0};
    lite->waiting_since = began; /* the library may refuse without a wait */
    reply->rows = mem_array(mem, Rows, lite->script.count + 1);
    sqlite3_progress_handler(lite->conn, STOP_STEPS, stop_look, lite);
    for (int i = 0; i < lite->script.count && reply->outcome == DB_DONE; i++)
    {
        int offset = -1;
        int result =
            ask_run(lite, &lite->script.asks[i], mem, &reply->rows[i], &offset);

        reply->failed_at = i;
        if (result == SQLITE_OK)
            reply->row_count++;
        else
            reply_fail(lite, mem, result, offset, reply);
    }
    sqlite3_progress_handler(lite->conn, 0, NULL, NULL);
    lite->asked = false;
    reply->took_ms = clock_now(&clock_real) - began;
}

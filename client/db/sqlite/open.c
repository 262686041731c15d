#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/sqlite/sqlite.h"

#define PATIENCE_MS 10000 /* for another writer, unless the caller has less */

static const OwnSql own_sqlite = {
    .prefix = "pgstride_",
    .now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    .uuid = "",
    .begin = "BEGIN IMMEDIATE",
    .hasty = "",
    .user = "''", /* a file has none */
    .age_ms = "CAST((julianday('now') - julianday(started_at)) * 86400000 AS INTEGER)",
    .on_conflict = true,
};

/* --- what the library made of it ------------------------------------------------- */

/* Readers of a WAL too meet in a file beside it, and nobody has left one there. */
static bool
wal_unreadable(const Sqlite *lite, Err *err)
{
    err_clear(err);
    err_set(err, ERR_CONNECT,
            "\"%s\" is in WAL mode: where nothing can be written it cannot be read "
            "either",
            lite->path);
    return err_hint(err, "Make its directory writable, or look at a copy of it.");
}

/* What the library made of its first bytes. */
static bool
file_stranger(const Sqlite *lite, Err *err)
{
    if (strcmp(err->sqlstate, "58030") == 0 && !file_is_writable(lite->path))
        return wal_unreadable(lite, err);
    if (err->kind == ERR_BUSY) /* in the words that people search for */
        return false;
    if (strcmp(err->sqlstate, "XX001") != 0)
        return err_in(err, "while opening \"%s\"", lite->path);
    err_clear(err);
    err_set(err, ERR_CONNECT, "\"%s\" is no SQLite database", lite->path);
    return err_hint(err,
                    "It is another kind of file, encrypted, damaged, or made by a "
                    "newer SQLite than %s.",
                    sqlite3_libversion());
}

/* Its first page names the version that may write it; an older one may still read. */
static bool
newer_check(const Sqlite *lite, Err *err)
{
    if (strcmp(lite->db.role, "watcher") == 0 ||
        sqlite3_db_readonly(lite->conn, "main") != 1)
        return true;
    err_set(err, ERR_CONNECT, "\"%s\" can be read here, but not written", lite->path);
    return err_hint(err,
                    "It was made by a newer SQLite than %s, or is on a read-only "
                    "file system.",
                    sqlite3_libversion());
}

/* --- opening --------------------------------------------------------------------- */

static void
caps_fill(Caps *caps)
{
    *caps = (Caps){
        .engine = "sqlite3",
        .product = "SQLite",
        .version = sqlite3_libversion_number(),
        .ident_quote = '"',
        .quotes_names = true,
        .string_verbatim = true,
        .own = &own_sqlite,
        .plain_path = true,
        .one_writer = true,
        .ddl_in_transaction = true,
        .sync_trigger = true,
        .sees_all_activity = true,
    };
    snprintf(caps->version_text, sizeof(caps->version_text), "%s",
             sqlite3_libversion());
}

static int
lite_close(Sqlite *lite)
{
    sqlite3_close(lite->conn);
    lite->conn = NULL;
    return 0;
}

static bool
session_pin(Sqlite *lite, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const Ask asks[] = {
        {.label = "pin", .sql = "PRAGMA foreign_keys = ON"},
        {.label = "pin", .sql = "PRAGMA recursive_triggers = OFF"},
        {.label = "pin", .sql = "PRAGMA trusted_schema = ON"},
        {.label = "pin", .sql = "SELECT count(*) FROM sqlite_schema"},
        {.label = "pin", .sql = "PRAGMA journal_mode"},
    };
    Reply reply;

    if (!db_script(scope, &lite->db, asks, LENGTH(asks), &reply, err))
        return file_stranger(lite, err);
    return newer_check(lite, err) &&
           file_wal_check(lite->path, reply.rows[LENGTH(asks) - 1].cells[0],
                          file_network(lite->path), err);
}

/* Of a database that is to be made `file` is one in memory, as empty as it. */
static bool
lite_open(Mem *mem, const char *path, const char *file, const SessionPlan *plan,
          Db **db, Err *err)
{
    Sqlite *lite = mem_new(mem, Sqlite);

    lite->db = (Db){.driver = &sqlite_driver,
                    .caps = &lite->caps,
                    .role = mem_copy(lite, plan->role),
                    .unmade = file != path};
    lite->path = mem_copy(lite, path);
    lite->patience = plan->lock_patience > 0 && plan->lock_patience < PATIENCE_MS
                         ? plan->lock_patience
                         : PATIENCE_MS;
    caps_fill(&lite->caps);
    if (sqlite3_open_v2(file, &lite->conn, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
    {
        err_set(err, ERR_CONNECT, "unable to open database file \"%s\": %s", path,
                sqlite3_errmsg(lite->conn));
        lite_close(lite);
        return false;
    }
    talloc_set_destructor(lite, lite_close);
    sqlite3_extended_result_codes(lite->conn, 1);
    sqlite3_db_config(lite->conn, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    busy_handle(lite);
    own_functions(lite->conn);
    *db = &lite->db;
    return session_pin(lite, err);
}

bool
sqlite_open(Mem *mem, const Target *target, const SessionPlan *plan, Db **db, Err *err)
{
    const char *path = target->given;
    bool writes = strcmp(plan->role, "watcher") != 0;
    bool memory = strcmp(plan->role, "rehearsal") == 0;
    bool made = false;

    if (memory)
        return lite_open(mem, path, path, plan, db, err);
    if (plan->may_make && !writes && file_absent(path))
        return file_write_check(path, err) && file_managed_check(path, err) &&
               lite_open(mem, path, ":memory:", plan, db, err);
    if ((plan->may_make && !file_make(path, &made, err)) || !file_check(path, err) ||
        (writes && !file_write_check(path, err)) || !file_managed_check(path, err) ||
        !lite_open(mem, path, path, plan, db, err))
        return false;
    (*db)->made = made;
    return true;
}

/* --- the rest of the table ------------------------------------------------------- */

static int
lite_wait(Db *const *dbs, int count, double deadline_ms, int wake_fd)
{
    (void)deadline_ms;
    (void)wake_fd;
    for (int i = 0; i < count; i++)
        if (((const Sqlite *)dbs[i])->asked)
            return i;
    return -1;
}

static bool
lite_cancel(Db *db, Err *err)
{
    (void)err;
    ((Sqlite *)db)->cancelled = true;
    return true;
}

static int64_t
lite_backend(Db *db)
{
    (void)db;
    return getpid();
}

static void
lite_end(Db *db)
{
    TALLOC_FREE(db);
}

const Driver sqlite_driver = {
    .engine = "sqlite3",
    .open = sqlite_open,
    .start = sqlite_start,
    .wait = lite_wait,
    .finish = sqlite_finish,
    .cancel = lite_cancel,
    .backend_id = lite_backend,
    .query = sqlite_query_stored,
    .close = lite_end,
};

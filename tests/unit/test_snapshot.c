/* A transaction of SQLite's that began by reading, and then wants to write. */
#include <string.h>
#include <unistd.h>

#include "db/sqlite/sqlite.h"
#include "run/engines/engines.h"
#include "unit/unit.h"

static Db *
session_of(Mem *mem, const char *path)
{
    const Target target = {.engine = "sqlite3", .given = path};
    const SessionPlan plan = {.role = "worker", .lock_patience = 100};
    Err err = {0};
    Db *db = NULL;

    ck_assert_msg(sqlite_open(mem, &target, &plan, &db, &err), "%s", err.text);
    return db;
}

static bool
said(Mem *mem, Db *db, const char *sql, Err *err)
{
    const Ask ask = {.label = "said", .sql = sql};
    Reply reply;

    return db_script(mem, db, &ask, 1, &reply, err);
}

START_TEST(what_was_read_before_somebody_wrote_is_no_ground_to_write_on)
{
    MEM_SCOPE(scope, NULL);
    char path[] = "/tmp/pgstride.XXXXXX";
    int made = mkstemp(path);
    Err err = {0};

    ck_assert_int_ge(made, 0);
    close(made);

    Db *one = session_of(scope, path);
    Db *other = session_of(scope, path);

    ck_assert(said(scope, one, "PRAGMA journal_mode = WAL; CREATE TABLE t (a)", &err));
    ck_assert(said(scope, one, "BEGIN; SELECT count(*) FROM t", &err));
    ck_assert(said(scope, other, "INSERT INTO t VALUES (1)", &err));
    ck_assert(!said(scope, one, "INSERT INTO t VALUES (2)", &err));
    ck_assert_int_eq(err.kind, ERR_BUSY);
    ck_assert_str_eq(err.sqlstate, "40001");
    ck_assert_ptr_nonnull(strstr(err.detail, "another writer committed"));
    err_clear(&err);
    ck_assert(
        said(scope, one, "BEGIN IMMEDIATE; INSERT INTO t VALUES (2); COMMIT", &err));
    one->driver->close(one);
    other->driver->close(other);
    unlink(path);
}
END_TEST

START_TEST(none_of_ours_begins_by_reading)
{
    MEM_SCOPE(scope, NULL);
    char path[] = "/tmp/pgstride.XXXXXX";
    int made = mkstemp(path);
    Db *db;

    ck_assert_int_ge(made, 0);
    close(made);
    db = session_of(scope, path);
    ck_assert_str_eq(caps_own(db->caps)->begin, "BEGIN IMMEDIATE");
    ck_assert_str_eq(sqlite_engine.bookkeeping_begin, "BEGIN IMMEDIATE;\n");
    db->driver->close(db);
    unlink(path);
}
END_TEST

UNIT("snapshot", what_was_read_before_somebody_wrote_is_no_ground_to_write_on,
     none_of_ours_begins_by_reading)

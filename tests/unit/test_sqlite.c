#include <string.h>

#include "core/sql/sqlite/lite.h"
#include "db/sqlite/look.h"
#include "db/sqlite/sqlite.h"
#include "unit/unit.h"

static Section
section_of(const char *text)
{
    return (Section){
        .engine = "sqlite3", .text = text, .text_line = 1, .file = "m.sql"};
}

static Statements
statements_of(Mem *mem, const char *text)
{
    const Section section = section_of(text);
    Statements statements;
    Err err = {0};

    ck_assert_msg(sql_parse(mem, &section, &statements, &err), "%s: %s", text,
                  err.text);
    return statements;
}

typedef struct Split
{
    const char *text;
    int count;
    int last_line;
} Split;

/* clang-format off */
static const Split splits[] = {
    {"", 0, 0},
    {" ; ;; -- nothing\n/* at ; all */;", 0, 0},
    {"SELECT 1", 1, 1},
    {"SELECT ';', \";\", [;], `;`;\nSELECT 'it''s;'; -- ;\n", 2, 2},
    {"CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; UPDATE a SET b = CASE WHEN 1 THEN 2 END; END;\nSELECT 1;", 2, 2},
    {"CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END", 1, 1},
    {"/* open comment ; ", 0, 0},
};

typedef struct Reading
{
    const char *text;
    Action action;
    const char *relation;
    const char *column;
} Reading;

static const Reading readings[] = {
    {"CREATE TABLE IF NOT EXISTS main.\"a b\" (x)", ACTION_CREATE_TABLE, "a b", NULL},
    {"WITH n AS (SELECT 1), m (x) AS (VALUES (2)) DELETE FROM a", ACTION_DELETE, "a", NULL},
    {"WITH RECURSIVE n AS (SELECT 1) REPLACE INTO a SELECT 1", ACTION_INSERT, "a", NULL},
    {"CREATE TABLE a AS SELECT 1", ACTION_CREATE_TABLE_AS, "a", NULL},
    {"CREATE UNIQUE INDEX i ON a (x)", ACTION_CREATE_INDEX, "a", NULL},
    {"ALTER TABLE a ADD b int NOT NULL", ACTION_ADD_COLUMN, "a", "b"},
    {"ALTER TABLE a ADD COLUMN [b c] int", ACTION_ADD_COLUMN, "a", "b c"},
    {"ALTER TABLE a DROP b", ACTION_DROP_COLUMN, "a", "b"},
    {"ALTER TABLE a RENAME b TO c", ACTION_RENAME_COLUMN, "a", "b"},
    {"ALTER TABLE a RENAME TO c", ACTION_RENAME_TABLE, "a", NULL},
    {"alter table a alter column b set not null", ACTION_SET_NOT_NULL, "a", "b"},
    {"ALTER TABLE a ALTER b SET DATA TYPE text", ACTION_ALTER_TYPE, "a", "b"},
    {"ALTER TABLE a ADD CONSTRAINT c UNIQUE (b)", ACTION_ADD_UNIQUE, "a", NULL},
    {"ALTER TABLE a DROP CONSTRAINT c", ACTION_DROP_CONSTRAINT, "a", NULL},
    {"INSERT OR IGNORE INTO a VALUES (1)", ACTION_INSERT, "a", NULL},
    {"UPDATE OR FAIL a SET b = 1", ACTION_UPDATE, "a", NULL},
    {"DELETE FROM a", ACTION_DELETE, "a", NULL},
    {"DROP TABLE IF EXISTS a", ACTION_DROP_TABLE, "a", NULL},
    {"VACUUM", ACTION_VACUUM, NULL, NULL},
};

typedef struct Altered
{
    const char *create;
    const char *alter;
    const char *made;
} Altered;

static const Altered altereds[] = {
    {"CREATE TABLE t (a int, b text)", "ALTER TABLE t ALTER b SET NOT NULL",
     "CREATE TABLE n (a int, b text NOT NULL)"},
    {"CREATE TABLE t(a int NOT NULL DEFAULT 1, b)", "ALTER TABLE t ALTER a DROP NOT NULL",
     "CREATE TABLE n (a int DEFAULT 1, b)"},
    {"CREATE TABLE t (a decimal(10, 2) NOT NULL) STRICT", "ALTER TABLE t ALTER a TYPE text",
     "CREATE TABLE n (a text NOT NULL) STRICT"},
    {"CREATE TABLE t (a DEFAULT (1 + (2)))", "ALTER TABLE t ALTER a SET DEFAULT 'x,y'",
     "CREATE TABLE n (a  DEFAULT 'x,y')"},
    {"CREATE TABLE \"t\" (a, CONSTRAINT c CHECK (a IN (1, 2)), UNIQUE (a))",
     "ALTER TABLE t DROP CONSTRAINT c", "CREATE TABLE n (a, UNIQUE (a))"},
    {"CREATE TABLE t (a) WITHOUT ROWID", "ALTER TABLE t ADD CONSTRAINT d CHECK (a > 0)",
     "CREATE TABLE n (a, CONSTRAINT d CHECK (a > 0)) WITHOUT ROWID"},
};
/* clang-format on */

START_TEST(statements_end_where_the_library_ends_them)
{
    for (int i = 0; i < LENGTH(splits); i++)
    {
        MEM_SCOPE(scope, NULL);
        Statements statements = statements_of(scope, splits[i].text);

        ck_assert_msg(statements.count == splits[i].count, "%s: %d", splits[i].text,
                      statements.count);
        if (statements.count > 0)
            ck_assert_int_eq(statements.items[statements.count - 1].span.line,
                             splits[i].last_line);
    }
}
END_TEST

START_TEST(statements_are_understood)
{
    for (int i = 0; i < LENGTH(readings); i++)
    {
        MEM_SCOPE(scope, NULL);
        Statements statements = statements_of(scope, readings[i].text);
        const Act *act = &statements.items[0].acts[0];

        ck_assert_msg(act->action == readings[i].action, "%s", readings[i].text);
        if (readings[i].relation != NULL)
            ck_assert_str_eq(act->relation.name, readings[i].relation);
        if (readings[i].column != NULL)
            ck_assert_str_eq(act->column, readings[i].column);
    }
}
END_TEST

START_TEST(comments_and_blanks_are_no_change)
{
    char one[65];
    char two[65];
    char other[65];

    ck_assert(lite_digest("SELECT  1 -- x\n", one));
    ck_assert(lite_digest("/* y */SELECT 1", two));
    ck_assert(lite_digest("SELECT 11", other));
    ck_assert_str_eq(one, two);
    ck_assert_str_ne(one, other);
    ck_assert(!lite_digest("SELECT 'open", one));
}
END_TEST

START_TEST(tables_are_written_anew)
{
    for (int i = 0; i < LENGTH(altereds); i++)
    {
        MEM_SCOPE(scope, NULL);
        Statements statements = statements_of(scope, altereds[i].alter);
        SqlParsed made;
        Err err = {0};

        ck_assert(lite_rebuilds(&statements.items[0].acts[0]));
        ck_assert_msg(lite_altered(scope, altereds[i].create,
                                   &statements.items[0].acts[0], "n", &made, &err),
                      "%s", err.text);
        ck_assert_str_eq(made.text, altereds[i].made);
    }
}
END_TEST

START_TEST(what_no_migration_may_say_is_refused_with_its_line)
{
    static const char *const refused[] = {"SELECT 1;\nBEGIN",
                                          "SELECT 1;\nPRAGMA foreign_keys = 0",
                                          "SELECT 1;\nPRAGMA main.'foreign_keys' = 0",
                                          "SELECT 1;\nPRAGMA \"query_only\" = 1",
                                          "SELECT 1;\n.tables",
                                          "SELECT 1;\nATTACH 'x' AS y",
                                          "SELECT 1;\nCREAT TABLE a (b)",
                                          "SELECT 1;\nSELECT 'open"};

    for (int i = 0; i < LENGTH(refused); i++)
    {
        MEM_SCOPE(scope, NULL);
        const Section section = section_of(refused[i]);
        Statements statements;
        Err err = {0};

        ck_assert_msg(!sql_parse(scope, &section, &statements, &err), "%s", refused[i]);
        ck_assert_int_eq(err.kind, ERR_USAGE);
        ck_assert_int_eq(err.line, 2);
        err_clear(&err);
    }
}
END_TEST

/* --- the library's word ---------------------------------------------------------- */

static Db *
memory_of(Mem *mem)
{
    static const Target target = {
        .engine = "sqlite3", .given = ":memory:", .shown = "memory"};
    const SessionPlan plan = {.role = "rehearsal", .application = "unit"};
    const Ask ask = {
        .label = "made",
        .sql = "CREATE TABLE a (x); CREATE TABLE b (x REFERENCES a ON DELETE CASCADE); "
               "CREATE VIEW v AS SELECT x FROM a; CREATE TRIGGER g INSTEAD OF INSERT "
               "ON v BEGIN INSERT INTO b VALUES (abs(new.x)); END"};
    Db *db = NULL;
    Reply reply;
    Err err = {0};

    ck_assert_msg(sqlite_driver.open(mem, &target, &plan, &db, &err) &&
                      db_script(mem, db, &ask, 1, &reply, &err),
                  "%s", err.text);
    return db;
}

typedef struct Seen
{
    const char *text;
    TouchKind kind;
    const char *word;
    const char *name;
    const char *via;
} Seen;

static const Seen seens[] = {
    {"WITH n AS (SELECT 1) UPDATE a SET x = 2", TOUCH_ROWS, NULL, "a", NULL},
    {"INSERT INTO v VALUES (1)", TOUCH_ROWS, NULL, "v", NULL},
    {"INSERT INTO v VALUES (1)", TOUCH_ROWS, NULL, "b", "g"},
    {"INSERT INTO v VALUES (1)", TOUCH_CALL, NULL, "abs", "g"},
    {"CREATE INDEX i ON a (x)", TOUCH_SCHEMA, NULL, "a", NULL},
    {"ALTER TABLE a RENAME TO c", TOUCH_SCHEMA, NULL, "a", NULL},
    {"DROP TRIGGER g", TOUCH_SCHEMA, NULL, "v", NULL},
    {"PRAGMA 'Journal_Mode' = WAL", TOUCH_WORD, "PRAGMA", "Journal_Mode", NULL},
    {"ATTACH 'x' AS y", TOUCH_WORD, "ATTACH", "x", NULL},
    {"/* */ END", TOUCH_WORD, "COMMIT", NULL, NULL},
    {"SAVEPOINT s", TOUCH_WORD, "SAVEPOINT", "s", NULL},
};

static bool
same(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

START_TEST(the_library_tells_what_a_statement_does)
{
    for (int i = 0; i < LENGTH(seens); i++)
    {
        MEM_SCOPE(scope, NULL);
        const Seen *seen = &seens[i];
        Sight sight;
        Err err = {0};
        bool found = false;

        ck_assert_msg(sqlite_look(scope, memory_of(scope), seen->text, &sight, &err),
                      "%s: %s", seen->text, err.text);
        for (int j = 0; j < sight.touches.count; j++)
        {
            const Touch *touch = &sight.touches.items[j];

            found |= touch->kind == seen->kind && same(touch->word, seen->word) &&
                     same(touch->name, seen->name) && same(touch->via, seen->via);
        }
        ck_assert_msg(found, "%s", seen->text);
        ck_assert_ptr_null(sight.rest);
    }
}
END_TEST

START_TEST(looking_runs_nothing_and_sees_the_end_of_a_statement)
{
    MEM_SCOPE(scope, NULL);
    Db *db = memory_of(scope);
    Sight sight;
    Err err = {0};

    ck_assert(sqlite_look(scope, db, "DROP TABLE a; -- the end\n;", &sight, &err));
    ck_assert_ptr_null(sight.rest);
    ck_assert(sqlite_look(scope, db, "DELETE FROM a; DROP TABLE b", &sight, &err));
    ck_assert_str_eq(sight.rest, " DROP TABLE b");
    for (int i = 0; i < sight.touches.count; i++)
        ck_assert_msg(strcmp(sight.touches.items[i].name, "b") != 0,
                      "a cascade is not the statement's own");
    ck_assert(sqlite_look(scope, db, "EXPLAIN DROP TABLE a", &sight, &err));
    ck_assert_int_eq(sight.touches.count, 0);
    ck_assert(!sqlite_look(scope, db, "DROP TABLE c", &sight, &err));
    ck_assert_str_eq(err.text, "no such table: c");
    err_clear(&err);
}
END_TEST

/* No such disk is to be had here: what statfs says of one is. */
START_TEST(on_a_network_the_wal_is_refused_in_clear_words)
{
    const unsigned nfs = 0x6969;
    const unsigned ext4 = 0xEF53;
    Err err = {0};

    ck_assert_ptr_null(file_network_named(ext4));
    ck_assert(file_wal_check("/mnt/shop.db", "wal", file_network_named(ext4), &err));
    ck_assert(file_wal_check("/mnt/shop.db", "delete", file_network_named(nfs), &err));
    ck_assert(!file_wal_check("/mnt/shop.db", "wal", file_network_named(nfs), &err));
    ck_assert_int_eq(err.kind, ERR_REFUSED);
    ck_assert_str_eq(err.text, "\"/mnt/shop.db\" is in WAL mode on a network (NFS)");
    ck_assert_ptr_nonnull(strstr(err.hint, "journal_mode = DELETE"));
    err_clear(&err);
}
END_TEST

UNIT("sqlite", the_library_tells_what_a_statement_does,
     looking_runs_nothing_and_sees_the_end_of_a_statement,
     statements_end_where_the_library_ends_them, statements_are_understood,
     comments_and_blanks_are_no_change, on_a_network_the_wal_is_refused_in_clear_words,
     tables_are_written_anew, what_no_migration_may_say_is_refused_with_its_line)

#include <string.h>

#include "core/sql/sqlite/lite.h"
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

UNIT("sqlite", statements_end_where_the_library_ends_them, statements_are_understood,
     comments_and_blanks_are_no_change, tables_are_written_anew,
     what_no_migration_may_say_is_refused_with_its_line)

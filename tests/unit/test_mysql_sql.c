#include <string.h>

#include "core/sql/actions.h"
#include "core/sql/dialect.h"
#include "unit/sections.h"
#include "unit/unit.h"

static Section
mysql_section(Phase phase, const char *text)
{
    Section section = section_of(phase, text);

    section.engine = "mysql";
    return section;
}

static Statements
mysql_statements(Mem *mem, const char *text)
{
    Section section = mysql_section(PHASE_UP, text);

    return section_read(mem, &section);
}

/* --- splitting ------------------------------------------------------------------- */

/* A file, and its statements with a '|' between them. */
typedef struct Split
{
    const char *text;
    const char *statements;
} Split;

/* clang-format off */
static const Split splits[] = {
    {"SELECT 1; SELECT 2;;\n;", "SELECT 1|SELECT 2"},
    {"SELECT 2--1; SELECT 3 -- ; no\n, 4; SELECT 5 # ; no\n;", "SELECT 2--1|SELECT 3 -- ; no\n, 4|SELECT 5"},
    {"-- ;\n# ;\n/* ; */ SELECT 1 /* ; */;", "SELECT 1"},
    {"SELECT 1 --\n; SELECT 2 --", "SELECT 1|SELECT 2"},
    {"SELECT 'a;\\';b', \"c;\"\";\", `d;``;`; SELECT 2", "SELECT 'a;\\';b', \"c;\"\";\", `d;``;`|SELECT 2"},
    {"SELECT `a\\`; SELECT 'b\\\\'; SELECT 3", "SELECT `a\\`|SELECT 'b\\\\'|SELECT 3"},
    {"SELECT _utf8mb4'a;', N'b;', x'3b'; SELECT 2", "SELECT _utf8mb4'a;', N'b;', x'3b'|SELECT 2"},
    {"/*!40101 SET NAMES utf8 */;\n/*M!100100 SELECT ';' ; */; SELECT 1",
     "/*!40101 SET NAMES utf8 */|/*M!100100 SELECT ';' ; */|SELECT 1"},
    {"DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\nSELECT 2;",
     "CREATE PROCEDURE p() BEGIN SELECT 1; END|SELECT 2"},
    {"delimiter $$\nSELECT 1$$SELECT a;b$$\ndelimiter ;\nSELECT a$b; SELECT 4", "SELECT 1|SELECT a;b|SELECT a$b|SELECT 4"},
    {"DELIMITER ;;\nCREATE PROCEDURE begin() SELECT 1;;\nSELECT 2;;", "CREATE PROCEDURE begin() SELECT 1|SELECT 2"},
    {"DELIMITER #\nSELECT 1#SELECT 2#", "SELECT 1|SELECT 2"},
    {"SELECT 1; SELECT -", "SELECT 1|SELECT -"},
    {"DELIMITER ;;\nCREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; END;;\nDELIMITER ;\n",
     "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; END"},
    {"CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN IF NEW.a THEN SET NEW.b = 1; END IF; END; SELECT 1",
     "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN IF NEW.a THEN SET NEW.b = 1; END IF; END|SELECT 1"},
    {"CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW IF NEW.a THEN SET NEW.b = 1; END IF; SELECT 1",
     "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW IF NEW.a THEN SET NEW.b = 1; END IF|SELECT 1"},
    {"CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.b = IF(NEW.a, CASE WHEN 1 THEN 2 END, 3); SELECT 1",
     "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.b = IF(NEW.a, CASE WHEN 1 THEN 2 END, 3)|SELECT 1"},
    {"CREATE OR REPLACE DEFINER=`a`@`b` PROCEDURE p(INOUT n int) BEGIN l: LOOP SET n = n.end + REPEAT('x', 2); "
     "WHILE n DO SELECT 1; END WHILE; CASE n WHEN 1 THEN SELECT 2; ELSE BEGIN END; END CASE; END LOOP l; END; SELECT 1",
     "CREATE OR REPLACE DEFINER=`a`@`b` PROCEDURE p(INOUT n int) BEGIN l: LOOP SET n = n.end + REPEAT('x', 2); "
     "WHILE n DO SELECT 1; END WHILE; CASE n WHEN 1 THEN SELECT 2; ELSE BEGIN END; END CASE; END LOOP l; END|SELECT 1"},
    {"CREATE PROCEDURE IF NOT EXISTS p() SELECT 1; SELECT 2", "CREATE PROCEDURE IF NOT EXISTS p() SELECT 1|SELECT 2"},
    {"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; END; SELECT 1",
     "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; END|SELECT 1"},
    {"BEGIN NOT ATOMIC SELECT 1; SELECT 2; END; SELECT 3", "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END|SELECT 3"},
    {"DROP PROCEDURE p; DROP TRIGGER t; SELECT 1", "DROP PROCEDURE p|DROP TRIGGER t|SELECT 1"},
};

static const struct { const char *text; int line; const char *told; } refused[] = {
    {"SELECT 1;\nSELECT 'a",                      41, "string is not closed"},
    {"SELECT `a",                                 40, "name is not closed"},
    {"\n/* never",                                41, "comment is not closed"},
    {"SELECT 1;\nCREATE PROCEDURE p() BEGIN SELECT 1;", 41, "body has no END"},
    {"DELIMITER\nSELECT 1",                       40, "DELIMITER without"},
    {"SELECT 1;\n\nBEGIN;",                       42, "control transactions"},
    {"START TRANSACTION",                         40, "control transactions"},
    {"USE other",                                 40, "stays in its database"},
    {"SET sql_mode = 'ANSI_QUOTES'",              40, "SQL mode"},
    {"LOCK TABLES t WRITE",                       40, "lock tables"},
};

/* In files of other runners, which set the mode as they like. */
static const Split moded[] = {
    {"SET sql_mode = 'ANSI_QUOTES'; SELECT \"a\\\"; SELECT 'b\\';'", "SET sql_mode = 'ANSI_QUOTES'|SELECT \"a\\\"|SELECT 'b\\';'"},
    {"SET SESSION sql_mode = strict_all_tables; SELECT \"a\\\";\"", "SET SESSION sql_mode = strict_all_tables|SELECT \"a\\\";\""},
    {"SET GLOBAL sql_mode = 'ANSI'; SELECT \"a\\\";\"", "SET GLOBAL sql_mode = 'ANSI'|SELECT \"a\\\";\""},
    {"/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_BACKSLASH_ESCAPES' */; SELECT '\\'; SET @@session.sql_mode := @OLD_SQL_MODE; SELECT '\\';'",
     "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_BACKSLASH_ESCAPES' */|SELECT '\\'|SET @@session.sql_mode := @OLD_SQL_MODE|SELECT '\\';'"},
    {"SET sql_mode = CONCAT(@@sql_mode, ',NO_ZERO_DATE'); SELECT \"a\\\";\"", "SET sql_mode = CONCAT(@@sql_mode, ',NO_ZERO_DATE')|SELECT \"a\\\";\""},
};

static const char *const moded_refused[] = {
    "SELECT 1;\nSET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES'); SELECT 2",
    "SELECT 1;\nSET sql_mode = 'ORACLE'; SELECT 2",
};
/* clang-format on */

static Section
verbatim_section(const char *text)
{
    Section section = mysql_section(PHASE_UP, text);

    section.options.verbatim = true;
    return section;
}

static char *
statements_joined(Mem *mem, const Statements *statements)
{
    Buf joined = buf_begin(mem);

    for (int i = 0; i < statements->count; i++)
        buf_format(&joined, "%s%s", i == 0 ? "" : "|", statements->items[i].sql.text);
    return joined.text;
}

START_TEST(quotes_and_backslashes_mean_what_the_file_has_set)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(moded); i++)
    {
        Section section = verbatim_section(moded[i].text);
        Statements statements = section_read(scope, &section);

        ck_assert_str_eq(statements_joined(scope, &statements), moded[i].statements);
    }
    for (int i = 0; i < LENGTH(moded_refused); i++)
    {
        Err *err = refusal_of(scope, verbatim_section(moded_refused[i]));

        ck_assert_ptr_nonnull(strstr(err->text, "SQL mode"));
        ck_assert_int_eq(err->line, 41);
    }
}
END_TEST

START_TEST(statements_end_where_the_servers_end_them)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(splits); i++)
    {
        Statements statements = mysql_statements(scope, splits[i].text);

        ck_assert_str_eq(statements_joined(scope, &statements), splits[i].statements);
    }
}
END_TEST

START_TEST(what_cannot_stand_in_a_file_is_refused_at_its_line)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(refused); i++)
    {
        Err *err = refusal_of(scope, mysql_section(PHASE_UP, refused[i].text));

        ck_assert_int_eq(err->kind, ERR_USAGE);
        ck_assert_msg(strstr(err->text, refused[i].told) != NULL, "%s: %s",
                      refused[i].text, err->text);
        ck_assert_int_eq(err->line, refused[i].line);
    }
}
END_TEST

START_TEST(layout_and_comments_do_not_count_in_a_hash)
{
    MEM_SCOPE(scope, NULL);
    Statements same = mysql_statements(
        scope, "SELECT a,b;SELECT  a , b /* c */ -- d\n; SELECT 'a , b'; SELECT 'a,b'");

    ck_assert_str_eq(same.items[0].hash, same.items[1].hash);
    ck_assert_str_ne(same.items[2].hash, same.items[3].hash);
    ck_assert_int_eq(same.items[1].span.line, 40);
    ck_assert_int_eq(same.items[2].span.line, 41);
}
END_TEST

/* --- what statements do ---------------------------------------------------------- */

/* "ACTION relation/column/object>new_name:type" of every act. */
static char *
acts_shown(Mem *mem, const Statement *statement)
{
    Buf out = buf_begin(mem);

    for (int i = 0; i < statement->act_count; i++)
    {
        const Act *act = &statement->acts[i];

        buf_format(&out, "%s%s", i == 0 ? "" : "; ", action_name(act->action));
        if (act->relation.name != NULL)
            buf_format(&out, " %s", qname_show(mem, &act->relation));
        if (act->column != NULL)
            buf_format(&out, "/%s", act->column);
        if (act->object != NULL)
            buf_format(&out, " @%s", act->object);
        if (act->new_name != NULL)
            buf_format(&out, " >%s", act->new_name);
        if (act->type != NULL)
            buf_format(&out, " :%s", act->type);
        for (int j = 0; j < act->column_count; j++)
            buf_format(&out, "%s%s", j == 0 ? " (" : ",", act->columns[j]);
        buf_add(&out, act->column_count > 0 ? ")" : "");
    }
    return out.text;
}

/* clang-format off */
static const Split acts[] = {
    {"CREATE TABLE IF NOT EXISTS shop.t (a int)", "CREATE TABLE shop.t"},
    {"CREATE TABLE t AS SELECT 1", "CREATE TABLE AS t"},
    {"CREATE TEMPORARY TABLE t (a int)", "CREATE TEMPORARY TABLE t"},
    {"DROP TABLE IF EXISTS a, `b c` CASCADE", "DROP TABLE a; DROP TABLE \"b c\""},
    {"RENAME TABLE a TO b, c.d TO c.e", "RENAME a >b; RENAME c.d >e"},
    {"ALTER TABLE t ADD COLUMN a varchar(10) NOT NULL DEFAULT 'x,y' AFTER b, ADD (c int, d decimal(1,2) NOT NULL), ALGORITHM=INSTANT",
     "ADD COLUMN t/a :varchar(10); ADD COLUMN t/c :int; ADD COLUMN t/d :decimal(1,2)"},
    {"ALTER TABLE t DROP a, DROP COLUMN IF EXISTS b, DROP INDEX i, DROP PRIMARY KEY, DROP FOREIGN KEY f",
     "DROP COLUMN t/a; DROP COLUMN t/b; DROP INDEX t @i; DROP CONSTRAINT t; DROP CONSTRAINT t @f"},
    {"ALTER TABLE t MODIFY a bigint unsigned, CHANGE COLUMN b c int NOT NULL, CHANGE d d text",
     "ALTER COLUMN TYPE t/a :bigint unsigned; RENAME COLUMN t/b >c; ALTER COLUMN TYPE t/c :int; ALTER COLUMN TYPE t/d :text"},
    {"ALTER TABLE t RENAME COLUMN a TO b, RENAME INDEX i TO j, RENAME TO u",
     "RENAME COLUMN t/a >b; RENAME INDEX t @i >j; RENAME t >u"},
    {"ALTER TABLE t ADD CONSTRAINT k UNIQUE (a, b(10)), ADD INDEX i (c DESC), ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (b), ADD CHECK (a > 0)",
     "ADD UNIQUE t @k (a,b); CREATE INDEX t @i (c); ADD FOREIGN KEY t @f (a); ADD CHECK t"},
    {"ALTER TABLE t WAIT 5 ALTER a SET DEFAULT 3, ALTER COLUMN b DROP DEFAULT, ENGINE=InnoDB, LOCK=NONE",
     "SET DEFAULT t/a; DROP DEFAULT t/b; rewrite of the table t"},
    {"CREATE OR REPLACE UNIQUE INDEX i USING BTREE ON t (a, (lower(b)))", "CREATE INDEX t @i (a)"},
    {"DROP INDEX i ON t LOCK=NONE", "DROP INDEX t @i"},
    {"CREATE DEFINER = a@b TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", "CREATE TRIGGER t @g"},
    {"INSERT IGNORE INTO t VALUES (1)", "INSERT t"},
    {"/*!40000 ALTER TABLE `t` ADD a int */", "ADD COLUMN t/a :int"},
    {"HANDLER t OPEN", "other statement"},
};
/* clang-format on */

START_TEST(a_statement_says_what_it_does)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(acts); i++)
    {
        Statements statements = mysql_statements(scope, acts[i].text);

        ck_assert_int_eq(statements.count, 1);
        ck_assert_str_eq(acts_shown(scope, &statements.items[0]), acts[i].statements);
    }
}
END_TEST

START_TEST(a_change_of_schema_is_alone)
{
    MEM_SCOPE(scope, NULL);
    Statements statements = mysql_statements(
        scope,
        "ALTER TABLE t ADD a int; INSERT INTO t VALUES (1); DROP TEMPORARY TABLE "
        "x; CREATE VIEW v AS SELECT 1; UPDATE t SET a = 1");
    static const bool alone[] = {true, false, false, true, false};

    for (int i = 0; i < LENGTH(alone); i++)
        ck_assert_int_eq(statements.items[i].alone, alone[i]);
    ck_assert_str_eq(statements.items[0].alone_why, "ALTER TABLE");
}
END_TEST

/* --- backfills ------------------------------------------------------------------- */

/* The error, or NULL and the backfill. */
static Err *
fill_of(Mem *mem, const char *text, Backfill *fill)
{
    Section *section = mem_new(mem, Section);
    Err *err = mem_new(mem, Err);
    Migration migration = {.sections = section, .section_count = 1};

    *section = mysql_section(PHASE_BACKFILL, text);
    section_read(mem, section);
    ck_assert_int_eq(section->statements.count, 1);

    BackfillSource source = {&migration, section, &section->statements.items[0], 1};

    return backfill_read(mem, &source, fill, err) ? NULL : err;
}

START_TEST(an_update_is_taken_apart)
{
    MEM_SCOPE(scope, NULL);
    Backfill fill;

    ck_assert_ptr_null(
        fill_of(scope,
                "UPDATE shop.`t 1` SET new_a = a, b = CONCAT(`t 1`.c, 'x', day) + "
                "INTERVAL 1 day "
                "/* why */ WHERE new_a IS NULL AND NOT (created < CAST(a AS char(10)))",
                &fill));
    ck_assert_str_eq(fill.table.schema, "shop");
    ck_assert_str_eq(fill.table.name, "t 1");
    ck_assert_int_eq(fill.assignment_count, 2);
    ck_assert_str_eq(fill.assignments[0].target, "new_a");
    ck_assert_str_eq(fill.assignments[0].plain_source, "a");
    ck_assert_str_eq(fill.assignments[0].over_new.text, "NEW.a");
    ck_assert_str_eq(fill.assignments[1].expression.text,
                     "CONCAT(`t 1`.c, 'x', day) + INTERVAL 1 day");
    ck_assert_str_eq(fill.assignments[1].over_new.text,
                     "CONCAT(NEW.c, 'x', NEW.day) + INTERVAL 1 day");
    ck_assert_int_eq(fill.assignments[1].source_count, 2);
    ck_assert_str_eq(
        fill.where_over_new.text,
        "NEW.new_a IS NULL AND NOT (NEW.created < CAST(NEW.a AS char(10)))");
    ck_assert_int_eq(fill.where_column_count, 3);
    ck_assert_int_eq(fill.function_count, 2);
    ck_assert_int_eq(fill.value_function_count, 1);
    ck_assert(!fill.other_relations && !fill.is_volatile);
}
END_TEST

/* clang-format off */
static const struct { const char *where; const char *scope; } scopes[] = {
    {"x IS NULL AND kind = 'a' AND (n > 1 OR n < 0)", "(kind = 'a') AND ((n > 1 OR n < 0))"},
    {"kind = 'a'",                                    "(kind = 'a')"},
    {"x IS NULL",                                     NULL},
    {"x IS NULL OR kind = 'a'",                       NULL},
    {"n BETWEEN 1 AND 2 AND x IS NULL",               NULL},
    {"NOT kind = 'a' AND x IS NULL",                  "(NOT kind = 'a')"},
};
/* clang-format on */

START_TEST(the_scope_is_what_does_not_read_what_is_assigned)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(scopes); i++)
    {
        Backfill fill;

        ck_assert_ptr_null(fill_of(
            scope, mem_text(scope, "UPDATE t SET x = y WHERE %s", scopes[i].where),
            &fill));
        if (scopes[i].scope == NULL)
            ck_assert_ptr_null(fill.scope.text);
        else
            ck_assert_str_eq(fill.scope.text, scopes[i].scope);
    }
}
END_TEST

START_TEST(values_that_change_by_themselves_are_volatile)
{
    MEM_SCOPE(scope, NULL);
    Backfill fill;

    ck_assert_ptr_null(
        fill_of(scope, "UPDATE t SET x = uuid() WHERE x IS NULL", &fill));
    ck_assert(fill.is_volatile);
    ck_assert_ptr_null(fill_of(scope, "UPDATE t SET x = 1 WHERE y < NOW()", &fill));
    ck_assert(!fill.is_volatile);
}
END_TEST

/* clang-format off */
static const struct { const char *definition; const char *value; } defaults[] = {
    {"int NOT NULL DEFAULT 7",                           "7"},
    {"int DEFAULT -1 COMMENT 'x'",                       "-1"},
    {"varchar(9) DEFAULT 'a''b' NOT NULL",               "'a''b'"},
    {"timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP", NULL},
    {"varchar(36) DEFAULT (UUID())",                     NULL},
    {"int DEFAULT NULL",                                 NULL},
    {"int",                                              NULL},
};
/* clang-format on */

START_TEST(a_default_is_kept_where_it_is_a_literal)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(defaults); i++)
    {
        Statements read = mysql_statements(
            scope, mem_text(scope, "ALTER TABLE t ADD COLUMN c %s, ADD d int",
                            defaults[i].definition));
        const Act *act = &read.items[0].acts[0];

        ck_assert_int_eq(read.items[0].act_count, 2);
        if (defaults[i].value == NULL)
            ck_assert_ptr_null(act->expression.text);
        else
            ck_assert_str_eq(act->expression.text, defaults[i].value);
    }
}
END_TEST

START_TEST(a_delete_is_a_backfill_too)
{
    MEM_SCOPE(scope, NULL);
    Backfill fill;

    ck_assert_ptr_null(fill_of(
        scope, "DELETE FROM t WHERE a IN (SELECT b FROM u WHERE u.c = 'x')", &fill));
    ck_assert(fill.is_delete && fill.other_relations);
    ck_assert_str_eq(fill.where.text, "a IN (SELECT b FROM u WHERE u.c = 'x')");
}
END_TEST

/* clang-format off */
static const struct { const char *text; const char *told; } no_fills[] = {
    {"UPDATE t SET a = 1 WHERE b LIMIT 10",          "LIMIT has no place"},
    {"UPDATE t SET a = 1 ORDER BY b",                "LIMIT has no place"},
    {"UPDATE t, u SET t.a = u.a",                    "one table"},
    {"UPDATE t JOIN u ON t.a = u.a SET t.b = 1",     "one table"},
    {"UPDATE t AS x SET x.a = 1",                    "one table"},
    {"UPDATE IGNORE t SET a = 1",                    "one table"},
    {"DELETE t FROM t JOIN u",                       "one table"},
    {"DELETE FROM t RETURNING a",                    "returns nothing"},
    {"UPDATE t SET a = @n := @n + 1",                "variable"},
    {"INSERT INTO t VALUES (1)",                     "one table"},
    {"UPDATE t SET a = ",                            "missing"},
    {"UPDATE t SET a = b, c = a + 1",                "has just changed"},
};
/* clang-format on */

START_TEST(what_is_no_backfill_is_told_why)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(no_fills); i++)
    {
        Backfill fill;
        Err *err = fill_of(scope, no_fills[i].text, &fill);

        ck_assert_msg(err != NULL, "%s", no_fills[i].text);
        ck_assert_msg(strstr(err->text, no_fills[i].told) != NULL, "%s: %s",
                      no_fills[i].text, err->text);
        ck_assert_int_eq(err->line, 40);
        ck_assert_ptr_nonnull(err->hint);
        err_clear(err);
    }
}
END_TEST

UNIT("mysql_sql", statements_end_where_the_servers_end_them,
     quotes_and_backslashes_mean_what_the_file_has_set,
     what_cannot_stand_in_a_file_is_refused_at_its_line,
     layout_and_comments_do_not_count_in_a_hash, a_statement_says_what_it_does,
     a_change_of_schema_is_alone, an_update_is_taken_apart,
     the_scope_is_what_does_not_read_what_is_assigned,
     values_that_change_by_themselves_are_volatile,
     a_default_is_kept_where_it_is_a_literal, a_delete_is_a_backfill_too,
     what_is_no_backfill_is_told_why)

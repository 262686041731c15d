/*
 * Where a file's sections begin is seen with the eyes of the engine it is read for:
 * what is a comment, a string or a name to one is none to another.
 */
#include <string.h>

#include "core/layouts/layout.h"
#include "core/sql/sql.h"
#include "unit/sources.h"
#include "unit/unit.h"

typedef struct Seen
{
    const char *engine;
    const char *text;
    int sections; /* 0: the file is refused */
} Seen;

#define UP "-- migrate:up\n"
#define DOWN "\n-- migrate:down\nSELECT 1;\n"

/* clang-format off */
static const Seen seen[] = {
    {"mysql",    UP "SELECT 'it\\'s';" DOWN, 2},
    {"postgres", UP "SELECT 'it\\'s';" DOWN, 0},
    {"sqlite3",  UP "SELECT 'it\\'s';" DOWN, 0},
    {"mysql",    UP "SELECT 'a\\\\';" DOWN, 2},
    {"mysql",    UP "SELECT 'never\\';" DOWN, 0},
    {"mysql",    UP "# don't\nSELECT 1;" DOWN, 2},
    {"postgres", UP "# don't\nSELECT 1;" DOWN, 0},
    {"mysql",    UP "SELECT 1--'a\n'2';" DOWN, 0},
    {"mysql",    UP "SELECT \"it's\", `it's`;" DOWN, 2},
    {"sqlite3",  UP "SELECT \"it's\", `it's`, [it's];" DOWN, 2},
    {"mysql",    UP "SELECT \"a\\\"'\";" DOWN, 2},
    {"mysql",    UP "/* /* */ SELECT 1;" DOWN, 2},
    {"sqlite3",  UP "/* /* */ SELECT 1;" DOWN, 2},
    {"postgres", UP "/* /* */ SELECT 1;" DOWN, 0},
    {"mysql",    UP "/*!40101 SET NAMES 'utf8' */;" DOWN, 2},
    {"mysql",    UP "/*!40101 SELECT '*/" DOWN, 0},
    {"mysql",    UP "SELECT '\n-- migrate:down\n';" DOWN, 2},
    {"mysql",    UP "SELECT `\n-- migrate:down\n`;" DOWN, 2},
    {"mysql",    UP "/*\n-- migrate:down\n*/ SELECT 1;" DOWN, 2},
    {"mysql",    UP "DELIMITER $$\nCREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET NEW.a = 'it\\'s; $'; END$$\nDELIMITER ;" DOWN, 2},
    {"mysql",    UP "SELECT $a;" DOWN "-- $a", 2},
    {"postgres", UP "SELECT $a$;" DOWN "-- $a$", 1},
    {"mysql",    UP "SELECT 1 # -- migrate:down\n;" DOWN, 2},
};
/* clang-format on */

static int
sections_of(Mem *mem, const Seen *row)
{
    SourceFile file = source_of(mem, "1_a.sql", row->text);
    SourceFiles files = {.items = &file, .count = 1};
    const LayoutRequest request = {
        .files = &files, .engine = row->engine, .layout = "native"};
    Migrations migrations = {0};
    Err err = {0};

    if (layout_read(mem, &request, &migrations, &err))
        return migrations.items[0].section_count;
    ck_assert_str_eq(err.file, "m/1_a.sql");
    ck_assert_int_gt(err.line, 0);
    err_clear(&err);
    return 0;
}

START_TEST(sections_begin_where_the_engine_sees_a_comment)
{
    for (int i = 0; i < LENGTH(seen); i++)
    {
        MEM_SCOPE(scope, NULL);
        int count = sections_of(scope, &seen[i]);

        ck_assert_msg(count == seen[i].sections, "%s, %d sections: %s", seen[i].engine,
                      count, seen[i].text);
    }
}
END_TEST

/* Whatever is no SQL at all is told before any dialect is asked. */
START_TEST(templates_are_refused_for_every_engine)
{
    static const char *const engines[] = {"postgres", "mysql", "sqlite3", "cockroach"};

    for (int i = 0; i < LENGTH(engines); i++)
    {
        MEM_SCOPE(scope, NULL);
        Section section = {.engine = engines[i],
                           .text = "SELECT {{ x }}",
                           .file = "t.sql",
                           .text_line = 1};
        Statements statements;
        Err err = {0};

        ck_assert(!sql_parse(scope, &section, &statements, &err));
        ck_assert_msg(strstr(err.text, "template") != NULL, "%s: %s", engines[i],
                      err.text);
        err_clear(&err);
    }
}
END_TEST

UNIT("spans", sections_begin_where_the_engine_sees_a_comment,
     templates_are_refused_for_every_engine)

/*
 * MySQL's SQL at random: whatever stands in a file, splitting ends with statements that
 * are bytes of it and that split into themselves, or with an error that has a line.
 */
#include <stdlib.h>
#include <string.h>

#include "core/sql/dialect.h"
#include "core/sql/mysql/mysql.h"
#include "unit/sections.h"
#include "unit/unit.h"

enum
{
    FILES = 40000,
    MOST_PIECES = 24
};

/* clang-format off */
static const char *const pieces[] = {
    " ", " ", " ", "\n", "\n", ";", ";", ";", "'", "\"", "`", "\\", "\\'", "''", "--", "-- ", "#", "/*", "*/", "/*!", "/*!40101 ",
    "/*M!", "(", ")", ",", ".", "@", "=", "1", "1.5", "0x1F", "$$", "//", "\nDELIMITER //\n", "\nDELIMITER $$\n",
    "\nDELIMITER ;\n", "DELIMITER", "CREATE ", "PROCEDURE ", "TRIGGER ", "OR REPLACE ", "BEGIN ", "END", "END IF", "IF ",
    "THEN ", "ELSE ", "CASE ", "LOOP ", "WHILE ", "DO ", "REPEAT ", "FOR EACH ROW ", "ALTER TABLE ", "ADD ", "COLUMN ",
    "DROP ", "MODIFY ", "CHANGE ", "RENAME ", "TO ", "INDEX ", "UNIQUE ", "CONSTRAINT ", "TABLE ", "t", "a", "shop.t", "UPDATE ",
    "SET ", "WHERE ", "DELETE FROM ", "SELECT ", "int", "varchar(10)", "NOT NULL ", "DEFAULT ", "_utf8mb4'x'", "INTERVAL ", "DAY ",
    "\xC3\xA4",
};
/* clang-format on */

static int
below(unsigned *seed, int limit)
{
    return rand_r(seed) % limit;
}

/* Owned byte by byte, so that reading past the end is seen. */
static char *
random_text(Mem *mem, unsigned *seed)
{
    MEM_SCOPE(scope, NULL);
    Buf text = buf_begin(scope);

    for (int left = 1 + below(seed, MOST_PIECES); left > 0; left--)
        buf_add(&text, pieces[below(seed, LENGTH(pieces))]);
    return mem_copy(mem, text.text);
}

static bool
splits_otherwise(const char *text, const Statement *statement)
{
    return strcasestr(text, "DELIMITER") != NULL || statement->sql.text[0] == '\\' ||
           strcmp(statement->sql.text + statement->span.length - 1, "-") == 0;
}

/* With another delimiter a statement may hold what ends it under the usual one; "--" is
 * a comment at the end of a text, and none before a delimiter; a backslash at the
 * start of a line is a client's command. */
static void
check_statement(Mem *mem, const char *text, const Statement *statement)
{
    Section alone = section_of(PHASE_UP, statement->sql.text);
    Statements again;
    Err err = {0};
    MyUpdate update;
    MyFault fault;

    ck_assert(memcmp(text + statement->span.offset - 1000, statement->sql.text,
                     (size_t)statement->span.length) == 0);
    ck_assert_int_gt(statement->act_count, 0);
    my_update_read(mem, statement->sql.text, &update, &fault);
    if (splits_otherwise(text, statement))
        return;
    alone.engine = "mysql";
    ck_assert_msg(sql_parse(mem, &alone, &again, &err), "%s", statement->sql.text);
    ck_assert_int_eq(again.count, 1);
    ck_assert_str_eq(again.items[0].sql.text, statement->sql.text);
    ck_assert_str_eq(again.items[0].hash, statement->hash);
}

START_TEST(statements_are_bytes_of_their_file)
{
    unsigned seed = 20261121;
    int good = 0;

    for (int n = 0; n < FILES; n++)
    {
        MEM_SCOPE(scope, NULL);
        const char *text = random_text(scope, &seed);
        Section section = section_of(PHASE_UP, text);
        Statements statements;
        Err err = {0};

        section.engine = "mysql";
        if (!sql_parse(scope, &section, &statements, &err))
        {
            ck_assert(err.file != NULL && err.line >= 40);
            err_clear(&err);
            continue;
        }
        good += statements.count > 1;
        for (int i = 0; i < statements.count; i++)
            check_statement(scope, text, &statements.items[i]);
    }
    /* Both ways out are really taken. */
    ck_assert_int_gt(good, FILES / 20);
    ck_assert_int_lt(good, FILES);
}
END_TEST

UNIT("mysql_random", statements_are_bytes_of_their_file)

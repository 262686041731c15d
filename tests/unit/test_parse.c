#include <string.h>

#include "base/nearest.h"
#include "core/sql/actions.h"
#include "unit/sections.h"
#include "unit/unit.h"

static void
texts_are(const Statements *statements, const char *const *texts, int count)
{
    ck_assert_int_eq(statements->count, count);
    for (int i = 0; i < count; i++)
        ck_assert_str_eq(statements->items[i].sql.text, texts[i]);
}

START_TEST(statements_lose_their_semicolon_and_what_stands_between)
{
    MEM_SCOPE(scope, NULL);
    static const char *const texts[] = {"SELECT 1", "SELECT ';' -- not the end\n, 2",
                                        "SELECT 3"};
    Statements statements = statements_of(
        scope, "-- before\n SELECT 1;; ;\n/* a /* b */ ; */ SELECT ';' -- not the end\n"
               ", 2 /* c */ ;\n-- ;\nSELECT 3 -- the end");

    texts_are(&statements, texts, LENGTH(texts));
    ck_assert_int_eq(statements.items[0].span.line, 41);
    ck_assert_int_eq(statements.items[0].span.offset, 1000 + 11);
    ck_assert_int_eq(statements.items[0].span.length, 8);
    ck_assert_int_eq(statements.items[1].span.line, 42);
    ck_assert_int_eq(statements.items[2].span.line, 45);
}
END_TEST

START_TEST(bodies_are_one_statement)
{
    MEM_SCOPE(scope, NULL);
    static const char *const texts[] = {
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT "
        "CASE WHEN true THEN 1 END; END",
        "DO $x$ BEGIN PERFORM 1; PERFORM $$;$$; END $x$",
        "CREATE FUNCTION g() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM ''a;''; "
        "END'",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)"};
    const char *all =
        mem_text(scope, "%s;\n%s;\n%s;\n%s", texts[0], texts[1], texts[2], texts[3]);
    Statements statements = statements_of(scope, all);

    texts_are(&statements, texts, LENGTH(texts));
    ck_assert_int_eq(statements.items[3].span.line, 43);
}
END_TEST

START_TEST(strings_of_every_kind_hide_semicolons)
{
    MEM_SCOPE(scope, NULL);
    static const char *const texts[] = {"SELECT E'it\\'s; one', 'two\\'",
                                        "SELECT U&'\\0061;', B'101', \"a;b\"",
                                        "SELECT 'größe; 日本', $ü$;$ü$"};
    Statements statements = statements_of(
        scope, mem_text(scope, "%s ; %s ; %s", texts[0], texts[1], texts[2]));

    texts_are(&statements, texts, LENGTH(texts));
}
END_TEST

START_TEST(nothing_but_comments_is_no_statement)
{
    MEM_SCOPE(scope, NULL);

    ck_assert_int_eq(statements_of(scope, "").count, 0);
    ck_assert_int_eq(
        statements_of(scope, " \r\n-- one\n/* two /* three */ */ ; ;;").count, 0);
}
END_TEST

START_TEST(two_thousand_statements_keep_their_lines)
{
    MEM_SCOPE(scope, NULL);
    Buf all = buf_begin(scope);

    for (int i = 0; i < 2000; i++)
        buf_format(&all, "-- %d\r\nINSERT INTO t VALUES (%d, 'ü;');\r\n", i, i);

    Statements statements = statements_of(scope, all.text);

    ck_assert_int_eq(statements.count, 2000);
    for (int i = 0; i < 2000; i++)
        ck_assert_int_eq(statements.items[i].span.line, 41 + 2 * i);
    ck_assert_str_eq(statements.items[1999].sql.text,
                     "INSERT INTO t VALUES (1999, 'ü;')");
}
END_TEST

START_TEST(a_syntax_error_shows_where)
{
    MEM_SCOPE(scope, NULL);
    Err *err =
        refusal_of(scope, section_of(PHASE_UP, "SELECT 1;\r\nSELECT 'ü',\tfrom x;"));

    ck_assert_int_eq(err->kind, ERR_USAGE);
    ck_assert_int_eq(err->line, 41);
    ck_assert_str_eq(err->text, "syntax error at or near \"from\"");
    ck_assert_str_eq(err->detail, "SELECT 'ü',\tfrom x;\n           \t^");
}
END_TEST

START_TEST(a_syntax_error_at_the_end_is_on_the_last_line)
{
    MEM_SCOPE(scope, NULL);
    Err *err =
        refusal_of(scope, section_of(PHASE_UP, "SELECT 1;\n\nALTER TABLE t ADD"));

    ck_assert_int_eq(err->line, 42);
    ck_assert_str_eq(err->text, "syntax error at end of input");
}
END_TEST

START_TEST(a_slip_of_the_pen_is_guessed)
{
    MEM_SCOPE(scope, NULL);
    static const char *const names[] = {"role", "email", "identities"};

    ck_assert_str_eq(
        refusal_of(scope, section_of(PHASE_UP, "UPDAET t SET a = 1"))->hint,
        "Did you mean \"UPDATE\"?");
    ck_assert_str_eq(
        refusal_of(scope, section_of(PHASE_BACKFILL, "UPDATE\torder SET a = 1"))->hint,
        "SQL keeps \"order\" for itself: as a name it is written in quotes.");
    ck_assert_str_eq(
        refusal_of(scope, section_of(PHASE_UP, "ALTER TABLE t ADD COLUMN User int"))
            ->hint,
        "SQL keeps \"User\" for itself: as a name it is written in quotes.");
    ck_assert_str_eq(nearest_name("rol", names, 3), "role");
    ck_assert_str_eq(nearest_name("Emial", names, 3), "email");
    ck_assert_ptr_null(nearest_name("zzzz", names, 3));
    ck_assert_ptr_null(nearest_name("x", names, 3));
}
END_TEST

START_TEST(a_long_line_is_cut_around_the_caret)
{
    MEM_SCOPE(scope, NULL);
    Buf text = buf_begin(scope);

    for (int i = 0; i < 500; i++)
        buf_add(&text, "SELECT 'ääääääääää'; ");
    buf_add(&text,
            "SELEC 1; SELECT 'öööööööööööööööööööööööööööööööööööööööööööööööööööö'");

    Err *err = refusal_of(scope, section_of(PHASE_UP, text.text));
    const char *caret = strchr(err->detail, '\n') + 1;

    ck_assert_int_lt(strlen(err->detail), 400);
    ck_assert_int_eq(caret[strspn(caret, " ")], '^');
    ck_assert_ptr_nonnull(strstr(err->detail, "SELEC 1"));
}
END_TEST

START_TEST(an_error_shows_no_secret_and_no_book)
{
    MEM_SCOPE(scope, NULL);
    static const char *const texts[] = {
        "ALTER ROLE x PASSWORD\n 'hunter2' 'twice' oops;",
        "ALTER ROLE x PASSWORD\n 'hunter2",
        "ALTER ROLE x PASSWORD 'a' PASSWORD 'hunter2' oops"};

    for (int i = 0; i < LENGTH(texts); i++)
    {
        Err *err = refusal_of(scope, section_of(PHASE_UP, texts[i]));
        const char *all = mem_text(scope, "%s\n%s", err->text, err->detail);

        ck_assert_msg(strstr(all, "hunter2") == NULL, "%s", all);
    }

    Err *err = refusal_of(scope, section_of(PHASE_UP, texts[1]));

    ck_assert_str_eq(err->text, "unterminated quoted string at or near \"'********\"");
    ck_assert_str_eq(err->detail, " '********\n ^");

    const char *open = mem_text(scope, "SELECT 'ä%0200d", 1);

    ck_assert_int_lt(strlen(refusal_of(scope, section_of(PHASE_UP, open))->text), 120);
}
END_TEST

static void
is_refused(const char *text, int line, const char *why)
{
    MEM_SCOPE(scope, NULL);
    Err *err = refusal_of(scope, section_of(PHASE_UP, text));

    ck_assert_int_eq(err->line, line);
    ck_assert_str_eq(err->text, why);
    ck_assert_int_eq(err->kind, ERR_USAGE);
}

START_TEST(what_is_not_sql_is_refused_by_name)
{
    is_refused("SELECT 1;\n\\i more.sql\n", 41, "psql's command \"\\i\" is not SQL");
    is_refused("  \\set x 1", 40, "psql's command \"\\set\" is not SQL");
    is_refused("SELECT '{{';\n-- {{\nDROP TABLE {{ .T }};", 42,
               "a template (\"{{\") is not SQL");
    is_refused("SELECT <%= x %> y", 40, "a template (\"<%=\") is not SQL");
    is_refused("SELECT ${x}", 40, "a placeholder (\"${\") is not SQL");
    is_refused("SELECT 1;\nSELECT '\xff'", 41, "byte 0xFF is not valid UTF-8");
    is_refused("SELECT '\xed\xa0\x80'", 40, "byte 0xED is not valid UTF-8");
}
END_TEST

START_TEST(what_looks_foreign_inside_a_token_is_not)
{
    MEM_SCOPE(scope, NULL);

    ck_assert_int_eq(statements_of(scope, "SELECT '\n\\i x', '{{a}}', $$\n\\i ${x}$$ "
                                          "/* \n\\q {{ */ -- <%= \n, a <% b, \"{{\"")
                         .count,
                     1);
}
END_TEST

START_TEST(transactions_are_not_the_files_business)
{
    static const char *const texts[] = {"BEGIN",
                                        "START TRANSACTION",
                                        "COMMIT",
                                        "ROLLBACK",
                                        "END",
                                        "SAVEPOINT s",
                                        "ROLLBACK TO s",
                                        "RELEASE s",
                                        "PREPARE TRANSACTION 'x'"};

    for (int i = 0; i < LENGTH(texts); i++)
    {
        MEM_SCOPE(scope, NULL);

        is_refused(mem_text(scope, "SELECT 1;\n\n%s; SELECT 2", texts[i]), 42,
                   "a migration does not control transactions itself");
    }
}
END_TEST

START_TEST(data_for_copy_does_not_come_from_the_file)
{
    MEM_SCOPE(scope, NULL);

    is_refused("COPY t FROM STDIN", 40, "COPY has no STDIN in a migration");
    is_refused("COPY t TO STDOUT", 40, "COPY has no STDOUT in a migration");
    is_refused("COPY t FROM stdin;\n1\t2\n\\.\n", 42,
               "psql's command \"\\.\" is not SQL");
    ck_assert_int_eq(act_of(scope, "COPY t FROM '/tmp/x'")->action, ACTION_COPY);
}
END_TEST

START_TEST(limits_of_size_and_depth_are_said)
{
    MEM_SCOPE(scope, NULL);
    Buf chain = buf_begin(scope);
    Buf large = buf_begin(scope);

    buf_add(&chain, "SELECT 1");
    for (int i = 0; i < 100000; i++)
        buf_add(&chain, " + 1");
    buf_add(&large, "SELECT '");
    for (int i = 0; i < SQL_STATEMENT_MAX / 16 + 1; i++)
        buf_add(&large, "0123456789abcdef");
    buf_add(&large, "'");

    Section deep = section_of(PHASE_UP, chain.text);
    Section big = section_of(PHASE_UP, large.text);

    ck_assert_str_eq(refusal_of(scope, deep)->text,
                     "the statement is nested too deeply");
    ck_assert_str_eq(refusal_of(scope, big)->text, "the statement is larger than 8 MB");
}
END_TEST

static Section
unparsed_section(const char *text)
{
    static Allow allow = {"unparsed", "we run 19"};
    Section section = section_of(PHASE_EXPAND, text);

    section.options.allows = &allow;
    section.options.allow_count = 1;
    return section;
}

START_TEST(newer_syntax_runs_alone_and_only_if_allowed)
{
    MEM_SCOPE(scope, NULL);
    const char *text = "-- new in 19\nREPACK (CONCURRENTLY) t ; -- done\n";
    Section section = unparsed_section(text);
    Statements statements = section_read(scope, &section);

    ck_assert_int_eq(statements.count, 1);
    ck_assert_str_eq(statements.items[0].sql.text, "REPACK (CONCURRENTLY) t");
    ck_assert_int_eq(statements.items[0].span.line, 41);
    ck_assert_int_eq(statements.items[0].acts[0].action, ACTION_UNPARSED);
    ck_assert_int_eq(strlen(statements.items[0].hash), 64);
    refusal_of(scope, section_of(PHASE_EXPAND, text));

    Err *err = refusal_of(scope, unparsed_section("SELECT 1; REPACK t"));

    ck_assert_str_eq(err->hint,
                     "allow:unparsed is for one statement that stands alone in "
                     "its section: give it a file of its own.");
}
END_TEST

START_TEST(the_hash_sees_the_words_and_not_the_layout)
{
    MEM_SCOPE(scope, NULL);
    Statements statements = statements_of(scope, "SELECT a ,b FROM t;\n"
                                                 "SELECT a,b -- why\n FROM/**/t;\n"
                                                 "SELECT ab FROM t;"
                                                 "SELECT a,b FROM \"t\"");

    ck_assert_str_eq(statements.items[0].hash, statements.items[1].hash);
    ck_assert_str_ne(statements.items[0].hash, statements.items[2].hash);
    ck_assert_str_ne(statements.items[0].hash, statements.items[3].hash);
}
END_TEST

UNIT("parse", statements_lose_their_semicolon_and_what_stands_between,
     bodies_are_one_statement, strings_of_every_kind_hide_semicolons,
     nothing_but_comments_is_no_statement, two_thousand_statements_keep_their_lines,
     a_syntax_error_shows_where, a_syntax_error_at_the_end_is_on_the_last_line,
     a_slip_of_the_pen_is_guessed, a_long_line_is_cut_around_the_caret,
     an_error_shows_no_secret_and_no_book, what_is_not_sql_is_refused_by_name,
     what_looks_foreign_inside_a_token_is_not, transactions_are_not_the_files_business,
     data_for_copy_does_not_come_from_the_file, limits_of_size_and_depth_are_said,
     newer_syntax_runs_alone_and_only_if_allowed,
     the_hash_sees_the_words_and_not_the_layout)

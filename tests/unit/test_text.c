#include <locale.h>
#include <string.h>

#include "cli/print/print_error.h"
#include "cli/text.h"
#include "unit/capture.h"
#include "unit/unit.h"

START_TEST(width_is_counted_in_columns)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    ck_assert_int_eq(utf8_width("abc"), 3);
    ck_assert_int_eq(utf8_width("≤ 100 ms"), 8);
    ck_assert_int_eq(utf8_width("表"), 2);
    ck_assert_int_eq(utf8_width("\xff\xc3"), 2); /* no UTF-8: a column a byte */
}
END_TEST

START_TEST(text_is_padded_and_cut_by_columns)
{
    MEM_SCOPE(scope, NULL);

    setlocale(LC_CTYPE, "C.UTF-8");
    ck_assert_str_eq(text_pad(scope, "⇄", 3), "⇄  ");
    ck_assert_str_eq(text_pad(scope, "abcd", 3), "abcd");
    ck_assert_str_eq(text_cut(scope, "abcdef", 4), "abc…");
    ck_assert_str_eq(text_cut(scope, "abcd", 4), "abcd");
    ck_assert_str_eq(text_cut(scope, "表表表", 4), "表…");
    ck_assert_str_eq(text_cut(scope, "abc", 0), "");
}
END_TEST

START_TEST(lines_are_broken_at_blanks)
{
    MEM_SCOPE(scope, NULL);
    TextLines lines = text_wrap(scope, "one two  three\nfour", 8);

    ck_assert_int_eq(lines.count, 3);
    ck_assert_str_eq(lines.items[0], "one two");
    ck_assert_str_eq(lines.items[1], "three");
    ck_assert_str_eq(lines.items[2], "four");

    lines = text_wrap(scope, "unbreakable", 4);
    ck_assert_int_eq(lines.count, 3);
    ck_assert_str_eq(lines.items[2], "ble");

    lines = text_wrap(scope, "as long as it is", 0);
    ck_assert_int_eq(lines.count, 1);
    lines = text_wrap(scope, "", 10);
    ck_assert_int_eq(lines.count, 1);
    ck_assert_str_eq(lines.items[0], "");
}
END_TEST

START_TEST(signs_have_a_spelling_without_utf8)
{
    MEM_SCOPE(scope, NULL);

    ck_assert_str_eq(text_plain(scope, "email ⇄ new_email, ≤ 3 … –"),
                     "email <-> new_email, <= 3 ... -");
    ck_assert_str_eq(text_plain(scope, "Kürbis"), "Kürbis");
}
END_TEST

/* An application name can hold anything: it must not move the cursor. */
START_TEST(control_characters_do_not_reach_the_terminal)
{
    MEM_SCOPE(scope, NULL);

    ck_assert_str_eq(text_clean(scope, "a\033[2Jb\rc\nd"), "a?[2Jb?c\nd");
    ck_assert_str_eq(text_one_line(scope, "  SELECT\n\t1 \r\n ;"), "SELECT 1 ;");
}
END_TEST

START_TEST(one_is_singular)
{
    MEM_SCOPE(scope, NULL);

    ck_assert_str_eq(text_count(scope, 1, "migration"), "1 migration");
    ck_assert_str_eq(text_count(scope, 0, "migration"), "0 migrations");
    ck_assert_str_eq(text_count(scope, 12400000, "row"), "12,400,000 rows");
}
END_TEST

START_TEST(an_error_stands_alone_on_its_line)
{
    Capture capture;
    Err err = {0};

    capture_begin(&capture);
    err_set(&err, ERR_DIRTY, "Database is in dirty state at version %d", 17);
    err_detail(&err, "ALTER TABLE t ALTER rol SET DEFAULT 1");
    err_detail(&err, "                    ^");
    err_hint(&err, "Mend it.\nThen go on.");
    print_error_text(&capture.out, &err);
    ck_assert_str_eq(capture_text(&capture),
                     "Error: Database is in dirty state at version 17\n"
                     "  ALTER TABLE t ALTER rol SET DEFAULT 1\n"
                     "                      ^\n"
                     "  hint: Mend it.\n"
                     "  Then go on.\n");
    capture_end(&capture);
    err_clear(&err);
}
END_TEST

START_TEST(an_error_names_file_and_line_once)
{
    Capture capture;
    Err err = {0};

    capture_begin(&capture);
    err_at(&err, ERR_USAGE, "migrations/1_a.sql", 3, "syntax error");
    print_error_text(&capture.out, &err);
    err_at(&err, ERR_SQL, "1_a.sql", 3, "1_a failed (1_a.sql:3)");
    print_error_text(&capture.out, &err);
    ck_assert_str_eq(capture_text(&capture),
                     "Error: migrations/1_a.sql:3: syntax error\n"
                     "Error: 1_a failed (1_a.sql:3)\n");
    capture_end(&capture);
    err_clear(&err);
}
END_TEST

START_TEST(a_clean_stop_is_no_error)
{
    Capture capture;
    Err err = {0};

    capture_begin(&capture);
    err_set(&err, ERR_STOPPED, "after batch 7");
    print_error_text(&capture.out, &err);
    ck_assert_str_eq(capture_text(&capture), "Stopped: after batch 7\n");
    capture_end(&capture);
    err_clear(&err);
}
END_TEST

UNIT("text", width_is_counted_in_columns, text_is_padded_and_cut_by_columns,
     lines_are_broken_at_blanks, signs_have_a_spelling_without_utf8,
     control_characters_do_not_reach_the_terminal, one_is_singular,
     an_error_stands_alone_on_its_line, an_error_names_file_and_line_once,
     a_clean_stop_is_no_error)

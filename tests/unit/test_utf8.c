#include <locale.h>
#include <string.h>

#include "base/utf8.h"
#include "unit/unit.h"

START_TEST(a_character_has_the_length_that_unicode_gives_it)
{
    ck_assert_uint_eq(utf8_length("a", 1), 1);
    ck_assert_uint_eq(utf8_length("é", 2), 2);
    ck_assert_uint_eq(utf8_length("€", 3), 3);
    ck_assert_uint_eq(utf8_length("𝄞", 4), 4);
    ck_assert_uint_eq(utf8_length("\xC0\x80", 2), 0);         /* overlong */
    ck_assert_uint_eq(utf8_length("\xED\xA0\x80", 3), 0);     /* a surrogate */
    ck_assert_uint_eq(utf8_length("\xF4\x90\x80\x80", 4), 0); /* behind U+10FFFF */
    ck_assert_uint_eq(utf8_length("\xE2\x82", 2), 0);         /* its end is missing */
    ck_assert_uint_eq(utf8_length("", 1), 0);
}
END_TEST

START_TEST(characters_are_counted_and_found_by_their_number)
{
    ck_assert_int_eq(utf8_count("aé€𝄞"), 4);
    ck_assert_uint_eq(utf8_offset("aé€𝄞", 1), 0);
    ck_assert_uint_eq(utf8_offset("aé€𝄞", 3), strlen("aé"));
    ck_assert_uint_eq(utf8_offset("aé", 9), strlen("aé"));
}
END_TEST

START_TEST(no_character_is_cut_in_two)
{
    ck_assert_uint_eq(utf8_cut("a€b", 9), strlen("a€b"));
    ck_assert_uint_eq(utf8_cut("a€b", 4), strlen("a€"));
    ck_assert_uint_eq(utf8_cut("a€b", 3), 1);
    ck_assert_uint_eq(utf8_cut("a€b", 2), 1);
    ck_assert_uint_eq(utf8_cut("€", 2), 0);
}
END_TEST

START_TEST(a_caret_stands_below_its_character)
{
    MEM_SCOPE(scope, NULL);

    setlocale(LC_CTYPE, "C.UTF-8");

    ck_assert_str_eq(utf8_indent(scope, "é\t€ b", strlen("é\t€ ")), " \t  ");
    ck_assert_str_eq(utf8_indent(scope, "表 b", strlen("表 ")),
                     "   "); /* two columns */
    ck_assert_str_eq(utf8_indent(scope, "e\xcc\x81 b", strlen("e\xcc\x81 ")),
                     "  "); /* an accent of its own: none */
}
END_TEST

UNIT("utf8", a_character_has_the_length_that_unicode_gives_it,
     characters_are_counted_and_found_by_their_number, no_character_is_cut_in_two,
     a_caret_stands_below_its_character)

#include <string.h>

#include "base/digest.h"
#include "core/sql/sql.h"
#include "unit/unit.h"

static bool
same_words(const char *a, const char *b)
{
    Checksums one;
    Checksums two;

    sql_checksums("postgres", a, &one);
    sql_checksums("postgres", b, &two);
    ck_assert_str_ne(one.exact, two.exact);
    return strcmp(one.normal, two.normal) == 0;
}

START_TEST(sha256_is_the_one_that_everybody_knows)
{
    MEM_SCOPE(scope, NULL);
    Digest *digest = digest_begin(scope);
    char whole[DIGEST_HEX];
    char pieces[DIGEST_HEX];

    digest_text("abc", 3, whole);
    digest_add(digest, "a", 1);
    digest_add(digest, "bc", 2);
    digest_end(digest, pieces);
    ck_assert_str_eq(
        whole, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_str_eq(whole, pieces);
}
END_TEST

START_TEST(layout_and_comments_do_not_count)
{
    ck_assert(
        same_words("ALTER TABLE t ADD a int;", "ALTER  TABLE t\r\n\tADD a int ;"));
    ck_assert(same_words("SELECT 1", "-- why\nSELECT /* a /* b */ */ 1 -- end"));
    ck_assert(same_words("", " -- nothing\n"));
}
END_TEST

START_TEST(every_word_and_constant_counts)
{
    ck_assert(!same_words("SELECT 1", "SELECT 2"));
    ck_assert(!same_words("SELECT 'a b'", "SELECT 'a  b'"));
    ck_assert(!same_words("SELECT $$a b$$", "SELECT $$a  b$$"));
    ck_assert(!same_words("SELECT a", "SELECT \"a\""));
    ck_assert(!same_words("SELECT a b", "SELECT ab"));
    ck_assert(!same_words("SELECT 1; SELECT 2", "SELECT 1 SELECT 2"));
    ck_assert(!same_words("SELECT '-- a'", "SELECT '-- b'"));
}
END_TEST

START_TEST(what_cannot_be_scanned_is_taken_as_it_is)
{
    Checksums sums;
    char exact[DIGEST_HEX];

    sql_checksums("postgres", "SELECT 'open", &sums);
    digest_text("SELECT 'open", 12, exact);
    ck_assert_str_eq(sums.exact, exact);
    ck_assert_str_eq(sums.normal, exact);
}
END_TEST

UNIT("checksums", sha256_is_the_one_that_everybody_knows,
     layout_and_comments_do_not_count, every_word_and_constant_counts,
     what_cannot_be_scanned_is_taken_as_it_is)

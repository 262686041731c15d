#include "model/keywords.h"
#include "model/lock.h"
#include "model/sqltext.h"
#include "unit/unit.h"

static const Caps postgres = {.ident_quote = '"'};
static const Caps mysql = {.ident_quote = '`', .string_backslash = true};

START_TEST(names_are_quoted_where_the_server_would)
{
    MEM_SCOPE(scope, NULL);
    static const char *const pairs[][2] = {
        {"email", "email"},     {"new_email", "new_email"},
        {"_x1", "_x1"},         {"Email", "\"Email\""},
        {"user", "\"user\""},   {"select", "\"select\""},
        {"a b", "\"a b\""},     {"1a", "\"1a\""},
        {"a\"b", "\"a\"\"b\""}, {"name", "name"},
        {"größe", "\"größe\""}, {"", "\"\""},
        {"a$b", "\"a$b\""},     {"xmltable", "\"xmltable\""},
        {"zone", "zone"},       {"a;DROP", "\"a;DROP\""},
        {"all", "\"all\""},     {"json_table", "\"json_table\""}};

    for (int i = 0; i < LENGTH(pairs); i++)
    {
        SqlText sql = sql_begin(scope, &postgres);

        sql_ident(&sql, pairs[i][0]);
        ck_assert_str_eq(sql_done(&sql), pairs[i][1]);
        ck_assert_str_eq(ident_show(scope, pairs[i][0]), pairs[i][1]);
    }
}
END_TEST

START_TEST(other_engines_quote_every_name)
{
    MEM_SCOPE(scope, NULL);
    SqlText sql = sql_begin(scope, &mysql);

    sql_qname(&sql, &(QName){"shop", "ord`er"});
    ck_assert_str_eq(sql_done(&sql), "`shop`.`ord``er`");
}
END_TEST

START_TEST(a_value_cannot_end_its_string)
{
    MEM_SCOPE(scope, NULL);
    SqlText sql = sql_begin(scope, &postgres);

    sql_string(&sql, "it's");
    sql_raw(&sql, ", ");
    sql_string(&sql, "a\\'b");
    sql_raw(&sql, ", ");
    sql_string(&sql, NULL);
    sql_raw(&sql, ", ");
    sql_string(&sql, "");
    ck_assert_str_eq(sql_done(&sql), "'it''s', E'a\\\\''b', NULL, ''");

    sql = sql_begin(scope, &mysql);
    sql_string(&sql, "a\\'b");
    ck_assert_str_eq(sql_done(&sql), "'a\\\\''b'");
}
END_TEST

START_TEST(numbers_and_durations)
{
    MEM_SCOPE(scope, NULL);
    SqlText sql = sql_begin(scope, &postgres);

    sql_raw(&sql, "SET LOCAL lock_timeout = ");
    sql_millis(&sql, 100);
    sql_raw(&sql, "; SELECT ");
    sql_int(&sql, INT64_MIN);
    ck_assert_str_eq(sql_done(&sql),
                     "SET LOCAL lock_timeout = '100ms'; SELECT -9223372036854775808");
}
END_TEST

START_TEST(a_body_cannot_end_its_dollar_quote)
{
    MEM_SCOPE(scope, NULL);
    SqlText body = sql_begin(scope, &postgres);
    SqlText sql = sql_begin(scope, &postgres);

    sql_raw(&body, "SELECT '$pgstride$', $pgstride1$x$pgstride");
    sql_dollar(&sql, &body);
    ck_assert_str_eq(
        sql_done(&sql),
        "$pgstride2$SELECT '$pgstride$', $pgstride1$x$pgstride$pgstride2$");
}
END_TEST

START_TEST(names_compare_with_their_schema)
{
    MEM_SCOPE(scope, NULL);
    QName a = {"public", "t"};
    QName b = {NULL, "t"};
    QName copy = qname_copy(scope, &a);

    ck_assert(qname_equal(&a, &copy));
    ck_assert(!qname_equal(&a, &b));
    ck_assert_str_eq(qname_show(scope, &(QName){"Shop", "order"}),
                     "\"Shop\".\"order\"");
    ck_assert_str_eq(qname_show(scope, &b), "t");
}
END_TEST

/* The matrix is symmetric, and a few fields of it everybody knows. */
START_TEST(locks_conflict_as_the_manual_says)
{
    LockMode mode;
    int conflicts = 0;

    for (int a = LOCK_ACCESS_SHARE; a < LOCK_MODE_COUNT; a++)
        for (int b = LOCK_ACCESS_SHARE; b < LOCK_MODE_COUNT; b++)
        {
            conflicts += lock_modes_conflict((LockMode)a, (LockMode)b);
            ck_assert_int_eq(lock_modes_conflict((LockMode)a, (LockMode)b),
                             lock_modes_conflict((LockMode)b, (LockMode)a));
        }
    ck_assert_int_eq(conflicts, 38);
    ck_assert(!lock_modes_conflict(LOCK_NONE, LOCK_ACCESS_EXCLUSIVE));
    ck_assert(!lock_modes_conflict(LOCK_ROW_EXCLUSIVE, LOCK_SHARE_UPDATE_EXCLUSIVE));
    ck_assert(
        lock_modes_conflict(LOCK_SHARE_UPDATE_EXCLUSIVE, LOCK_SHARE_UPDATE_EXCLUSIVE));
    ck_assert(!lock_modes_conflict(LOCK_SHARE, LOCK_SHARE));
    ck_assert(!lock_mode_blocks_traffic(LOCK_SHARE_UPDATE_EXCLUSIVE));
    ck_assert(lock_mode_blocks_traffic(LOCK_SHARE));
    ck_assert(lock_mode_read("ShareRowExclusiveLock", &mode) &&
              mode == LOCK_SHARE_ROW_EXCLUSIVE);
    ck_assert(!lock_mode_read("SIReadLock", &mode));
    ck_assert_str_eq(lock_mode_sql(LOCK_ACCESS_EXCLUSIVE), "ACCESS EXCLUSIVE");
}
END_TEST

UNIT("sqltext", names_are_quoted_where_the_server_would, other_engines_quote_every_name,
     a_value_cannot_end_its_string, numbers_and_durations,
     a_body_cannot_end_its_dollar_quote, names_compare_with_their_schema,
     locks_conflict_as_the_manual_says)

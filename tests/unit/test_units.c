#include "base/units.h"
#include "unit/unit.h"

START_TEST(durations_are_read_with_a_unit_only)
{
    Millis millis = 0;

    ck_assert(duration_read("100ms", &millis) && millis == 100);
    ck_assert(duration_read("10min", &millis) && millis == 600000);
    ck_assert(duration_read("24h", &millis) && millis == 86400000);
    ck_assert(!duration_read("100", &millis));
    ck_assert(!duration_read("-5s", &millis));
    ck_assert(!duration_read("5 s", &millis));
    ck_assert(!duration_read("99999999999999999999ms", &millis));
    ck_assert(!duration_read("9223372036854775807d", &millis));
}
END_TEST

START_TEST(numbers_are_shown_with_units)
{
    MEM_SCOPE(scope, NULL);

    ck_assert_str_eq(duration_show(scope, 218000), "3 min 38 s");
    ck_assert_str_eq(duration_show(scope, 98.4), "98 ms");
    ck_assert_str_eq(duration_exact(scope, 600000), "10min");
    ck_assert_str_eq(bytes_show(scope, 2254857830), "2.1 GB");
    ck_assert_str_eq(count_show(scope, 12400000), "12,400,000");
    ck_assert_str_eq(count_short(scope, 7100000), "7.1 M");
}
END_TEST

START_TEST(sizes_are_read_with_a_unit_only)
{
    MEM_SCOPE(scope, NULL);
    int64_t bytes = 0;

    ck_assert(size_read("64kB", &bytes) && bytes == 65536);
    ck_assert(size_read("10GB", &bytes) && bytes == 10LL << 30);
    ck_assert(size_read("0MB", &bytes) && bytes == 0);
    ck_assert_str_eq(size_exact(scope, 10LL << 30), "10GB");
    ck_assert_str_eq(size_exact(scope, 65537), "65537B");
    ck_assert(!size_read("10", &bytes));
    ck_assert(!size_read("GB", &bytes));
    ck_assert(!size_read("-1GB", &bytes));
    ck_assert(!size_read("1gb", &bytes));
    ck_assert(!size_read("99999999999TB", &bytes));
}
END_TEST

UNIT("units", durations_are_read_with_a_unit_only, numbers_are_shown_with_units,
     sizes_are_read_with_a_unit_only)

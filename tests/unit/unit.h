/*
 * A unit test program: START_TEST functions, then one line naming them all.
 *
 *     START_TEST(a_typo_is_an_error) { ... } END_TEST
 *     UNIT("directive", a_typo_is_an_error, ...)
 *
 * Prints one "ok" or "not ok" line per test, so that check.sh can count them.
 */
#ifndef PGSTRIDE_TESTS_UNIT_H
#define PGSTRIDE_TESTS_UNIT_H

#include <check.h>

int unit_run(const char *suite, const TTest *const *tests, int count);

#define UNIT(suite, ...)                                                               \
    int main(void)                                                                     \
    {                                                                                  \
        const TTest *const tests[] = {__VA_ARGS__};                                    \
                                                                                       \
        return unit_run((suite), tests, (int)(sizeof(tests) / sizeof(tests[0])));      \
    }

#endif

/*
 * A file of unit tests: START_TEST functions, then one line naming them all.
 *
 *     START_TEST(a_typo_is_an_error) { ... } END_TEST
 *     UNIT("directive", a_typo_is_an_error, ...)
 *
 * All files are one program, which runs those of the file that it is called by:
 * build/unit/test_directive. Prints one "ok" or "not ok" line per test, so that
 * check.sh can count them.
 */
#ifndef PGSTRIDE_TESTS_UNIT_H
#define PGSTRIDE_TESTS_UNIT_H

#include <check.h>

typedef void (*TestRun)(const char *suite, const TTest *test);

typedef struct Unit
{
    const char *file;
    void (*each)(TestRun run); /* calls it with every test of the file */
    struct Unit *next;
} Unit;

void unit_add(Unit *unit);

#define UNIT(suite, ...)                                                               \
    static void unit_each(TestRun run)                                                 \
    {                                                                                  \
        const TTest *const tests[] = {__VA_ARGS__};                                    \
                                                                                       \
        for (int i = 0; i < (int)(sizeof(tests) / sizeof(tests[0])); i++)              \
            run((suite), tests[i]);                                                    \
    }                                                                                  \
    __attribute__((constructor)) static void unit_of_this_file(void)                   \
    {                                                                                  \
        static Unit unit = {.file = __FILE__, .each = unit_each};                      \
                                                                                       \
        unit_add(&unit);                                                               \
    }

#endif

#include "unit/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Unit *units;
static bool all_good = true;

void
unit_add(Unit *unit)
{
    unit->next = units;
    units = unit;
}

/* tests/unit/test_x.c is called test_x. */
static bool
unit_is_called(const Unit *unit, const char *called)
{
    const char *name = strrchr(unit->file, '/') + 1;

    return strncmp(name, called, strlen(called)) == 0 &&
           strcmp(name + strlen(called), ".c") == 0;
}

/* Check forks every test, so a crash or a sanitizer report fails that test alone. */
static void
test_run(const char *suite, const TTest *test)
{
    Suite *one = suite_create(suite);
    TCase *group = tcase_create(test->name);
    SRunner *runner = srunner_create(one);

    suite_add_tcase(one, group);
    tcase_set_timeout(group, 240); /* on a busy machine too */
    tcase_add_test(group, test);
    srunner_run_all(runner, CK_SILENT);

    bool good = srunner_ntests_failed(runner) == 0;

    printf("%s %s: %s\n", good ? "ok" : "not ok", suite, test->name);
    if (!good)
        srunner_print(runner, CK_NORMAL);
    srunner_free(runner);
    all_good = all_good && good;
}

int
main(int argc, char **argv)
{
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char *called = slash == NULL ? argv[0] : slash + 1;
    const Unit *unit = units;

    while (unit != NULL && !unit_is_called(unit, called))
        unit = unit->next;
    if (unit == NULL)
    {
        printf("not ok %s: there is no such file of tests\n", called);
        return EXIT_FAILURE;
    }
    unit->each(test_run);
    return all_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

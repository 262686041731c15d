#include "unit/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Check forks every test, so a crash or a sanitizer report fails that test alone. */
int
unit_run(const char *suite, const TTest *const *tests, int count)
{
    int failed = 0;

    for (int i = 0; i < count; i++)
    {
        Suite *one = suite_create(suite);
        TCase *group = tcase_create(tests[i]->name);
        SRunner *runner = srunner_create(one);

        suite_add_tcase(one, group);
        tcase_set_timeout(group, 30);
        tcase_add_test(group, tests[i]);
        srunner_run_all(runner, CK_SILENT);

        bool good = srunner_ntests_failed(runner) == 0;

        printf("%s %s: %s\n", good ? "ok" : "not ok", suite, tests[i]->name);
        if (!good)
            srunner_print(runner, CK_NORMAL);
        failed += !good;
        srunner_free(runner);
    }
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

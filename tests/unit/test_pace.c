/* How long a SQLite file is left to those who write to it. */
#include "run/engines/sqlite/lite_run.h"
#include "unit/unit.h"

static LitePace
pace_after(int quiet, int met, double held_ms)
{
    LitePace pace = {.rows = 500, .held_ms = held_ms};

    for (int i = 0; i < quiet; i++)
        lite_pace_met(&pace, 0.1);
    for (int i = 0; i < met; i++)
        lite_pace_met(&pace, 5.0);
    return pace;
}

START_TEST(who_is_alone_rests_little)
{
    LitePace pace = pace_after(100, 0, 1);

    ck_assert_double_eq(lite_pace_rest_ms(&pace), 5);
    pace.held_ms = 8;
    ck_assert_double_eq(lite_pace_rest_ms(&pace), 20);
}
END_TEST

START_TEST(the_busier_the_file_the_longer_it_is_left_alone)
{
    LitePace seldom = pace_after(100, 1, 1);
    LitePace often = pace_after(0, 8, 1);
    LitePace always = pace_after(0, 200, 1);

    ck_assert_double_gt(lite_pace_rest_ms(&seldom), 5);
    ck_assert_double_gt(lite_pace_rest_ms(&often), 2 * lite_pace_rest_ms(&seldom));
    ck_assert_double_gt(lite_pace_rest_ms(&always), 50);
    always.held_ms = 1000;
    ck_assert_double_eq(lite_pace_rest_ms(&always), 100);
}
END_TEST

START_TEST(and_when_it_is_quiet_again_that_is_forgotten)
{
    LitePace pace = pace_after(0, 200, 1);

    for (int i = 0; i < 100; i++)
        lite_pace_met(&pace, 0);
    ck_assert_double_lt(lite_pace_rest_ms(&pace), 6);
}
END_TEST

UNIT("pace", who_is_alone_rests_little, the_busier_the_file_the_longer_it_is_left_alone,
     and_when_it_is_quiet_again_that_is_forgotten)

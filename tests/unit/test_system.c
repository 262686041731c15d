#include "run/connect/system.h"

#include <string.h>

#include "unit/stage.h"
#include "unit/unit.h"

static const char *const system_columns[] = {"identifier", "timeline", NULL};

#define SYSTEM(identifier_, timeline_)                                                 \
    {                                                                                  \
        .label = "system", .columns = system_columns,                                  \
        .cells = (const char *const[]){identifier_, timeline_}, .row_count = 1         \
    }
#define HIDDEN                                                                         \
    {                                                                                  \
        .label = "system", .sqlstate = "42501", .message = "denied"                    \
    }

/* A run that began on system "7", timeline 1, and lost its connections. */
static Stage *
stage_lost(Mem *mem)
{
    Stage *stage = stage_open(mem);

    stage->run.system = (System){.identifier = mem_copy(mem, "7"), .timeline = 1};
    return stage;
}

START_TEST(a_promoted_standby_is_the_same_system)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_lost(scope);

    stage_connect(stage, "warden", (Line[]){SYSTEM("7", "2"), {0}});
    stage_connect(stage, "watcher", (Line[]){SYSTEM("7", "2"), {0}});
    stage_connect(stage, "worker", (Line[]){SYSTEM("7", "2"), {0}});
    stage_good(stage, system_check(&stage->run, &stage->err));
    ck_assert(stage->run.failed_over);
    ck_assert_ptr_nonnull(strstr(stage->told.text, "another server has taken over"));
    stage_close(stage);
}
END_TEST

START_TEST(another_system_is_refused)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_lost(scope);

    stage_connect(stage, "warden", (Line[]){SYSTEM("8", "1"), HIDDEN, {0}});
    stage_bad(stage, system_check(&stage->run, &stage->err), ERR_REFUSED);
    stage_bad(stage, system_check(&stage->run, &stage->err), ERR_REFUSED);
    stage_close(stage);
}
END_TEST

START_TEST(a_primary_left_behind_or_a_standby_is_tried_again)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_lost(scope);

    stage->run.system.timeline = 3;
    stage_connect(stage, "warden", (Line[]){SYSTEM("7", "2"), SYSTEM("7", "0"), {0}});
    stage_bad(stage, system_check(&stage->run, &stage->err), ERR_CONNECT);
    stage_bad(stage, system_check(&stage->run, &stage->err), ERR_CONNECT);
    stage_close(stage);
}
END_TEST

START_TEST(two_primaries_at_once_are_waited_out)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_lost(scope);

    stage_connect(stage, "warden", (Line[]){SYSTEM("7", "2"), {0}});
    stage_connect(stage, "watcher", (Line[]){SYSTEM("7", "1"), {0}});
    stage_connect(stage, "worker", (Line[]){{0}});
    stage_bad(stage, system_check(&stage->run, &stage->err), ERR_CONNECT);
    ck_assert(!stage->run.failed_over);
    stage_close(stage);
}
END_TEST

START_TEST(whoever_may_not_ask_goes_on_as_before)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "warden", (Line[]){HIDDEN, {0}});
    stage_good(stage, system_note(&stage->run, &stage->err));
    stage_good(stage, system_check(&stage->run, &stage->err));
    stage_close(stage);
}
END_TEST

START_TEST(steps_that_the_server_has_lost_end_the_run)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_lost(scope);

    stage->run.deeds = 3;
    stage_connect(stage, "warden",
                  (Line[]){ONE("deeds_kept", "steps", "3"),
                           ONE("deeds_kept", "steps", "2"),
                           {0}});
    stage_good(stage, system_kept(&stage->run, &stage->err));
    ck_assert(!stage->run.taken_back);
    stage_bad(stage, system_kept(&stage->run, &stage->err), ERR_REFUSED);
    ck_assert(stage->run.taken_back);
    ck_assert_int_eq(stage->run.deeds, 2);
    stage_close(stage);
}
END_TEST

UNIT("system", a_promoted_standby_is_the_same_system, another_system_is_refused,
     a_primary_left_behind_or_a_standby_is_tried_again,
     two_primaries_at_once_are_waited_out, whoever_may_not_ask_goes_on_as_before,
     steps_that_the_server_has_lost_end_the_run)

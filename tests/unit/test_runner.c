#include "run/connect/runner.h"

#include <string.h>

#include "run/history/bookkeeping.h"
#include "run/history/history.h"
#include "unit/stage.h"
#include "unit/unit.h"

static const char *const holder_columns[] = {"pid",    "user_name", "application",
                                             "client", "state",     "connected_ms",
                                             "query",  NULL};
static const char *const holder[] = {
    "8123", "deploy", "pgstride up main (warden)", "10.0.0.7", "idle", "240000", ""};

#define TAKEN ONE("advisory_try", "taken", "t")
#define BUSY ONE("advisory_try", "taken", "f")
#define HELD                                                                           \
    {                                                                                  \
        .label = "runner_holder", .columns = holder_columns, .cells = holder,          \
        .row_count = 1                                                                 \
    }

START_TEST(a_free_lock_is_taken_without_a_word)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "warden", (Line[]){TAKEN, {0}});
    stage_good(stage, runner_lock(&stage->run, &stage->err));
    ck_assert_str_eq(stage->told.text, "");
    stage_close(stage);
}
END_TEST

START_TEST(a_busy_lock_is_tried_again_and_its_holder_named_once)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "warden",
                  (Line[]){BUSY, HELD, BUSY, HELD, BUSY, HELD, TAKEN, {0}});
    stage_good(stage, runner_lock(&stage->run, &stage->err));
    ck_assert_str_eq(stage->told.text,
                     "waiting runner: pid 8123 deploy@10.0.0.7 \"pgstride up main "
                     "(warden)\", connected for 4 min 00 s, idle\n");
    ck_assert(clock_now(stage->run.clock) == 25 + 50 + 100);
    stage_close(stage);
}
END_TEST

START_TEST(a_lock_that_stays_held_is_given_up_with_its_holder)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage->settings.runner_patience = 60;
    stage_connect(stage, "warden", (Line[]){BUSY, HELD, BUSY, HELD, BUSY, HELD, {0}});
    ck_assert_str_eq(
        stage_bad(stage, runner_lock(&stage->run, &stage->err), ERR_BUSY),
        "database is locked | another run of pgstride is at work on component "
        "\"main\"\n"
        "held by pid 8123 deploy@10.0.0.7 \"pgstride up main (warden)\", connected for "
        "4 min 00 s, idle | Wait for it to finish, or give it longer: --wait=1h.");
    stage_close(stage);
}
END_TEST

START_TEST(no_wait_asks_once)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage->settings.no_wait = true;
    stage_connect(stage, "warden", (Line[]){BUSY, HELD, {0}});
    stage_bad(stage, runner_lock(&stage->run, &stage->err), ERR_BUSY);
    stage_close(stage);
}
END_TEST

START_TEST(a_holder_that_is_gone_by_now_is_nobody)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "warden",
                  (Line[]){BUSY, {.label = "runner_holder"}, TAKEN, {0}});
    stage_good(stage, runner_lock(&stage->run, &stage->err));
    ck_assert_str_eq(stage->told.text, "");
    stage_close(stage);
}
END_TEST

START_TEST(orphans_are_awaited_and_called_by_their_name)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "warden", (Line[]){BUSY, HELD, TAKEN, BUSY, HELD, {0}});
    stage_good(stage, runner_await_orphans(&stage->run, &stage->err));
    ck_assert_ptr_eq(strstr(stage->told.text, "waiting orphan: pid 8123"),
                     stage->told.text);
    stage->settings.orphan_patience = 0;

    const char *line =
        stage_bad(stage, runner_await_orphans(&stage->run, &stage->err), ERR_BUSY);

    ck_assert_ptr_nonnull(strstr(line, "killed left going"));
    stage_close(stage);
}
END_TEST

START_TEST(a_fence_taken_by_another_run_ends_this_one)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "warden",
                  (Line[]){ONE("fence_check", "ours", "t"),
                           ONE("advisory_release", "released", "t"),
                           ONE("fence_check", "ours", "f"),
                           ONE("advisory_release", "released", "t"),
                           {0}});
    stage_good(stage, runner_check_fence(&stage->run, &stage->err));
    stage_bad(stage, runner_check_fence(&stage->run, &stage->err), ERR_REFUSED);
    stage_close(stage);
}
END_TEST

START_TEST(the_guard_of_a_record_speaks_for_the_fence)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    SqlText text = sql_begin(scope, stage->run.caps);

    sql_raw(&text, "SELECT 1");
    stage_connect(stage, "warden",
                  (Line[]){{.label = "begin"},
                           {.label = "guard",
                            .sqlstate = SQLSTATE_FENCED,
                            .message = "another run of pgstride has taken over"},
                           {0}});
    stage_bad(stage, history_write(&stage->run, "note", &text, 1, &stage->err),
              ERR_REFUSED);

    const char *guard = fake_sent(stage->fake, "guard", 0);

    ck_assert_ptr_nonnull(strstr(guard, stage->run.id));
    ck_assert_ptr_nonnull(strstr(guard, "'main'"));
    ck_assert_ptr_nonnull(strstr(guard, "SELECT pgstride.guard(7237, "));
    stage_close(stage);
}
END_TEST

START_TEST(tables_are_made_once)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "warden",
                  (Line[]){ONE("bookkeeping_exists", "here", "f"),
                           {.label = "bookkeeping_apply"},
                           HERE,
                           ONE("bookkeeping_version", "version", "1"),
                           {0}});
    stage_good(stage, bookkeeping_make(&stage->run, &stage->err));
    stage_good(stage, bookkeeping_make(&stage->run, &stage->err));

    const char *made = fake_sent(stage->fake, "bookkeeping_apply", 0);

    ck_assert_ptr_nonnull(strstr(made, "CREATE TABLE pgstride.runners"));
    ck_assert_ptr_nonnull(strstr(made, "INSERT INTO pgstride.bookkeeping"));
    ck_assert_str_eq(made + strlen(made) - 8, "; COMMIT");
    stage_close(stage);
}
END_TEST

START_TEST(tables_that_another_component_makes_meanwhile_are_welcome)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "warden",
                  (Line[]){ONE("bookkeeping_exists", "here", "f"),
                           {.label = "bookkeeping_apply",
                            .sqlstate = "42P07",
                            .message = "relation \"bookkeeping\" already exists"},
                           HERE,
                           ONE("bookkeeping_version", "version", "1"),
                           {0}});
    stage_good(stage, bookkeeping_make(&stage->run, &stage->err));
    stage_close(stage);
}
END_TEST

START_TEST(tables_that_cannot_be_made_are_an_error_of_the_role)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "warden",
                  (Line[]){ONE("bookkeeping_exists", "here", "f"),
                           {.label = "bookkeeping_apply",
                            .sqlstate = "42501",
                            .message = "permission denied for database shop"},
                           ONE("bookkeeping_exists", "here", "f"),
                           {0}});
    ck_assert_str_eq(
        stage_bad(stage, bookkeeping_make(&stage->run, &stage->err), ERR_CONNECT),
        "while making pgstride's own tables: permission denied for database shop | "
        "pgstride keeps its history in a schema \"pgstride\"");
    stage_close(stage);
}
END_TEST

START_TEST(tables_of_a_newer_pgstride_are_refused)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "warden",
                  (Line[]){HERE, ONE("bookkeeping_version", "version", "7"), {0}});
    ck_assert_str_eq(
        stage_bad(stage, bookkeeping_make(&stage->run, &stage->err), ERR_REFUSED),
        "the history was written by a newer pgstride (its tables are at version 7, "
        "this "
        "one knows 1) | Use the newer pgstride.");
    stage_close(stage);
}
END_TEST

START_TEST(every_run_and_every_component_is_itself)
{
    char one[37];
    char two[37];

    runner_new_id(one);
    runner_new_id(two);
    ck_assert_str_ne(one, two);
    ck_assert_int_eq(strlen(one), 36);
    for (int i = 8; i < 24; i += 5)
        ck_assert_int_eq(one[i], '-');
    ck_assert_int_eq(one[14], '4');
    /* Another number would let an older pgstride run beside this one. */
    ck_assert_int_eq(runner_key("main"), -359603704);
    ck_assert_int_ne(runner_key("main"), runner_key("billing"));
}
END_TEST

UNIT("runner", a_free_lock_is_taken_without_a_word,
     a_busy_lock_is_tried_again_and_its_holder_named_once,
     a_lock_that_stays_held_is_given_up_with_its_holder, no_wait_asks_once,
     a_holder_that_is_gone_by_now_is_nobody,
     orphans_are_awaited_and_called_by_their_name,
     a_fence_taken_by_another_run_ends_this_one,
     the_guard_of_a_record_speaks_for_the_fence, tables_are_made_once,
     tables_that_another_component_makes_meanwhile_are_welcome,
     tables_that_cannot_be_made_are_an_error_of_the_role,
     tables_of_a_newer_pgstride_are_refused, every_run_and_every_component_is_itself)

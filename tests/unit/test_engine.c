#include "run/steps/engine.h"

#include <string.h>

#include "base/stop.h"
#include "run/history/history.h"
#include "unit/shop.h"
#include "unit/stage.h"
#include "unit/unit.h"

/* clang-format off */
/* A step that locks nothing we know of: its message is this. */
#define OPENING {.label = "begin"}, {.label = "try_settings"}, {.label = "guard"}
#define DEED SECLUDED, {.label = "try_granted"}
#define COMMITTED DEED, {.label = "commit"}, {.label = "try_released"}

/* The only step of its phase: what it cost is told behind its COMMIT. */
#define TOLD SECLUDED, {.label = "commit"}, {.label = "released_role"}
#define SETTLED TOLD, {.label = "released"}

/* What a new table locks nobody can wait for: no clocks, and no cost to come. */
#define SECLUDED                                                                       \
    OPENING, {.label = "step", .takes_ms = 2}, {.label = "try_role"}, {.label = "record"}
#define MADE SECLUDED, {.label = "commit"}
/* clang-format on */

#define ALONE(answer)                                                                  \
    ONE("advisory_try_shared", "taken", "t"), {.label = "alone", answer},              \
        ONE("advisory_release_shared", "released", "t")
#define COST                                                                           \
    {                                                                                  \
        .label = "step_cost"                                                           \
    }
#define BEGUN WRITES("phase_begin")

/* What a reconnected run asks before it believes the history. */
#define RETAKEN                                                                        \
    ONE("advisory_try", "taken", "t"), ONE("advisory_try", "taken", "t"),              \
        ONE("fence_check", "ours", "t"), ONE("advisory_release", "released", "t")

static const char three_steps[] = "CREATE TABLE orders (id bigint);\n"
                                  "CREATE DATABASE copies;\n"
                                  "CREATE TABLE notes (id bigint);\n";

typedef struct Play
{
    Stage *stage;
    Shop *shop;
    Toll toll;
} Play;

static Play
play_open(Mem *mem, const char *text)
{
    Play play = {.stage = stage_open(mem), .shop = shop_open(mem)};

    shop_planned(play.shop, text);
    return play;
}

static bool
play_up(Play *play)
{
    return engine_phase(&play->stage->run, &play->shop->plan, PHASE_UP, &play->toll,
                        &play->stage->err);
}

static const char *
play_hash(const Play *play, int number)
{
    return play->shop->plan.steps[number - 1].hash;
}

#define VERSION "20260515"
/* What the history says when the phase is over: all of it, or, where it has been read
 * before, what it says of the version. */
#define UP_AGAIN                                                                       \
    MIGRATION(VERSION, "contracted"), PHASE(VERSION, "up", "t"), NO_STEPS, NO_BACKFILLS
#define UP_DONE READS(UP_AGAIN)

START_TEST(a_step_and_its_record_commit_together)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "CREATE TABLE orders (id bigint);\n");
    Stage *stage = play.stage;

    stage_connect(stage, "warden", (Line[]){{0}});
    stage_connect(stage, "worker", (Line[]){MADE, {0}});
    stage_connect(stage, "watcher", (Line[]){UP_DONE, {0}});
    stage_good(stage, play_up(&play));
    ck_assert_str_eq(stage->told.text, "step start 1\nstep done 1\n");
    ck_assert_str_eq(fake_sent(stage->fake, "step", 0),
                     "CREATE TABLE orders (id bigint)");
    ck_assert_ptr_nonnull(
        strstr(fake_sent(stage->fake, "record", 0), "SELECT pgstride.deed_done("));
    ck_assert_ptr_null(
        strstr(fake_sent(stage->fake, "try_settings", 0), "synchronous_commit"));
    stage_close(stage);
}
END_TEST

START_TEST(what_one_deed_has_written_is_not_read_again)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "CREATE TABLE orders (id bigint);\n");
    Stage *stage = play.stage;
    const StepRecord *record;

    stage_connect(stage, "worker", (Line[]){MADE, {0}});
    stage_connect(stage, "watcher",
                  (Line[]){READS(MIGRATION("7", "contracted"), PHASE("7", "up", "t"),
                                 STEP("7", "up", "1", "h", "t"), NO_BACKFILLS),
                           {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    stage_good(stage, play_up(&play));
    ck_assert_int_eq(history_state(&stage->run.history, VERSION), STATE_CONTRACTED);
    ck_assert_int_eq(history_state(&stage->run.history, "7"), STATE_CONTRACTED);
    record = history_of_step(&stage->run.history, &play.shop->plan.steps[0]);
    ck_assert(record != NULL && record->done);
    ck_assert_str_eq(record->hash, play_hash(&play, 1));
    ck_assert_str_eq(record->undo, "DROP TABLE IF EXISTS orders");
    stage_close(stage);
}
END_TEST

START_TEST(steps_run_in_order_and_one_outside_is_journalled_before_and_after)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, three_steps);
    Stage *stage = play.stage;

    ck_assert_int_eq(play.shop->plan.step_count, 3);
    stage_connect(stage, "warden",
                  (Line[]){WRITES("step_started"), WRITES("step_done"), COST, {0}});
    stage_connect(stage, "worker", (Line[]){MADE, ALONE(.takes_ms = 5), MADE, {0}});
    stage_connect(stage, "watcher", (Line[]){UP_DONE, {0}});
    stage_good(stage, play_up(&play));
    ck_assert_str_eq(stage->told.text, "step start 1\nstep done 1\nstep start 2\nstep "
                                       "done 2\nstep start 3\nstep done 3\n");
    ck_assert_str_eq(fake_sent(stage->fake, "alone", 0), "CREATE DATABASE copies");
    stage_close(stage);
}
END_TEST

START_TEST(what_is_done_is_passed_over)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, three_steps);
    Stage *stage = play.stage;

    stage_connect(
        stage, "watcher",
        (Line[]){READS(MIGRATION(VERSION, "pending"), PHASE(VERSION, "up", "f"),
                       STEP(VERSION, "up", "1", play_hash(&play, 1), "t"),
                       NO_BACKFILLS),
                 UP_AGAIN,
                 {0}});
    stage_connect(
        stage, "warden",
        (Line[]){BEGUN, WRITES("step_started"), WRITES("step_done"), COST, {0}});
    stage_connect(stage, "worker", (Line[]){ALONE(.takes_ms = 5), MADE, {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    stage_good(stage, play_up(&play));
    ck_assert_ptr_eq(strstr(stage->told.text, "step skipped 1\nstep start 2"),
                     stage->told.text);
    stage_close(stage);
}
END_TEST

START_TEST(a_done_step_whose_text_changed_is_dirty)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, three_steps);
    Stage *stage = play.stage;
    const char *line;

    stage_connect(
        stage, "watcher",
        (Line[]){READS(MIGRATION(VERSION, "pending"), PHASE(VERSION, "up", "f"),
                       STEP(VERSION, "up", "1", "another", "t"), NO_BACKFILLS),
                 {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    ck_assert(!play_up(&play));
    ck_assert_str_eq(stage->err.text, "Database is in dirty state at version 20260515");
    line = stage_bad(stage, false, ERR_DIRTY);
    ck_assert_ptr_nonnull(strstr(line, "its text in m/20260515_split_email.sql:1 has "
                                       "changed since"));
    ck_assert_ptr_nonnull(strstr(line, "ALTER TABLE old"));
    stage_close(stage);
}
END_TEST

START_TEST(a_done_step_that_the_file_lost_is_dirty)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, three_steps);
    Stage *stage = play.stage;

    stage_connect(
        stage, "watcher",
        (Line[]){READS(MIGRATION(VERSION, "pending"), PHASE(VERSION, "up", "f"),
                       STEP(VERSION, "up", "4", "hash", "t"), NO_BACKFILLS),
                 {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    ck_assert_ptr_nonnull(strstr(stage_bad(stage, play_up(&play), ERR_DIRTY),
                                 "the file no longer has it"));
    stage_close(stage);
}
END_TEST

/* --- outside a transaction ------------------------------------------------------- */

#define EXISTS .sqlstate = "42P04", .message = "database \"copies\" already exists"

START_TEST(a_second_attempt_that_meets_its_own_deed_is_done)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "CREATE DATABASE copies;\n");
    Stage *stage = play.stage;

    stage_connect(
        stage, "watcher",
        (Line[]){READS(MIGRATION(VERSION, "pending"), PHASE(VERSION, "up", "f"),
                       STEP(VERSION, "up", "1", play_hash(&play, 1), "f"),
                       NO_BACKFILLS),
                 UP_AGAIN,
                 {0}});
    stage_connect(
        stage, "warden",
        (Line[]){BEGUN, WRITES("step_started"), WRITES("step_done"), COST, {0}});
    stage_connect(stage, "worker", (Line[]){ALONE(EXISTS), {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    stage_good(stage, play_up(&play));
    stage_close(stage);
}
END_TEST

START_TEST(a_first_attempt_that_meets_somebody_elses_deed_failed_and_is_forgotten)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "CREATE DATABASE copies;\n");
    Stage *stage = play.stage;

    stage_connect(stage, "warden",
                  (Line[]){BEGUN,
                           WRITES("step_started"),
                           WRITES("step_forgotten"),
                           WRITES("failed"),
                           {0}});
    stage_connect(stage, "worker", (Line[]){ALONE(EXISTS), {0}});
    ck_assert_ptr_nonnull(strstr(stage_bad(stage, play_up(&play), ERR_SQL),
                                 "failed at statement 1 of 1 "
                                 "(m/20260515_split_email.sql:1): database \"copies\" "
                                 "already exists"));
    ck_assert_ptr_nonnull(
        strstr(fake_sent(stage->fake, "step_forgotten", 0), "AND NOT done"));
    stage_close(stage);
}
END_TEST

START_TEST(a_run_that_is_replaced_starts_nothing_outside_a_transaction)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "CREATE DATABASE copies;\n");
    Stage *stage = play.stage;

    stage_connect(stage, "warden",
                  (Line[]){BEGUN, WRITES("step_started"), WRITES("failed"), {0}});
    stage_connect(stage, "worker",
                  (Line[]){ONE("advisory_try_shared", "taken", "f"), {0}});
    stage_bad(stage, play_up(&play), ERR_REFUSED);
    stage_close(stage);
}
END_TEST

/* --- lost ------------------------------------------------------------------------ */

/* The connections as they are opened again. */
static void
reopened(Stage *stage, const Line *warden, const Line *watcher, const Line *worker)
{
    fake_expect(stage->fake, "warden", warden);
    fake_expect(stage->fake, "watcher", watcher);
    fake_expect(stage->fake, "worker", worker);
}

START_TEST(lost_at_commit_and_recorded_it_is_not_done_twice)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "CREATE TABLE orders (id bigint);\n");
    Stage *stage = play.stage;

    stage_connect(stage, "warden", (Line[]){{0}});
    stage_connect(stage, "watcher", (Line[]){{0}});
    stage_connect(stage, "worker",
                  (Line[]){SECLUDED, {.label = "commit", .lost = true}, {0}});
    reopened(stage, (Line[]){RETAKEN, COST, {0}},
             (Line[]){READS(MIGRATION(VERSION, "contracted"), PHASE(VERSION, "up", "t"),
                            STEP(VERSION, "up", "1", "hash", "t"), NO_BACKFILLS),
                      UP_AGAIN,
                      {0}},
             (Line[]){{0}});
    stage_good(stage, play_up(&play));
    ck_assert_ptr_null(fake_sent(stage->fake, "step", 1));
    stage_close(stage);
}
END_TEST

START_TEST(lost_at_commit_and_not_recorded_it_is_done_again)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "CREATE TABLE orders (id bigint);\n");
    Stage *stage = play.stage;

    stage_connect(stage, "warden", (Line[]){{0}});
    stage_connect(stage, "watcher", (Line[]){{0}});
    stage_connect(stage, "worker",
                  (Line[]){SECLUDED, {.label = "commit", .lost = true}, {0}});
    reopened(stage, (Line[]){RETAKEN, {0}}, (Line[]){NO_HISTORY, {0}},
             (Line[]){MADE, {0}});
    stage_good(stage, play_up(&play));
    ck_assert_ptr_nonnull(fake_sent(stage->fake, "step", 1));
    stage_close(stage);
}
END_TEST

START_TEST(a_crash_that_took_back_an_asynchronous_commit_is_noticed)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "CREATE SCHEMA copies;\n");
    Stage *stage = play.stage;

    stage_connect(stage, "warden", (Line[]){{0}});
    stage_connect(stage, "watcher", (Line[]){{0}});
    stage_connect(stage, "worker",
                  (Line[]){TOLD, {.label = "released", .lost = true}, {0}});
    reopened(stage, (Line[]){RETAKEN, {0}}, (Line[]){NO_HISTORY, {0}},
             (Line[]){SETTLED, {0}});
    stage_good(stage, play_up(&play));
    ck_assert_ptr_nonnull(fake_sent(stage->fake, "step", 1));
    stage_close(stage);
}
END_TEST

START_TEST(a_fence_that_is_another_runs_after_a_loss_ends_the_run)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "CREATE TABLE orders (id bigint);\n");
    Stage *stage = play.stage;
    const char *line;

    stage_connect(stage, "warden", (Line[]){{0}});
    stage_connect(stage, "watcher", (Line[]){{0}});
    stage_connect(stage, "worker",
                  (Line[]){SECLUDED, {.label = "commit", .lost = true}, {0}});
    reopened(stage,
             (Line[]){ONE("advisory_try", "taken", "t"),
                      ONE("advisory_try", "taken", "t"),
                      ONE("fence_check", "ours", "f"),
                      ONE("advisory_release", "released", "t"),
                      BEGUN,
                      WRITES("failed"),
                      {0}},
             (Line[]){{0}}, (Line[]){{0}});
    line = stage_bad(stage, play_up(&play), ERR_REFUSED);
    ck_assert_ptr_nonnull(strstr(line, "another run of pgstride has taken over"));
    ck_assert_ptr_nonnull(strstr(line, "whether this step took effect is not known"));
    stage_close(stage);
}
END_TEST

START_TEST(what_a_file_set_in_its_session_ends_with_the_phase)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "SET search_path = shop;\n");
    Stage *stage = play.stage;

    stage_connect(stage, "warden", (Line[]){{0}});
    stage_connect(stage, "worker", (Line[]){SETTLED, {0}});
    stage_connect(stage, "watcher", (Line[]){UP_DONE, {0}});
    fake_expect(stage->fake, "worker", (Line[]){{0}});
    stage_good(stage, play_up(&play));
    stage_close(stage);
}
END_TEST

/* --- failed, and stopped --------------------------------------------------------- */

START_TEST(a_full_disk_is_rolled_back_and_said)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "CREATE TABLE orders (id bigint);\n");
    Stage *stage = play.stage;

    stage_connect(stage, "warden", (Line[]){BEGUN, WRITES("failed"), {0}});
    stage_connect(
        stage, "worker",
        (Line[]){OPENING,
                 {.label = "step",
                  .sqlstate = "53100",
                  .message = "could not extend file: No space left on device"},
                 {0}});
    ck_assert_str_eq(
        stage_bad(stage, play_up(&play), ERR_SQL),
        "m/20260515_split_email.sql:1: 20260515_split_email failed at "
        "statement 1 of 1 (m/20260515_split_email.sql:1): could not extend "
        "file: No space left on device | CREATE TABLE orders (id bigint)\n"
        "the transaction was rolled back: nothing of this migration is in "
        "the database | Give the server room, then: pgstride up");
    ck_assert_ptr_nonnull(
        strstr(stage->told.text, "step failed 1: could not extend file"));
    stage_close(stage);
}
END_TEST

START_TEST(a_step_whose_cost_cannot_be_noted_is_not_called_rolled_back)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "CREATE SCHEMA copies;\n");
    Stage *stage = play.stage;
    const char *line;

    stage_connect(
        stage, "warden",
        (Line[]){{.label = "step_cost", .sqlstate = "53100"}, WRITES("failed"), {0}});
    stage_connect(stage, "worker",
                  (Line[]){TOLD, {.label = "released", .sqlstate = "53100"}, {0}});
    line = stage_bad(stage, play_up(&play), ERR_SQL);
    ck_assert_ptr_null(strstr(line, "rolled back"));
    ck_assert_ptr_nonnull(strstr(line, "partial at 1/1"));
    stage_close(stage);
}
END_TEST

START_TEST(asked_to_stop_it_stops_between_two_steps)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, three_steps);
    Stage *stage = play.stage;

    stage_connect(
        stage, "watcher",
        (Line[]){READS(MIGRATION(VERSION, "pending"), PHASE(VERSION, "up", "f"),
                       STEP(VERSION, "up", "1", play_hash(&play, 1), "t"),
                       NO_BACKFILLS),
                 {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    stop_ask();
    ck_assert_str_eq(
        stage_bad(stage, play_up(&play), ERR_STOPPED),
        "m/20260515_split_email.sql:2: 20260515_split_email stopped at "
        "statement 2 of 3 (m/20260515_split_email.sql:2): asked to stop | "
        "partial at 1/3: what is done stays done, the next run goes on behind "
        "it");
    stage_close(stage);
}
END_TEST

UNIT("engine", a_step_and_its_record_commit_together,
     what_one_deed_has_written_is_not_read_again,
     steps_run_in_order_and_one_outside_is_journalled_before_and_after,
     what_is_done_is_passed_over, a_done_step_whose_text_changed_is_dirty,
     a_done_step_that_the_file_lost_is_dirty,
     a_second_attempt_that_meets_its_own_deed_is_done,
     a_first_attempt_that_meets_somebody_elses_deed_failed_and_is_forgotten,
     a_run_that_is_replaced_starts_nothing_outside_a_transaction,
     lost_at_commit_and_recorded_it_is_not_done_twice,
     lost_at_commit_and_not_recorded_it_is_done_again,
     a_crash_that_took_back_an_asynchronous_commit_is_noticed,
     a_fence_that_is_another_runs_after_a_loss_ends_the_run,
     what_a_file_set_in_its_session_ends_with_the_phase,
     a_full_disk_is_rolled_back_and_said,
     a_step_whose_cost_cannot_be_noted_is_not_called_rolled_back,
     asked_to_stop_it_stops_between_two_steps)

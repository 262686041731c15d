#include <string.h>

#include "cli/print/print_progress.h"
#include "cli/text.h"
#include "unit/capture.h"
#include "unit/unit.h"

/* A clock that stands still until a test moves it. */
typedef struct Standing
{
    Clock clock;
    double ms;
} Standing;

static double
standing_now(Clock *clock)
{
    return ((Standing *)clock)->ms;
}

typedef struct Stage
{
    Mem *mem;
    Capture capture;
    Standing standing;
    ProgressView view;
} Stage;

static void
stage_begin(Stage *stage)
{
    stage->mem = mem_scope_begin(NULL);
    stage->standing = (Standing){.clock = {.now_ms = standing_now}, .ms = 1000};
    capture_begin(&stage->capture);
    progress_begin(stage->mem, &stage->view, &stage->capture.out,
                   &stage->standing.clock);
}

static void
stage_end(Stage *stage)
{
    capture_end(&stage->capture);
    mem_scope_end(&stage->mem);
}

static void
see(Stage *stage, Event event)
{
    stage->view.observer.see(&stage->view.observer, &event);
}

/* How many lines have been printed. */
static int
lines_of(Stage *stage)
{
    int lines = 0;

    for (const char *byte = capture_text(&stage->capture); *byte != '\0'; byte++)
        lines += *byte == '\n';
    return lines;
}

/* clang-format off */
static Migration split = {.version = "20260515", .label = "20260515_split_email"};
static LockNeed need[] = {{.relation = {NULL, "identities"}}};
static SqlParsed add_sql[] = {{.text = "ALTER TABLE identities\n  ADD COLUMN new_email text"}};
static Step add = {.number = 1, .phase = PHASE_EXPAND, .title = "ADD COLUMN new_email, sync trigger",
                   .locks = need, .lock_count = 1, .sql = add_sql, .sql_count = 1};
static Step fill = {.number = 2, .phase = PHASE_BACKFILL, .kind = STEP_BACKFILL, .title = "UPDATE",
                    .table = {NULL, "identities"}};
static Progress half = {.rows_done = 7100000, .rows_total = 12400000, .rows_per_second = 24300.4,
                        .left_ms = 218000, .batch_ms = 98, .hot_share = 0.81, .wal_bytes = 3435973837,
                        .fraction = 0.579, .doing = "sweeping", .elapsed_ms = 531000};
/* clang-format on */

START_TEST(a_step_that_is_done_leaves_one_line)
{
    Stage stage;
    Cost cost = {.tries = 2, .held_ms = 3, .stall_ms = 4, .took_ms = 5};

    stage_begin(&stage);
    see(&stage, (Event){.kind = EVENT_CONNECTED, .text = "shop on PostgreSQL 15.20"});
    see(&stage, (Event){.kind = EVENT_MIGRATION_START, .migration = &split});
    see(&stage, (Event){.kind = EVENT_STEP_START, .step = &add});
    see(&stage, (Event){.kind = EVENT_STEP_DONE, .step = &add, .cost = &cost});
    ck_assert_str_eq(capture_text(&stage.capture),
                     "shop on PostgreSQL 15.20 · 20260515_split_email\n"
                     "  ✓ expand    1  ADD COLUMN new_email, sync trigger              "
                     "      2 tries  "
                     " held 3.0 ms   largest stall 4.0 ms\n");
    stage_end(&stage);
}
END_TEST

START_TEST(a_step_that_stalled_nobody_says_how_long_it_took)
{
    Stage stage;
    Cost cost = {.tries = 1, .held_ms = 437, .took_ms = 438};

    stage_begin(&stage);
    see(&stage, (Event){.kind = EVENT_STEP_DONE, .step = &add, .cost = &cost});
    ck_assert_ptr_nonnull(strstr(capture_text(&stage.capture), "   took 438 ms\n"));
    ck_assert_ptr_null(strstr(capture_text(&stage.capture), "held"));
    stage_end(&stage);
}
END_TEST

START_TEST(a_backfill_says_what_it_did)
{
    Stage stage;
    Cost cost = {.stall_ms = 11};
    Progress done = half;

    done.rows_done = 12400000;
    done.hot_share = 0.82;
    stage_begin(&stage);
    see(&stage, (Event){.kind = EVENT_STEP_START, .step = &fill});
    see(&stage,
        (Event){
            .kind = EVENT_STEP_DONE, .step = &fill, .cost = &cost, .progress = &done});
    ck_assert_ptr_nonnull(strstr(capture_text(&stage.capture),
                                 "12,400,000 rows in 8 min 51 s   HOT 82 %   set aside "
                                 "0   largest stall 11 ms\n"));
    done.rows_before = 12000000;
    cost.waited_ms = 2500;
    see(&stage,
        (Event){
            .kind = EVENT_STEP_DONE, .step = &fill, .cost = &cost, .progress = &done});
    ck_assert_ptr_nonnull(
        strstr(capture_text(&stage.capture),
               "400,000 of 12,400,000 rows in 8 min 51 s   HOT 82 %   "
               "set aside 0   rested 2.5 s of it   largest stall"));
    stage_end(&stage);
}
END_TEST

START_TEST(a_pipe_is_told_every_5_seconds_or_5_percent)
{
    Stage stage;
    Progress progress = half;
    Event batch = {.kind = EVENT_BATCH, .step = &fill, .progress = &progress};

    stage_begin(&stage);
    see(&stage, (Event){.kind = EVENT_STEP_START, .step = &fill});
    for (int i = 0; i < 50; i++, stage.standing.ms += 100)
        see(&stage, batch);
    ck_assert_int_eq(lines_of(&stage), 0);
    see(&stage, batch);
    ck_assert_str_eq(capture_text(&stage.capture),
                     "    backfill  2  identities   57 %   7.1 M of 12.4 M   24,300 "
                     "rows/s   3 min 38 s left   batch 98 ms · HOT 81 % · WAL 3.2 "
                     "GB\n");
    stage.standing.ms += 4900;
    see(&stage, batch);
    ck_assert_int_eq(lines_of(&stage), 1);
    progress.fraction += 0.051;
    see(&stage, batch);
    ck_assert_int_eq(lines_of(&stage), 2);
    stage_end(&stage);
}
END_TEST

START_TEST(a_rest_says_why)
{
    Stage stage;
    Event rest = {.kind = EVENT_REST,
                  .step = &fill,
                  .millis = 40,
                  .text = "replica \"standby1\" is 1.4 s behind (limit 1 s)"};
    Event batch = {.kind = EVENT_BATCH, .step = &fill, .progress = &half};

    stage_begin(&stage);
    see(&stage, (Event){.kind = EVENT_STEP_START, .step = &fill});
    see(&stage, batch);
    stage.standing.ms += 6000;
    see(&stage, rest);
    ck_assert_ptr_nonnull(strstr(capture_text(&stage.capture),
                                 "WAL 3.2 GB · resting 40 ms: replica \"standby1\" is "
                                 "1.4 s behind (limit 1 s)\n"));
    see(&stage, batch);
    stage.standing.ms += 6000;
    see(&stage, batch);
    ck_assert_int_eq(lines_of(&stage), 2);
    ck_assert_ptr_null(strstr(strrchr(capture_text(&stage.capture), 'W'), "resting"));
    stage_end(&stage);
}
END_TEST

START_TEST(a_rest_between_steps_is_told_too)
{
    Stage stage;

    stage_begin(&stage);
    see(&stage, (Event){.kind = EVENT_REST, .text = "waiting for an older snapshot"});
    ck_assert_str_eq(capture_text(&stage.capture),
                     "    waiting for an older snapshot\n");
    stage_end(&stage);
}
END_TEST

START_TEST(who_is_waited_for_is_named)
{
    Stage stage;
    Holder holders[] = {
        {.pid = 9, .user = "web", .granted = false, .age_ms = 999999},
        {.kind = HOLDER_IDLE_IN_TRANSACTION,
         .pid = 8123,
         .user = "app_report",
         .client = "10.0.0.7",
         .application = "nightly",
         .state = "idle in transaction",
         .age_known = true,
         .age_ms = 250000,
         .state_ms = 240000,
         .granted = true,
         .query = "SELECT *\n FROM identities"},
    };
    Look look = {holders, 2};
    Cost cost = {.tries = 14, .waited_ms = 6200, .queued_ms = 0};

    stage_begin(&stage);
    see(&stage, (Event){.kind = EVENT_STEP_START, .step = &add});
    see(&stage,
        (Event){
            .kind = EVENT_STEP_WAITING, .step = &add, .look = &look, .cost = &cost});
    ck_assert_str_eq(
        capture_text(&stage.capture),
        "    expand    1  waiting for identities, 14 tries in 6.2 s, 0 ms queued   "
        "held "
        "by pid 8123 app_report@10.0.0.7 \"nightly\": idle in transaction for 4 min 00 "
        "s (SELECT * FROM identities) and 1 more\n");
    stage_end(&stage);
}
END_TEST

START_TEST(a_terminal_draws_over_its_own_lines)
{
    Stage stage;
    Event batch = {.kind = EVENT_BATCH, .step = &fill, .progress = &half};

    stage_begin(&stage);
    stage.capture.out.live = true;
    stage.capture.out.width = 120;
    see(&stage, (Event){.kind = EVENT_STEP_START, .step = &fill});
    ck_assert_int_eq(stage.view.drawn, 1);
    stage.standing.ms += 200;
    see(&stage, batch);
    ck_assert_int_eq(stage.view.drawn, 2);
    ck_assert_ptr_nonnull(
        strstr(capture_text(&stage.capture), "\r\033[1A\033[J  ⠙ backfill  2"));
    ck_assert_ptr_nonnull(strstr(capture_text(&stage.capture), "███████████░░░░░░░░░"));
    progress_end(&stage.view);
    ck_assert_int_eq(stage.view.drawn, 0);
    stage_end(&stage);
}
END_TEST

START_TEST(a_narrow_terminal_loses_the_bar_first)
{
    Stage stage;
    Event batch = {.kind = EVENT_BATCH, .step = &fill, .progress = &half};
    Event rest = {.kind = EVENT_REST,
                  .step = &fill,
                  .millis = 40,
                  .text = "replica \"standby1\" is 1.4 s behind (limit 1 s)"};

    stage_begin(&stage);
    stage.capture.out.live = true;
    stage.capture.out.width = 80;
    see(&stage, (Event){.kind = EVENT_STEP_START, .step = &fill});
    stage.standing.ms += 200;
    see(&stage, batch);
    ck_assert_ptr_null(strstr(capture_text(&stage.capture), "███████████░░░░░░░░░"));
    ck_assert_ptr_nonnull(strstr(capture_text(&stage.capture), " left\n"));
    stage.standing.ms += 200;
    see(&stage, rest);
    ck_assert_int_eq(stage.view.drawn, 3); /* the reason stands by itself, whole */
    ck_assert_ptr_nonnull(strstr(capture_text(&stage.capture),
                                 " resting 40 ms: replica \"standby1\" is 1.4 s behind"
                                 " (limit 1 s)\n"));
    stage_end(&stage);
}
END_TEST

START_TEST(a_narrow_terminal_breaks_no_line_that_stays)
{
    static const Cost cost = {
        .tries = 2, .held_ms = 3, .stall_ms = 4, .took_ms = 438, .queued_ms = 1};
    Stage stage;
    MEM_SCOPE(scope, NULL);

    stage_begin(&stage);
    stage.capture.out.live = true;
    for (int width = 60; width <= 120; width++)
    {
        stage.capture.out.width = width;
        see(&stage, (Event){.kind = EVENT_STEP_DONE, .step = &add, .cost = &cost});
    }
    see(&stage,
        (Event){.kind = EVENT_WARNING,
                .text = "the standby is 12 s behind, and what waits there for a lock "
                        "of ours goes on waiting until it has caught up with us"});
    ck_assert_ptr_nonnull(strstr(capture_text(&stage.capture),
                                 "  ✓ expand    1  ADD COLUMN new_email, sync trigger\n"
                                 "                 2 tries   held 3.0 ms   largest "
                                 "stall 4.0 ms\n"));
    ck_assert_ptr_nonnull(strstr(capture_text(&stage.capture), "up\n    with us\n"));

    TextLines lines = text_wrap(scope, capture_text(&stage.capture), 0);
    int width = 60;

    for (int i = 0; i < lines.count; i++)
    {
        ck_assert_msg(utf8_width(lines.items[i]) <= width, "%d: %s", width,
                      lines.items[i]);
        width += strstr(lines.items[i], "largest stall") != NULL && width < 120;
    }
    stage_end(&stage);
}
END_TEST

START_TEST(quiet_leaves_only_warnings)
{
    Stage stage;

    stage_begin(&stage);
    stage.view.quiet = true;
    see(&stage, (Event){.kind = EVENT_MIGRATION_START, .migration = &split});
    see(&stage, (Event){.kind = EVENT_STEP_START, .step = &add});
    see(&stage, (Event){.kind = EVENT_STEP_DONE, .step = &add});
    see(&stage, (Event){.kind = EVENT_NOTE, .text = "a note"});
    see(&stage, (Event){.kind = EVENT_WARNING, .text = "an index is invalid"});
    ck_assert_str_eq(capture_text(&stage.capture),
                     "  ! warning: an index is invalid\n");
    stage_end(&stage);
}
END_TEST

START_TEST(verbose_shows_the_sql)
{
    Stage stage;

    stage_begin(&stage);
    stage.view.verbose = true;
    see(&stage, (Event){.kind = EVENT_STEP_START, .step = &add});
    ck_assert_str_eq(capture_text(&stage.capture),
                     "  > ALTER TABLE identities ADD COLUMN new_email text\n");
    stage_end(&stage);
}
END_TEST

/* A backfill of weeks: what was told must not pile up. */
START_TEST(memory_stays_flat)
{
    Stage stage;
    Event batch = {.kind = EVENT_BATCH, .step = &fill, .progress = &half};
    Event rest = {.kind = EVENT_REST, .step = &fill, .millis = 40, .text = "a reason"};
    size_t before;

    stage_begin(&stage);
    see(&stage, batch);
    see(&stage, rest);
    before = talloc_total_blocks(stage.mem);
    for (int i = 0; i < 1000; i++)
    {
        see(&stage, batch);
        see(&stage, rest);
    }
    ck_assert_uint_eq(talloc_total_blocks(stage.mem), before);
    stage_end(&stage);
}
END_TEST

UNIT("progress_text", a_step_that_is_done_leaves_one_line,
     a_step_that_stalled_nobody_says_how_long_it_took, a_backfill_says_what_it_did,
     a_pipe_is_told_every_5_seconds_or_5_percent, a_rest_says_why,
     a_rest_between_steps_is_told_too, who_is_waited_for_is_named,
     a_terminal_draws_over_its_own_lines, a_narrow_terminal_loses_the_bar_first,
     a_narrow_terminal_breaks_no_line_that_stays, quiet_leaves_only_warnings,
     verbose_shows_the_sql, memory_stays_flat)

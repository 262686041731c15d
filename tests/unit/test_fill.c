#include "run/backfill/fill.h"

#include <string.h>

#include "run/backfill/backfill.h"
#include "run/backfill/slice.h"
#include "unit/stage.h"
#include "unit/unit.h"

static const char *const leaf_columns[] = {
    "oid",     "schema_name",  "table_name",  "shown",      "kind",      "filenode",
    "blocks",  "rows",         "indexes",     "fillfactor", "never_hot", "key_assigned",
    "guarded", "sync_trigger", "deadlock_ms", "key",        NULL};
static const char *const begun_columns[] = {
    "part",     "position",  "end_block", "skipped",  "rows_done", "rows_total",
    "hot_rows", "wal_bytes", "swept",     "verified", NULL};

#define PARENT                                                                         \
    "10", "public", "accounts", "accounts", "r", "10", "0", "0", "1", "100", "f", "f", \
        "t", NULL, "1000", "{id}"
#define CHILD                                                                          \
    "11", "public", "accounts_old", "accounts_old", "r", "11", "8", "90", "1", "100",  \
        "f", "f", "t", NULL, "1000", "{id}"

#define LEAVES(count_, ...)                                                            \
    {                                                                                  \
        .label = "backfill_leaves", .columns = leaf_columns,                           \
        .cells = (const char *const[]){__VA_ARGS__}, .row_count = (count_)             \
    }
#define BEGUN(end_, swept_)                                                            \
    {                                                                                  \
        .label = "backfill_begin", .columns = begun_columns,                           \
        .cells = (const char *const[]){"0", "0", end_, "{}",   "0",                    \
                                       "0", "0", "0",  swept_, swept_},                \
        .row_count = 1                                                                 \
    }
#define UNPOISON                                                                       \
    {.label = "begin"}, {.label = "batch_limits"}, {.label = "guard"},                 \
        {.label = "batch_unpoison"},                                                   \
    {                                                                                  \
        .label = "commit"                                                              \
    }

/* UPDATE accounts SET new_email = email WHERE new_email IS NULL. */
static const Assignment copy = {
    .target = "new_email", .expression = {"email"}, .plain_source = "email"};
static const Section section = {.phase = PHASE_BACKFILL};
static const Statement statement = {.span = {.file = "test.sql", .line = 1}};
static const Backfill fill = {.section = &section,
                              .statement = &statement,
                              .number = 1,
                              .table = {"public", "accounts"},
                              .assignments = (Assignment *)&copy,
                              .assignment_count = 1,
                              .where = {"new_email IS NULL"},
                              .sync = SYNC_FORWARD};
static const Migration migration = {.version = "20260101", .label = "20260101_fill"};
static const Step step = {.migration = &migration,
                          .kind = STEP_BACKFILL,
                          .phase = PHASE_BACKFILL,
                          .backfill = &fill,
                          .max_stall = 100,
                          .batch_time = 100};

static bool
fill_run(Stage *stage)
{
    Cost cost = {0};
    Progress progress;

    return backfill_run(&stage->run, &step, &cost, &progress, &stage->err);
}

/* It froze, another run took over, and now it goes on: the record is not its any more.
 */
START_TEST(a_record_without_the_fence_is_not_taken)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "watcher", (Line[]){LEAVES(1, PARENT), {0}});
    stage_connect(stage, "warden", (Line[]){{.label = "backfill_begin"}, {0}});
    stage_connect(stage, "worker", (Line[]){{0}});
    ck_assert_str_eq(stage_bad(stage, fill_run(stage), ERR_REFUSED),
                     "another run of pgstride has taken over | See pgstride status; "
                     "nothing was lost.");
    stage_close(stage);
}
END_TEST

/* Its record goes too, or contract would wait for ever for a table that is gone. */
START_TEST(a_child_that_is_dropped_meanwhile_is_forgotten)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(
        stage, "watcher",
        (Line[]){LEAVES(2, PARENT, CHILD), LEAVES(1, PARENT), LEAVES(1, PARENT), {0}});
    stage_connect(stage, "warden",
                  (Line[]){BEGUN("0", "t"),
                           BEGUN("8", "f"),
                           BEGUN("0", "t"),
                           {.label = "backfill_forget"},
                           {0}});
    stage_connect(stage, "worker",
                  (Line[]){UNPOISON,
                           {.label = "begin"},
                           {.label = "batch_limits"},
                           {.label = "guard"},
                           {.label = "batch_lock", .sqlstate = "42P01"},
                           UNPOISON,
                           {0}});
    stage_good(stage, fill_run(stage));
    stage_close(stage);
}
END_TEST

/* --- resting --------------------------------------------------------------------- */

/* At that share for 250 ms, in which the server rested by itself. Everything was looked
 * at a moment ago. */
static Fill
fill_at_share(Stage *stage, double share, double rested_ms)
{
    static Cost cost;
    static Progress progress;
    Fill at = {.run = &stage->run,
               .step = &step,
               .mem = stage->mem,
               .limits = limits_start(),
               .throttle = {.blocks = 64, .share = share},
               .cost = &cost,
               .progress = &progress};

    at.limits.share_most = share;
    at.limits.batch_ms = 100;
    clock_rest(stage->run.clock, 1000);
    at.worked_since_ms = clock_now(stage->run.clock) - 250;
    at.gauge.sampled_ms = stage->run.heeded_ms = clock_now(stage->run.clock);
    fill_rested(&at, rested_ms);
    return at;
}

static double
rest_of(Stage *stage, double share, double rested_ms)
{
    Fill at = fill_at_share(stage, share, rested_ms);
    double began = clock_now(stage->run.clock);

    stage_good(stage, fill_pace(&at, &(Leaf){.oid = 10}, -1, &stage->err));
    return clock_now(stage->run.clock) - began;
}

START_TEST(what_the_server_rested_is_not_rested_again)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    ck_assert(rest_of(stage, 0.1, 0) == 1000); /* the longest that there is */
    ck_assert(rest_of(stage, 0.1, 225) == 0);
    ck_assert(rest_of(stage, 0.1, 220) == 50);
    ck_assert(rest_of(stage, 0.5, 100) == 50);
    ck_assert(rest_of(stage, 1, 0) == 0);
    stage_close(stage);
}
END_TEST

START_TEST(a_slice_of_a_small_share_is_made_of_the_shortest_batches)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    Leaf leaf = {.rest = {0, 8}, .skipped = {0}};

    for (int i = 0; i < 2; i++)
    {
        Fill at = fill_at_share(stage, i == 0 ? 0.05 : 1, 0);
        SliceTurn turn = {.fill = &at, .leaf = &leaf, .heard = true, .answers = 1};
        Slice slice;

        stage_good(stage, slice_next(scope, &turn, &slice, &stage->err));
        ck_assert(slice.share == at.throttle.share);
        ck_assert(slice.batch_ms == (i == 0 ? 0.25 : 100));
        ck_assert(slice.slice_ms == 250);
    }
    stage_close(stage);
}
END_TEST

UNIT("fill", a_record_without_the_fence_is_not_taken,
     a_child_that_is_dropped_meanwhile_is_forgotten,
     what_the_server_rested_is_not_rested_again,
     a_slice_of_a_small_share_is_made_of_the_shortest_batches)

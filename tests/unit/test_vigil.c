#include "run/locks/vigil.h"

#include <string.h>

#include "run/locks/locks.h"
#include "unit/stage.h"
#include "unit/unit.h"

static const Caps caps = {.engine = "postgres",
                          .product = "PostgreSQL",
                          .version = 150018,
                          .ident_quote = '"',
                          .lock_nowait = true};

static const char *const target_columns[] = {"oid", "lockable", "deadlock_ms", NULL};
static const char *const vigil_columns[] = {"watched", "waiters", "longest_ms", NULL};

/* clang-format off */
#define ONE_ROW(what, names, ...)                                                      \
    .label = (what), .columns = (names), .row_count = 1,                               \
    .cells = (const char *const[]){__VA_ARGS__}
#define TARGET {ONE_ROW("lock_target", target_columns, "16393", "t", "1000")}
#define OPENING {.label = "try_settings"}, {.label = "guard"}, {.label = "try_lock"}
#define STEPS(ms) {.label = "step", .takes_ms = (ms)}
#define RUNS_OUT(ms)                                                                   \
    {.label = "step", .takes_ms = (ms), .sqlstate = "57014", .message = "timeout"}
#define RECORDED(released)                                                             \
    ONE("try_granted", "granted_ms", "1000"),                   \
    {.label = "commit"}, ONE("try_released", "released_ms", released)

/* A try as ever, and one that asks for its vigil first. */
#define TRY TARGET, {.label = "begin"}, OPENING
#define WATCHED_TRY TARGET, {.label = "begin"}, {.label = "try_vigil"}, OPENING

#define FREE {.label = "look"}
#define NOBODY_WAITS {ONE_ROW("victims", victims_columns, "0"), .times = 8}
#define VIGIL(ms, ...)                                                                 \
    {ONE_ROW("keep_vigil", vigil_columns, __VA_ARGS__), .takes_ms = (ms)}
/* clang-format on */

static const char *const victims_columns[] = {"victims", NULL};

/* A step that wants orders for itself, on scripted connections. */
static bool
tries(Stage *stage, const Line *worker, const Line *watcher, Cost *cost)
{
    static SqlParsed statements[] = {{.text = "ALTER TABLE orders ADD COLUMN a int"}};
    LockNeed lock = {.relation = {NULL, "orders"}, .mode = LOCK_ACCESS_EXCLUSIVE};
    const Step step = {.number = 1,
                       .sql = statements,
                       .sql_count = 1,
                       .max_stall = 100,
                       .locks = &lock,
                       .lock_count = 1};
    const StepTry what = {.step = &step};

    stage->fake = fake_new(stage->mem, &caps);
    stage->run.driver = fake_driver(stage->fake);
    stage->run.clock = fake_clock(stage->fake);
    stage->run.caps = &caps;
    stage_connect(stage, "worker", worker);
    stage_connect(stage, "watcher", watcher);
    return step_try_locked(&stage->run, &what, cost, &stage->err);
}

/* Its vigil is asked for first, and the try is given more only where it meets it. */
START_TEST(what_nobody_waits_for_may_take_longer_than_the_budget)
{
    MEM_SCOPE(mem, NULL);
    Stage *stage = stage_open(mem);
    Cost cost;

    stage_good(
        stage,
        tries(
            stage,
            (Line[]){TRY, RUNS_OUT(90), WATCHED_TRY, STEPS(400), RECORDED("1400"), {0}},
            (Line[]){FREE, NOBODY_WAITS, FREE, VIGIL(390, "t", "0", "12"), {0}},
            &cost));
    ck_assert_int_eq(cost.tries, 2);
    ck_assert(cost.unfelt);
    ck_assert_double_eq_tol(cost.held_ms, 400, 1e-9);
    ck_assert_double_eq_tol(cost.stall_ms, 12, 1e-9);
    ck_assert_ptr_nonnull(
        strstr(fake_sent(stage->fake, "try_vigil", 0), "await_vigil(360, 90)"));
    ck_assert_ptr_nonnull(
        strstr(fake_sent(stage->fake, "keep_vigil", 0), "pgstride.keep_vigil("));
    stage_close(stage);
}
END_TEST

/* It waited for the vigil with nothing in hand, and nobody can say who waited for it.
 */
START_TEST(a_try_that_has_not_met_its_vigil_had_the_budget)
{
    MEM_SCOPE(mem, NULL);
    Stage *stage = stage_open(mem);
    Cost cost;

    stage_good(
        stage,
        tries(stage,
              (Line[]){TRY,
                       RUNS_OUT(90),
                       WATCHED_TRY,
                       RUNS_OUT(590),
                       TRY,
                       STEPS(2),
                       RECORDED("1002"),
                       {0}},
              (Line[]){FREE, NOBODY_WAITS, FREE, VIGIL(1, "f", "0", "0"), FREE, {0}},
              &cost));
    ck_assert_int_eq(cost.tries, 3); /* the last of them without asking for one */
    ck_assert(!cost.unfelt);
    ck_assert_double_le(cost.stall_ms, 200);
    stage_close(stage);
}
END_TEST

START_TEST(when_its_vigil_is_lost_the_try_is_cancelled_at_once)
{
    MEM_SCOPE(mem, NULL);
    Stage *stage = stage_open(mem);
    Cost cost;
    bool done = tries(
        stage,
        (Line[]){
            TRY, RUNS_OUT(90), WATCHED_TRY, STEPS(5000), RECORDED("6000"), TARGET, {0}},
        (Line[]){FREE,
                 NOBODY_WAITS,
                 FREE,
                 {.label = "keep_vigil", .lost = true, .takes_ms = 200},
                 {0}},
        &cost);

    stage_bad(stage, done, ERR_LOST); /* the next look finds no watcher */
    ck_assert_double_le(clock_now(stage->run.clock), 1000);
    stage_close(stage);
}
END_TEST

UNIT("vigil", what_nobody_waits_for_may_take_longer_than_the_budget,
     a_try_that_has_not_met_its_vigil_had_the_budget,
     when_its_vigil_is_lost_the_try_is_cancelled_at_once)

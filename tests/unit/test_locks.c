#include "run/locks/locks.h"

#include <string.h>

#include "base/stop.h"
#include "db/fake.h"
#include "run/connect/runner.h"
#include "unit/unit.h"

static const Caps caps = {.engine = "postgres",
                          .product = "PostgreSQL",
                          .version = 150018,
                          .ident_quote = '"',
                          .lock_nowait = true};

/* The last thing that somebody was warned of. */
typedef struct Hearing
{
    Observer observer;
    Mem *mem;
    const char *warning;
    int warnings;
} Hearing;

static void
hear(Observer *observer, const Event *event)
{
    Hearing *hearing = (Hearing *)observer;

    if (event->kind != EVENT_WARNING)
        return;
    hearing->warning = mem_copy(hearing->mem, event->text);
    hearing->warnings++;
}

/* A run on three scripted connections, and one step that wants orders for itself. */
typedef struct Stage
{
    Mem *mem;
    Fake *fake;
    Settings settings;
    Hearing heard;
    Run run;
    Step step;
    LockNeed lock;
    SqlText record;
    Cost cost;
    Err err;
} Stage;

static SqlParsed statements[] = {
    {.text = "ALTER TABLE orders\n ALTER COLUMN rol SET DEFAULT 1"}};
static Span spans[] = {{.file = "20260520_add_role.sql", .line = 7}};

static void
stage_open_all(Stage *stage, const Line *worker, const Line *watcher,
               const Line *warden)
{
    const char *const roles[] = {"worker", "watcher", "warden"};
    const Line *const lines[] = {worker, watcher, warden};
    Db **const dbs[] = {&stage->run.worker, &stage->run.watcher, &stage->run.warden};
    const Target target = {.engine = "postgres", .given = "", .shown = ""};

    memset(stage, 0, sizeof(*stage));
    stage->mem = mem_scope_begin(NULL);
    stage->fake = fake_new(stage->mem, &caps);
    stage->heard = (Hearing){.observer = {hear}, .mem = stage->mem};
    stage->settings = (Settings){.component = "main", .lock_patience = 600000};
    stage->run = (Run){.mem = stage->mem,
                       .settings = &stage->settings,
                       .driver = fake_driver(stage->fake),
                       .clock = fake_clock(stage->fake),
                       .observer = &stage->heard.observer,
                       .id = "00000000-0000-4000-8000-000000000000",
                       .caps = &caps};
    stage->lock =
        (LockNeed){.relation = {NULL, "orders"}, .mode = LOCK_ACCESS_EXCLUSIVE};
    stage->step = (Step){.number = 1,
                         .sql = statements,
                         .sql_count = 1,
                         .spans = spans,
                         .max_stall = 100,
                         .locks = &stage->lock,
                         .lock_count = 1};
    for (int i = 0; i < LENGTH(roles); i++)
    {
        const SessionPlan plan = {.role = roles[i], .application = "test"};

        fake_expect(stage->fake, roles[i], lines[i]);
        ck_assert(
            stage->run.driver->open(stage->mem, &target, &plan, dbs[i], &stage->err));
    }
    stage->record = sql_begin(stage->mem, &caps);
    sql_raw(&stage->record, "INSERT INTO pgstride.steps DEFAULT VALUES");
}

static void
stage_open(Stage *stage, const Line *worker, const Line *watcher)
{
    static const Line nothing[] = {{0}};

    stage_open_all(stage, worker, watcher, nothing);
}

static bool
stage_try(Stage *stage)
{
    const StepTry what = {
        .step = &stage->step, .records = &stage->record, .record_count = 1};
    bool good = step_try_locked(&stage->run, &what, &stage->cost, &stage->err);

    ck_assert_msg(fake_complaint(stage->fake) == NULL, "%s",
                  fake_complaint(stage->fake));
    return good;
}

static void
stage_close(Stage *stage)
{
    err_clear(&stage->err);
    mem_scope_end(&stage->mem);
}

/* --- lines ----------------------------------------------------------------------- */

static const char *const target_columns[] = {"oid", "lockable", "deadlock_ms", NULL};
static const char *const target_cells[] = {"16393", "t", "1000"};
static const char *const granted_columns[] = {"queued_ms", "granted_ms", NULL};
static const char *const granted_cells[] = {"4.5", "1000.25"};
static const char *const released_columns[] = {"released_ms", NULL};
static const char *const released_cells[] = {"1003.25"};

static const char *const victims_columns[] = {"victims", NULL};
/* clang-format off */
static const char *const look_columns[] = {
    "need", "kind", "pid", "gid", "user", "application", "client", "state",
    "query", "relation", "mode", "granted",
    "wrote", "begun_us", "state_us", "transaction", "age_ms", "state_ms", NULL};
static const char *const idle_cells[] = {
    "0", "idle", "8123", NULL, "app", "nightly", "10.0.0.7", "idle in transaction",
    "SELECT *\n  FROM orders", "orders", "AccessShareLock", "t",
    "f", "1790000000000001", "1790000001000002", "3/41", "240000", "239000"};
static const char *const young_cells[] = {
    "0", "session", "8124", NULL, "app", "web", NULL, "active",
    "SELECT 1", "orders", "RowExclusiveLock", "t",
    "f", "1790000240000000", "1790000240000002", "4/7", "3", "1"};
static const char *const vacuum_cells[] = {
    "0", "autovacuum", "901", NULL, NULL, "", NULL, "active",
    "autovacuum: VACUUM public.orders", "orders", "ShareUpdateExclusiveLock", "t",
    "f", "1790000180000000", "1790000180000000", "5/1", "60000", "60000"};
static const char *const ended_columns[] = {"ended", NULL};
static const char *const ended_cells[] = {"1"};
static const char *const where_columns[] = {"database", "user_name", "search_path", "standbys", NULL};
static const char *const where_cells[] = {"shop", "migrator", "public", "0"};
/* clang-format on */

/* clang-format off */
#define ROW(what, names, values)                                                        \
    {.label = (what), .columns = (names), .cells = (values), .row_count = 1}
#define TARGET ROW("lock_target", target_columns, target_cells)
#define OPENING TARGET, {.label = "begin"}, {.label = "try_settings"}, {.label = "guard"}
#define REFUSED(ms)                                                                     \
    OPENING, {.label = "try_lock", .sqlstate = "55P03", .message = "busy", .takes_ms = (ms)}
#define DEED OPENING, {.label = "try_lock"}
#define RECORD                                                                          \
    {.label = "try_role"}, {.label = "record"},                                         \
    ROW("try_granted", granted_columns, granted_cells)
#define GRANTED                                                                         \
    DEED, {.label = "step", .takes_ms = 2}, RECORD, {.label = "commit"},                \
    ROW("try_released", released_columns, released_cells)
#define OVERRUN                                                                         \
    DEED, {.label = "step", .sqlstate = "57014", .message = "timeout", .takes_ms = 90}
#define FELT SEEN_WAITING("1")
#define SLOW_GUARD                                                                      \
    TARGET, {.label = "begin"}, {.label = "try_settings"},                              \
    {.label = "guard", .sqlstate = "57014", .message = "timeout"}
#define TARGETS(count)                                                                  \
    {.label = "lock_target", .columns = target_columns, .cells = target_cells,          \
     .row_count = 1, .times = (count)}
#define VICTIMS(number) ROW("victims", victims_columns, ((const char *const[]){number}))
#define SEEN_WAITING(number)                                                            \
    {.label = "victims", .columns = victims_columns,                                    \
     .cells = ((const char *const[]){number}), .row_count = 1, .times = 8}
#define FREE {.label = "look", .columns = look_columns}
#define FREE_TIMES(count) {.label = "look", .columns = look_columns, .times = (count)}
#define SEEN(cells) ROW("look", look_columns, cells)
#define ENDED {.label = "end_idler", .columns = ended_columns, .cells = ended_cells, .row_count = 1}
#define WORKS_AGAIN {.label = "end_idler", .columns = ended_columns}
#define NOT_ALLOWED {.label = "end_idler", .sqlstate = "42501", .message = "must be a member of the role"}
#define WHERE_AM_I ROW("where_am_i", where_columns, where_cells)
#define SEEN_TIMES(values, count)                                                       \
    {.label = "look", .columns = look_columns, .cells = (values), .row_count = 1,       \
     .times = (count)}
/* clang-format on */

START_TEST(a_free_lock_is_taken_at_the_first_try)
{
    Stage stage;

    stage_open(&stage, (Line[]){GRANTED, {0}}, (Line[]){FREE, {0}});
    ck_assert(stage_try(&stage));
    ck_assert_int_eq(stage.cost.tries, 1);
    ck_assert_double_eq_tol(stage.cost.queued_ms, 4.5, 1e-9);
    ck_assert_double_eq_tol(stage.cost.held_ms, 3, 1e-9);
    ck_assert_double_eq_tol(stage.cost.stall_ms, 7.5, 1e-9);
    ck_assert_ptr_nonnull(
        strstr(fake_sent(stage.fake, "try_lock", 0), "pgstride.try_lock("));
    stage_close(&stage);
}
END_TEST

START_TEST(a_busy_lock_is_rested_for_and_then_queued_for)
{
    Stage stage;

    stage_open(&stage, (Line[]){REFUSED(5), REFUSED(15), REFUSED(21), GRANTED, {0}},
               (Line[]){FREE,
                        SEEN(young_cells),
                        VICTIMS("6"),
                        FREE,
                        VICTIMS("2"),
                        VICTIMS("0"),
                        FREE,
                        {0}});
    ck_assert(stage_try(&stage));
    ck_assert_int_eq(stage.cost.tries, 4);
    ck_assert_int_eq(stage.cost.victims, 6);
    /* the longest anybody can have waited: of the queue that was given up after 21 ms,
     * from the look before the two were seen to the one that saw them gone */
    ck_assert_double_eq_tol(stage.cost.stall_ms, 20, 1e-9);
    /* at least five times as long as each wait */
    ck_assert_double_ge(stage.cost.waited_ms, 5 + 25 + 15 + 75 + 21 + 105);
    ck_assert_ptr_nonnull(strstr(fake_sent(stage.fake, "try_lock", 0), "], 0, "));
    ck_assert_ptr_nonnull(strstr(fake_sent(stage.fake, "try_lock", 1), "], 1, "));
    stage_close(&stage);
}
END_TEST

START_TEST(behind_an_old_holder_nothing_is_tried)
{
    Stage stage;

    stage_open(&stage, (Line[]){TARGETS(3), GRANTED, {0}},
               (Line[]){SEEN_TIMES(idle_cells, 3), FREE, {0}});
    ck_assert(stage_try(&stage));
    ck_assert_int_eq(stage.cost.tries, 1);
    stage_close(&stage);
}
END_TEST

START_TEST(an_autovacuum_is_asked_to_give_way_in_a_transaction_of_its_own)
{
    Stage stage;

    stage_open(&stage,
               (Line[]){TARGET,
                        {.label = "begin"},
                        {.label = "nudge_settings"},
                        {.label = "nudge", .takes_ms = 1001},
                        {.label = "commit"},
                        GRANTED,
                        {0}},
               (Line[]){SEEN(vacuum_cells), FREE, {0}});
    ck_assert(stage_try(&stage));
    ck_assert_ptr_nonnull(
        strstr(fake_sent(stage.fake, "nudge_settings", 0), "'1250ms'"));
    stage_close(&stage);
}
END_TEST

static const OnBlocker cancel_idle = {BLOCKER_CANCEL_IDLE, 30000};

START_TEST(an_idle_transaction_is_ended_where_that_is_allowed_and_named)
{
    Stage stage;

    stage_open_all(&stage, (Line[]){TARGETS(2), GRANTED, {0}},
                   (Line[]){SEEN_TIMES(idle_cells, 2), FREE, {0}},
                   (Line[]){ENDED, {0}});
    stage.settings.on_blocker = cancel_idle;
    ck_assert(stage_try(&stage)); /* it is seen a second time, and not asked again */
    ck_assert_int_eq(stage.heard.warnings, 1);
    ck_assert_str_eq(
        stage.heard.warning,
        "--on-blocker=cancel-idle:30s ended pid 8123 app@10.0.0.7 \"nightly\": idle in "
        "transaction for 3 min 59 s (SELECT * FROM orders)");
    stage_close(&stage);
}
END_TEST

START_TEST(one_that_has_gone_on_working_is_looked_at_again)
{
    Stage stage;

    stage_open_all(&stage, (Line[]){TARGETS(2), GRANTED, {0}},
                   (Line[]){SEEN_TIMES(idle_cells, 2), FREE, {0}},
                   (Line[]){WORKS_AGAIN, WORKS_AGAIN, {0}});
    stage.settings.on_blocker = cancel_idle;
    ck_assert(stage_try(&stage));
    ck_assert_int_eq(stage.heard.warnings, 0);
    stage_close(&stage);
}
END_TEST

START_TEST(without_the_privilege_the_grant_is_named_once_and_waiting_goes_on)
{
    Stage stage;

    stage_open_all(&stage, (Line[]){TARGETS(3), GRANTED, {0}},
                   (Line[]){SEEN_TIMES(idle_cells, 3), FREE, {0}},
                   (Line[]){NOT_ALLOWED, WHERE_AM_I, {0}});
    stage.settings.on_blocker = cancel_idle;
    ck_assert(stage_try(&stage));
    ck_assert_int_eq(stage.heard.warnings, 1);
    ck_assert_ptr_nonnull(
        strstr(stage.heard.warning, "GRANT pg_signal_backend TO \"migrator\""));
    ck_assert_ptr_nonnull(strstr(stage.heard.warning, "pid 8123"));
    stage_close(&stage);
}
END_TEST

START_TEST(giving_up_names_who_is_in_the_way_and_what_to_do)
{
    Stage stage;

    stage_open(&stage, (Line[]){TARGETS(100), {0}},
               (Line[]){SEEN_TIMES(idle_cells, 100), {0}});
    stage.settings.lock_patience = 2000;

    const StepTry what = {.step = &stage.step};

    ck_assert(!step_try_locked(&stage.run, &what, &stage.cost, &stage.err));
    ck_assert_int_eq(err_exit_code(stage.err.kind), 5);
    ck_assert_str_eq(stage.err.text,
                     "could not get ACCESS EXCLUSIVE on \"orders\" within 2.0 s");
    ck_assert_ptr_nonnull(
        strstr(stage.err.detail,
               "held by pid 8123 app@10.0.0.7 \"nightly\": idle in transaction for "
               "3 min 59 s (SELECT * FROM orders)"));
    ck_assert_ptr_nonnull(strstr(stage.err.detail, "0 tries in 2."));
    ck_assert_ptr_nonnull(strstr(stage.err.hint, "pg_terminate_backend(8123)"));
    ck_assert_ptr_null(fake_sent(stage.fake, "begin", 0));
    stage_close(&stage);
}
END_TEST

START_TEST(a_connection_lost_at_commit_leaves_the_question_open)
{
    Stage stage;

    stage_open(
        &stage,
        (Line[]){
            DEED, {.label = "step"}, RECORD, {.label = "commit", .lost = true}, {0}},
        (Line[]){FREE, {0}});
    ck_assert(!stage_try(&stage));
    ck_assert_int_eq(stage.err.kind, ERR_LOST);
    stage_close(&stage);
}
END_TEST

/* Told behind COMMIT, and so after the deed: it would be done twice. */
START_TEST(what_fails_behind_the_commit_is_not_the_deed)
{
    Stage stage;

    stage_open(&stage,
               (Line[]){DEED,
                        {.label = "step", .takes_ms = 2},
                        RECORD,
                        {.label = "commit"},
                        {.label = "try_released", .sqlstate = "57014"},
                        {0}},
               (Line[]){FREE, {0}});
    ck_assert(stage_try(&stage));
    ck_assert_int_eq(stage.cost.tries, 1);
    stage_close(&stage);
}
END_TEST

START_TEST(a_statement_that_fails_is_not_tried_again)
{
    Stage stage;

    stage_open(&stage,
               (Line[]){DEED,
                        {.label = "step",
                         .sqlstate = "42703",
                         .message = "column \"rol\" does not exist"},
                        {0}},
               (Line[]){FREE, {0}});
    ck_assert(!stage_try(&stage));
    ck_assert_int_eq(stage.err.kind, ERR_SQL);
    ck_assert_str_eq(stage.err.text, "column \"rol\" does not exist");
    ck_assert_str_eq(stage.err.file, "20260520_add_role.sql");
    ck_assert_int_eq(stage.err.line, 8);
    stage_close(&stage);
}
END_TEST

START_TEST(statements_that_outlast_the_budget_are_refused)
{
    Stage stage;

    stage_open(
        &stage, (Line[]){OVERRUN, OVERRUN, OVERRUN, OVERRUN, OVERRUN, TARGET, {0}},
        (Line[]){
            FREE, FELT, FREE, FELT, FREE, FELT, FREE, FELT, FREE, FELT, FREE, {0}});
    ck_assert(!stage_try(&stage));
    ck_assert_int_eq(stage.err.kind, ERR_REFUSED);
    ck_assert_ptr_nonnull(strstr(stage.err.text, "stall budget of 100 ms"));
    ck_assert_ptr_nonnull(strstr(stage.err.hint, "--max-stall"));
    ck_assert_ptr_null(strstr(stage.err.detail, "nobody waited"));
    ck_assert_int_eq(stage.cost.tries, 5);
    stage_close(&stage);
}
END_TEST

/* On a machine so slow that our own asks before the statement outlast their limit. */
START_TEST(what_did_not_come_to_its_statement_in_time_is_tried_again)
{
    static const LockMode modes[] = {LOCK_ACCESS_EXCLUSIVE,
                                     LOCK_SHARE_UPDATE_EXCLUSIVE};

    for (int i = 0; i < LENGTH(modes); i++)
    {
        Stage stage;

        stage_open(&stage,
                   (Line[]){SLOW_GUARD,
                            SLOW_GUARD,
                            SLOW_GUARD,
                            SLOW_GUARD,
                            SLOW_GUARD,
                            SLOW_GUARD,
                            GRANTED,
                            {0}},
                   (Line[]){FREE_TIMES(7), {0}});
        stage.lock.mode = modes[i];
        ck_assert_msg(stage_try(&stage), "%s", stage.err.text);
        ck_assert_int_eq(stage.cost.tries, 7);
        stage_close(&stage);
    }
}
END_TEST

START_TEST(a_run_that_lost_its_fence_touches_nothing)
{
    Stage stage;

    stage_open(&stage,
               (Line[]){TARGET,
                        {.label = "begin"},
                        {.label = "try_settings"},
                        {.label = "guard",
                         .sqlstate = SQLSTATE_FENCED,
                         .message = "another run of pgstride has taken over"},
                        {0}},
               (Line[]){FREE, {0}});
    ck_assert(!stage_try(&stage));
    ck_assert_int_eq(stage.err.kind, ERR_REFUSED);
    stage_close(&stage);
}
END_TEST

START_TEST(asked_to_stop_it_does_not_begin)
{
    Stage stage;

    stage_open(&stage, (Line[]){{0}}, (Line[]){{0}});
    stop_ask();
    ck_assert(!stage_try(&stage));
    ck_assert_int_eq(stage.err.kind, ERR_STOPPED);
    stage_close(&stage);
}
END_TEST

UNIT("locks", a_free_lock_is_taken_at_the_first_try,
     a_busy_lock_is_rested_for_and_then_queued_for,
     behind_an_old_holder_nothing_is_tried,
     an_autovacuum_is_asked_to_give_way_in_a_transaction_of_its_own,
     an_idle_transaction_is_ended_where_that_is_allowed_and_named,
     one_that_has_gone_on_working_is_looked_at_again,
     without_the_privilege_the_grant_is_named_once_and_waiting_goes_on,
     giving_up_names_who_is_in_the_way_and_what_to_do,
     a_connection_lost_at_commit_leaves_the_question_open,
     what_fails_behind_the_commit_is_not_the_deed,
     a_statement_that_fails_is_not_tried_again,
     statements_that_outlast_the_budget_are_refused,
     what_did_not_come_to_its_statement_in_time_is_tried_again,
     a_run_that_lost_its_fence_touches_nothing, asked_to_stop_it_does_not_begin)

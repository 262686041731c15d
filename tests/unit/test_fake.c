#include "db/fake.h"
#include "unit/unit.h"

#include <string.h>

static const Caps caps = {
    .engine = "postgres", .product = "PostgreSQL", .version = 150018};

typedef struct Stage
{
    Mem *mem;
    Fake *fake;
    Db *worker;
    Err err;
} Stage;

static void
stage_open(Stage *stage, const Line *lines)
{
    const Target target = {.engine = "postgres", .given = "", .shown = ""};
    const SessionPlan plan = {.role = "worker", .application = "test"};

    stage->mem = mem_scope_begin(NULL);
    stage->fake = fake_new(stage->mem, &caps);
    fake_expect(stage->fake, "worker", lines);
    ck_assert(fake_driver(stage->fake)
                  ->open(stage->mem, &target, &plan, &stage->worker, &stage->err));
}

static void
stage_close(Stage *stage)
{
    err_clear(&stage->err);
    stage->worker->driver->close(stage->worker);
    mem_scope_end(&stage->mem);
}

static const Ask deed[] = {
    {.label = "begin", .sql = "BEGIN"},
    {.label = "alter", .sql = "ALTER TABLE t ADD COLUMN c int"},
    {.label = "commit", .sql = "COMMIT"},
};

START_TEST(a_script_is_played_line_by_line)
{
    static const char *const columns[] = {"a", "b", NULL};
    static const char *const cells[] = {"1", NULL, "2", "x"};
    Stage stage = {0};
    Reply reply;

    stage_open(&stage, (Line[]){{.label = "begin"},
                                {"alter", columns, cells, 2, .affected = 2},
                                {.label = "commit", .takes_ms = 5},
                                {0}});
    ck_assert(
        db_script(stage.mem, stage.worker, deed, LENGTH(deed), &reply, &stage.err));
    ck_assert_int_eq(reply.row_count, 3);
    ck_assert_str_eq(rows_cell(&reply.rows[1], 1, "b"), "x");
    ck_assert_ptr_null(rows_cell(&reply.rows[1], 0, "b"));
    ck_assert_int_eq(reply.rows[1].affected, 2);
    ck_assert(reply.took_ms == 5 && clock_now(fake_clock(stage.fake)) == 5);
    ck_assert_str_eq(fake_sent(stage.fake, "alter", 0), deed[1].sql);
    ck_assert_ptr_null(fake_sent(stage.fake, "alter", 1));
    ck_assert_ptr_null(fake_complaint(stage.fake));
    stage_close(&stage);
}
END_TEST

START_TEST(a_failure_leaves_the_rest_unasked)
{
    Stage stage = {0};
    Reply reply;

    stage_open(&stage,
               (Line[]){{.label = "begin", .times = 3},
                        {.label = "alter", .sqlstate = "55P03", .message = "locked"},
                        {0}});
    for (int i = 0; i < 2; i++)
        ck_assert(db_script(stage.mem, stage.worker, deed, 1, &reply, &stage.err));
    ck_assert(
        !db_script(stage.mem, stage.worker, deed, LENGTH(deed), &reply, &stage.err));
    ck_assert_int_eq(stage.err.kind, ERR_BUSY);
    ck_assert_str_eq(stage.err.sqlstate, "55P03");
    ck_assert_int_eq(reply.failed_at, 1);
    ck_assert_int_eq(reply.row_count, 1);
    ck_assert_ptr_null(fake_complaint(stage.fake));
    stage_close(&stage);
}
END_TEST

START_TEST(sqlstates_become_decisions)
{
    static const struct
    {
        const char *sqlstate;
        ErrKind kind;
    } meanings[] = {
        {"57014", ERR_BUSY},    {"40P01", ERR_BUSY}, {"40001", ERR_BUSY},
        {"42501", ERR_CONNECT}, {"53100", ERR_SQL},  {"25006", ERR_CONNECT},
        {"57P01", ERR_LOST},    {"08006", ERR_LOST}, {"42703", ERR_SQL},
    };

    for (int i = 0; i < LENGTH(meanings); i++)
    {
        Stage stage = {0};
        Reply reply;

        stage_open(&stage,
                   (Line[]){{.label = "begin", .sqlstate = meanings[i].sqlstate}, {0}});
        ck_assert(!db_script(stage.mem, stage.worker, deed, 1, &reply, &stage.err));
        ck_assert_int_eq(stage.err.kind, meanings[i].kind);
        stage_close(&stage);
    }
}
END_TEST

START_TEST(a_connection_is_lost_at_commit)
{
    Stage stage = {0};
    Reply reply;

    stage_open(&stage, (Line[]){{.label = "begin"},
                                {.label = "alter"},
                                {.label = "commit", .lost = true},
                                {0}});
    ck_assert(
        !db_script(stage.mem, stage.worker, deed, LENGTH(deed), &reply, &stage.err));
    ck_assert_int_eq(reply.outcome, DB_LOST);
    ck_assert_int_eq(reply.row_count, 2);
    ck_assert_int_eq(stage.err.kind, ERR_LOST);
    ck_assert(!db_script(stage.mem, stage.worker, deed, 1, &reply, &stage.err));
    ck_assert_int_eq(stage.err.kind, ERR_LOST);
    ck_assert_ptr_null(fake_complaint(stage.fake));
    stage_close(&stage);
}
END_TEST

START_TEST(differences_are_named)
{
    Stage stage = {0};
    Reply reply;

    stage_open(&stage, (Line[]){{.label = "commit"}, {0}});
    ck_assert(!db_script(stage.mem, stage.worker, deed, 1, &reply, &stage.err));
    ck_assert_str_eq(fake_complaint(stage.fake),
                     "worker: asked \"begin\" where \"commit\" was expected");
    stage_close(&stage);

    stage_open(&stage, (Line[]){{.label = "begin", .times = 2}, {0}});
    ck_assert(db_script(stage.mem, stage.worker, deed, 1, &reply, &stage.err));
    ck_assert_str_eq(fake_complaint(stage.fake), "worker: \"begin\" was never asked");
    stage_close(&stage);

    stage_open(&stage, (Line[]){{0}});
    ck_assert(!db_script(stage.mem, stage.worker, deed, 1, &reply, &stage.err));
    ck_assert_str_eq(fake_complaint(stage.fake),
                     "worker: asked \"begin\" where nothing more was expected");
    stage_close(&stage);
}
END_TEST

START_TEST(connections_are_scripted_one_by_one)
{
    const Target target = {.engine = "postgres", .given = "", .shown = ""};
    const SessionPlan plan = {.role = "worker", .application = "test"};
    Stage stage = {0};
    Db *again;
    Reply reply;

    stage_open(&stage, (Line[]){{.label = "begin", .lost = true}, {0}});
    fake_expect(
        stage.fake, "worker",
        (Line[]){{.label = FAKE_CONNECT, .message = "connection refused"}, {0}});
    fake_expect(stage.fake, "worker", (Line[]){{.label = "begin"}, {0}});

    const Driver *driver = stage.worker->driver;

    ck_assert(!db_script(stage.mem, stage.worker, deed, 1, &reply, &stage.err));
    ck_assert(!driver->open(stage.mem, &target, &plan, &again, &stage.err));
    ck_assert_int_eq(stage.err.kind, ERR_CONNECT);
    ck_assert(driver->open(stage.mem, &target, &plan, &again, &stage.err));
    ck_assert_int_ne(driver->backend_id(again), driver->backend_id(stage.worker));
    ck_assert(db_script(stage.mem, again, deed, 1, &reply, &stage.err));
    ck_assert_ptr_null(fake_complaint(stage.fake));
    ck_assert(!driver->open(stage.mem, &target, &plan, &again, &stage.err));
    ck_assert_str_eq(fake_complaint(stage.fake),
                     "nobody expected a connection as \"worker\"");
    stage_close(&stage);
}
END_TEST

START_TEST(waiting_moves_the_clock_and_cancel_ends_it)
{
    Stage stage = {0};
    const Script script = {deed, 1};
    Reply reply;

    stage_open(&stage, (Line[]){{.label = "begin", .takes_ms = 1000}, {0}});

    const Driver *driver = stage.worker->driver;
    Clock *clock = fake_clock(stage.fake);

    ck_assert(driver->start(stage.worker, &script, &stage.err));
    ck_assert_int_eq(driver->wait(&stage.worker, 1, 200, -1), -1);
    ck_assert(clock_now(clock) == 200);
    ck_assert(driver->cancel(stage.worker, &stage.err));
    ck_assert_int_eq(driver->wait(&stage.worker, 1, 300, -1), 0);
    driver->finish(stage.worker, stage.mem, &reply);
    ck_assert_int_eq(reply.outcome, DB_FAILED);
    ck_assert_str_eq(reply.sqlstate, "57014");
    ck_assert(clock_now(clock) == 200 && reply.took_ms == 200);
    clock_rest(clock, 50);
    ck_assert(clock_now(clock) == 250);
    ck_assert_ptr_null(fake_complaint(stage.fake));
    stage_close(&stage);
}
END_TEST

START_TEST(stored_queries_must_exist)
{
    Stage stage = {0};
    Rows rows;

    stage_open(&stage, (Line[]){{.label = "caps"}, {0}});
    ck_assert(db_query(stage.mem, stage.worker, "caps", NO_ARGS, &rows, &stage.err));
    ck_assert_ptr_nonnull(strstr(fake_sent(stage.fake, "caps", 0), "SELECT"));
    ck_assert(
        !db_query(stage.mem, stage.worker, "no_such", NO_ARGS, &rows, &stage.err));
    ck_assert_int_eq(stage.err.kind, ERR_INTERNAL);
    ck_assert_ptr_null(fake_complaint(stage.fake));
    stage_close(&stage);
}
END_TEST

UNIT("fake", a_script_is_played_line_by_line, a_failure_leaves_the_rest_unasked,
     sqlstates_become_decisions, a_connection_is_lost_at_commit, differences_are_named,
     connections_are_scripted_one_by_one, waiting_moves_the_clock_and_cancel_ends_it,
     stored_queries_must_exist)

/* CockroachDB against a scripted server: none can be had here, so what it would answer
 * is taken from its documentation. */
#include <string.h>

#include "core/backfill/keyset.h"
#include "core/config/target.h"
#include "core/sql/dialect.h"
#include "run/engines/cockroach.h"
#include "run/history/history.h"
#include "unit/sections.h"
#include "unit/shop.h"
#include "unit/stage.h"
#include "unit/unit.h"

static const Caps roach_caps = {.engine = "cockroach",
                                .product = "CockroachDB",
                                .version = 250401,
                                .ident_quote = '"',
                                .quotes_names = true,
                                .plain_path = true,
                                .lock_leased = true,
                                .restarts = true};

#define VERSION "20260515"
#define ADD_COLUMN "ALTER TABLE users ADD COLUMN age INT"
#define NO_JOB                                                                         \
    {                                                                                  \
        .label = "schema_jobs"                                                         \
    }
#define JOB                                                                            \
    {                                                                                  \
        .label = "schema_jobs", .columns = job_columns, .cells = job_cells,            \
        .row_count = 1                                                                 \
    }
#define BEGUN(hash)                                                                    \
    READS(MIGRATION(VERSION, "pending"), PHASE(VERSION, "up", "f"),                    \
          STEP(VERSION, "up", "1", hash, "f"), NO_BACKFILLS)

static const char *const job_columns[] = {"job", "fraction", "doing", NULL};
static const char *const job_cells[] = {"977", "0.25", "populating schema"};

typedef struct Roach
{
    Stage *stage;
    SqlParsed sql;
    Span span;
    Step step;
    Cost cost;
    Progress progress;
} Roach;

static Roach *
roach_open(Mem *mem, const char *sql)
{
    Roach *roach = mem_new(mem, Roach);
    Stage *stage = stage_open(mem);

    stage->fake = fake_new(mem, &roach_caps);
    stage->settings.target.engine = "cockroach";
    stage->run.driver = fake_driver(stage->fake);
    stage->run.clock = fake_clock(stage->fake);
    stage->run.caps = &roach_caps;
    roach->stage = stage;
    roach->sql.text = sql;
    roach->step = (Step){
        .migration = shop_migration(mem, VERSION "_name.sql", "SELECT 1;\n"),
        .number = 1,
        .ordinal = 1,
        .kind = STEP_TRANSACTION,
        .phase = PHASE_UP,
        .title = "a step",
        .hash = "h",
        .table = {NULL, "users"},
        .sql = &roach->sql,
        .sql_count = 1,
        .spans = &roach->span,
    };
    return roach;
}

static bool
roach_step(Roach *roach)
{
    Stage *stage = roach->stage;

    return cockroach_step(&stage->run, &roach->step, &roach->cost, &roach->progress,
                          &stage->err);
}

/* What each connection is asked, and answers; NULL: it is not there. */
typedef struct Play
{
    const char *sql;
    Line *watcher; /* the history is read over it, first of all */
    Line *warden;
    Line *worker;
} Play;

static Roach *
roach_play(Mem *mem, const Play *play)
{
    Roach *roach = roach_open(mem, play->sql);
    Stage *stage = roach->stage;

    if (play->watcher != NULL)
        stage_connect(stage, "watcher", play->watcher);
    if (play->warden != NULL)
        stage_connect(stage, "warden", play->warden);
    if (play->worker != NULL)
        stage_connect(stage, "worker", play->worker);
    if (play->watcher != NULL)
        stage_good(stage, history_read(&stage->run, &stage->err));
    return roach;
}

/* Plays it to its end: done, or ended by an error of that kind. */
static Roach *
roach_done(Mem *mem, const Play *play)
{
    Roach *roach = roach_play(mem, play);

    stage_good(roach->stage, roach_step(roach));
    return roach;
}

static Roach *
roach_ends(Mem *mem, const Play *play, ErrKind kind)
{
    Roach *roach = roach_play(mem, play);

    stage_bad(roach->stage, roach_step(roach), kind);
    return roach;
}

#define LINES(...) ((Line[]){__VA_ARGS__, {0}})
#define OURS ONE("fence_check", "ours", "t")

START_TEST(a_schema_change_is_journalled_around_and_travels_alone)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {.sql = ADD_COLUMN,
                       .warden =
                           LINES(WRITES("step_started"), OURS, WRITES("step_done")),
                       .worker = LINES({.label = "statement"})};
    Stage *stage = roach_done(scope, &play)->stage;

    ck_assert_str_eq(fake_sent(stage->fake, "statement", 0), ADD_COLUMN);
    ck_assert_ptr_nonnull(
        strstr(fake_sent(stage->fake, "guard", 0), "USING ERRCODE = 'PS001'"));
    stage_close(stage);
}
END_TEST

START_TEST(rows_change_in_one_transaction_with_their_record)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {.sql = "UPSERT INTO users VALUES (1)",
                       .worker = LINES({.label = "begin"}, {.label = "guard"},
                                       {.label = "statement", .times = 2},
                                       {.label = "commit"})};
    Stage *stage = roach_done(scope, &play)->stage;

    ck_assert_ptr_nonnull(
        strstr(fake_sent(stage->fake, "statement", 1), "INSERT INTO pgstride.steps"));
    stage_close(stage);
}
END_TEST

START_TEST(who_loses_a_conflict_begins_again)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {.sql = "UPDATE users SET age = 1",
                       .worker = LINES({.label = "begin"}, {.label = "guard"},
                                       {.label = "statement", .times = 2},
                                       {.label = "commit", .sqlstate = "40001"},
                                       {.label = "begin"}, {.label = "guard"},
                                       {.label = "statement", .times = 2},
                                       {.label = "commit"})};

    stage_close(roach_done(scope, &play)->stage);
}
END_TEST

START_TEST(a_schema_change_begins_again_too)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {
        .sql = ADD_COLUMN,
        .warden = LINES(WRITES("step_started"), OURS, OURS, OURS, WRITES("step_done")),
        .worker = LINES({.label = "statement", .sqlstate = "40001", .times = 2},
                        {.label = "statement"})};
    Roach *roach = roach_done(scope, &play);

    ck_assert_int_eq(roach->cost.tries, 3);
    stage_close(roach->stage);
}
END_TEST

/* The column is there: it was the attempt that nobody heard of again. */
START_TEST(what_an_unheard_attempt_had_done_is_not_done_twice)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {.sql = ADD_COLUMN,
                       .watcher = LINES(BEGUN("h"), JOB, NO_JOB),
                       .warden =
                           LINES(WRITES("step_started"), OURS, WRITES("step_done")),
                       .worker = LINES({.label = "statement", .sqlstate = "42701"})};
    Stage *stage = roach_done(scope, &play)->stage;

    ck_assert_str_eq(stage->told.text, "waiting orphan: job 977 of the cluster\n");
    stage_close(stage);
}
END_TEST

START_TEST(what_is_there_without_an_attempt_of_ours_is_an_error)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {
        .sql = ADD_COLUMN,
        .warden = LINES(WRITES("step_started"), OURS, WRITES("step_forgotten")),
        .worker = LINES({.label = "statement", .sqlstate = "42701"})};

    stage_close(roach_ends(scope, &play, ERR_SQL)->stage);
}
END_TEST

START_TEST(nobody_sends_twice_what_cannot_be_seen)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {.sql = "TRUNCATE users",
                       .watcher = LINES(BEGUN("h"), NO_JOB),
                       .warden = LINES(WRITES("step_started"))};

    stage_close(roach_ends(scope, &play, ERR_DIRTY)->stage);
}
END_TEST

START_TEST(a_change_that_is_committed_in_part_stays_in_the_journal)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {.sql = ADD_COLUMN,
                       .warden = LINES(WRITES("step_started"), OURS),
                       .worker = LINES({.label = "statement", .sqlstate = "XXA00"})};

    stage_close(roach_ends(scope, &play, ERR_DIRTY)->stage);
}
END_TEST

/* The process slept behind its journal: the other run is done by then, and the lease
 * free. Nothing of the change is sent. */
START_TEST(a_schema_change_of_a_run_that_was_replaced_is_not_sent)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {
        .sql = ADD_COLUMN,
        .warden = LINES(WRITES("step_started"), ONE("fence_check", "ours", "f"))};

    stage_close(roach_ends(scope, &play, ERR_REFUSED)->stage);
}
END_TEST

START_TEST(nor_is_what_it_would_send_again)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {
        .sql = ADD_COLUMN,
        .warden = LINES(WRITES("step_started"), OURS, ONE("fence_check", "ours", "f")),
        .worker = LINES({.label = "statement", .sqlstate = "40001"})};

    stage_close(roach_ends(scope, &play, ERR_REFUSED)->stage);
}
END_TEST

/* Twelve seconds of work: the lease is said to go on twice, and progress is told. */
START_TEST(a_long_change_keeps_the_lease)
{
    MEM_SCOPE(scope, NULL);
    Roach *roach = roach_open(scope, ADD_COLUMN);
    Stage *stage = roach->stage;

    stage_connect(
        stage, "watcher",
        (Line[]){{"schema_jobs", job_columns, job_cells, 1, .times = 11}, {0}});
    stage_connect(stage, "warden",
                  LINES(WRITES("step_started"), OURS, ONE("advisory_try", "taken", "t"),
                        ONE("advisory_try", "taken", "t"), WRITES("step_done")));
    stage_connect(stage, "worker", LINES({.label = "statement", .takes_ms = 11500}));
    stage_good(stage, roach_step(roach));
    stage_close(stage);
}
END_TEST

START_TEST(a_lease_that_another_has_ends_the_run)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {.sql = ADD_COLUMN,
                       .warden = LINES(ONE("advisory_try", "taken", "f"))};
    Roach *roach = roach_play(scope, &play);

    roach->stage->run.kept_ms = -KEEP_EACH_MS;
    stage_bad(roach->stage, roach_step(roach), ERR_REFUSED);
    stage_close(roach->stage);
}
END_TEST

START_TEST(the_fence_ends_a_run_that_was_replaced)
{
    MEM_SCOPE(scope, NULL);
    const Play play = {
        .sql = "DELETE FROM users",
        .worker = LINES({.label = "begin"}, {.label = "guard", .sqlstate = "PS001"})};

    stage_close(roach_ends(scope, &play, ERR_REFUSED)->stage);
}
END_TEST

START_TEST(batches_go_by_the_key)
{
    MEM_SCOPE(scope, NULL);
    static const KeyColumn key[] = {{"city", "text"}, {"id", "bigint"}};
    static char *after[] = {"o'hara", "7"};
    static char *until[] = {"rome", "9"};
    Assignment assignment = {.target = "email", .expression = {"lower(mail)"}};
    Backfill fill = {
        .table = {NULL, "users"}, .assignments = &assignment, .assignment_count = 1};
    Keyset keyset = {.fill = &fill,
                     .not_done = {"(email IS NULL)"},
                     .columns = key,
                     .column_count = 2};
    SqlText end = keyset_end(scope, &roach_caps, &keyset, NULL, 100);
    SqlText batch = keyset_batch(scope, &roach_caps, &keyset, after, until);

    ck_assert_str_eq(sql_done(&end),
                     "SELECT ARRAY[CAST(\"city\" AS text), CAST(\"id\" AS text)] AS "
                     "last_key FROM \"users\" WHERE true ORDER BY \"city\", \"id\" "
                     "LIMIT 1 OFFSET 99");
    ck_assert_str_eq(
        sql_done(&batch),
        "UPDATE \"users\" SET \"email\" = lower(mail) WHERE true AND (\"city\", "
        "\"id\") > (CAST('o''hara' AS text), CAST('7' AS bigint)) AND (\"city\", "
        "\"id\") <= (CAST('rome' AS text), CAST('9' AS bigint)) AND (email IS NULL) "
        "RETURNING 1 AS one");
}
END_TEST

START_TEST(what_only_cockroach_can_read_runs_as_written)
{
    MEM_SCOPE(scope, NULL);
    Section section = section_of(
        PHASE_UP, "CREATE TABLE t (id INT PRIMARY KEY, INDEX by_s (s)); -- a;b\n"
                  "UPSERT INTO t VALUES (1, 'a;b');\n"
                  "ALTER TABLE t ADD COLUMN c INT;\n");
    Err err = {0};

    section.engine = "cockroach";
    ck_assert_msg(sql_parse(scope, &section, &section.statements, &err), "%s",
                  err.text);
    ck_assert_int_eq(section.statements.count, 3);
    ck_assert_int_eq(section.statements.items[1].acts[0].action, ACTION_UNPARSED);
    ck_assert_str_eq(section.statements.items[1].sql.text,
                     "UPSERT INTO t VALUES (1, 'a;b')");
    ck_assert_int_eq(section.statements.items[2].acts[0].action, ACTION_ADD_COLUMN);
}
END_TEST

START_TEST(its_addresses_are_those_of_libpq_with_another_port)
{
    static const char *const schemes[] = {"cockroach", "cockroachdb", "crdb",
                                          "crdb-postgres"};

    for (int i = 0; i < LENGTH(schemes); i++)
    {
        MEM_SCOPE(scope, NULL);
        Target target;
        Err err = {0};

        ck_assert(target_read(scope, mem_text(scope, "%s://u:pw@h/db", schemes[i]),
                              &target, &err));
        ck_assert_str_eq(target.engine, "cockroach");
        ck_assert_str_eq(target.port, "26257");
        ck_assert_str_eq(target.given, "postgresql://u:pw@h/db");
    }
}
END_TEST

UNIT("cockroach", a_schema_change_is_journalled_around_and_travels_alone,
     rows_change_in_one_transaction_with_their_record,
     who_loses_a_conflict_begins_again, a_schema_change_begins_again_too,
     what_an_unheard_attempt_had_done_is_not_done_twice,
     what_is_there_without_an_attempt_of_ours_is_an_error,
     nobody_sends_twice_what_cannot_be_seen,
     a_change_that_is_committed_in_part_stays_in_the_journal,
     a_schema_change_of_a_run_that_was_replaced_is_not_sent,
     nor_is_what_it_would_send_again, a_long_change_keeps_the_lease,
     a_lease_that_another_has_ends_the_run, the_fence_ends_a_run_that_was_replaced,
     batches_go_by_the_key, what_only_cockroach_can_read_runs_as_written,
     its_addresses_are_those_of_libpq_with_another_port)

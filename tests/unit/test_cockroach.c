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

START_TEST(a_schema_change_is_journalled_around_and_travels_alone)
{
    MEM_SCOPE(scope, NULL);
    Roach *roach = roach_open(scope, ADD_COLUMN);
    Stage *stage = roach->stage;

    stage_connect(stage, "warden",
                  (Line[]){WRITES("step_started"), WRITES("step_done"), {0}});
    stage_connect(stage, "worker", (Line[]){{.label = "statement"}, {0}});
    stage_good(stage, roach_step(roach));
    ck_assert_str_eq(fake_sent(stage->fake, "statement", 0), ADD_COLUMN);
    ck_assert_ptr_nonnull(
        strstr(fake_sent(stage->fake, "guard", 0), "USING ERRCODE = 'PS001'"));
    stage_close(stage);
}
END_TEST

START_TEST(rows_change_in_one_transaction_with_their_record)
{
    MEM_SCOPE(scope, NULL);
    Roach *roach = roach_open(scope, "UPSERT INTO users VALUES (1)");
    Stage *stage = roach->stage;

    stage_connect(stage, "worker",
                  (Line[]){{.label = "begin"},
                           {.label = "guard"},
                           {.label = "statement", .times = 2},
                           {.label = "commit"},
                           {0}});
    stage_good(stage, roach_step(roach));
    ck_assert_ptr_nonnull(
        strstr(fake_sent(stage->fake, "statement", 1), "INSERT INTO pgstride.steps"));
    stage_close(stage);
}
END_TEST

START_TEST(who_loses_a_conflict_begins_again)
{
    MEM_SCOPE(scope, NULL);
    Roach *roach = roach_open(scope, "UPDATE users SET age = 1");
    Stage *stage = roach->stage;

    stage_connect(stage, "worker",
                  (Line[]){{.label = "begin"},
                           {.label = "guard"},
                           {.label = "statement", .times = 2},
                           {.label = "commit", .sqlstate = "40001"},
                           {.label = "begin"},
                           {.label = "guard"},
                           {.label = "statement", .times = 2},
                           {.label = "commit"},
                           {0}});
    stage_good(stage, roach_step(roach));
    stage_close(stage);
}
END_TEST

START_TEST(a_schema_change_begins_again_too)
{
    MEM_SCOPE(scope, NULL);
    Roach *roach = roach_open(scope, ADD_COLUMN);
    Stage *stage = roach->stage;

    stage_connect(stage, "warden",
                  (Line[]){WRITES("step_started"), WRITES("step_done"), {0}});
    stage_connect(stage, "worker",
                  (Line[]){{.label = "statement", .sqlstate = "40001", .times = 2},
                           {.label = "statement"},
                           {0}});
    stage_good(stage, roach_step(roach));
    ck_assert_int_eq(roach->cost.tries, 3);
    stage_close(stage);
}
END_TEST

/* The column is there: it was the attempt that nobody heard of again. */
START_TEST(what_an_unheard_attempt_had_done_is_not_done_twice)
{
    MEM_SCOPE(scope, NULL);
    Roach *roach = roach_open(scope, ADD_COLUMN);
    Stage *stage = roach->stage;

    stage_connect(stage, "watcher", (Line[]){BEGUN("h"), JOB, NO_JOB, {0}});
    stage_connect(stage, "warden",
                  (Line[]){WRITES("step_started"), WRITES("step_done"), {0}});
    stage_connect(stage, "worker",
                  (Line[]){{.label = "statement", .sqlstate = "42701"}, {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    stage_good(stage, roach_step(roach));
    ck_assert_str_eq(stage->told.text, "waiting orphan: job 977 of the cluster\n");
    stage_close(stage);
}
END_TEST

START_TEST(what_is_there_without_an_attempt_of_ours_is_an_error)
{
    MEM_SCOPE(scope, NULL);
    Roach *roach = roach_open(scope, ADD_COLUMN);
    Stage *stage = roach->stage;

    stage_connect(stage, "warden",
                  (Line[]){WRITES("step_started"), WRITES("step_forgotten"), {0}});
    stage_connect(stage, "worker",
                  (Line[]){{.label = "statement", .sqlstate = "42701"}, {0}});
    stage_bad(stage, roach_step(roach), ERR_SQL);
    stage_close(stage);
}
END_TEST

START_TEST(nobody_sends_twice_what_cannot_be_seen)
{
    MEM_SCOPE(scope, NULL);
    Roach *roach = roach_open(scope, "TRUNCATE users");
    Stage *stage = roach->stage;

    stage_connect(stage, "watcher", (Line[]){BEGUN("h"), NO_JOB, {0}});
    stage_connect(stage, "warden", (Line[]){WRITES("step_started"), {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    stage_bad(stage, roach_step(roach), ERR_DIRTY);
    stage_close(stage);
}
END_TEST

START_TEST(a_change_that_is_committed_in_part_stays_in_the_journal)
{
    MEM_SCOPE(scope, NULL);
    Roach *roach = roach_open(scope, ADD_COLUMN);
    Stage *stage = roach->stage;

    stage_connect(stage, "warden", (Line[]){WRITES("step_started"), {0}});
    stage_connect(stage, "worker",
                  (Line[]){{.label = "statement", .sqlstate = "XXA00"}, {0}});
    stage_bad(stage, roach_step(roach), ERR_DIRTY);
    stage_close(stage);
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
                  (Line[]){WRITES("step_started"),
                           ONE("advisory_try", "taken", "t"),
                           ONE("advisory_try", "taken", "t"),
                           WRITES("step_done"),
                           {0}});
    stage_connect(stage, "worker",
                  (Line[]){{.label = "statement", .takes_ms = 11500}, {0}});
    stage_good(stage, roach_step(roach));
    stage_close(stage);
}
END_TEST

START_TEST(a_lease_that_another_has_ends_the_run)
{
    MEM_SCOPE(scope, NULL);
    Roach *roach = roach_open(scope, ADD_COLUMN);
    Stage *stage = roach->stage;

    stage->run.kept_ms = -KEEP_EACH_MS;
    stage_connect(stage, "warden", (Line[]){ONE("advisory_try", "taken", "f"), {0}});
    stage_bad(stage, roach_step(roach), ERR_REFUSED);
    stage_close(stage);
}
END_TEST

START_TEST(the_fence_ends_a_run_that_was_replaced)
{
    MEM_SCOPE(scope, NULL);
    Roach *roach = roach_open(scope, "DELETE FROM users");
    Stage *stage = roach->stage;

    stage_connect(
        stage, "worker",
        (Line[]){{.label = "begin"}, {.label = "guard", .sqlstate = "PS001"}, {0}});
    stage_bad(stage, roach_step(roach), ERR_REFUSED);
    stage_close(stage);
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
     a_long_change_keeps_the_lease, a_lease_that_another_has_ends_the_run,
     the_fence_ends_a_run_that_was_replaced, batches_go_by_the_key,
     what_only_cockroach_can_read_runs_as_written,
     its_addresses_are_those_of_libpq_with_another_port)

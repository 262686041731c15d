#include "run/history/history.h"

#include <string.h>

#include "run/steps/engine.h"
#include "unit/shop.h"
#include "unit/stage.h"
#include "unit/unit.h"

START_TEST(a_database_without_our_tables_has_an_empty_history)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(stage, "watcher",
                  (Line[]){{.label = "bookkeeping_exists",
                            .columns = (const char *const[]){"here", "readable", NULL},
                            .cells = (const char *const[]){"f", "t"},
                            .row_count = 1},
                           {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    ck_assert(!stage->run.history.exists);
    ck_assert_int_eq(history_state(&stage->run.history, "1"), STATE_PENDING);
    stage_close(stage);
}
END_TEST

START_TEST(the_history_is_read_whole_and_read_again)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    const History *history = &stage->run.history;

    stage_connect(stage, "watcher",
                  (Line[]){READS(MIGRATION("7", "expanded"), PHASE("7", "expand", "t"),
                                 STEP("7", "backfill", "1", "hash", "t"), NO_BACKFILLS),
                           NO_HISTORY,
                           {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    ck_assert(history->exists);
    ck_assert_int_eq(history_state(history, "7"), STATE_EXPANDED);
    ck_assert(history_phase(history, "7", PHASE_EXPAND)->done);
    ck_assert_ptr_null(history_phase(history, "7", PHASE_BACKFILL));
    ck_assert_str_eq(history_step(history, "7", PHASE_BACKFILL, 1)->hash, "hash");
    ck_assert(history_kept(history, "7") && !history_kept(history, "8"));
    stage_good(stage, history_read(&stage->run, &stage->err));
    ck_assert_int_eq(history->migration_count + history->step_count, 0);
    stage_close(stage);
}
END_TEST

START_TEST(one_version_is_read_again_and_the_others_stay_as_they_were)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    History *history = &stage->run.history;

    stage_connect(stage, "watcher",
                  (Line[]){READS(MIGRATION("7", "expanded"), PHASE("7", "expand", "t"),
                                 STEP("7", "backfill", "1", "hash", "f"), NO_BACKFILLS),
                           MIGRATION("8", "contracted"),
                           PHASE("8", "up", "t"),
                           STEP("8", "up", "1", "eight", "t"),
                           NO_BACKFILLS,
                           MIGRATION("7", "backfilled"),
                           PHASE("7", "backfill", "t"),
                           STEP("7", "backfill", "1", "hash", "t"),
                           NO_BACKFILLS,
                           {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    stage_good(stage, history_read_of(&stage->run, "8", &stage->err));
    ck_assert_int_eq(history->migration_count, 2);
    stage_good(stage, history_read_of(&stage->run, "7", &stage->err));
    ck_assert_int_eq(history->migration_count, 2);
    ck_assert_int_eq(history->step_count, 2);
    ck_assert_str_eq(history->steps[0].version, "7");
    ck_assert_int_eq(history_state(history, "7"), STATE_BACKFILLED);
    ck_assert_ptr_null(history_phase(history, "7", PHASE_EXPAND));
    ck_assert(history_step(history, "7", PHASE_BACKFILL, 1)->done);
    ck_assert_int_eq(history_state(history, "8"), STATE_CONTRACTED);
    ck_assert_str_eq(history_step(history, "8", PHASE_UP, 1)->hash, "eight");
    stage_close(stage);
}
END_TEST

/* The same questions of the same records, searched one by one and by the index. */
START_TEST(the_index_answers_as_a_search_does)
{
    enum
    {
        VERSIONS = 150,
        STEPS = 3 * VERSIONS
    };
    MEM_SCOPE(scope, NULL);
    MigrationRecord migrations[VERSIONS];
    StepRecord steps[STEPS];
    History plain = {.migrations = migrations,
                     .migration_count = VERSIONS / 2,
                     .steps = steps,
                     .step_count = STEPS};

    for (int i = 0; i < VERSIONS; i++)
        migrations[i] = (MigrationRecord){.version = mem_text(scope, "%d", i),
                                          .state = (char *)"contracted"};
    for (int i = 0; i < STEPS; i++)
        steps[i] = (StepRecord){.version = mem_text(scope, "%d", i * 7 % VERSIONS),
                                .phase = (char *)phase_name(PHASE_UP),
                                .number = i % 5};

    History quick = plain;

    history_index(scope, &quick);
    for (int i = 0; i < VERSIONS + 10; i++)
    {
        const char *version = mem_text(scope, "%d", i);

        ck_assert_ptr_eq(history_migration(&quick, version),
                         history_migration(&plain, version));
        ck_assert_int_eq(history_kept(&quick, version), history_kept(&plain, version));
        for (int number = 0; number < 5; number++)
            ck_assert_ptr_eq(history_step(&quick, version, PHASE_UP, number),
                             history_step(&plain, version, PHASE_UP, number));
    }
}
END_TEST

START_TEST(a_history_that_may_not_be_read_says_which_grant_is_missing)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    const char *line;

    stage_connect(stage, "watcher",
                  (Line[]){{.label = "bookkeeping_exists",
                            .columns = (const char *const[]){"here", "readable", NULL},
                            .cells = (const char *const[]){"t", "f"},
                            .row_count = 1},
                           {0}});
    line = stage_bad(stage, history_read(&stage->run, &stage->err), ERR_CONNECT);
    ck_assert_ptr_nonnull(strstr(line, "permission denied for schema pgstride"));
    ck_assert_ptr_nonnull(strstr(line, "GRANT USAGE ON SCHEMA pgstride"));
    stage_close(stage);
}
END_TEST

START_TEST(a_history_that_fails_halfway_leaves_what_was_known)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_connect(
        stage, "watcher",
        (Line[]){READS(MIGRATION("7", "expanded"), NO_PHASES, NO_STEPS, NO_BACKFILLS),
                 HERE,
                 {.label = "history_migrations", .lost = true},
                 {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    stage_bad(stage, history_read(&stage->run, &stage->err), ERR_LOST);
    ck_assert_int_eq(history_state(&stage->run.history, "7"), STATE_EXPANDED);
    stage_close(stage);
}
END_TEST

/* --- was it committed? ----------------------------------------------------------- */

typedef struct Asked
{
    Line steps;
    Line phases;
    Line migrations;
    bool undoes;
    bool last;
    bool done;
} Asked;

START_TEST(the_history_knows_what_was_committed)
{
    const Asked asked[] = {
        {NO_STEPS, NO_PHASES, NO_MIGRATIONS, .done = false},
        {STEP("7", "expand", "1", "h", "f"), NO_PHASES, NO_MIGRATIONS, .done = false},
        {STEP("7", "expand", "2", "h", "t"), NO_PHASES, NO_MIGRATIONS, .done = false},
        {STEP("7", "expand", "1", "h", "t"), NO_PHASES, NO_MIGRATIONS, .done = true},
        {STEP("7", "undo expand", "1", "h", "t"), PHASE("7", "expand", "t"),
         MIGRATION("7", "expanded"), .undoes = true, .done = true},
        {STEP("7", "expand", "1", "h", "t"), PHASE("7", "expand", "t"),
         MIGRATION("7", "expanded"), .undoes = true, .last = true, .done = false},
        {NO_STEPS, NO_PHASES, NO_MIGRATIONS, .undoes = true, .last = true,
         .done = true},
    };

    for (int i = 0; i < LENGTH(asked); i++)
    {
        MEM_SCOPE(scope, NULL);
        Stage *stage = stage_open(scope);
        Migration migration = {.version = "7"};
        Step step = {.migration = &migration,
                     .phase = PHASE_EXPAND,
                     .ordinal = 1,
                     .undoes = asked[i].undoes,
                     .last = asked[i].last,
                     .left = STATE_PENDING};
        bool done;

        stage_connect(stage, "watcher",
                      (Line[]){READS(asked[i].migrations, asked[i].phases,
                                     asked[i].steps, NO_BACKFILLS),
                               {0}});
        stage_good(stage, history_step_done(&stage->run, &step, &done, &stage->err));
        ck_assert_msg(done == asked[i].done, "case %d", i);
        stage_close(stage);
    }
}
END_TEST

/* --- what is written ------------------------------------------------------------- */

START_TEST(a_record_is_one_transaction_behind_the_guard)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    Migration migration = {
        .version = "7", .name = "n", .label = "7_n", .file = "7_n.sql"};
    Step step = {.migration = &migration,
                 .phase = PHASE_EXPAND,
                 .ordinal = 1,
                 .last = true,
                 .title = "a title"};

    stage_connect(stage, "warden", (Line[]){WRITES("step_done"), {0}});
    stage_good(stage, history_done(&stage->run, &step, &stage->err));

    const char *record = fake_sent(stage->fake, "step_done", 0);

    ck_assert_ptr_nonnull(strstr(record, "INSERT INTO pgstride.steps"));
    ck_assert_ptr_nonnull(strstr(record, "INSERT INTO pgstride.events"));
    ck_assert_ptr_nonnull(strstr(record, "INSERT INTO pgstride.phases"));
    ck_assert_ptr_nonnull(strstr(record, "'expanded'"));
    stage_close(stage);
}
END_TEST

START_TEST(a_full_disk_is_said_and_nothing_is_recorded)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    Migration migration = {
        .version = "7", .name = "n", .label = "7_n", .file = "7_n.sql"};
    Checksums sums = {"exact", "normal"};

    stage_connect(
        stage, "warden",
        (Line[]){
            {.label = "begin"},
            {.label = "guard"},
            {.label = "phase_begin",
             .sqlstate = "53100",
             .message = "could not extend file \"base/5/1\": No space left on device"},
            {0}});
    ck_assert_str_eq(
        stage_bad(stage,
                  history_phase_begin(&stage->run, &migration, PHASE_EXPAND, &sums,
                                      &stage->err),
                  ERR_SQL),
        "while writing the history: could not extend file \"base/5/1\": No "
        "space left on device");
    stage_close(stage);
}
END_TEST

START_TEST(secrets_stay_out_of_the_record)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    Migration migration = {
        .version = "7", .name = "n", .label = "7_n", .file = "7_n.sql"};
    SqlParsed sql = {.text = "ALTER ROLE app PASSWORD 'hunter2'"};
    Step step = {.migration = &migration,
                 .phase = PHASE_UP,
                 .ordinal = 1,
                 .title = "ROLE",
                 .sql = &sql,
                 .sql_count = 1};
    SqlText text = record_step(scope, &stage->run, &step);

    ck_assert_ptr_nonnull(strstr(sql_done(&text), "ALTER ROLE app PASSWORD"));
    ck_assert_ptr_null(strstr(sql_done(&text), "hunter2"));
    text =
        record_failed(scope, &stage->run, &migration, NULL, "near PASSWORD 'hunter2'");
    ck_assert_ptr_null(strstr(sql_done(&text), "hunter2"));
    stage_close(stage);
}
END_TEST

START_TEST(the_way_back_is_known_unknown_or_nothing)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    Migration migration = {
        .version = "7", .name = "n", .label = "7_n", .file = "7_n.sql"};
    SqlParsed undo = {.text = "DROP TABLE t"};
    Step step = {.migration = &migration,
                 .phase = PHASE_UP,
                 .ordinal = 1,
                 .title = "a",
                 .hash = "h"};

    SqlText nothing = record_step_started(scope, &stage->run, &step);

    step.needs_down = true;
    SqlText unknown = record_step_started(scope, &stage->run, &step);

    step.needs_down = false;
    step.undo = &undo;
    step.undo_count = 1;
    SqlText known = record_step_started(scope, &stage->run, &step);

    ck_assert_ptr_nonnull(strstr(sql_done(&nothing), "false, '', '', CASE"));
    ck_assert_ptr_nonnull(strstr(sql_done(&unknown), "false, '', NULL, CASE"));
    ck_assert_ptr_nonnull(strstr(sql_done(&known), "false, '', 'DROP TABLE t', CASE"));
    stage_close(stage);
}
END_TEST

UNIT("history", a_database_without_our_tables_has_an_empty_history,
     the_history_is_read_whole_and_read_again,
     one_version_is_read_again_and_the_others_stay_as_they_were,
     the_index_answers_as_a_search_does,
     a_history_that_may_not_be_read_says_which_grant_is_missing,
     a_history_that_fails_halfway_leaves_what_was_known,
     the_history_knows_what_was_committed, a_record_is_one_transaction_behind_the_guard,
     a_full_disk_is_said_and_nothing_is_recorded, secrets_stay_out_of_the_record,
     the_way_back_is_known_unknown_or_nothing)

#include "run/backfill/batch.h"

#include <string.h>

#include "db/fake.h"
#include "unit/fills.h"
#include "unit/unit.h"

static const Caps caps = {.engine = "postgres",
                          .product = "PostgreSQL",
                          .version = 150018,
                          .ident_quote = '"',
                          .tid_range_scan = true};

static const Given split_email = {
    .expand = "ALTER TABLE identities ADD COLUMN new_email text;",
    .backfill = "UPDATE identities SET new_email = email WHERE new_email IS NULL;",
    .sync = SYNC_BOTH};

static BatchJob
job_of(Mem *mem, Given given)
{
    Backfill *fill = fill_of(mem, given);
    char *name = mem_copy(mem, fill->table.name);

    return (BatchJob){.caps = &caps,
                      .fill = fill,
                      .leaf = {mem_copy(mem, "public"), name},
                      .leaf_oid = 16393,
                      .not_done = {"(todo)"},
                      .component = "main",
                      .version = "20260515",
                      .run_id = "00000000-0000-4000-8000-000000000000"};
}

static const Batch some = {.blocks = {64, 192},
                           .pass = {4},
                           .position = 64,
                           .skipped = "{[3,4)}",
                           .skipped_if_passed = "{[3,4),[64,192)}"};

static void
says(const char *sql, const char *part)
{
    ck_assert_msg(strstr(sql, part) != NULL, "nothing of \"%s\" in:\n%s", part, sql);
}

static void
says_not(const char *sql, const char *part)
{
    ck_assert_msg(strstr(sql, part) == NULL, "\"%s\" is in:\n%s", part, sql);
}

/* --- the text -------------------------------------------------------------------- */

START_TEST(a_batch_changes_and_records_in_one_statement)
{
    MEM_SCOPE(scope, NULL);
    BatchJob job = job_of(scope, split_email);
    SqlText text = batch_change(scope, &job, &some);
    const char *sql = sql_done(&text);

    says(sql, "UPDATE ONLY public.identities SET new_email = email");
    says(sql,
         "ctid = ANY (ARRAY(SELECT pgstride_rows.place FROM "
         "pg_catalog.generate_series(64::bigint, 191) AS pgstride_pages(block), "
         "LATERAL (SELECT ctid AS place FROM ONLY public.identities WHERE ctid >= ");
    says(sql, "AND (todo) IS TRUE LIMIT 4) AS pgstride_rows)) AND (todo) IS TRUE");
    says(sql, "RETURNING (todo) AS again");
    says(sql, "position = 64, skipped = '{[3,4)}', rows_done = ");
    says(sql, "b.run_id = '00000000-0000-4000-8000-000000000000'::pg_catalog.uuid");
    says_not(sql, "[64,192)");
}
END_TEST

START_TEST(the_last_pass_takes_what_is_left)
{
    MEM_SCOPE(scope, NULL);
    BatchJob job = job_of(scope, split_email);
    Batch batch = some;
    SqlText text;

    batch.pass = (Pass){0};
    text = batch_change(scope, &job, &batch);
    says(sql_done(&text), "WHERE ctid >= '(64,0)' AND ctid < '(192,0)' AND (todo) IS "
                          "TRUE RETURNING");
    says_not(sql_done(&text), "LIMIT");
}
END_TEST

/* What asks less may leave something behind: only the last pass and the proof do not.
 */
START_TEST(only_passes_before_the_last_ask_the_cheaper_question)
{
    MEM_SCOPE(scope, NULL);
    BatchJob job = job_of(scope, split_email);
    Batch batch = some;

    job.not_done_cheaply = (SqlParsed){.text = "(given)"};

    SqlText text = batch_change(scope, &job, &batch);

    says(sql_done(&text), "AND (given) IS TRUE LIMIT 4) AS pgstride_rows)) AND "
                          "(given) IS TRUE RETURNING (todo) AS again");
    batch.skip_locked = true;
    text = batch_find(scope, &job, &batch);
    says(sql_done(&text), "AND (given) IS TRUE FOR NO KEY UPDATE SKIP LOCKED");
    text = batch_change(scope, &job, &batch);
    says(sql_done(&text), "::tid[]) AND (given) IS TRUE RETURNING (todo)");
    batch.pass = (Pass){0};
    text = batch_change(scope, &job, &batch);
    says_not(sql_done(&text), "(given)");
    text = batch_find(scope, &job, &batch);
    says_not(sql_done(&text), "(given)");
    text = batch_left(scope, &job, some.blocks);
    says_not(sql_done(&text), "(given)");
}
END_TEST

/* A list of places, never one that was known before the statement. */
START_TEST(without_range_scans_every_place_is_looked_at)
{
    MEM_SCOPE(scope, NULL);
    BatchJob job = job_of(scope, split_email);
    Caps old = caps;
    Batch whole = some;

    old.tid_range_scan = false;
    job.caps = &old;
    whole.pass = (Pass){0};

    SqlText text = batch_change(scope, &job, &whole);

    says(sql_done(&text), "WHERE ctid = ANY (ARRAY(SELECT");
    says(sql_done(&text), "generate_series(64::bigint, 191) block, ");
    says_not(sql_done(&text), "ctid >=");
    text = batch_find(scope, &job, &whole);
    says(sql_done(&text), "generate_series(64::bigint, 191) block, ");
    text = batch_left(scope, &job, whole.blocks);
    says(sql_done(&text), "generate_series(64::bigint, 191) block, ");
}
END_TEST

START_TEST(rows_of_others_are_passed_over_and_counted)
{
    MEM_SCOPE(scope, NULL);
    BatchJob job = job_of(scope, split_email);
    Batch batch = some;

    batch.skip_locked = true;

    SqlText find = batch_find(scope, &job, &batch);
    SqlText change = batch_change(scope, &job, &batch);

    says(sql_done(&find), "AND (todo) IS TRUE FOR NO KEY UPDATE SKIP LOCKED");
    says(sql_done(&change), "::tid[]) AND (todo) IS TRUE RETURNING");
    says(sql_done(&change), "CASE WHEN told.passed > 0 THEN '{[3,4),[64,192)}' ELSE "
                            "'{[3,4)}' END");
    job.key_assigned = true;
    find = batch_find(scope, &job, &batch);
    says(sql_done(&find), "FOR UPDATE SKIP LOCKED");
}
END_TEST

/* Its expressions were written for the parent, and may say its name. */
START_TEST(a_child_goes_by_the_name_of_its_parent)
{
    MEM_SCOPE(scope, NULL);
    BatchJob job = job_of(scope, split_email);

    job.leaf = (QName){mem_copy(scope, "Old Data"), mem_copy(scope, "id\"2025")};

    SqlText change = batch_change(scope, &job, &some);
    SqlText left = batch_left(scope, &job, (BlockRange){0, 9});

    says(sql_done(&change),
         "UPDATE ONLY \"Old Data\".\"id\"\"2025\" AS identities SET");
    says(sql_done(&left), "FROM ONLY \"Old Data\".\"id\"\"2025\" AS identities WHERE");
}
END_TEST

START_TEST(a_delete_asks_of_no_row_whether_it_is_done)
{
    MEM_SCOPE(scope, NULL);
    BatchJob job = job_of(scope, (Given){.backfill = "DELETE FROM sessions WHERE old;",
                                         .sync = SYNC_OFF});
    SqlText change = batch_change(scope, &job, &some);

    says(sql_done(&change), "WITH changed AS (DELETE FROM ONLY public.sessions WHERE ");
    says(sql_done(&change), "RETURNING false AS again");
}
END_TEST

START_TEST(a_row_set_aside_is_named_by_its_key)
{
    MEM_SCOPE(scope, NULL);
    BatchJob job = job_of(scope, split_email);
    char *key[] = {mem_copy(scope, "tenant"), mem_copy(scope, "Id")};
    BatchRows rows = {.block = 7, .from = 3, .to = 5, .key = key, .key_count = 2};
    Batch batch = {.rows = &rows, .skipped = "{}", .skipped_if_passed = "{[7,8)}"};
    SqlText text = batch_rows(scope, &job, &batch);

    says(sql_done(&text), "ANY ('{\"(7,3)\",\"(7,4)\"}'::pg_catalog.tid[])");
    says(sql_done(&text),
         "pg_catalog.concat('tenant ', tenant, ', ', 'Id ', \"Id\"), SQLERRM");
    says(sql_done(&text),
         "UPDATE ONLY public.identities SET new_email = email WHERE "
         "ctid OPERATOR(pg_catalog.=) pgstride_place RETURNING (todo)");
    rows.key_count = 0;
    text = batch_rows(scope, &job, &batch);
    says(sql_done(&text), "pg_catalog.concat('ctid ', ctid), SQLERRM");
    text = batch_told(scope, &job, &batch);
    says(sql_done(&text), "CASE WHEN told.passed > 0 THEN '{[7,8)}'");
    says(sql_done(&text), "b.run_id = '00000000");
}
END_TEST

/* --- the conversation ------------------------------------------------------------ */

static void
see_nothing(Observer *observer, const Event *event)
{
    (void)observer;
    (void)event;
}

/* A run on two scripted connections, and one batch. */
typedef struct Stage
{
    Mem *mem;
    Fake *fake;
    Settings settings;
    Observer observer;
    Run run;
    BatchJob job;
    BatchReport report;
    Err err;
} Stage;

static const char *const check_columns[] = {"filenode", "named", "wal", "hot", NULL};
static const char *const check_cells[] = {"500", "16393", "0/0", "0"};
static const char *const other_cells[] = {"500", "16394", "0/0", "0"};
static const char *const change_columns[] = {"rows",      "again", "passed",    "hot",
                                             "wal_bytes", "xid",   "worked_ms", NULL};
static const char *const change_cells[] = {"40", "0", "0", "30", "8192", "771", "6.5"};
static const char *const again_cells[] = {"40", "3", "0", "30", "8192", "771", "6.5"};
static const char *const victims_columns[] = {"victims", NULL};
static const char *const one_victim[] = {"1"};

/* clang-format off */
#define OPENING {.label = "begin"}, {.label = "batch_limits"}, {.label = "guard"}, {.label = "batch_lock"}
#define CHECK   {.label = "batch_check", .columns = check_columns, .cells = check_cells, .row_count = 1}
#define CHANGE  {.label = "batch_change", .columns = change_columns, .cells = change_cells, .row_count = 1}
/* clang-format on */

static bool
stage_run(Stage *stage, int64_t filenode, const Line *worker, const Line *watcher)
{
    static const Line nothing[] = {{0}};
    const Target target = {.engine = "postgres", .given = "", .shown = ""};
    const SessionPlan plans[] = {{.role = "worker", .application = "test"},
                                 {.role = "watcher", .application = "test"}};

    memset(stage, 0, sizeof(*stage));
    stage->mem = mem_scope_begin(NULL);
    stage->fake = fake_new(stage->mem, &caps);
    stage->observer = (Observer){see_nothing};
    stage->settings = (Settings){.component = "main"};
    stage->job = job_of(stage->mem, split_email);
    stage->run = (Run){.mem = stage->mem,
                       .settings = &stage->settings,
                       .driver = fake_driver(stage->fake),
                       .clock = fake_clock(stage->fake),
                       .observer = &stage->observer,
                       .id = "00000000-0000-4000-8000-000000000000",
                       .caps = &caps};
    fake_expect(stage->fake, "worker", worker);
    fake_expect(stage->fake, "watcher", watcher == NULL ? nothing : watcher);

    const Driver *driver = stage->run.driver;
    const BatchOrder order = {.job = &stage->job,
                              .batch = &some,
                              .filenode = filenode,
                              .lock_ms = 30,
                              .stall_ms = 100};

    ck_assert(
        driver->open(stage->mem, &target, &plans[0], &stage->run.worker, &stage->err));
    ck_assert(
        driver->open(stage->mem, &target, &plans[1], &stage->run.watcher, &stage->err));

    bool good = batch_run(&stage->run, &order, &stage->report, &stage->err);
    const char *complaint = fake_complaint(stage->fake);

    ck_assert_msg(complaint == NULL, "%s", complaint);
    return good;
}

static void
stage_end(Stage *stage)
{
    err_clear(&stage->err);
    mem_scope_end(&stage->mem);
}

START_TEST(a_good_batch_is_committed)
{
    Stage stage;

    ck_assert(stage_run(
        &stage, 500, (Line[]){OPENING, CHECK, CHANGE, {.label = "commit"}, {0}}, NULL));
    ck_assert_int_eq(stage.report.end, BATCH_DONE);
    ck_assert_int_eq(stage.report.rows, 40);
    ck_assert_int_eq(stage.report.hot, 30);
    ck_assert_int_eq(stage.report.xid, 771);
    stage_end(&stage);
}
END_TEST

typedef struct Refusal
{
    const char *why;
    Line lines[9];
    int64_t filenode;
    BatchEnd end;
    ErrKind kind; /* ERR_NONE: it is for the caller to go on */
} Refusal;

/* clang-format off */
static const Refusal refusals[] = {
    {"a row is locked",
     {OPENING, CHECK, {.label = "batch_change", .sqlstate = "55P03"}}, 500, BATCH_LOCKED, ERR_NONE},
    {"the table is locked",
     {{.label = "begin"}, {.label = "batch_limits"}, {.label = "guard"},
      {.label = "batch_lock", .sqlstate = "55P03"}}, 500, BATCH_BARRED, ERR_NONE},
    {"it took too long",
     {OPENING, CHECK, {.label = "batch_change", .sqlstate = "57014"}}, 500, BATCH_SLOW, ERR_NONE},
    {"a deadlock",
     {OPENING, CHECK, {.label = "batch_change", .sqlstate = "40P01"}}, 500, BATCH_CLASHED, ERR_NONE},
    {"the table was rewritten",
     {OPENING, CHECK, CHANGE, {.label = "rollback"}}, 501, BATCH_REPLACED, ERR_NONE},
    {"a value that cannot be",
     {OPENING, CHECK, {.label = "batch_change", .sqlstate = "22P02"}}, 500, BATCH_POISONED, ERR_SQL},
    {"a deferred constraint",
     {OPENING, CHECK, CHANGE, {.label = "commit", .sqlstate = "23503"}}, 500, BATCH_POISONED, ERR_SQL},
    {"the disk is full",
     {OPENING, CHECK, {.label = "batch_change", .sqlstate = "53100"}}, 500, BATCH_FAILED, ERR_SQL},
    {"rows would be changed twice",
     {OPENING, CHECK, {.label = "batch_change", .columns = change_columns, .cells = again_cells, .row_count = 1},
      {.label = "rollback"}}, 500, BATCH_DONE, ERR_REFUSED},
    {"another table has its name",
     {OPENING, {.label = "batch_check", .columns = check_columns, .cells = other_cells, .row_count = 1},
      CHANGE, {.label = "rollback"}}, 500, BATCH_DONE, ERR_REFUSED},
    {"the fence is another's",
     {{.label = "begin"}, {.label = "batch_limits"}, {.label = "guard", .sqlstate = "PS001"}}, 500,
     BATCH_FAILED, ERR_REFUSED},
    {"the progress row is another's",
     {OPENING, CHECK, {.label = "batch_change", .columns = change_columns}, {.label = "rollback"}}, 500,
     BATCH_DONE, ERR_REFUSED},
    {"the connection dies at COMMIT",
     {OPENING, CHECK, CHANGE, {.label = "commit", .lost = true}}, 500, BATCH_DONE, ERR_LOST},
    {"the connection dies before",
     {OPENING, CHECK, {.label = "batch_change", .lost = true}}, 500, BATCH_FAILED, ERR_LOST},
};
/* clang-format on */

START_TEST(whatever_else_it_answers_is_told_apart)
{
    for (int i = 0; i < LENGTH(refusals); i++)
    {
        const Refusal *this = &refusals[i];
        Stage stage;
        bool good = stage_run(&stage, this->filenode, this->lines, NULL);

        ck_assert_msg(good == (this->kind == ERR_NONE), "%s: %s", this->why,
                      good ? "true" : stage.err.text);
        ck_assert_msg(stage.err.kind == this->kind, "%s: %s", this->why,
                      stage.err.text);
        ck_assert_msg(stage.report.end == this->end, "%s: ended as %d", this->why,
                      stage.report.end);
        stage_end(&stage);
    }
}
END_TEST

/* The clock stands at the answer: the looks of the watcher before it decide. */
START_TEST(a_batch_that_others_wait_for_is_cancelled)
{
    const Line victims = {.label = "victims",
                          .columns = victims_columns,
                          .cells = one_victim,
                          .row_count = 1,
                          .times = 3};
    Stage stage;

    ck_assert(stage_run(
        &stage, 500,
        (Line[]){OPENING,
                 CHECK,
                 {.label = "batch_change", .sqlstate = "57014", .takes_ms = 70},
                 {0}},
        (Line[]){victims, {0}}));
    ck_assert_int_eq(stage.report.end, BATCH_SLOW);
    ck_assert_int_eq(stage.report.waiters, 1);
    ck_assert(stage.report.stall_ms >= 60);
    stage_end(&stage);
}
END_TEST

UNIT("batch", a_batch_changes_and_records_in_one_statement,
     the_last_pass_takes_what_is_left,
     only_passes_before_the_last_ask_the_cheaper_question,
     without_range_scans_every_place_is_looked_at,
     rows_of_others_are_passed_over_and_counted, a_child_goes_by_the_name_of_its_parent,
     a_delete_asks_of_no_row_whether_it_is_done, a_row_set_aside_is_named_by_its_key,
     a_good_batch_is_committed, whatever_else_it_answers_is_told_apart,
     a_batch_that_others_wait_for_is_cancelled)

#include <string.h>

#include "run/history/history.h"
#include "run/verbs/migrate.h"
#include "unit/stage.h"
#include "unit/unit.h"

#define PHASED(table)                                                                  \
    "-- migrate:expand\nALTER TABLE " table " ADD COLUMN b text;\n"                    \
    "-- migrate:contract\nALTER TABLE " table " DROP COLUMN a;\n"

static const char *const folder[] = {"20260101_users.sql",
                                     PHASED("users"),
                                     "20260102_orders.sql",
                                     PHASED("shop.orders"),
                                     "20260103_notes.sql",
                                     "CREATE TABLE notes (id bigint);\n",
                                     "20260104_more.sql",
                                     "ALTER TABLE notes ADD COLUMN more text;\n",
                                     NULL};

/* The history_migrations line of these pairs of version and state. */
static Line
known(Stage *stage, const char *const *pairs)
{
    Line line = {.label = "history_migrations", .columns = stage_migration_columns};
    LIST(const char *) cells = {0};

    for (; pairs[0] != NULL; pairs += 2, line.row_count++)
    {
        const char *row[] = {pairs[0], "name", "a file.sql",          pairs[1],
                             "run",    "1",    "2026-11-21 02:00:00", "f",
                             NULL};

        for (int i = 0; i < LENGTH(row); i++)
            *list_add(stage->mem, &cells) = row[i];
    }
    line.cells = cells.items;
    return line;
}

static Stage *
choosing(Mem *mem, const char *const *names_and_texts, const char *const *history)
{
    Stage *stage = stage_open(mem);

    stage_folder(stage, names_and_texts);
    stage_connect(
        stage, "watcher",
        (Line[]){READS(known(stage, history), NO_PHASES, NO_STEPS, NO_BACKFILLS), {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    return stage;
}

/* "20260101 20260102": what was chosen, in order. */
static const char *
chosen(Stage *stage, bool (*choose)(Run *, Mem *, Chosen *, Err *))
{
    Buf text = buf_begin(stage->mem);
    Chosen taken = {0};

    stage_good(stage, choose(&stage->run, stage->mem, &taken, &stage->err));
    buf_add(&text, "");
    for (int i = 0; i < taken.count; i++)
        buf_format(&text, "%s%s", i > 0 ? " " : "", taken.items[i]->version);
    return text.text;
}

static const char *
not_chosen(Stage *stage, bool (*choose)(Run *, Mem *, Chosen *, Err *), ErrKind kind)
{
    Chosen taken = {0};

    return stage_bad(stage, choose(&stage->run, stage->mem, &taken, &stage->err), kind);
}

static void
name(Stage *stage, const char *const *versions)
{
    stage->settings.versions = (const char **)versions;
    stage->settings.version_count = 0;
    while (versions[stage->settings.version_count] != NULL)
        stage->settings.version_count++;
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NOTHING NAMES(NULL)

START_TEST(up_takes_what_is_below_its_goal_in_order)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope, folder, NOTHING);

    ck_assert_str_eq(chosen(stage, choose_up), "20260101 20260102 20260103 20260104");
    stage_close(stage);
    stage = choosing(scope, folder,
                     NAMES("20260101", "backfilled", "20260102", "expanded"));
    ck_assert_str_eq(chosen(stage, choose_up), "20260102 20260103 20260104");
    stage->settings.through = PHASE_CONTRACT;
    ck_assert_str_eq(chosen(stage, choose_up), "20260101 20260102 20260103 20260104");
    stage_close(stage);
}
END_TEST

START_TEST(up_stops_where_it_is_told)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope, folder, NOTHING);

    stage->settings.to = "20260102";
    ck_assert_str_eq(chosen(stage, choose_up), "20260101 20260102");
    stage->settings.steps = 1;
    ck_assert_str_eq(chosen(stage, choose_up), "20260101");
    stage->settings.to = NULL;
    stage->settings.steps = 3;
    ck_assert_str_eq(chosen(stage, choose_up), "20260101 20260102 20260103");
    stage->settings.steps = 0;
    name(stage, NAMES("20260103"));
    ck_assert_str_eq(chosen(stage, choose_up), "20260103");
    name(stage, NAMES("20260104", "20260103_notes"));
    ck_assert_str_eq(chosen(stage, choose_up), "20260103 20260104");
    stage_close(stage);
}
END_TEST

START_TEST(a_version_that_is_none_or_several_is_said)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope, folder, NOTHING);
    const char *line;

    name(stage, NAMES("20250101"));
    line = not_chosen(stage, choose_up, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(line, "20250101"));
    name(stage, NAMES("202601"));
    line = not_chosen(stage, choose_up, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(line, "20260101"));
    ck_assert_ptr_nonnull(strstr(line, "20260104"));
    stage->settings.version_count = 0;
    stage->settings.to = "7";
    not_chosen(stage, choose_up, ERR_USAGE);
    stage_close(stage);
}
END_TEST

START_TEST(a_pending_one_below_the_newest_comes_late)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope, folder, NAMES("20260103", "contracted"));
    const char *line = not_chosen(stage, choose_up, ERR_REFUSED);

    ck_assert_ptr_nonnull(strstr(line, "20260102_orders is older than 20260103_notes"));
    stage->settings.out_of_order = true;
    ck_assert_str_eq(chosen(stage, choose_up), "20260101 20260102 20260104");
    /* contract does not care: what is late has nothing to do with it */
    stage->settings.out_of_order = false;
    ck_assert_str_eq(chosen(stage, choose_contract), "");
    stage_close(stage);
}
END_TEST

START_TEST(an_applied_one_without_a_file_is_missed)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope, folder, NAMES("20251231", "contracted"));

    ck_assert_ptr_nonnull(strstr(not_chosen(stage, choose_up, ERR_REFUSED),
                                 "migration 20251231 was applied and its file a "
                                 "file.sql is gone"));
    ck_assert_ptr_nonnull(strstr(not_chosen(stage, choose_down, ERR_REFUSED),
                                 "the file of 20251231 is gone"));
    stage_close(stage);
}
END_TEST

/* --- overlap --------------------------------------------------------------------- */

static const char *const overlapping[] = {
    "20260101_users.sql", PHASED("public.users"), "20260102_again.sql",
    "CREATE TABLE x (id bigint);\nALTER TABLE users ADD COLUMN c text;\n", NULL};

START_TEST(a_table_that_is_not_contracted_yet_is_left_alone)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope, overlapping, NAMES("20260101", "backfilled"));
    const char *line = not_chosen(stage, choose_up, ERR_REFUSED);

    ck_assert_str_eq(
        line, "20260102_again.sql: 20260102_again touches \"users\", which "
              "20260101_users has not contracted yet | Contract it first: "
              "pgstride contract 20260101. Or, if they do not get in each other's "
              "way: --allow-overlap.");
    stage->settings.allow_overlap = true;
    ck_assert_str_eq(chosen(stage, choose_up), "20260102");
    stage_close(stage);
}
END_TEST

START_TEST(overlap_is_refused_before_the_first_of_them_runs)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope, overlapping, NOTHING);

    not_chosen(stage, choose_up, ERR_REFUSED);
    stage->settings.through = PHASE_CONTRACT;
    ck_assert_str_eq(chosen(stage, choose_up), "20260101 20260102");
    stage->settings.through = PHASE_BACKFILL;
    stage->settings.steps = 1;
    ck_assert_str_eq(chosen(stage, choose_up), "20260101");
    stage_close(stage);
}
END_TEST

/* --- contract, down -------------------------------------------------------------- */

START_TEST(contract_takes_the_only_one_that_waits)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope, folder,
                            NAMES("20260101", "backfilled", "20260102", "contracted"));

    ck_assert_str_eq(chosen(stage, choose_contract), "20260101");
    name(stage, NAMES("20260102"));
    ck_assert_str_eq(chosen(stage, choose_contract), "");
    name(stage, NAMES("20260103"));
    ck_assert_ptr_nonnull(strstr(not_chosen(stage, choose_contract, ERR_REFUSED),
                                 "cannot contract a migration that is pending"));
    stage_close(stage);
}
END_TEST

START_TEST(contract_asks_which_of_two)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope, folder,
                            NAMES("20260101", "backfilled", "20260102", "backfilled"));

    ck_assert_str_eq(not_chosen(stage, choose_contract, ERR_USAGE),
                     "2 migrations wait for contract: say which | 20260101_users\n"
                     "20260102_orders | pgstride contract 20260101");
    name(stage, NAMES("20260102"));
    ck_assert_str_eq(chosen(stage, choose_contract), "20260102");
    stage_close(stage);
}
END_TEST

START_TEST(down_goes_back_the_way_it_came)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope, folder,
                            NAMES("20260103", "contracted", "20260101", "backfilled",
                                  "20260104", "pending"));

    ck_assert_str_eq(chosen(stage, choose_down), "20260101");
    stage->settings.steps = 5;
    ck_assert_str_eq(chosen(stage, choose_down), "20260101 20260103");
    name(stage, NAMES("20260103"));
    ck_assert_str_eq(chosen(stage, choose_down), "20260103");
    stage_close(stage);
}
END_TEST

/* "20260101 20260102 / 20260104": up, and then down. */
static const char *
routed(Stage *stage)
{
    Buf text = buf_begin(stage->mem);
    Route route = {0};

    stage_good(stage, choose_goto(&stage->run, stage->mem, &route, &stage->err));
    for (int i = 0; i < route.up.count; i++)
        buf_format(&text, "%s ", route.up.items[i]->version);
    buf_add(&text, "/");
    for (int i = 0; i < route.down.count; i++)
        buf_format(&text, " %s", route.down.items[i]->version);
    return text.text;
}

START_TEST(goto_goes_up_and_then_down)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope, folder,
                            NAMES("20260101", "expanded", "20260104", "contracted",
                                  "20260103", "contracted"));

    name(stage, NAMES("20260104"));
    ck_assert_ptr_nonnull(strstr(
        stage_bad(stage, choose_goto(&stage->run, scope, &(Route){0}, &stage->err),
                  ERR_REFUSED),
        "20260102_orders is older than 20260104_more"));
    stage->settings.out_of_order = true;
    ck_assert_str_eq(routed(stage), "20260101 20260102 /");
    name(stage, NAMES("20260102"));
    ck_assert_str_eq(routed(stage), "20260101 20260102 / 20260103 20260104");
    name(stage, NAMES("20260101"));
    ck_assert_str_eq(routed(stage), "20260101 / 20260103 20260104");
    name(stage, NAMES("-1"));
    ck_assert_str_eq(routed(stage), "/ 20260103 20260104 20260101");
    stage->settings.through = PHASE_CONTRACT;
    name(stage, NAMES("20260101"));
    ck_assert_str_eq(routed(stage), "20260101 / 20260103 20260104");
    stage_close(stage);
}
END_TEST

START_TEST(what_is_half_way_down_goes_no_other_way)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);

    stage_folder(stage, folder);
    stage_connect(
        stage, "watcher",
        (Line[]){READS(MIGRATION("20260101", "expanded"), NO_PHASES,
                       STEP("20260101", "undo expand", "1", "h", "t"), NO_BACKFILLS),
                 {0}});
    stage_good(stage, history_read(&stage->run, &stage->err));
    ck_assert_ptr_nonnull(strstr(not_chosen(stage, choose_up, ERR_REFUSED),
                                 "Finish it first: pgstride down 20260101"));
    ck_assert_str_eq(chosen(stage, choose_down), "20260101");
    stage_close(stage);
}
END_TEST

START_TEST(a_typo_in_the_last_file_is_found_before_the_first_runs)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = choosing(scope,
                            NAMES("1_good.sql", "CREATE TABLE t (id int);\n",
                                  "2_bad.sql", "CREATE TABEL t (id int);\n"),
                            NOTHING);

    ck_assert_ptr_nonnull(
        strstr(not_chosen(stage, choose_up, ERR_USAGE), "m/2_bad.sql:1:"));
    stage_close(stage);
}
END_TEST

UNIT("choose", up_takes_what_is_below_its_goal_in_order, up_stops_where_it_is_told,
     a_version_that_is_none_or_several_is_said,
     a_pending_one_below_the_newest_comes_late, an_applied_one_without_a_file_is_missed,
     a_table_that_is_not_contracted_yet_is_left_alone,
     overlap_is_refused_before_the_first_of_them_runs,
     contract_takes_the_only_one_that_waits, contract_asks_which_of_two,
     down_goes_back_the_way_it_came, goto_goes_up_and_then_down,
     what_is_half_way_down_goes_no_other_way,
     a_typo_in_the_last_file_is_found_before_the_first_runs)

#include <string.h>

#include "cli/print/print_plan.h"
#include "cli/print/print_report.h"
#include "cli/text.h"
#include "unit/capture.h"
#include "unit/unit.h"

/* The classic example, as core plans it, in short. */
/* clang-format off */
static Migration split = {.version = "20260515", .label = "20260515_split_email",
                          .name = "split_email", .file = "20260515_split_email.sql"};
static Section backfill_section = {.phase = PHASE_BACKFILL};
static Backfill backfill = {.section = &backfill_section};
static const char *expand_shows[] = {"ALTER TABLE identities ADD COLUMN new_email text", NULL,
                                     "+ sync trigger email ⇄ new_email (same transaction)"};
static const char *fill_shows[] = {"UPDATE identities SET new_email = email WHERE new_email IS NULL"};
static const char *fill_notes[] = {"fires trigger \"touch_updated_at\""};
static const char *swap_shows[] = {"SET NOT NULL · DROP COLUMN email · RENAME"};
static LockNeed identities_lock[] = {{.relation = {NULL, "identities"}, .mode = LOCK_ACCESS_EXCLUSIVE}};
static SqlParsed expand_sql[] = {{.text = "ALTER TABLE identities ADD COLUMN new_email text"}};
static const char *about[] = {"identities (12,400,000 rows, 2.1 GB)"};
static const char *vanishing[] = {"new_email"};
static const char *surviving[] = {"email"};
static Step steps[] = {
    {.number = 1, .kind = STEP_TRANSACTION, .phase = PHASE_EXPAND, .shows = expand_shows, .show_count = 3,
     .locks = identities_lock, .lock_count = 1, .undo_show = "drop column", .sql = expand_sql, .sql_count = 1},
    {.number = 2, .kind = STEP_BACKFILL, .phase = PHASE_BACKFILL, .shows = fill_shows, .show_count = 1,
     .backfill = &backfill, .work = WORK_BATCHES, .rows = 12400000, .estimate_ms = 540000,
     .wal_bytes = 6227702579, .grows_to = 2899102924, .notes = fill_notes, .note_count = 1},
    {.number = 3, .kind = STEP_VALIDATE, .phase = PHASE_CONTRACT, .title = "VALIDATE CONSTRAINT",
     .work = WORK_SCAN, .estimate_ms = 4000, .stands_for = "ALTER TABLE identities\n ALTER new_email SET NOT NULL"},
    {.number = 4, .kind = STEP_TRANSACTION, .phase = PHASE_CONTRACT, .shows = swap_shows, .show_count = 1,
     .locks = identities_lock, .lock_count = 1, .undo_show = "none: irreversible",
     .stands_for = "ALTER TABLE identities\n ALTER new_email SET NOT NULL"},
};
static Settings settings = {
    .max_stall = 100, .batch_time = 100, .through = PHASE_BACKFILL};
/* clang-format on */

static Plan
plan_at(State state)
{
    return (Plan){.migration = &split,
                  .state = state,
                  .steps = steps,
                  .step_count = LENGTH(steps),
                  .about = about,
                  .about_count = 1,
                  .vanishing = vanishing,
                  .vanishing_count = 1,
                  .surviving = surviving,
                  .surviving_count = 1};
}

/* What print_plan prints of a migration in that state, for that verb. */
static void
capture_plan(Capture *capture, Plan plan, Verb verb)
{
    Plan *items[] = {&plan};
    Plans plans = {items, 1};
    PlanView view = {.plans = &plans,
                     .verb = verb,
                     .settings = &settings,
                     .database = "shop on PostgreSQL 15.20"};

    print_plan(&capture->out, &view);
}

START_TEST(a_plan_on_a_pipe_is_a_table)
{
    Capture capture;

    capture_begin(&capture);
    capture_plan(&capture, plan_at(STATE_PENDING), VERB_UP);
    ck_assert_str_eq(
        capture_text(&capture),
        "shop on PostgreSQL 15.20 · 1 migration pending · stall budget 100 ms\n"
        "\n"
        "20260515_split_email  identities (12,400,000 rows, 2.1 GB)\n"
        "\n"
        "  expand                                                               lock   "
        "   "
        "              work        undo\n"
        "   1  ALTER TABLE identities ADD COLUMN new_email text                 ACCESS "
        "EXCLUSIVE        fast        drop column\n"
        "      + sync trigger email ⇄ new_email (same transaction)\n"
        "  backfill\n"
        "   2  UPDATE identities SET new_email = email WHERE new_email IS NULL  row "
        "locks, ≤ 100 ms     batches     –\n"
        "      12,400,000 rows · about 9 min 00 s · WAL 5.8 GB · table alone "
        "grows to 2.7 GB\n"
        "      · fires trigger \"touch_updated_at\"\n"
        "  contract   when no code uses the name new_email any more: pgstride "
        "contract\n"
        "   3  VALIDATE CONSTRAINT                                              SHARE "
        "UPDATE EXCLUSIVE  scan 4.0 s  –\n"
        "   4  SET NOT NULL · DROP COLUMN email · RENAME                        ACCESS "
        "EXCLUSIVE        fast        none: irreversible\n"
        "      steps 3–4 stand for: ALTER TABLE identities ALTER new_email SET NOT "
        "NULL\n"
        "\n");
    capture_end(&capture);
}
END_TEST

START_TEST(what_is_done_is_not_shown_again)
{
    Capture capture;

    capture_begin(&capture);
    capture_plan(&capture, plan_at(STATE_EXPANDED), VERB_UP);
    ck_assert_ptr_nonnull(strstr(capture_text(&capture), "\n  expand     done\n"));
    ck_assert_ptr_null(strstr(capture_text(&capture), "ADD COLUMN"));
    ck_assert_ptr_nonnull(strstr(capture_text(&capture), "   2  UPDATE"));
    capture_end(&capture);

    capture_begin(&capture);
    capture_plan(&capture, plan_at(STATE_BACKFILLED), VERB_CONTRACT);
    ck_assert_ptr_null(strstr(capture_text(&capture), "expand"));
    ck_assert_ptr_null(strstr(capture_text(&capture), "UPDATE identities"));
    ck_assert_ptr_nonnull(strstr(capture_text(&capture), "1 migration to contract"));
    capture_end(&capture);
}
END_TEST

START_TEST(no_line_is_wider_than_the_terminal)
{
    static const int widths[] = {80, 100, 120, 160};

    for (int i = 0; i < LENGTH(widths); i++)
    {
        MEM_SCOPE(scope, NULL);
        Capture capture;

        capture_begin(&capture);
        capture.out.width = widths[i];
        capture_plan(&capture, plan_at(STATE_PENDING), VERB_UP);

        TextLines lines = text_wrap(scope, capture_text(&capture), 0);

        for (int j = 0; j < lines.count; j++)
            ck_assert_msg(utf8_width(lines.items[j]) <= widths[i], "%d: %s", widths[i],
                          lines.items[j]);
        capture_end(&capture);
    }
}
END_TEST

START_TEST(a_plan_without_utf8_is_ascii)
{
    Capture capture;

    capture_begin(&capture);
    capture.out.utf8 = false;
    capture_plan(&capture, plan_at(STATE_PENDING), VERB_UP);
    for (const char *byte = capture_text(&capture); *byte != '\0'; byte++)
        ck_assert((unsigned char)*byte < 128);
    ck_assert_ptr_nonnull(strstr(capture_text(&capture), "row locks, <= 100 ms"));
    capture_end(&capture);
}
END_TEST

START_TEST(json_has_everything_that_a_program_asks_for)
{
    Plan plan = plan_at(STATE_PENDING);
    Plan *items[] = {&plan};
    Plans plans = {items, 1};
    PlanView view = {.plans = &plans, .verb = VERB_UP, .settings = &settings};
    json_t *json = plan_json(&view);
    json_t *migration = json_array_get(json_object_get(json, "migrations"), 0);
    json_t *first = json_array_get(json_object_get(migration, "steps"), 0);
    json_t *lock = json_array_get(json_object_get(first, "locks"), 0);

    ck_assert_str_eq(json_string_value(json_object_get(lock, "mode")),
                     "ACCESS EXCLUSIVE");
    ck_assert_str_eq(json_string_value(json_object_get(first, "phase")), "expand");
    ck_assert_str_eq(
        json_string_value(json_array_get(json_object_get(first, "sql"), 0)),
        "ALTER TABLE identities ADD COLUMN new_email text");
    ck_assert_str_eq(
        json_string_value(json_array_get(json_object_get(migration, "vanishing"), 0)),
        "new_email");
    json_decref(json);
}
END_TEST

START_TEST(up_says_what_to_deploy_and_what_to_type)
{
    Plan plan = plan_at(STATE_PENDING);
    Moved moved = {.migration = &split,
                   .from = STATE_PENDING,
                   .to = STATE_BACKFILLED,
                   .plan = &plan};
    Report report = {.items = &moved, .count = 1, .waiting_contract = 1};
    Capture capture;

    capture_begin(&capture);
    print_report(&capture.out, VERB_UP, &report, true);
    ck_assert_str_eq(capture_text(&capture),
                     "Successfully applied 1 migration:\n"
                     "  20260515_split_email.sql\n"
                     "\n"
                     "Migrations completed successfully!\n"
                     "\n"
                     "20260515_split_email is expanded and backfilled.\n"
                     "Next: deploy code that no longer uses the name new_email (email "
                     "goes on working), then\n"
                     "  pgstride contract 20260515\n");
    capture_end(&capture);
}
END_TEST

START_TEST(a_failure_lists_what_was_done_and_promises_nothing)
{
    Moved moved = {.migration = &split, .from = STATE_PENDING, .to = STATE_EXPANDED};
    Report report = {.items = &moved, .count = 1};
    Capture capture;

    capture_begin(&capture);
    print_report(&capture.out, VERB_UP, &report, false);
    ck_assert_str_eq(capture_text(&capture),
                     "Done so far:\n"
                     "  20260515_split_email.sql (expanded, backfill pending)\n");
    capture_end(&capture);
}
END_TEST

START_TEST(nothing_to_do_says_so)
{
    Report report = {.waiting_contract = 2};
    Capture capture;

    capture_begin(&capture);
    print_report(&capture.out, VERB_UP, &report, true);
    ck_assert_str_eq(capture_text(&capture),
                     "Migrations already up to date, nothing to apply\n"
                     "\n"
                     "2 migrations wait for contract: pgstride status names them\n");
    capture_end(&capture);
}
END_TEST

UNIT("plan_text", a_plan_on_a_pipe_is_a_table, what_is_done_is_not_shown_again,
     no_line_is_wider_than_the_terminal, a_plan_without_utf8_is_ascii,
     json_has_everything_that_a_program_asks_for,
     up_says_what_to_deploy_and_what_to_type,
     a_failure_lists_what_was_done_and_promises_nothing, nothing_to_do_says_so)

#include <string.h>

#include "cli/print/print_history.h"
#include "cli/print/print_status.h"
#include "model/watch.h"
#include "unit/capture.h"
#include "unit/unit.h"

/* clang-format off */
static StatusLine two_lines[] = {
    {.version = "20210101000000", .name = "create_identities",
     .file = "20210101000000_create_identities.sql", .state = STATE_CONTRACTED,
     .how = "run", .applied_at = "2024-01-15 10:30:00"},
    {.version = "20210102000000", .name = "create_sessions",
     .file = "20210102000000_create_sessions.sql", .state = STATE_PENDING},
};
/* clang-format on */

static Status
status_of(StatusLine *lines, int count, int pending)
{
    return (Status){.database = "shop on PostgreSQL 15.20",
                    .lines = lines,
                    .count = count,
                    .pending = pending};
}

START_TEST(the_text_is_the_one_that_scripts_know)
{
    Status status = status_of(two_lines, 2, 1);
    Capture capture;

    capture_begin(&capture);
    print_status(&capture.out, &status);
    ck_assert_str_eq(capture_text(&capture),
                     "Migration Status:\n"
                     "\n"
                     "Applied migrations:\n"
                     "  20210101000000_create_identities.sql (applied: 2024-01-15 "
                     "10:30:00)\n"
                     "\n"
                     "Pending migrations:\n"
                     "  20210102000000_create_sessions.sql\n"
                     "\n"
                     "Database is 1 migration behind.\n"
                     "Database Version: 20210101000000\n"
                     "Database Status: clean\n");
    capture_end(&capture);
}
END_TEST

START_TEST(a_run_at_work_is_told_with_what_it_has_in_hand)
{
    const WatchRun run = {.component = "main",
                          .verb = "up",
                          .label = "20210102000000_create_sessions.sql",
                          .phase = "backfill",
                          .step = 2,
                          .title = "sessions",
                          .rows_done = 7100000,
                          .rows_total = 12400000,
                          .fraction = 0.5,
                          .rows_per_second = 24300,
                          .left_ms = 218000,
                          .resting = "a replica is 2 s behind"};
    Status status = status_of(two_lines, 2, 1);
    Capture capture;

    status.at_work = &run;
    status.control.at_work = "up by bob@ci-7 since 10:02 UTC";
    capture_begin(&capture);
    print_status(&capture.out, &status);
    const char *text = strstr(capture_text(&capture), "At work: ");

    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(text, "At work: up by bob@ci-7 since 10:02 UTC\n"
                           "  20210102000000_create_sessions.sql: backfill 2, sessions "
                           "  50 %   7.1 M of 12.4 M\n"
                           "  resting: a replica is 2 s behind\n");
    capture_end(&capture);
}
END_TEST

START_TEST(two_are_migrations)
{
    Status status = status_of(two_lines + 1, 1, 2);
    Capture capture;

    capture_begin(&capture);
    print_status(&capture.out, &status);
    ck_assert_ptr_nonnull(
        strstr(capture_text(&capture), "\nDatabase is 2 migrations behind.\n"));
    ck_assert_ptr_null(strstr(capture_text(&capture), "Database Version"));
    capture_end(&capture);
}
END_TEST

START_TEST(what_waits_says_for_what_below_its_line)
{
    StatusLine line = {.version = "20260515",
                       .name = "split_email",
                       .file = "20260515_split_email.sql",
                       .state = STATE_BACKFILLED,
                       .how = "run",
                       .applied_at = "2026-11-21 02:14:09",
                       .phased = true};
    Status status = status_of(&line, 1, 0);
    Capture capture;

    status.waiting_contract = 1;
    capture_begin(&capture);
    print_status(&capture.out, &status);
    ck_assert_ptr_nonnull(
        strstr(capture_text(&capture),
               "\n  20260515_split_email.sql (applied: 2026-11-21 02:14:09)\n"
               "    backfilled, contract pending: pgstride contract 20260515\n"));
    ck_assert_ptr_nonnull(strstr(capture_text(&capture), "Database is up to date.\n"));
    capture_end(&capture);
}
END_TEST

START_TEST(dirty_is_said_in_capitals_and_why)
{
    Status status = status_of(two_lines, 2, 1);
    Capture capture;

    status.dirty = true;
    status.dirty_version = "20210102000000";
    status.dirty_why = "step 1 of up is done, but its text has changed since";
    capture_begin(&capture);
    print_status(&capture.out, &status);
    ck_assert_ptr_nonnull(strstr(capture_text(&capture),
                                 "\nDatabase Status: DIRTY\n"
                                 "  version 20210102000000: step 1 of up is done"));
    capture_end(&capture);
}
END_TEST

/* Go's tabwriter with padding 1 and columns of 8, as popx prints it. */
START_TEST(the_table_is_aligned_with_tabs)
{
    Status status = status_of(two_lines, 2, 1);
    Capture capture;

    capture_begin(&capture);
    print_status_table(&capture.out, &status);
    ck_assert_str_eq(capture_text(&capture),
                     "Version\t\tName\t\t\tStatus\t\n"
                     "20210101000000\tcreate_identities\tApplied\t\n"
                     "20210102000000\tcreate_sessions\t\tPending\t\n");
    capture_end(&capture);
}
END_TEST

START_TEST(json_says_times_in_utc)
{
    Status status = status_of(two_lines, 2, 1);
    json_t *json = status_json(&status);
    json_t *first = json_array_get(json_object_get(json, "migrations"), 0);
    json_t *second = json_array_get(json_object_get(json, "migrations"), 1);

    ck_assert_str_eq(json_string_value(json_object_get(first, "applied_at")),
                     "2024-01-15T10:30:00Z");
    ck_assert_str_eq(json_string_value(json_object_get(first, "state")), "contracted");
    ck_assert(json_is_null(json_object_get(second, "applied_at")));
    ck_assert_int_eq(json_integer_value(json_object_get(json, "pending")), 1);
    ck_assert(json_is_false(json_object_get(json, "dirty")));
    json_decref(json);
}
END_TEST

START_TEST(popx_reads_its_array)
{
    Section sections[] = {
        {.phase = PHASE_UP, .text = "CREATE TABLE a (n int);\n"},
        {.phase = PHASE_UP, .down = true, .text = "DROP TABLE a;\n"},
    };
    Migration migration = {.sections = sections, .section_count = 2};
    StatusLine lines[] = {two_lines[0], two_lines[1]};
    Status status = status_of(lines, 2, 1);

    lines[0].migration = &migration;

    json_t *json = status_popx(&status);
    json_t *first = json_array_get(json, 0);
    json_t *second = json_array_get(json, 1);

    ck_assert_int_eq(json_array_size(json), 2);
    ck_assert_str_eq(json_string_value(json_object_get(first, "state")), "Applied");
    ck_assert_str_eq(json_string_value(json_object_get(first, "content")),
                     "CREATE TABLE a (n int);\n");
    ck_assert_str_eq(json_string_value(json_object_get(first, "content_down")),
                     "DROP TABLE a;\n");
    ck_assert_str_eq(json_string_value(json_object_get(second, "state")), "Pending");
    json_decref(json);
}
END_TEST

#define WHOLE                                                                          \
    "2026-11-22T15:10:31Z  20260515  expand  root@vm  ADD COLUMN new_email, sync "     \
    "trigger  done   38 ms   largest stall 21 ms\n"

START_TEST(a_history_wider_than_the_terminal_is_folded)
{
    HistoryLine line = {.at = (char[]){"2026-11-22T15:10:31Z"},
                        .version = (char[]){"20260515"},
                        .phase = (char[]){"expand"},
                        .what = (char[]){"ADD COLUMN new_email, sync trigger"},
                        .os_user = (char[]){"root"},
                        .host = (char[]){"vm"},
                        .outcome = (char[]){"done"},
                        .took_ms = 38,
                        .stall_ms = 21};
    const HistoryLines lines = {&line, 1};
    Capture capture;

    capture_begin(&capture);
    print_history(&capture.out, &lines);
    capture.out.width = 119;
    print_history(&capture.out, &lines);
    capture.out.width = 118;
    print_history(&capture.out, &lines);
    ck_assert_str_eq(capture_text(&capture), WHOLE WHOLE
                     "2026-11-22T15:10:31Z  20260515  expand  root@vm\n"
                     "    ADD COLUMN new_email, sync trigger   done   38 ms "
                     "  largest stall 21 ms\n");
    capture_end(&capture);
}
END_TEST

UNIT("status_text", a_history_wider_than_the_terminal_is_folded,
     the_text_is_the_one_that_scripts_know,
     a_run_at_work_is_told_with_what_it_has_in_hand, two_are_migrations,
     what_waits_says_for_what_below_its_line, dirty_is_said_in_capitals_and_why,
     the_table_is_aligned_with_tabs, json_says_times_in_utc, popx_reads_its_array)

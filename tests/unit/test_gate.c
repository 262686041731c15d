#include "run/steps/gate.h"

#include <string.h>

#include "run/history/history.h"
#include "unit/shop.h"
#include "unit/stage.h"
#include "unit/unit.h"

#define VERSION "20260515"

static const char *const backfill_columns[] = {
    "version", "number", "leaf", "position", "end_block", "verified", "last_xid", NULL};
static const char *const snapshot_columns[] = {
    "need",        "kind",    "pid",      "gid",      "user",
    "application", "client",  "state",    "query",    "relation",
    "mode",        "granted", "wrote",    "begun_us", "state_us",
    "transaction", "age_ms",  "state_ms", NULL};
static const char *const probe_columns[] = {"left_over", "examples", NULL};

/* clang-format off */
#define FILLED(verified_, xid_)                                                         \
    {.label = "history_backfills", .columns = backfill_columns,                         \
     .cells = (const char *const[]){VERSION, "1", "identities", "9", "9", verified_,     \
                                    xid_},                                              \
     .row_count = 1}
#define BACKFILLED(backfills)                                                           \
    READS(MIGRATION(VERSION, "backfilled"), NO_PHASES, NO_STEPS, backfills)
#define IN_FORCE(answer)                                                               \
    {                                                                                  \
        .label = "sync_in_force",                                                      \
        .columns = (const char *const[]){"in_force", "missing", "disabled", "calls",   \
                                         NULL},                                        \
        .cells = (const char *const[]){answer, NULL, "public.identities", NULL},       \
        .row_count = 1                                                                 \
    }
#define PROBED(left, examples)                                                          \
    ONE("advisory_try_shared", "taken", "t"),                                           \
    {.label = "probe", .columns = probe_columns,                                        \
     .cells = (const char *const[]){left, examples}, .row_count = 1},                   \
    ONE("advisory_release_shared", "released", "t")
#define NO_SNAPSHOT {.label = "snapshots_before"}
#define SNAPSHOT                                                                        \
    {.label = "snapshots_before", .columns = snapshot_columns,                          \
     .cells = (const char *const[]){"0", "idle", "77", NULL, "report", "nightly",       \
                                    "10.0.0.9", "idle in transaction", "SELECT 1", NULL, \
                                    "AccessShareLock", "t", "f", "1790000000000001",    \
                                    "1790000000000002", "pid 77", "240000", "240000"},  \
     .row_count = 1}
/* clang-format on */

typedef struct Play
{
    Stage *stage;
    Shop *shop;
} Play;

/* The shop between backfill and contract: both columns, and a history. */
static Play
play_open(Mem *mem, const char *text)
{
    Play play = {.stage = stage_open(mem), .shop = shop_open(mem)};

    shop_add_column(play.shop, "new_email", "text");
    shop_planned(play.shop, text);
    return play;
}

static bool
play_gate(Play *play)
{
    Stage *stage = play->stage;

    stage_good(stage, history_read(&stage->run, &stage->err));
    return gate_check(&stage->run, &play->shop->plan, &play->shop->facts, &stage->err);
}

START_TEST(everything_is_asked_and_contract_may_begin)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);

    stage_connect(
        play.stage, "watcher",
        (Line[]){BACKFILLED(FILLED("t", "900")), IN_FORCE("t"), NO_SNAPSHOT, {0}});
    stage_connect(play.stage, "worker", (Line[]){PROBED("0", NULL), {0}});
    stage_good(play.stage, play_gate(&play));
    stage_close(play.stage);
}
END_TEST

#define NO_ASIDE                                                                       \
    {                                                                                  \
        .label = "set_aside"                                                           \
    }

START_TEST(a_backfill_that_is_not_verified_is_finished_first)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);

    stage_connect(play.stage, "watcher",
                  (Line[]){BACKFILLED(FILLED("f", "900")), NO_ASIDE, {0}});
    ck_assert_str_eq(
        stage_bad(play.stage, play_gate(&play), ERR_REFUSED),
        "contract of 20260515_split_email is refused: the backfill of "
        "\"identities\" is not verified | pgstride up 20260515 finishes it.");
    stage_close(play.stage);
}
END_TEST

START_TEST(rows_set_aside_are_named_when_contract_is_refused)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);
    const Line aside = {
        .label = "set_aside",
        .columns = (const char *const[]){"key", "error", "all_rows", NULL},
        .cells = (const char *const[]){"id 881", "no uuid: \"n/a\"", "12"},
        .row_count = 1};

    stage_connect(play.stage, "watcher",
                  (Line[]){BACKFILLED(FILLED("f", "900")), aside, {0}});
    ck_assert_str_eq(
        stage_bad(play.stage, play_gate(&play), ERR_REFUSED),
        "contract of 20260515_split_email is refused: 12 rows of \"identities\" could "
        "not be filled | id 881: no uuid: \"n/a\"\n"
        "and 11 more: SELECT key, error FROM pgstride.set_aside | Mend them, then: "
        "pgstride up 20260515");
    stage_close(play.stage);
}
END_TEST

START_TEST(a_backfill_without_a_record_is_none)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);

    stage_connect(play.stage, "watcher",
                  (Line[]){BACKFILLED(NO_BACKFILLS), NO_ASIDE, {0}});
    stage_bad(play.stage, play_gate(&play), ERR_REFUSED);
    stage_close(play.stage);
}
END_TEST

START_TEST(a_trigger_that_is_off_says_how_to_turn_it_on)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);
    const char *line;

    stage_connect(play.stage, "watcher",
                  (Line[]){BACKFILLED(FILLED("t", "900")), IN_FORCE("f"), {0}});
    line = stage_bad(play.stage, play_gate(&play), ERR_REFUSED);
    ck_assert_ptr_nonnull(
        strstr(line, "the sync trigger of \"identities\" is not in force"));
    ck_assert_ptr_nonnull(strstr(line, "ALTER TABLE public.identities ENABLE ALWAYS "
                                       "TRIGGER \"~pgstride_sync_20260515_"));
    stage_close(play.stage);
}
END_TEST

START_TEST(rows_that_are_left_are_counted_and_named)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);
    const char *line;

    stage_connect(play.stage, "watcher",
                  (Line[]){BACKFILLED(FILLED("t", "900")), IN_FORCE("t"), {0}});
    stage_connect(play.stage, "worker",
                  (Line[]){PROBED("3", "id 881; id 90212; id 7"), {0}});
    line = stage_bad(play.stage, play_gate(&play), ERR_REFUSED);
    ck_assert_ptr_nonnull(strstr(line, "is refused: 3 rows are not ready for it | "
                                       "identities: id 881; id 90212; id 7 | "));
    ck_assert_ptr_nonnull(strstr(line, "pgstride contract 20260515"));
    stage_close(play.stage);
}
END_TEST

START_TEST(an_older_snapshot_is_waited_for)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);

    stage_connect(play.stage, "watcher",
                  (Line[]){BACKFILLED(FILLED("t", "900")),
                           IN_FORCE("t"),
                           SNAPSHOT,
                           SNAPSHOT,
                           NO_SNAPSHOT,
                           {0}});
    stage_connect(play.stage, "worker", (Line[]){PROBED("0", NULL), {0}});
    stage_good(play.stage, play_gate(&play));
    ck_assert_str_eq(play.stage->told.text,
                     "rest: waiting for an older snapshot: pid 77 report@10.0.0.9 "
                     "\"nightly\": idle in transaction for 4 min 00 s (SELECT 1)\n");
    stage_close(play.stage);
}
END_TEST

START_TEST(an_older_snapshot_that_outlasts_the_patience_is_named)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);
    const char *line;

    play.stage->settings.lock_patience = 25;
    stage_connect(play.stage, "watcher",
                  (Line[]){BACKFILLED(FILLED("t", "900")),
                           IN_FORCE("t"),
                           SNAPSHOT,
                           SNAPSHOT,
                           SNAPSHOT,
                           {0}});
    stage_connect(play.stage, "worker", (Line[]){PROBED("0", NULL), {0}});
    line = stage_bad(play.stage, play_gate(&play), ERR_BUSY);
    ck_assert_ptr_nonnull(
        strstr(line, "a snapshot is older than the last batch | held by pid 77"));
    stage_close(play.stage);
}
END_TEST

START_TEST(a_backfill_that_changed_no_row_leaves_nobody_behind)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);

    stage_connect(play.stage, "watcher",
                  (Line[]){BACKFILLED(FILLED("t", "0")), IN_FORCE("t"), {0}});
    stage_connect(play.stage, "worker", (Line[]){PROBED("0", NULL), {0}});
    stage_good(play.stage, play_gate(&play));
    stage_close(play.stage);
}
END_TEST

START_TEST(what_hangs_on_the_old_column_needs_a_twin)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);

    play.shop->columns[1].default_sql = "''::text";
    stage_connect(play.stage, "watcher", (Line[]){BACKFILLED(FILLED("t", "900")), {0}});
    ck_assert_ptr_nonnull(
        strstr(stage_bad(play.stage, play_gate(&play), ERR_REFUSED),
               "the default of \"email\" has no twin on \"new_email\""));
    stage_close(play.stage);
}
END_TEST

START_TEST(after_is_counted_from_the_backfill)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, "-- migrate:contract after:24h\n"
                                 "ALTER TABLE identities DROP COLUMN email;\n");

    stage_connect(play.stage, "watcher",
                  (Line[]){BACKFILLED(NO_BACKFILLS),
                           ONE("since_backfilled", "since_ms", "3600000"),
                           BACKFILLED(NO_BACKFILLS),
                           ONE("since_backfilled", "since_ms", "86400000"),
                           {0}});
    ck_assert_ptr_nonnull(strstr(stage_bad(play.stage, play_gate(&play), ERR_REFUSED),
                                 "it may run 1 d 0 h after the backfill "
                                 "(m/20260515_split_email.sql:1), in 23 h 00 min"));
    stage_good(play.stage, play_gate(&play));
    stage_close(play.stage);
}
END_TEST

START_TEST(what_contract_has_begun_is_not_asked_again)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);

    play.shop->columns[1].default_sql = "''::text";
    stage_connect(
        play.stage, "watcher",
        (Line[]){READS(MIGRATION(VERSION, "backfilled"), NO_PHASES,
                       STEP(VERSION, "contract", "1", "h", "t"), FILLED("t", "900")),
                 NO_SNAPSHOT,
                 {0}});
    stage_good(play.stage, play_gate(&play));
    stage_close(play.stage);
}
END_TEST

START_TEST(a_state_by_decree_is_believed_of_its_rows_only)
{
    MEM_SCOPE(scope, NULL);
    Play play = play_open(scope, shop_classic);
    Line marked = MIGRATION(VERSION, "backfilled");

    marked.cells = (const char *const[]){
        VERSION, "n", VERSION ".sql", "backfilled", "mark", "1", "2026-11-21 02:00:00",
        "f",     NULL};
    stage_connect(
        play.stage, "watcher",
        (Line[]){READS(marked, NO_PHASES, NO_STEPS, NO_BACKFILLS), IN_FORCE("t"), {0}});
    stage_connect(play.stage, "worker", (Line[]){PROBED("1", "id 7"), {0}});
    ck_assert_ptr_nonnull(strstr(stage_bad(play.stage, play_gate(&play), ERR_REFUSED),
                                 "1 row is not ready for it | identities: id 7"));
    stage_close(play.stage);
}
END_TEST

UNIT("gate", everything_is_asked_and_contract_may_begin,
     a_backfill_that_is_not_verified_is_finished_first,
     rows_set_aside_are_named_when_contract_is_refused,
     a_backfill_without_a_record_is_none, a_trigger_that_is_off_says_how_to_turn_it_on,
     rows_that_are_left_are_counted_and_named, an_older_snapshot_is_waited_for,
     an_older_snapshot_that_outlasts_the_patience_is_named,
     a_backfill_that_changed_no_row_leaves_nobody_behind,
     what_hangs_on_the_old_column_needs_a_twin, after_is_counted_from_the_backfill,
     what_contract_has_begun_is_not_asked_again,
     a_state_by_decree_is_believed_of_its_rows_only)

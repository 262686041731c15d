#include "cli/print/print_watch.h"
#include "core/locks/blocking.h"
#include "unit/capture.h"
#include "unit/unit.h"

#include <string.h>

static char *one[] = {(char *)"1"};
static char *two[] = {(char *)"2"};
static char *three[] = {(char *)"3", (char *)"1"};

/* "1 2 2 3": pid and depth, in the order shown. */
static char *
tree_shown(Mem *mem, const WatchSession *sessions, int count)
{
    BlockingTree tree = blocking_tree(mem, sessions, count);
    char *text = mem_copy(mem, "");

    for (int i = 0; i < tree.count; i++)
        text = mem_text(mem, "%s%s%d@%d", text, i > 0 ? " " : "",
                        (int)tree.lines[i].session->pid, tree.lines[i].depth);
    return text;
}

START_TEST(who_waits_stands_below_whom_it_waits_for)
{
    MEM_SCOPE(scope, NULL);
    const WatchSession sessions[] = {
        {.pid = 3, .blockers = two, .blocker_count = 1},
        {.pid = 1},
        {.pid = 2, .blockers = one, .blocker_count = 1},
        {.pid = 4, .blockers = three, .blocker_count = 2},
        {.pid = 9},
    };

    ck_assert_str_eq(tree_shown(scope, sessions, LENGTH(sessions)),
                     "1@0 2@1 3@2 4@3 9@0");
    ck_assert_str_eq(tree_shown(scope, NULL, 0), "");
}
END_TEST

START_TEST(a_deadlock_is_shown_once)
{
    MEM_SCOPE(scope, NULL);
    const WatchSession sessions[] = {
        {.pid = 1, .blockers = two, .blocker_count = 1},
        {.pid = 2, .blockers = one, .blocker_count = 1},
    };

    ck_assert_str_eq(tree_shown(scope, sessions, LENGTH(sessions)), "1@0 2@1");
}
END_TEST

static WatchRun
run_at_work(void)
{
    return (WatchRun){.component = (char *)"main",
                      .verb = (char *)"up",
                      .who = (char *)"alice@ci",
                      .since = (char *)"2026-11-21T10:31:07Z",
                      .connected = true,
                      .label = (char *)"20260515_split_email",
                      .phase = (char *)"backfill",
                      .step = 2,
                      .title = (char *)"identities",
                      .doing = (char *)"sweeping",
                      .seen_ms = 200,
                      .rows_done = 7100000,
                      .rows_total = 12400000,
                      .fraction = 0.575,
                      .rows_per_second = 24300,
                      .left_ms = 218000,
                      .batch_ms = 98,
                      .hot_share = 0.81,
                      .wal_bytes = 3435973837};
}

static void
is_shown_as(const Sight *sight, const char *expected)
{
    Capture capture;

    capture_begin(&capture);
    print_watch(&capture.out, sight);
    ck_assert_str_eq(capture_text(&capture), expected);
    capture_end(&capture);
}

START_TEST(one_look_tells_it_all)
{
    WatchRun run = run_at_work();
    WatchSession waiting[] = {
        {.pid = 1,
         .who = (char *)"app@10.0.0.7 \"nightly\"",
         .state = (char *)"idle in transaction",
         .state_ms = 240000,
         .age_ms = 250000,
         .query = (char *)"SELECT *\n  FROM identities"},
        {.pid = 2,
         .who = (char *)"postgres@local \"pgstride up main (worker)\"",
         .ours = true,
         .waits_for = (char *)"relation identities",
         .state_ms = 1200,
         .age_ms = 1200,
         .blockers = one,
         .blocker_count = 1},
    };
    WatchProgress progress = {.pid = 7,
                              .what = (char *)"VACUUM",
                              .relation = (char *)"orders",
                              .phase = (char *)"scanning heap",
                              .percent = 41.2};
    WatchReplica replicas[] = {
        {(char *)"replica", (char *)"standby1", (char *)"streaming", 1400, 71 << 20},
        {(char *)"slot", (char *)"cdc", (char *)"logical", -1, 1 << 30},
    };
    const Sight sight = {.database = "shop on PostgreSQL 15.20",
                         .at = (char *)"2026-11-21T10:40:00Z",
                         .runs = &run,
                         .run_count = 1,
                         .waiting = waiting,
                         .waiting_count = 2,
                         .sessions = waiting,
                         .session_count = 1,
                         .progress = &progress,
                         .progress_count = 1,
                         .replicas = replicas,
                         .replica_count = 2,
                         .hidden = {"what others do: GRANT pg_read_all_stats"},
                         .hidden_count = 1};

    run.resting = (char *)"replica \"standby1\" is 1.4 s behind (limit 1.0 s)";
    is_shown_as(
        &sight,
        "shop on PostgreSQL 15.20 · 10:40:00 UTC\n"
        "\n"
        "up by alice@ci since 2026-11-21 10:31 UTC: at work\n"
        "  20260515_split_email\n"
        "  backfill 2   identities   57 %   7.1 M of 12.4 M\n"
        "               batch 98 ms · HOT 81 % · WAL 3.2 GB\n"
        "               resting: replica \"standby1\" is 1.4 s behind (limit 1.0 s)\n"
        "\n"
        "who waits for whom\n"
        "  pid 1 app@10.0.0.7 \"nightly\"  idle in transaction for 4 min 00 s, in a "
        "transaction of 4 min 10 s  SELECT * FROM identities\n"
        "    └ pid 2 postgres@local \"pgstride up main (worker)\"  ← pgstride  waits "
        "for "
        "relation identities for 1.2 s\n"
        "\n"
        "the server is busy with\n"
        "  VACUUM of orders: scanning heap, 41 % (pid 7)\n"
        "\n"
        "replicas and slots\n"
        "  replica standby1: streaming, 71 MB behind, 1.4 s\n"
        "  slot cdc: logical, keeps 1.0 GB of WAL\n"
        "\n"
        "hidden\n"
        "  what others do: GRANT pg_read_all_stats\n");
}
END_TEST

START_TEST(what_is_over_or_old_is_said_so)
{
    WatchRun run = run_at_work();
    const Sight sight = {.database = "shop on PostgreSQL 15.20",
                         .at = (char *)"2026-11-21T10:40:00Z",
                         .runs = &run,
                         .run_count = 1};

    run.connected = false;
    run.outcome = (char *)"done";
    is_shown_as(&sight, "shop on PostgreSQL 15.20 · 10:40:00 UTC\n\n"
                        "up by alice@ci since 2026-11-21 10:31 UTC: done\n");
    run.outcome = NULL;
    run.rows_total = 0;
    run.seen_ms = 65000;
    is_shown_as(
        &sight,
        "shop on PostgreSQL 15.20 · 10:40:00 UTC\n\n"
        "up by alice@ci since 2026-11-21 10:31 UTC: gone without an end: killed, "
        "or cut off\n"
        "  20260515_split_email\n"
        "  backfill 2   identities\n"
        "               as it was 1 min 05 s ago\n");
    is_shown_as(&(Sight){.trouble = "the server ended the connection"},
                "the server ended the connection\n  trying again every second\n");
}
END_TEST

UNIT("watch text", who_waits_stands_below_whom_it_waits_for, a_deadlock_is_shown_once,
     one_look_tells_it_all, what_is_over_or_old_is_said_so)

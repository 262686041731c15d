#include "core/backfill/throttle.h"
#include "unit/unit.h"

#include <string.h>

#include "base/mem.h"

static Limits
usual(void)
{
    Limits limits = limits_start();

    limits.batch_ms = 100;
    limits.blocks_most = 4096;
    limits.most[SIGNAL_WAL_RATE] = 50 << 20;
    limits.most[SIGNAL_ACTIVE] = 8;
    limits.most[SIGNAL_COMMIT] = 20;
    return limits;
}

typedef struct Size
{
    const char *why;
    int64_t blocks;
    double batch_ms;
    int64_t then;
} Size;

/* clang-format off */
static const Size sizes[] = {
    {"far too short doubles",              64,   10,  129},
    {"some time left: one step more",     200,   70,  264},
    {"on its aim",                        200,   95,  200},
    {"a little too long is left alone",   200,  115,  200},
    {"too long: a quarter off",           200,  150,  150},
    {"far too long: half",                200,  900,  100},
    {"never below one block",               1, 5000,    1},
    {"never above the most",             4090,   10, 4096},
    {"no batch was made",                 200,   -1,  200},
};
/* clang-format on */

START_TEST(a_batch_is_sized_by_its_time)
{
    const Pressure quiet = {0};
    const Limits limits = usual();

    for (int i = 0; i < LENGTH(sizes); i++)
    {
        Throttle next = throttle_next((Throttle){.blocks = sizes[i].blocks, .share = 1},
                                      &quiet, &limits, sizes[i].batch_ms);

        ck_assert_msg(next.blocks == sizes[i].then, "%s: %lld", sizes[i].why,
                      (long long)next.blocks);
        ck_assert(next.rest_ms == 0 && next.share == 1 && !next.hold);
        ck_assert_str_eq(next.reason, "");
    }
}
END_TEST

/* One reading of one signal, and what follows; reason NULL: nothing. */
typedef struct Reading
{
    Signal signal;
    double value;
    const char *who;
    double last_ms;
    const char *reason;
    double rest_ms;
    double share;
    bool hold;
    int64_t blocks;
} Reading;

#define MIB ((double)(1 << 20))

/* clang-format off */
static const Reading readings[] = {
    {SIGNAL_LAG, 1000, "standby1", 0, NULL, 0, 1, false, 400},
    {SIGNAL_LAG, 1400, "standby1", 0, "replica \"standby1\" is 1.4 s behind (limit 1.0 s)", 50, 1, true, 200},
    {SIGNAL_LAG, 1400, "standby1", 400, "replica \"standby1\" is 1.4 s behind (limit 1.0 s)", 800, 1, true, 200},
    {SIGNAL_LAG, 1400, "standby1", 800, "replica \"standby1\" is 1.4 s behind (limit 1.0 s)", 1000, 1, true, 200},
    {SIGNAL_LAG_BYTES, 512 * MIB, "standby1", 0, "replica \"standby1\" is 512 MB behind (limit 256 MB)", 50, 1, true, 200},
    {SIGNAL_SLOT, 9.9 * 1024 * MIB, "cdc", 0, NULL, 0, 1, false, 400},
    {SIGNAL_SLOT, 20 * 1024 * MIB, "cdc", 0, "slot \"cdc\" keeps 20 GB of WAL (limit 10 GB)", 50, 1, true, 200},
    {SIGNAL_WAL_RATE, 50 * MIB, NULL, 0, NULL, 0, 1, false, 400},
    {SIGNAL_WAL_RATE, 80 * MIB, NULL, 100, "the server writes 80 MB/s of WAL (limit 50 MB/s)", 0, 0.5, false, 200},
    {SIGNAL_COMMIT, 20, NULL, 0, NULL, 0, 1, false, 400},
    {SIGNAL_COMMIT, 35, NULL, 0, "a small commit takes 35 ms (limit 20 ms)", 0, 0.5, false, 200},
    {SIGNAL_CHECKPOINT, 149, NULL, 0, NULL, 0, 1, false, 400},
    {SIGNAL_CHECKPOINT, 210, NULL, 0, "checkpoints do not keep up: WAL since the last one is 210 % of max_wal_size (limit 150 %)", 0, 0.5, false, 200},
    {SIGNAL_ACTIVE, 8, NULL, 0, NULL, 0, 1, false, 400},
    {SIGNAL_ACTIVE, 20, NULL, 0, "20 other sessions are active (limit 8)", 0, 0.5, false, 200},
    {SIGNAL_WAITERS, 1, NULL, 0, "1 session waited for rows of a batch", 0, 0.5, false, 200},
    {SIGNAL_WAITERS, 3, NULL, 50, "3 sessions waited for rows of a batch", 0, 0.5, false, 200},
    {SIGNAL_SNAPSHOT, 899999, "pid 7 app@local \"night\"", 0, NULL, 0, 1, false, 400},
    {SIGNAL_SNAPSHOT, 7200000, "pid 7 app@local \"night\"", 400, "pid 7 app@local \"night\" holds a snapshot for 2 h 00 min, and nothing dead can be removed (limit 15 min 00 s)", 25, 1, false, 400},
    {SIGNAL_DEAD, 60, "accounts", 0, NULL, 0, 1, false, 400},
    {SIGNAL_DEAD, 75, "accounts", 0, "75 % of the rows of \"accounts\" are dead (limit 60 %)", 25, 1, false, 400},
    {SIGNAL_AUTOVACUUM, 1, "accounts", 800, "autovacuum works on \"accounts\"", 25, 1, false, 400},
    {SIGNAL_QUERY, 1, NULL, 0, "the throttle query says 1", 50, 1, true, 200},
    {SIGNAL_QUERY, 0.5, NULL, 0, "the throttle query says 0.5", 50, 1, true, 200},
    {SIGNAL_QUERY, -3, NULL, 0, NULL, 0, 1, false, 400},
    {SIGNAL_FILE, 1, "/run/rest", 0, "file \"/run/rest\" exists", 50, 1, true, 200},
    {SIGNAL_FILE, 0, "/run/rest", 0, NULL, 0, 1, false, 400},
};
/* clang-format on */

START_TEST(every_rest_has_its_reason)
{
    const Limits limits = usual();

    for (int i = 0; i < LENGTH(readings); i++)
    {
        const Reading *reading = &readings[i];
        Throttle last = {.blocks = 400, .share = 1, .rest_ms = reading->last_ms};
        Pressure pressure = {.fresh = true};

        pressure.value[reading->signal] = reading->value;
        pressure.who[reading->signal] = (char *)reading->who;

        Throttle next = throttle_next(last, &pressure, &limits, 95);

        ck_assert_str_eq(next.reason, reading->reason == NULL ? "" : reading->reason);
        ck_assert_msg(next.rest_ms == reading->rest_ms, "row %d: %f", i, next.rest_ms);
        ck_assert_msg(next.share == reading->share, "row %d: %f", i, next.share);
        ck_assert_int_eq(next.hold, reading->hold);
        ck_assert_msg(next.blocks == reading->blocks, "row %d: %lld", i,
                      (long long)next.blocks);
    }
}
END_TEST

/* What we may not see is below zero. */
START_TEST(what_is_not_known_is_no_reason)
{
    const Limits limits = usual();
    Pressure hidden = {.fresh = true};

    for (int i = 0; i < SIGNAL_COUNT; i++)
        hidden.value[i] = -1;

    Throttle next =
        throttle_next((Throttle){.blocks = 400, .share = 1}, &hidden, &limits, 95);

    ck_assert(next.rest_ms == 0 && !next.hold);
    ck_assert_int_eq(next.blocks, 400);
}
END_TEST

START_TEST(what_holds_is_told_before_what_slows)
{
    const Limits limits = usual();
    Pressure both = {.fresh = true};

    both.value[SIGNAL_LAG] = 1100;
    both.who[SIGNAL_LAG] = (char *)"standby1";
    both.value[SIGNAL_WAITERS] = 9;
    both.value[SIGNAL_AUTOVACUUM] = 1;
    ck_assert_str_eq(
        throttle_next((Throttle){.blocks = 9, .share = 1}, &both, &limits, 95).reason,
        "replica \"standby1\" is 1.1 s behind (limit 1.0 s)");

    /* of two that hold, the one that is further over */
    both.value[SIGNAL_SLOT] = 30.0 * 1024 * MIB;
    both.who[SIGNAL_SLOT] = (char *)"cdc";
    ck_assert_str_eq(
        throttle_next((Throttle){.blocks = 9, .share = 1}, &both, &limits, 95).reason,
        "slot \"cdc\" keeps 30 GB of WAL (limit 10 GB)");
}
END_TEST

/* While it holds, samples come without batches: the size must not melt away. */
START_TEST(holding_does_not_shrink_again_and_again)
{
    const Limits limits = usual();
    const Pressure quiet = {.fresh = true};
    Pressure lagging = {.fresh = true};

    lagging.value[SIGNAL_LAG] = 5000;

    Throttle throttle =
        throttle_next((Throttle){.blocks = 400, .share = 1}, &lagging, &limits, 95);

    for (int i = 0; i < 100; i++)
        throttle = throttle_next(throttle, &lagging, &limits, -1);
    ck_assert_int_eq(throttle.blocks, 200);
    ck_assert(throttle.hold);
    throttle = throttle_next(throttle, &quiet, &limits, -1);
    ck_assert(!throttle.hold && throttle.rest_ms == 0);
    ck_assert_int_eq(throttle.blocks, 200);
}
END_TEST

/* Several batches fit between two samples: one sample is one reason. */
START_TEST(an_old_sample_counts_once)
{
    const Limits limits = usual();
    Pressure busy = {.fresh = true};

    busy.value[SIGNAL_ACTIVE] = 20;

    Throttle throttle =
        throttle_next((Throttle){.blocks = 400, .share = 1}, &busy, &limits, 95);

    busy.fresh = false;
    for (int i = 0; i < 5; i++)
        throttle = throttle_next(throttle, &busy, &limits, 95);
    ck_assert(throttle.share == 0.5);
    busy.fresh = true;
    throttle = throttle_next(throttle, &busy, &limits, -1);
    ck_assert(throttle.share == 0.25);
}
END_TEST

/* Left alone at once, tried again gently; the reason stays for as long as it rests. */
START_TEST(a_share_is_halved_and_given_back_in_steps)
{
    const Limits limits = usual();
    Pressure slow = {.fresh = true};
    Pressure quiet = {.fresh = true};
    Throttle throttle = {.blocks = 400, .share = 1};
    int steps = 0;

    slow.value[SIGNAL_COMMIT] = 80;
    for (int i = 0; i < 20; i++)
        throttle = throttle_next(throttle, &slow, &limits, -1);
    ck_assert(throttle.share == 0.02);
    ck_assert(throttle_slows(&throttle));
    for (; throttle_slows(&throttle) && steps < 100; steps++)
    {
        ck_assert_str_eq(throttle.reason, "a small commit takes 80 ms (limit 20 ms)");
        throttle = throttle_next(throttle, &quiet, &limits, -1);
    }
    ck_assert_int_eq(steps, 10);
    ck_assert_str_eq(throttle.reason, "");

    /* whoever waited was counted for one batch: that is news, whatever the sample */
    quiet.fresh = false;
    quiet.value[SIGNAL_WAITERS] = 1;
    ck_assert(throttle_next(throttle, &quiet, &limits, 95).share == 0.5);
}
END_TEST

START_TEST(a_share_is_made_of_short_batches_and_rests)
{
    const Throttle all = {.blocks = 400, .share = 1};
    const Throttle tenth = {.blocks = 400, .share = 0.1};
    const Throttle least = {.blocks = 400, .share = 0.02};
    const Throttle held = {.blocks = 400, .share = 0.1, .rest_ms = 400};
    const Limits limits = usual();
    const Limits hasty = {.batch_ms = 3, .blocks_most = 4096};

    ck_assert(throttle_aim_ms(&all, &limits) == 100);
    ck_assert(throttle_aim_ms(&tenth, &limits) == 10);
    ck_assert(throttle_aim_ms(&least, &limits) == 5);
    ck_assert(throttle_aim_ms(&least, &hasty) == 3);
    ck_assert(throttle_sweep_ms(&all, &limits) == 100);
    ck_assert(throttle_sweep_ms(&tenth, &limits) == 0.5);
    ck_assert(throttle_sweep_ms(&least, &limits) == 0.25);
    ck_assert(throttle_sweep_ms(&(Throttle){.share = 0.8}, &hasty) == 3);
    ck_assert(throttle_rest_ms(&all, 250, 0) == 0);
    ck_assert(throttle_rest_ms(&tenth, 10, 0) == 90);
    ck_assert(throttle_rest_ms(&least, 250, 0) == 1000);
    ck_assert(throttle_rest_ms(&held, 10, 0) == 400);
    ck_assert(throttle_rest_ms(&tenth, 10, 80) == 10);
    ck_assert(throttle_rest_ms(&held, 10, 500) == 400);
}
END_TEST

/* --max-share: never more, and it is a reason of its own. */
START_TEST(a_given_share_is_the_most)
{
    Limits limits = usual();
    const Pressure quiet = {.fresh = true};
    Throttle throttle;

    limits.share_most = 0.1;
    throttle = throttle_start(&limits);
    ck_assert(throttle.share == 0.1);
    for (int i = 0; i < 50; i++)
        throttle = throttle_next(throttle, &quiet, &limits, -1);
    ck_assert(throttle.share == 0.1);
    ck_assert_str_eq(throttle.reason, "it may take 10 % of the time");
    limits.share_most = 0.01;
    ck_assert(throttle_next(throttle, &quiet, &limits, -1).share == 0.01);
}
END_TEST

START_TEST(limits_of_zero_are_none)
{
    const Limits none = {.batch_ms = 100, .blocks_most = 4096};
    Pressure high = {.fresh = true};

    for (int i = 0; i < SIGNAL_COUNT; i++)
        high.value[i] = 1e15;

    Throttle next = throttle_next(throttle_start(&none), &high, &none, 95);

    ck_assert(next.rest_ms == 0 && !next.hold);
    ck_assert_int_eq(throttle_shrink((Throttle){.blocks = 1}).blocks, 1);
    ck_assert_int_eq(throttle_shrink((Throttle){.blocks = 9}).blocks, 4);
}
END_TEST

START_TEST(new_limits_are_named_as_flags)
{
    Limits limits = usual();

    ck_assert(limits_give("batch-time=50ms max-lag=5s  max-slot-wal=1GB", &limits));
    ck_assert(limits.batch_ms == 50);
    ck_assert(limits.most[SIGNAL_LAG] == 5000);
    ck_assert(limits.most[SIGNAL_SLOT] == 1024 * MIB);
    ck_assert(limits_give("max-active=3 max-active=4", &limits));
    ck_assert(limits.most[SIGNAL_ACTIVE] == 4);
    ck_assert(limits_give("", &limits));
    ck_assert(!limits_give("max-lag=7s max-lag", &limits));
    ck_assert(limits.most[SIGNAL_LAG] == 7000);
    ck_assert(!limits_give("max-lag=soon", &limits));
    ck_assert(!limits_give("max-lagg=7s", &limits));
    ck_assert(!limits_give("batch-time=0ms", &limits));
    ck_assert(limits_give("workers=3", &limits));
    ck_assert_int_eq(limits.workers, 3);
    ck_assert(limits_give("max-share=25 max-latency=20ms", &limits));
    ck_assert(limits.share_most == 0.25 && limits.most[SIGNAL_COMMIT] == 20);
    ck_assert(!limits_give("max-share=0", &limits));
    ck_assert(!limits_give("max-share=101", &limits));
    ck_assert(!limits_give("workers=0", &limits));
    ck_assert(!limits_give("workers=two", &limits));
    ck_assert_int_eq(limits.workers, 3);
    ck_assert(limits.batch_ms == 50 && limits.most[SIGNAL_LAG] == 7000);
}
END_TEST

/* The table is what help prints and the flags are checked against. */
START_TEST(every_signal_has_its_row)
{
    MEM_SCOPE(scope, NULL);

    for (Signal i = 0; i < SIGNAL_COUNT; i++)
    {
        const LimitRow *row = limit_row(i);

        ck_assert_ptr_nonnull(row->name);
        ck_assert_ptr_nonnull(row->reason);
        ck_assert_ptr_nonnull(row->sentence);
        ck_assert_str_ne(limit_show(scope, i, row->fallback), "");
    }
    ck_assert_str_eq(limit_show(scope, SIGNAL_LAG, 1000), "1s");
    ck_assert_str_eq(limit_show(scope, SIGNAL_WAL_RATE, 0), "none");
    ck_assert_str_eq(limit_show(scope, SIGNAL_WAITERS, 1), "any");
}
END_TEST

UNIT("throttle", a_batch_is_sized_by_its_time, every_rest_has_its_reason,
     what_is_not_known_is_no_reason, what_holds_is_told_before_what_slows,
     holding_does_not_shrink_again_and_again, an_old_sample_counts_once,
     a_share_is_halved_and_given_back_in_steps,
     a_share_is_made_of_short_batches_and_rests, a_given_share_is_the_most,
     limits_of_zero_are_none, new_limits_are_named_as_flags, every_signal_has_its_row)

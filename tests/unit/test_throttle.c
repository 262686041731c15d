#include "core/throttle.h"
#include "unit/unit.h"

#include "base/mem.h"

static const Limits usual = {.batch_ms = 100,
                             .max_lag_ms = 1000,
                             .max_lag_bytes = 256 << 20,
                             .max_slot_bytes = 1 << 30,
                             .blocks_most = 4096};

static char standby[] = "standby1";

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

    for (int i = 0; i < LENGTH(sizes); i++)
    {
        Throttle next = throttle_next((Throttle){.blocks = sizes[i].blocks}, &quiet,
                                      &usual, sizes[i].batch_ms);

        ck_assert_msg(next.blocks == sizes[i].then, "%s: %lld", sizes[i].why,
                      (long long)next.blocks);
        ck_assert(next.rest_ms == 0 && !next.hold);
        ck_assert_str_eq(next.reason, "");
    }
}
END_TEST

typedef struct Rest
{
    Pressure pressure;
    double last_ms;
    bool hold;
    double rest_ms;
    const char *reason;
} Rest;

/* clang-format off */
static char slot[] = "cdc";
static const Rest rests[] = {
    {{0}, 400, false, 0, ""},
    /* what we may not see is no reason */
    {{.replica_lag_ms = -1, .replica_lag_bytes = -1, .slot_retained_bytes = -1,
      .lock_waiters = -1}, 0, false, 0, ""},
    {{.replica_lag_ms = 1000, .replica = standby}, 0, false, 0, ""},
    {{.replica_lag_ms = 1400, .replica = standby}, 0, true, 50,
     "replica \"standby1\" is 1.4 s behind (limit 1.0 s)"},
    {{.replica_lag_ms = 1400, .replica = standby}, 400, true, 800,
     "replica \"standby1\" is 1.4 s behind (limit 1.0 s)"},
    {{.replica_lag_ms = 1400, .replica = standby}, 800, true, 1000,
     "replica \"standby1\" is 1.4 s behind (limit 1.0 s)"},
    {{.replica_lag_bytes = 512 << 20, .replica = standby}, 0, true, 50,
     "replica \"standby1\" is 512 MB behind (limit 256 MB)"},
    {{.slot_retained_bytes = 2LL << 30, .slot = slot}, 0, true, 50,
     "slot \"cdc\" keeps 2.0 GB of WAL (limit 1.0 GB)"},
    {{.lock_waiters = 0}, 0, false, 0, ""},
    {{.lock_waiters = 1}, 0, false, 50, "1 session waited for rows of a batch"},
    {{.lock_waiters = 3}, 50, false, 100, "3 sessions waited for rows of a batch"},
    /* the worst is told */
    {{.replica_lag_ms = 9000, .replica = standby, .lock_waiters = 1}, 0, true, 50,
     "replica \"standby1\" is 9.0 s behind (limit 1.0 s)"},
};
/* clang-format on */

START_TEST(every_rest_has_its_reason)
{
    for (int i = 0; i < LENGTH(rests); i++)
    {
        Throttle last = {.blocks = 400, .rest_ms = rests[i].last_ms};
        Throttle next = throttle_next(last, &rests[i].pressure, &usual, 95);

        ck_assert_str_eq(next.reason, rests[i].reason);
        ck_assert_msg(next.rest_ms == rests[i].rest_ms, "row %d: %f", i, next.rest_ms);
        ck_assert_int_eq(next.hold, rests[i].hold);
        ck_assert_int_eq(next.blocks, next.rest_ms > 0 ? 200 : 400);
    }
}
END_TEST

/* While it holds, samples come without batches: the size must not melt away. */
START_TEST(holding_does_not_shrink_again_and_again)
{
    const Pressure lagging = {.replica_lag_ms = 5000, .replica = standby};
    const Pressure quiet = {0};
    Throttle throttle = throttle_next((Throttle){.blocks = 400}, &lagging, &usual, 95);

    for (int i = 0; i < 100; i++)
        throttle = throttle_next(throttle, &lagging, &usual, -1);
    ck_assert_int_eq(throttle.blocks, 200);
    ck_assert(throttle.hold);
    throttle = throttle_next(throttle, &quiet, &usual, -1);
    ck_assert(!throttle.hold && throttle.rest_ms == 0);
    ck_assert_int_eq(throttle.blocks, 200);
}
END_TEST

START_TEST(limits_of_zero_are_none)
{
    const Limits none = {.batch_ms = 100, .blocks_most = 4096};
    const Pressure high = {.replica_lag_ms = 1e9,
                           .replica_lag_bytes = INT64_MAX,
                           .replica = standby,
                           .slot_retained_bytes = INT64_MAX,
                           .slot = slot};
    Throttle next = throttle_next(throttle_start(&none), &high, &none, 95);

    ck_assert(next.rest_ms == 0 && !next.hold);
    ck_assert_int_eq(throttle_shrink((Throttle){.blocks = 1}).blocks, 1);
    ck_assert_int_eq(throttle_shrink((Throttle){.blocks = 9}).blocks, 4);
}
END_TEST

UNIT("throttle", a_batch_is_sized_by_its_time, every_rest_has_its_reason,
     holding_does_not_shrink_again_and_again, limits_of_zero_are_none)

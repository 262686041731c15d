#include "core/throttle.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

/* The first batch is small: nothing is known of the server yet. */
#define BLOCKS_FIRST 64
#define BLOCKS_MORE 64

#define REST_FIRST_MS 50.0
#define REST_MOST_MS 1000.0

/* What can make us rest: how far over its limit it is (1: at it), and how to say so. */
typedef struct Rule
{
    double (*share)(const Pressure *pressure, const Limits *limits);
    void (*say)(Mem *mem, const Pressure *pressure, const Limits *limits, char **text);
    bool hold; /* nothing may run until it is over */
} Rule;

static double
lag_share(const Pressure *pressure, const Limits *limits)
{
    return limits->max_lag_ms > 0 ? pressure->replica_lag_ms / limits->max_lag_ms : 0;
}

static void
lag_say(Mem *mem, const Pressure *pressure, const Limits *limits, char **text)
{
    *text = mem_text(mem, "replica \"%s\" is %s behind (limit %s)", pressure->replica,
                     duration_show(mem, pressure->replica_lag_ms),
                     duration_show(mem, limits->max_lag_ms));
}

static double
lag_bytes_share(const Pressure *pressure, const Limits *limits)
{
    return limits->max_lag_bytes > 0
               ? (double)pressure->replica_lag_bytes / (double)limits->max_lag_bytes
               : 0;
}

static void
lag_bytes_say(Mem *mem, const Pressure *pressure, const Limits *limits, char **text)
{
    *text = mem_text(mem, "replica \"%s\" is %s behind (limit %s)", pressure->replica,
                     bytes_show(mem, pressure->replica_lag_bytes),
                     bytes_show(mem, limits->max_lag_bytes));
}

static double
slot_share(const Pressure *pressure, const Limits *limits)
{
    return limits->max_slot_bytes > 0
               ? (double)pressure->slot_retained_bytes / (double)limits->max_slot_bytes
               : 0;
}

static void
slot_say(Mem *mem, const Pressure *pressure, const Limits *limits, char **text)
{
    *text = mem_text(mem, "slot \"%s\" keeps %s of WAL (limit %s)", pressure->slot,
                     bytes_show(mem, pressure->slot_retained_bytes),
                     bytes_show(mem, limits->max_slot_bytes));
}

/* Anybody who waits for us is one too many. */
static double
waiters_share(const Pressure *pressure, const Limits *limits)
{
    (void)limits;
    return pressure->lock_waiters > 0 ? (double)pressure->lock_waiters + 1 : 0;
}

static void
waiters_say(Mem *mem, const Pressure *pressure, const Limits *limits, char **text)
{
    (void)limits;
    *text = mem_text(mem, "%" PRId64 " session%s waited for rows of a batch",
                     pressure->lock_waiters, pressure->lock_waiters == 1 ? "" : "s");
}

static const Rule rules[] = {
    {lag_share, lag_say, true},
    {lag_bytes_share, lag_bytes_say, true},
    {slot_share, slot_say, true},
    {waiters_share, waiters_say, false},
};

static int64_t
within(int64_t blocks, const Limits *limits)
{
    if (blocks > limits->blocks_most)
        return limits->blocks_most;
    return blocks < 1 ? 1 : blocks;
}

Throttle
throttle_start(const Limits *limits)
{
    return (Throttle){.blocks = within(BLOCKS_FIRST, limits)};
}

Throttle
throttle_shrink(Throttle last)
{
    last.blocks = last.blocks > 1 ? last.blocks / 2 : 1;
    return last;
}

/*
 * A quarter off when it took too long, half when far too long; a step more when there
 * was time left, and twice as much only while far from the aim, at the start.
 */
static int64_t
blocks_for_time(int64_t blocks, double batch_ms, double aim_ms)
{
    if (batch_ms > aim_ms * 1.2)
        return (int64_t)((double)blocks * (batch_ms > aim_ms * 2 ? 0.5 : 0.75));
    if (batch_ms < aim_ms * 0.4)
        return blocks * 2 + 1;
    return batch_ms < aim_ms * 0.8 ? blocks + BLOCKS_MORE : blocks;
}

/* The rule that is furthest over its limit. */
static const Rule *
worst_rule(const Pressure *pressure, const Limits *limits)
{
    const Rule *worst = NULL;
    double most = 1;

    for (int i = 0; i < LENGTH(rules); i++)
    {
        double share = rules[i].share(pressure, limits);

        if (share <= most)
            continue;
        most = share;
        worst = &rules[i];
    }
    return worst;
}

Throttle
throttle_next(Throttle last, const Pressure *pressure, const Limits *limits,
              double batch_ms)
{
    MEM_SCOPE(scope, NULL);
    const Rule *rule = worst_rule(pressure, limits);
    Throttle next = last;
    char *text = NULL;

    if (batch_ms >= 0)
        next.blocks = blocks_for_time(last.blocks, batch_ms, limits->batch_ms);
    next.rest_ms = 0;
    next.hold = false;
    next.reason[0] = '\0';
    if (rule == NULL)
    {
        next.blocks = within(next.blocks, limits);
        return next;
    }
    if (batch_ms >= 0 && next.blocks > last.blocks / 2)
        next.blocks = last.blocks / 2;
    next.blocks = within(next.blocks, limits);
    next.rest_ms = last.rest_ms > 0 ? last.rest_ms * 2 : REST_FIRST_MS;
    if (next.rest_ms > REST_MOST_MS)
        next.rest_ms = REST_MOST_MS;
    next.hold = rule->hold;
    rule->say(scope, pressure, limits, &text);
    snprintf(next.reason, sizeof(next.reason), "%s", text);
    return next;
}

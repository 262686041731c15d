#include "core/backfill/throttle.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"

/* The first batch is small: nothing is known of the server yet. Where one pass takes
 * every row of its blocks, the most is less, and so is this. */
#define FIRST_SHARE 64
#define BLOCKS_MORE 64

#define REST_FIRST_MS 50.0
#define REST_MOST_MS 1000.0
#define REST_GENTLE_MS 25.0

/* Every fresh sample halves the share, or gives some of it back. */
#define SHARE_LEAST 0.02
#define SHARE_MORE 0.1

/* Batches of a share are no shorter: beginning and ending one costs what it does. */
#define AIM_LEAST_MS 5.0

/* Batch and rest of a sweep that rests by itself, and its shortest batch. */
#define ROUND_MS 5.0
#define ROUND_LEAST_MS 0.25

/* --- saying it ------------------------------------------------------------------- */

static char *
reason_show(Mem *mem, Signal signal, const Pressure *pressure, const Limits *limits)
{
    const LimitRow *row = limit_row(signal);
    Buf text = buf_begin(mem);

    for (const char *at = row->reason; *at != '\0';)
        if (strncmp(at, "{who}", 5) == 0)
        {
            buf_add(&text, pressure->who[signal] == NULL ? "?" : pressure->who[signal]);
            at += 5;
        }
        else if (strncmp(at, "{value}", 7) == 0)
        {
            buf_add(&text, signal_show(mem, signal, pressure->value[signal]));
            at += 7;
        }
        else
            buf_bytes(&text, at++, 1);
    if (row->unit != LIMIT_ANY)
        buf_format(&text, " (limit %s)",
                   signal_show(mem, signal, limits->most[signal]));
    return text.text;
}

/* The share itself is a reason, where it was given. */
static char *
share_reason(Mem *mem, const Limits *limits)
{
    if (limits->share_most <= 0 || limits->share_most >= 1)
        return mem_copy(mem, "");
    return mem_text(mem, "it may take %.0f %% of the time", limits->share_most * 100);
}

/* --- deciding -------------------------------------------------------------------- */

static int64_t
within(int64_t blocks, const Limits *limits)
{
    if (blocks > limits->blocks_most)
        return limits->blocks_most;
    return blocks < 1 ? 1 : blocks;
}

static double
share_most(const Limits *limits)
{
    return limits->share_most > 0 ? limits->share_most : 1;
}

Throttle
throttle_start(const Limits *limits)
{
    return (Throttle){.blocks = within(limits->blocks_most / FIRST_SHARE, limits),
                      .share = share_most(limits)};
}

bool
throttle_slows(const Throttle *throttle)
{
    return throttle->rest_ms > 0 || throttle->share < 1;
}

double
throttle_aim_ms(const Throttle *throttle, const Limits *limits)
{
    double aim = limits->batch_ms * throttle->share;

    return fmin(limits->batch_ms, fmax(aim, AIM_LEAST_MS));
}

double
throttle_sweep_ms(const Throttle *throttle, const Limits *limits)
{
    if (throttle->share >= 1)
        return limits->batch_ms;
    return fmin(limits->batch_ms, fmax(ROUND_MS * throttle->share, ROUND_LEAST_MS));
}

double
throttle_rest_ms(const Throttle *throttle, double worked_ms, double rested_ms)
{
    double rest = worked_ms * (1 / throttle->share - 1);

    return fmax(throttle->rest_ms, fmin(rest - rested_ms, REST_MOST_MS));
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

/* How far over its limit it is; at most 1: it is not. */
static double
signal_share(Signal signal, const Pressure *pressure, const Limits *limits)
{
    double value = pressure->value[signal];

    if (limits->most[signal] <= 0 || value <= 0)
        return 0;
    return limit_row(signal)->unit == LIMIT_ANY ? 1 + value
                                                : value / limits->most[signal];
}

/* What holds comes before what slows; among these, what is furthest over its limit.
 * SIGNAL_COUNT: nothing. */
static Signal
worst_signal(const Pressure *pressure, const Limits *limits)
{
    Signal worst = SIGNAL_COUNT;
    double most = 0;

    for (Signal i = 0; i < SIGNAL_COUNT; i++)
    {
        double share = signal_share(i, pressure, limits);
        bool graver =
            worst == SIGNAL_COUNT || limit_row(i)->way < limit_row(worst)->way;
        bool equal =
            worst != SIGNAL_COUNT && limit_row(i)->way == limit_row(worst)->way;

        if (share <= 1 || (!graver && !(equal && share > most)))
            continue;
        most = share;
        worst = i;
    }
    return worst;
}

/* Rests grow with every new sample that says the same; an old one says nothing new. */
static double
rest_next(double last_ms, LimitWay way, bool fresh)
{
    double next = last_ms > 0 ? last_ms * (fresh ? 2 : 1) : REST_FIRST_MS;

    if (way == WAY_SLOW)
        return 0;
    if (way == WAY_GENTLE)
        return REST_GENTLE_MS;
    return next > REST_MOST_MS ? REST_MOST_MS : next;
}

static double
share_next(double share, Signal signal, bool fresh, const Limits *limits)
{
    bool slow = signal < SIGNAL_COUNT && limit_row(signal)->way == WAY_SLOW;

    if (fresh && slow)
        share /= 2;
    else if (fresh && signal == SIGNAL_COUNT)
        share += SHARE_MORE;
    return fmin(share_most(limits), fmax(SHARE_LEAST, share));
}

Throttle
throttle_next(Throttle last, const Pressure *pressure, const Limits *limits,
              double batch_ms)
{
    MEM_SCOPE(scope, NULL);
    Signal signal = worst_signal(pressure, limits);
    Throttle next = last;
    int64_t half = last.blocks / 2;
    /* Who waited was counted for this batch alone. */
    bool fresh = pressure->fresh || signal == SIGNAL_WAITERS;

    if (batch_ms >= 0)
        next.blocks =
            blocks_for_time(last.blocks, batch_ms, throttle_aim_ms(&last, limits));
    next.share = share_next(last.share, signal, fresh, limits);
    next.rest_ms = 0;
    next.hold = false;
    if (next.share >= share_most(limits))
        snprintf(next.reason, sizeof(next.reason), "%s", share_reason(scope, limits));
    if (signal < SIGNAL_COUNT)
    {
        LimitWay way = limit_row(signal)->way;

        if (batch_ms >= 0 && fresh && way != WAY_GENTLE && next.blocks > half)
            next.blocks = half;
        next.rest_ms = rest_next(last.rest_ms, way, fresh);
        next.hold = way == WAY_HOLD;
        snprintf(next.reason, sizeof(next.reason), "%s",
                 reason_show(scope, signal, pressure, limits));
    }
    next.blocks = within(next.blocks, limits);
    return next;
}

#include "core/throttle.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"

/* The first batch is small: nothing is known of the server yet. */
#define BLOCKS_FIRST 64
#define BLOCKS_MORE 64

#define REST_FIRST_MS 50.0
#define REST_MOST_MS 1000.0
#define REST_GENTLE_MS 25.0

#define GIB (1024.0 * 1024.0 * 1024.0)

/* clang-format off */
static const LimitRow limit_rows[SIGNAL_COUNT] = {
    [SIGNAL_LAG] = {
        "replica lag", LIMIT_MS, 1000, "max-lag", WAY_HOLD,
        "replica \"{who}\" is {value} behind",
        "rest while a replica is further behind than this"},
    [SIGNAL_LAG_BYTES] = {
        "replica lag", LIMIT_BYTES, GIB / 4, NULL, WAY_HOLD,
        "replica \"{who}\" is {value} behind",
        "the same in WAL, for replicas that stopped and tell no time"},
    [SIGNAL_SLOT] = {
        "slot WAL", LIMIT_BYTES, 10 * GIB, "max-slot-wal", WAY_HOLD,
        "slot \"{who}\" keeps {value} of WAL",
        "rest while a replication slot keeps more WAL than this"},
    [SIGNAL_WAL_RATE] = {
        "WAL rate", LIMIT_RATE, 0, "max-wal-rate", WAY_SLOW,
        "the server writes {value} of WAL",
        "go slower while the whole server writes more WAL than this in a second"},
    [SIGNAL_CHECKPOINT] = {
        "checkpoints", LIMIT_PERCENT, 150, NULL, WAY_SLOW,
        "checkpoints do not keep up: WAL since the last one is {value} of max_wal_size",
        "go slower while more WAL than this share of max_wal_size awaits a checkpoint"},
    [SIGNAL_ACTIVE] = {
        "active sessions", LIMIT_COUNT, 0, "max-active", WAY_SLOW,
        "{value} other sessions are active",
        "go slower while more other sessions than this are active (twice the server's cores is a good start)"},
    [SIGNAL_WAITERS] = {
        "lock waiters", LIMIT_ANY, 1, NULL, WAY_SLOW,
        "{value} waited for rows of a batch",
        "go slower when anybody waits for a batch"},
    [SIGNAL_SNAPSHOT] = {
        "oldest snapshot", LIMIT_MS, 900000, NULL, WAY_GENTLE,
        "{who} holds a snapshot for {value}, and nothing dead can be removed",
        "rest a little while somebody's snapshot is older than this"},
    [SIGNAL_DEAD] = {
        "dead rows", LIMIT_PERCENT, 60, NULL, WAY_GENTLE,
        "{value} of the rows of \"{who}\" are dead",
        "rest a little while more of the table's rows than this are dead"},
    [SIGNAL_AUTOVACUUM] = {
        "autovacuum", LIMIT_ANY, 1, NULL, WAY_GENTLE,
        "autovacuum works on \"{who}\"",
        "rest a little while autovacuum works on the table"},
    [SIGNAL_QUERY] = {
        "own query", LIMIT_ANY, 1, "throttle-query", WAY_HOLD,
        "the throttle query says {value}",
        "rest while this query gives true, or a number above 0"},
    [SIGNAL_FILE] = {
        "flag file", LIMIT_ANY, 1, "throttle-file", WAY_HOLD,
        "file \"{who}\" exists",
        "rest while this file exists"},
};
/* clang-format on */

const LimitRow *
limit_row(Signal signal)
{
    return &limit_rows[signal];
}

Limits
limits_start(void)
{
    Limits limits = {0};

    for (int i = 0; i < SIGNAL_COUNT; i++)
        limits.most[i] = limit_rows[i].fallback;
    return limits;
}

/* --- saying it ------------------------------------------------------------------- */

static char *
value_show(Mem *mem, Signal signal, double value)
{
    switch (limit_rows[signal].unit)
    {
    case LIMIT_MS:
        return duration_show(mem, value);
    case LIMIT_BYTES:
        return bytes_show(mem, (int64_t)value);
    case LIMIT_RATE:
        return mem_text(mem, "%s/s", bytes_show(mem, (int64_t)value));
    case LIMIT_COUNT:
        return count_show(mem, (int64_t)value);
    case LIMIT_PERCENT:
        return mem_text(mem, "%.0f %%", value);
    case LIMIT_ANY:
        break;
    }
    if (signal == SIGNAL_WAITERS)
        return mem_text(mem, "%.0f session%s", value, value == 1 ? "" : "s");
    return mem_text(mem, "%g", value);
}

char *
limit_show(Mem *mem, Signal signal, double value)
{
    if (value <= 0)
        return mem_copy(mem, "none");
    switch (limit_rows[signal].unit)
    {
    case LIMIT_ANY:
        return mem_copy(mem, "any");
    case LIMIT_MS:
        return duration_exact(mem, (Millis)value);
    default:
        return value_show(mem, signal, value);
    }
}

static char *
reason_show(Mem *mem, Signal signal, const Pressure *pressure, const Limits *limits)
{
    const LimitRow *row = &limit_rows[signal];
    Buf text = buf_begin(mem);

    for (const char *at = row->reason; *at != '\0';)
        if (strncmp(at, "{who}", 5) == 0)
        {
            buf_add(&text, pressure->who[signal] == NULL ? "?" : pressure->who[signal]);
            at += 5;
        }
        else if (strncmp(at, "{value}", 7) == 0)
        {
            buf_add(&text, value_show(mem, signal, pressure->value[signal]));
            at += 7;
        }
        else
            buf_bytes(&text, at++, 1);
    if (row->unit != LIMIT_ANY)
        buf_format(&text, " (limit %s)", value_show(mem, signal, limits->most[signal]));
    return text.text;
}

/* --- deciding -------------------------------------------------------------------- */

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

/* How far over its limit it is; at most 1: it is not. */
static double
signal_share(Signal signal, const Pressure *pressure, const Limits *limits)
{
    double value = pressure->value[signal];

    if (limits->most[signal] <= 0 || value <= 0)
        return 0;
    return limit_rows[signal].unit == LIMIT_ANY ? 1 + value
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
            worst == SIGNAL_COUNT || limit_rows[i].way < limit_rows[worst].way;
        bool equal =
            worst != SIGNAL_COUNT && limit_rows[i].way == limit_rows[worst].way;

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

    if (way == WAY_GENTLE)
        return REST_GENTLE_MS;
    return next > REST_MOST_MS ? REST_MOST_MS : next;
}

Throttle
throttle_next(Throttle last, const Pressure *pressure, const Limits *limits,
              double batch_ms)
{
    MEM_SCOPE(scope, NULL);
    Signal signal = worst_signal(pressure, limits);
    Throttle next = last;
    int64_t half = last.blocks / 2;

    if (batch_ms >= 0)
        next.blocks = blocks_for_time(last.blocks, batch_ms, limits->batch_ms);
    next.rest_ms = 0;
    next.hold = false;
    next.reason[0] = '\0';
    if (signal < SIGNAL_COUNT)
    {
        LimitWay way = limit_rows[signal].way;

        if (batch_ms >= 0 && pressure->fresh && way != WAY_GENTLE && next.blocks > half)
            next.blocks = half;
        next.rest_ms = rest_next(last.rest_ms, way, pressure->fresh);
        next.hold = way == WAY_HOLD;
        snprintf(next.reason, sizeof(next.reason), "%s",
                 reason_show(scope, signal, pressure, limits));
    }
    next.blocks = within(next.blocks, limits);
    return next;
}

#include "core/backfill/limits.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define GIB (1024.0 * 1024.0 * 1024.0)

/* More connections than that were meant for another flag. */
#define WORKERS_MOST 1000

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
    [SIGNAL_COMMIT] = {
        "commit latency", LIMIT_MS, 0, "max-latency", WAY_SLOW,
        "a small commit takes {value}",
        "go slower while a commit of one row, made between two batches, takes longer than this"},
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
    [SIGNAL_HISTORY] = {
        "history list", LIMIT_COUNT, 1000000, "max-history", WAY_SLOW,
        "the old rows of {value} transactions wait to be purged",
        "MySQL, MariaDB: go slower while the history list is longer than this"},
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

char *
signal_show(Mem *mem, Signal signal, double value)
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
        return signal_show(mem, signal, value);
    }
}

/* --- new ones -------------------------------------------------------------------- */

static bool
value_read(LimitUnit unit, const char *text, double *value)
{
    int64_t bytes = 0;
    Millis millis = 0;
    char *end;

    switch (unit)
    {
    case LIMIT_MS:
        *value = duration_read(text, &millis) ? (double)millis : -1;
        break;
    case LIMIT_BYTES:
    case LIMIT_RATE:
        *value = size_read(text, &bytes) ? (double)bytes : -1;
        break;
    case LIMIT_COUNT:
        *value = (double)strtol(text, &end, 10);
        return isdigit((unsigned char)text[0]) && *end == '\0';
    case LIMIT_PERCENT:
    case LIMIT_ANY:
        return false;
    }
    return *value >= 0;
}

static bool
workers_read(const char *text, int *workers)
{
    double count;

    if (!value_read(LIMIT_COUNT, text, &count) || count < 1 || count > WORKERS_MOST)
        return false;
    *workers = (int)count;
    return true;
}

static bool
share_read(const char *text, double *share)
{
    double percent;

    if (!value_read(LIMIT_COUNT, text, &percent) || percent < 1 || percent > 100)
        return false;
    *share = percent / 100;
    return true;
}

static bool
limit_give(const char *name, const char *value, Limits *limits)
{
    if (strcmp(name, "workers") == 0)
        return workers_read(value, &limits->workers);
    if (strcmp(name, "max-share") == 0)
        return share_read(value, &limits->share_most);
    if (strcmp(name, "batch-time") == 0)
        return value_read(LIMIT_MS, value, &limits->batch_ms) && limits->batch_ms > 0;
    for (Signal i = 0; i < SIGNAL_COUNT; i++)
        if (limit_rows[i].flag != NULL && strcmp(limit_rows[i].flag, name) == 0)
            return value_read(limit_rows[i].unit, value, &limits->most[i]);
    return false;
}

bool
limits_give(const char *text, Limits *limits)
{
    MEM_SCOPE(scope, NULL);

    for (const char *at = text; *at != '\0';)
    {
        size_t length = strcspn(at, " ");
        char *word = mem_slice(scope, at, length);
        char *value = strchr(word, '=');
        Limits next = *limits;

        at += length + strspn(at + length, " ");
        if (length == 0)
            continue;
        if (value == NULL)
            return false;
        *value++ = '\0';
        if (!limit_give(word, value, &next))
            return false;
        *limits = next;
    }
    return true;
}

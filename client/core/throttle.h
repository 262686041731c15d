/*
 * How fast to go: blocks per batch and the rest between batches, from pressure.
 *
 * Pure: the same sample always gives the same answer. The size grows by addition and
 * shrinks by multiplication, so that a server in trouble is left alone at once and
 * tried again gently. Whoever rests says why.
 */
#ifndef PGSTRIDE_CORE_THROTTLE_H
#define PGSTRIDE_CORE_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "model/pressure.h"

typedef enum LimitUnit
{
    LIMIT_MS,
    LIMIT_BYTES,
    LIMIT_RATE, /* bytes per second */
    LIMIT_COUNT,
    LIMIT_PERCENT,
    LIMIT_ANY /* anything above zero is too much */
} LimitUnit;

/* What is done about it. */
typedef enum LimitWay
{
    WAY_HOLD,  /* no batch at all until it is over */
    WAY_SLOW,  /* smaller batches, and rests that grow to a second */
    WAY_GENTLE /* a short rest: it may last for hours, and ends sooner if let by */
} LimitWay;

/* The row of a signal: what `plan`, help and the manual say of it. */
typedef struct LimitRow
{
    const char *name; /* "replica lag" */
    LimitUnit unit;
    double fallback;  /* 0: no limit unless one is given */
    const char *flag; /* "max-lag"; NULL: it has none */
    LimitWay way;
    const char *reason;   /* "... {who} ... {value}" */
    const char *sentence; /* "rest while a replica is further behind" */
} LimitRow;

const LimitRow *limit_row(Signal signal);

/* "1s", "10 GB", "any", "none" */
char *limit_show(Mem *mem, Signal signal, double value);

typedef struct Limits
{
    double batch_ms;           /* what a batch aims at */
    int64_t blocks_most;       /* in one batch */
    double most[SIGNAL_COUNT]; /* 0: none, and for LIMIT_ANY: never mind */
} Limits;

/* Every limit at its default. */
Limits limits_start(void);

typedef struct Throttle
{
    int64_t blocks;   /* per batch */
    double rest_ms;   /* before the next one; 0: none */
    bool hold;        /* no batch at all until another sample allows it */
    char reason[224]; /* of the rest; empty: none */
} Throttle;

Throttle throttle_start(const Limits *limits);

/* After a batch that took batch_ms; < 0: there was none, only the rest is decided. */
Throttle throttle_next(Throttle last, const Pressure *pressure, const Limits *limits,
                       double batch_ms);

/* A batch was cut short because it took too long or made others wait. */
Throttle throttle_shrink(Throttle last);

#endif

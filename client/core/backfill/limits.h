/*
 * What is too much: one row a signal, and the limits that a run goes by.
 *
 * The same rows decide, give every rest its reason, and are what help prints.
 */
#ifndef PGSTRIDE_CORE_LIMITS_H
#define PGSTRIDE_CORE_LIMITS_H

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
    WAY_SLOW,  /* smaller batches, in a smaller share of the time */
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
    double share_most;         /* of the time that batches may take; 0: all of it */
    int workers;               /* that sweep one table at once */
    double most[SIGNAL_COUNT]; /* 0: none, and for LIMIT_ANY: never mind */
} Limits;

/* Every limit at its default. */
Limits limits_start(void);

/* How much it is, in the signal's unit. */
char *signal_show(Mem *mem, Signal signal, double value);

/*
 * New limits as an operator gives them to a run under way: "batch-time=50ms
 * max-lag=5s workers=2", named as the flags are. False at the first that is none; those
 * before it hold.
 */
bool limits_give(const char *text, Limits *limits);

#endif

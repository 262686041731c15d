/*
 * Time, and resting: a Clock is handed in, so that tests bring their own.
 *
 * Millis is a monotonic count for measuring; wall time is only ever shown or stored.
 */
#ifndef PGSTRIDE_BASE_CLOCK_H
#define PGSTRIDE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

typedef int64_t Millis;

typedef struct Clock Clock;
struct Clock
{
    double (*now_ms)(Clock *clock);            /* monotonic, with fractions */
    void (*rest)(Clock *clock, Millis millis); /* returns early when asked to stop */
    int64_t (*wall_us)(Clock *clock);          /* microseconds since 1970, UTC */
};

extern Clock clock_real;

double clock_now(Clock *clock);
void clock_rest(Clock *clock, Millis millis);

/* Wall time as RFC 3339 UTC, for JSON and events: 2026-11-21T02:14:09.123Z. */
char *clock_rfc3339(Mem *mem, int64_t wall_us);

#endif

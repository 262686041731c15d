#include "base/clock.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "base/stop.h"

static double
real_now_ms(Clock *clock)
{
    struct timespec now;

    (void)clock;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000.0 + (double)now.tv_nsec / 1e6;
}

/* A stop wakes the sleeper through the pipe, so no rest outlives Ctrl-C. */
static void
real_rest(Clock *clock, Millis millis)
{
    struct pollfd wake = {.fd = stop_fd(), .events = POLLIN};

    (void)clock;
    if (millis > 0 && !stop_asked())
        poll(&wake, 1, (int)millis);
}

/* A test build can be told that it was started at another time, to meet a window. */
#ifdef PGSTRIDE_FAULTS
static int64_t wall_shift_us;

__attribute__((constructor)) static void
wall_shift(void)
{
    const char *wanted = getenv("PGSTRIDE_WALL"); /* 2026-03-29T00:59:58 */
    struct tm utc = {0};
    int64_t now_us = clock_real.wall_us(&clock_real);

    if (wanted != NULL && strptime(wanted, "%Y-%m-%dT%H:%M:%S", &utc) != NULL)
        wall_shift_us = (int64_t)timegm(&utc) * 1000000 - now_us;
}
#else
#define wall_shift_us 0
#endif

static int64_t
real_wall_us(Clock *clock)
{
    struct timespec now;

    (void)clock;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 + wall_shift_us;
}

Clock clock_real = {real_now_ms, real_rest, real_wall_us};

double
clock_now(Clock *clock)
{
    return clock->now_ms(clock);
}

void
clock_rest(Clock *clock, Millis millis)
{
    clock->rest(clock, millis);
}

char *
clock_rfc3339(Mem *mem, int64_t wall_us)
{
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm utc;
    char text[32];

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    return mem_text(mem, "%s.%03dZ", text, (int)(wall_us % 1000000 / 1000));
}

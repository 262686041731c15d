#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

static const char *const level_names[LOG_LEVEL_COUNT] = {
    [LOG_LEVEL_TRACE] = "TRACE", [LOG_LEVEL_DEBUG] = "DEBUG", [LOG_LEVEL_INFO] = "INFO",
    [LOG_LEVEL_WARN] = "WARN",   [LOG_LEVEL_ERROR] = "ERROR",
};

static void
to_stderr(const char *line)
{
    fprintf(stderr, "%s\n", line);
}

static LogLevel log_from = LOG_LEVEL_WARN;
static bool log_drivers;
static void (*log_write)(const char *line) = to_stderr;

void
log_begin(LogLevel level, bool drivers)
{
    log_from = level;
    log_drivers = drivers;
}

void
log_sink(void (*sink)(const char *line))
{
    log_write = sink == NULL ? to_stderr : sink;
}

static bool
log_wants(LogLevel level)
{
    return level >= log_from;
}

static void
log_vline(LogLevel level, const char *format, va_list args)
{
    MEM_SCOPE(scope, NULL);
    int saved = errno; /* a log line between a call and its errno changes nothing */
    const char *at = clock_rfc3339(scope, clock_real.wall_us(&clock_real));
    const char *text = secret_scrub(scope, mem_vtext(scope, format, args));

    log_write(mem_text(scope, "%s %-5s %s", at, level_names[level], text));
    errno = saved;
}

void
log_line(LogLevel level, const char *format, ...)
{
    va_list args;

    if (!log_wants(level))
        return;
    va_start(args, format);
    log_vline(level, format, args);
    va_end(args);
}

void
log_driver(LogLevel level, const char *format, ...)
{
    va_list args;

    if (!log_drivers || !log_wants(level))
        return;
    va_start(args, format);
    log_vline(level, format, args);
    va_end(args);
}

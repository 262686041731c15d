/*
 * The log: one line an event on stderr, for the engineer who looks behind the screens.
 *
 * Every line passes secret_scrub. Level and sink are state of the process, set once by
 * cli from -l and --internal-log. Nothing that the operator must read belongs here.
 */
#ifndef PGSTRIDE_BASE_LOG_H
#define PGSTRIDE_BASE_LOG_H

#include <stdbool.h>

typedef enum LogLevel
{
    LOG_LEVEL_TRACE, /* every statement with its text */
    LOG_LEVEL_DEBUG, /* every conversation with its time */
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARN, /* the default */
    LOG_LEVEL_ERROR,
    LOG_LEVEL_COUNT
} LogLevel;

/* Lines from `level` up; with `drivers` also what the client libraries say. */
void log_begin(LogLevel level, bool drivers);

/* Where lines go instead of stderr (a screen with a bar, a test); NULL: stderr again.
 */
void log_sink(void (*sink)(const char *line));

void log_line(LogLevel level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for what a driver's library says: silent without --internal-log. */
void log_driver(LogLevel level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

/*
 * Windows: the low-traffic hours that work may be done in (design §16.9).
 *
 *     DAYS HH:MM-HH:MM ZONE[; ...]      "sat,sun 02:00-05:00 Europe/Berlin"
 *
 * DAYS are names joined by "," or "-", or "daily"; the end is exclusive and may lie
 * past midnight. Where clocks go forward, a time in the hour that is skipped shifts
 * forward; where they go back, the hour that is repeated counts twice. Pure: what a
 * zone's clocks do is given (see run/hold/zones.h), and so is the time. Times are
 * seconds since 1970, UTC.
 */
#ifndef PGSTRIDE_CORE_WINDOW_H
#define PGSTRIDE_CORE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* From `at` on, local time is UTC plus `offset`. */
typedef struct ZoneShift
{
    int64_t at;
    int64_t offset;
} ZoneShift;

/* What the clocks of a zone do for as long as anybody asks. */
typedef struct Zone
{
    const char *name;  /* "Europe/Berlin" */
    ZoneShift *shifts; /* rising; the first holds since ever */
    int count;
} Zone;

typedef struct WindowPart
{
    unsigned days; /* bit 0: Sunday */
    int64_t from;  /* seconds after midnight */
    int64_t to;    /* above `from`: past midnight it is more than a day's */
    const char *zone_name;
    const Zone *zone; /* NULL until somebody gives it */
} WindowPart;

typedef struct Window
{
    const char *text; /* as written */
    WindowPart *parts;
    int count;
} Window;

/* Syntax only: whether a zone exists is not known here. ERR_USAGE, with a hint. */
bool window_read(Mem *mem, const char *text, Window *window, Err *err);

/* One time that it is open; parts that touch are one. */
typedef struct Opening
{
    int64_t opens;
    int64_t closes;         /* exclusive */
    const WindowPart *part; /* whose zone its times are told in */
} Opening;

typedef struct Openings
{
    Opening *items;
    int count;
} Openings;

/* Those that close after `now` and open before `until`, in order. */
Openings window_openings(Mem *mem, const Window *window, int64_t now, int64_t until);

typedef struct WindowNow
{
    bool open;
    int64_t until; /* when that changes */
    const WindowPart *part;
} WindowNow;

/* A window opens every week: there always is a next time. */
WindowNow window_now(const Window *window, int64_t now);

/* "sun 02:00", and with the date: "sun 2026-11-22 02:00". */
char *window_time(Mem *mem, const Zone *zone, int64_t at);
char *window_date(Mem *mem, const Zone *zone, int64_t at);

#endif

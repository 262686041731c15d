/*
 * Is it the hour that the step may run in? The time is the run's clock's.
 */
#ifndef PGSTRIDE_RUN_WINDOW_H
#define PGSTRIDE_RUN_WINDOW_H

#include "core/window.h"
#include "run/run.h"

/* The window as this machine's zones have it; ERR_USAGE when it is none. */
bool window_load(Mem *mem, const char *text, int64_t now, Window *window, Err *err);

/* Every window that a section of the migration names is one; with file and line. */
bool window_check(Mem *mem, const Migration *migration, Clock *clock, Err *err);

/* What keeps the step waiting: "window opens sun 02:00 Europe/Berlin", and how long
 * yet; text NULL: nothing does, and freed says so. */
typedef struct WindowSaid
{
    const char *text;
    double left_ms;
    const char *freed;
} WindowSaid;

bool window_ask(Run *run, const Step *step, Mem *mem, WindowSaid *said, Err *err);

#endif

/*
 * What the clocks of the world's time zones do, from this machine's tz database.
 *
 * libc takes a zone that it does not know for UTC and says nothing: the name is looked
 * up first, and refused where it is none.
 */
#ifndef PGSTRIDE_RUN_ZONES_H
#define PGSTRIDE_RUN_ZONES_H

#include "core/window.h"

/* Gives every part its zone, as its clocks go around `now` (seconds since 1970) and for
 * a year after. ERR_USAGE: there is no such zone. */
bool window_zones(Mem *mem, Window *window, int64_t now, Err *err);

#endif

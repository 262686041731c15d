/* Numbers for people: durations, sizes, counts, read from and written as text. */
#ifndef PGSTRIDE_BASE_UNITS_H
#define PGSTRIDE_BASE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"

/* "100ms", "5s", "10min", "24h", "2d": false when it is none, or does not fit. */
bool duration_read(const char *text, Millis *millis);

/* 4 ms · 8.5 s · 3 min 38 s · 2 h 05 min · 3 d 4 h; and the exact form that
 * duration_read takes. */
char *duration_show(Mem *mem, double millis);
char *duration_exact(Mem *mem, Millis millis);

/* "64kB", "512MB", "10GB", "1TB": powers of 1024; false when it is none. */
bool size_read(const char *text, int64_t *bytes);
char *size_exact(Mem *mem, int64_t bytes);

/* 812 bytes · 14.2 kB · 2.1 GB: powers of 1024, as the server's pg_size_pretty counts.
 */
char *bytes_show(Mem *mem, int64_t bytes);

/* 12,400,000; and short: 950 · 24,300 · 7.1 M. */
char *count_show(Mem *mem, int64_t count);
char *count_short(Mem *mem, int64_t count);

#endif

/*
 * The one object that --format json prints:
 *
 *     {"schema": 1, "command": "up", "database": "shop on PostgreSQL 15.20",
 *      "result": {...}}                    or "error": {...}
 *
 * Times are RFC 3339 in UTC, durations end in _ms, sizes in _bytes, what is not known
 * is null. Values made here belong to the object they are set into; json_give frees it.
 */
#ifndef PGSTRIDE_CLI_JSON_H
#define PGSTRIDE_CLI_JSON_H

#include <jansson.h>

#include "cli/invocation.h"

/* Values: NULL and -1 become null; text that is no UTF-8 is mended. */
json_t *json_text(const char *text);
json_t *json_count(int64_t count);
json_t *json_millis(double millis);

/* "2026-11-02 10:30:00" in UTC as RFC 3339; NULL becomes null. */
json_t *json_time(const char *text);

/* Prints the object with this result, and lets go of it. */
void json_give(Invocation *call, json_t *result);

/* Prints a value bare: the array that popx's tools read. */
void json_give_bare(Invocation *call, json_t *value);

/* The same object with "error" instead; in it, what call->moved says was done before.
 */
void json_give_error(Invocation *call, const Err *err);

#endif

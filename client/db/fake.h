/*
 * A scripted database for tests: no server, one line per event.
 *
 * Matches labels, not SQL text; is scripted per connection; has a fake clock, on which
 * deadlines count too. Every statement of a script uses up one line; after one that
 * fails or is lost, the rest is not asked, as the server does it. A line that is asked
 * for out of order, or left over at the end, fails the test by name. Lines must outlive
 * the fake; a connection opened again is another fake_expect.
 */
#ifndef PGSTRIDE_DB_FAKE_H
#define PGSTRIDE_DB_FAKE_H

#include "db/driver.h"

typedef struct Line
{
    const char *label;          /* expected next; NULL ends the script */
    const char *const *columns; /* of the answer; NULL: no rows */
    const char *const *cells;   /* row-major */
    int row_count;
    int64_t affected;
    const char *sqlstate; /* fail this statement with it: "55P03", "53100" */
    const char *message;
    bool lost;       /* the connection dies instead of an answer */
    int times;       /* the same line this many times; 0 is once */
    double takes_ms; /* the fake clock moves on by this much */
} Line;

/* As the only line of a scene: the connection is refused with `message`. */
#define FAKE_CONNECT "(connect)"

typedef struct Fake Fake;

Fake *fake_new(Mem *mem, const Caps *caps);
/* What the next connection opened in that role will be asked, in order. */
void fake_expect(Fake *fake, const char *role, const Line *lines);
const Driver *fake_driver(Fake *fake);
Clock *fake_clock(Fake *fake);
/* NULL when everything expected was asked and nothing else; else the first difference.
 */
const char *fake_complaint(Fake *fake);
/* What was really sent, for assertions on SQL: the n-th text with that label, or NULL.
 */
const char *fake_sent(Fake *fake, const char *label, int n);

#endif

/*
 * Tally: what was felt, in numbers that do not grow with the time it takes.
 *
 * One writer each; summed up when the writers are done. Times are milliseconds.
 */
#ifndef PGSTRIDE_TESTS_TRAFFIC_TALLY_H
#define PGSTRIDE_TESTS_TRAFFIC_TALLY_H

#include <stdint.h>
#include <stdio.h>

enum
{
    TALLY_BUCKETS = 400, /* sixteen to a doubling, from one microsecond */
    FAILURES_KEPT = 8
};

typedef struct Tally
{
    int64_t statements;
    int64_t errors;
    int64_t wrong; /* a row that was not as we left it */
    double max_ms;
    char slowest[64]; /* the statement that took max_ms */
    int64_t buckets[TALLY_BUCKETS];
} Tally;

void tally_add(Tally *tally, const char *statement, double took_ms);
void tally_sum(Tally *total, const Tally *tally);
double tally_share_ms(const Tally *tally, double share); /* 0.5: the median */
/* "statements":..., up to "max_ms":..., without braces. */
void tally_print(const Tally *tally, FILE *to);

/* One kind of error: its SQLSTATE, and where and when it was first seen. */
typedef struct Failure
{
    char sqlstate[6];
    char message[200];
    char statement[64];
    double at_ms; /* since the start */
    int64_t count;
} Failure;

typedef struct Failures
{
    Failure items[FAILURES_KEPT];
    int count;
} Failures;

/* Counts one more of a known kind, or keeps a new one (while there is room). */
void failure_add(Failures *failures, const Failure *failure);
void failures_print(const Failures *failures, FILE *to); /* a JSON array */

double now_ms(void); /* monotonic */

#endif

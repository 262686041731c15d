#include "checker/checker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* splitmix64: a round must be the same again from its seed alone. */
static uint64_t
random_next(Random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

Random
random_from(uint64_t seed)
{
    return (Random){seed * 0x2545f4914f6cdd1du + 1};
}

uint32_t
random_below(Random *random, uint32_t limit)
{
    return (uint32_t)(random_next(random) >> 33) % limit;
}

void
rest_ms(int millis)
{
    struct timespec rest = {millis / 1000, millis % 1000 * 1000000L};

    nanosleep(&rest, NULL);
}

/* The first few tell the story; thousands would hide it. */
void
round_complain(Round *round, const char *format, ...)
{
    va_list args;

    pthread_mutex_lock(&round->complaining);
    va_start(args, format);
    if (round->complaints < COMPLAINTS_MOST)
        vsnprintf(round->complaint[round->complaints],
                  sizeof(round->complaint[round->complaints]), format, args);
    va_end(args);
    round->complaints++;
    pthread_mutex_unlock(&round->complaining);
}

void
round_tell(Round *round, const char *format, ...)
{
    size_t length = strlen(round->story);
    va_list args;

    va_start(args, format);
    vsnprintf(round->story + length, sizeof(round->story) - length, format, args);
    va_end(args);
}

static void
hear_nothing(void *nobody, const char *notice)
{
    (void)nobody;
    (void)notice;
}

/* libpq's environment says where. NULL after a complaint. */
PGconn *
round_connect(Round *round, const char *application)
{
    const char *const keys[] = {"application_name", "options", NULL};
    const char *const values[] = {application, "-c deadlock_timeout=200ms", NULL};
    PGconn *connection = PQconnectdbParams(keys, values, 0);

    PQsetNoticeProcessor(connection, hear_nothing, NULL);
    if (PQstatus(connection) == CONNECTION_OK)
        return connection;
    round_complain(round, "%s: %s", application, PQerrorMessage(connection));
    PQfinish(connection);
    return NULL;
}

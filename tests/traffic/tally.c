#include "traffic/tally.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

double
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000.0 + (double)now.tv_nsec / 1e6;
}

void
tally_add(Tally *tally, const char *statement, double took_ms)
{
    int bucket = took_ms < 0.001 ? 0 : (int)(log2(took_ms * 1000.0) * 16.0);

    tally->statements++;
    tally->buckets[bucket < TALLY_BUCKETS ? bucket : TALLY_BUCKETS - 1]++;
    if (took_ms > tally->max_ms)
    {
        tally->max_ms = took_ms;
        snprintf(tally->slowest, sizeof(tally->slowest), "%s", statement);
    }
}

void
tally_sum(Tally *total, const Tally *tally)
{
    total->statements += tally->statements;
    total->errors += tally->errors;
    total->wrong += tally->wrong;
    for (int i = 0; i < TALLY_BUCKETS; i++)
        total->buckets[i] += tally->buckets[i];
    if (tally->max_ms > total->max_ms)
    {
        total->max_ms = tally->max_ms;
        memcpy(total->slowest, tally->slowest, sizeof(total->slowest));
    }
}

/* The upper edge of the bucket it falls into: at most 4.4 % too much. */
double
tally_share_ms(const Tally *tally, double share)
{
    int64_t below = 0;
    int64_t wanted = (int64_t)((double)tally->statements * share);

    for (int i = 0; i < TALLY_BUCKETS; i++)
    {
        below += tally->buckets[i];
        if (below > wanted)
            return fmin(exp2((i + 1) / 16.0) / 1000.0, tally->max_ms);
    }
    return tally->max_ms;
}

void
tally_print(const Tally *tally, FILE *to)
{
    fprintf(to,
            "\"statements\":%" PRId64 ",\"errors\":%" PRId64 ",\"wrong\":%" PRId64
            ",\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,\"slowest\":\"%s\"",
            tally->statements, tally->errors, tally->wrong, tally_share_ms(tally, 0.5),
            tally_share_ms(tally, 0.99), tally->max_ms, tally->slowest);
}

void
failure_add(Failures *failures, const Failure *failure)
{
    Failure *known = failures->items;
    Failure *end = failures->items + failures->count;

    while (known < end && strcmp(known->sqlstate, failure->sqlstate) != 0)
        known++;
    if (known < end)
    {
        known->count += failure->count;
        return;
    }
    if (failures->count == FAILURES_KEPT)
        return;
    *known = *failure;
    failures->count++;
}

/* Messages are the server's: quotes and control characters may be in them. */
static void
json_text(const char *text, FILE *to)
{
    fputc('"', to);
    for (; *text != '\0'; text++)
    {
        if (*text == '"' || *text == '\\')
            fprintf(to, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(to, "\\u%04x", (unsigned char)*text);
        else
            fputc(*text, to);
    }
    fputc('"', to);
}

void
failures_print(const Failures *failures, FILE *to)
{
    fputc('[', to);
    for (int i = 0; i < failures->count; i++)
    {
        const Failure *failure = &failures->items[i];

        fprintf(to, "%s{\"sqlstate\":\"%s\",\"count\":%" PRId64 ",\"first_ms\":%.0f,",
                i == 0 ? "" : ",", failure->sqlstate, failure->count, failure->at_ms);
        fprintf(to, "\"statement\":\"%s\",\"message\":", failure->statement);
        json_text(failure->message, to);
        fputc('}', to);
    }
    fputc(']', to);
}

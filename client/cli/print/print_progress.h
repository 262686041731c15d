/*
 * The observer that prints: a terminal sees one line that lives, a pipe sees lines.
 *
 * On a pipe a step's progress is told every 5 s or 5 %, whichever comes first, and so
 * is what it waits for. Everything goes to standard error but "Applying migrations...",
 * which scripts look for on standard output.
 */
#ifndef PGSTRIDE_CLI_PRINT_PROGRESS_H
#define PGSTRIDE_CLI_PRINT_PROGRESS_H

#include "base/clock.h"
#include "cli/out.h"
#include "model/event.h"

typedef struct ProgressView
{
    Observer observer;
    Mem *mem;
    Out *out;
    Clock *clock;
    bool quiet;
    bool verbose;
    Out *results;        /* where `opening` goes before the first migration */
    const char *opening; /* or NULL */
    char *database;      /* what we are connected to, as told; NULL before */

    /* What is told of the step under way, and how much of it is on the screen. */
    char *first;
    char *second;
    char *rest;        /* why the backfill rests; NULL: it does not */
    char *reason;      /* the last of them that was told at once; NULL: none yet */
    char *held;        /* what keeps the run, as told; NULL: nothing */
    bool rest_stale;   /* a batch has passed since */
    int drawn;         /* lines that may be drawn again */
    int spin;          /* frame of the spinner */
    double told_ms;    /* when it was told last; negative: never */
    double told_share; /* and how far it was */
} ProgressView;

/* `view` stays where it is: run knows it as an Observer. */
void progress_begin(Mem *mem, ProgressView *view, Out *out, Clock *clock);

/* Takes the living line away, before something else is printed. */
void progress_end(ProgressView *view);

#endif

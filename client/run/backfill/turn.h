/*
 * One range of the sweep, until it is committed, skipped, or cut into smaller ones:
 * what is sent, how a batch may end, and what follows from it.
 */
#ifndef PGSTRIDE_RUN_TURN_H
#define PGSTRIDE_RUN_TURN_H

#include "run/backfill/fill.h"

typedef struct Turn
{
    Fill *fill;
    Leaf *leaf; /* the worker's part of it */
    Sweep *sweep;
    SweepMove move;
    bool skip_locked;
    int tries;
    double barred_since;
    int64_t done_elsewhere; /* blocks of the table that are not this part's, and done */
} Turn;

/* The batch to try next. */
Batch turn_batch(Mem *mem, const Turn *turn);

/*
 * What follows a batch that was answered. `over`: the range is done with; else it is
 * tried again. False: the backfill cannot go on.
 */
bool turn_end(Turn *turn, const BatchReport *report, bool *over, Err *err);

/* What follows takes its time, so no other batch may be in flight meanwhile. */
bool turn_end_is_long(const BatchReport *report);

#endif

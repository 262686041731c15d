/*
 * The sweep: which rows the next batch takes, so that most are updated in place.
 *
 * Pure: no I/O, no clock; the caller says what the server looks like now. The table's
 * blocks [position, end) are opened range by range, and each range is gone over in
 * passes (core/backfill/passes.h). A pass needs the old row versions of the pass before
 * to be dead to everybody: the horizon, the oldest transaction that any snapshot may
 * still see as running, must have gone past that pass. Until then other ranges are
 * worked, so the open ranges, the stripe, grow as wide as readers are slow; when it has
 * its full width, or the table ends, a range that has waited long enough gets the rest
 * of its passes at once.
 *
 * Position: every block below it is done, but for those the caller keeps as skipped. A
 * batch's new position is known before it runs, so that it commits with the batch. What
 * is open is never stored: starting again at the position only reads some pages twice.
 */
#ifndef PGSTRIDE_CORE_SWEEP_H
#define PGSTRIDE_CORE_SWEEP_H

#include "core/backfill/blocks.h"
#include "core/backfill/passes.h"

/* A range of blocks that is being gone over. */
typedef struct Stretch
{
    BlockRange blocks;
    Cut cut;
    int pass;        /* the next one */
    int64_t xid;     /* of the last pass that changed rows; 0: none */
    double since_ms; /* when that pass was done */
    Swept swept;
    bool apart; /* cut off for what is in it: never joined with its neighbours again */
} Stretch;

typedef struct SweepTerms
{
    int64_t stripe_most; /* blocks that may be open at once */
    double patience_ms;  /* a range waits this long for the horizon, when nothing else
                            can be done */
} SweepTerms;

typedef struct Sweep
{
    Mem *mem;
    SweepTerms terms;
    int64_t opened; /* blocks below were opened */
    int64_t end;
    Shape shape;
    Stretch *open; /* ascending */
    int open_count;
    int open_room;
    int64_t stuck_at; /* the horizon that a range was forced past; 0: none */
} Sweep;

/* What the caller knows at this moment. */
typedef struct SweepNow
{
    int64_t horizon; /* full transaction id; 0: cannot be known, never waited for */
    int64_t blocks;  /* per batch, as the throttle wants */
    double now_ms;
} SweepNow;

typedef enum SweepKind
{
    SWEEP_BATCH,
    SWEEP_WAIT, /* for the horizon: rest_ms, then ask again */
    SWEEP_DONE
} SweepKind;

typedef struct SweepMove
{
    SweepKind kind;
    int at; /* index of the stretch */
    BlockRange blocks;
    Pass pass;
    bool last;        /* the range is done after it */
    int64_t position; /* of the sweep, once it is committed */
    double rest_ms;
} SweepMove;

/* What became of a batch. */
typedef struct SweepResult
{
    int64_t rows;
    int64_t hot;
    int64_t xid; /* of its transaction */
    double now_ms;
} SweepResult;

Sweep sweep_start(Mem *mem, BlockRange blocks, Shape shape, SweepTerms terms);
SweepMove sweep_next(Sweep *sweep, const SweepNow *now);
void sweep_done(Sweep *sweep, const SweepMove *move, const SweepResult *result);

/* The same range with everything that is left of it, to be reported done. */
SweepMove sweep_finish(const Sweep *sweep, const SweepMove *move);

/* The batch was too much at once: its range becomes two. False: it is one block. */
bool sweep_split(Sweep *sweep, const SweepMove *move);

int64_t sweep_position(const Sweep *sweep);

/* Blocks done, passes counted in part: for progress. */
int64_t sweep_blocks_done(const Sweep *sweep);

#endif

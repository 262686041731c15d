#include "run/backfill/turn.h"

#include "run/tell.h"

/* A block that cannot be taken after so many tries has somebody sitting on it. */
#define TRIES_MOST 20

static int64_t
move_width(const SweepMove *move)
{
    return move->blocks.to - move->blocks.from;
}

/* What progress will say about skipped blocks, with and without those of this batch. */
Batch
turn_batch(Mem *mem, const Turn *turn)
{
    Blocks more = blocks_copy(mem, &turn->leaf->skipped);

    blocks_add(mem, &more, turn->move.blocks);
    return (Batch){.blocks = turn->move.blocks,
                   .pass = turn->move.pass,
                   .skip_locked = turn->skip_locked,
                   .position = turn->move.position,
                   .skipped = blocks_show(mem, &turn->leaf->skipped),
                   .skipped_if_passed = blocks_show(mem, &more)};
}

/*
 * What the throttle should know of a batch: at once when it took too long; otherwise
 * only when a whole range is done, the longest of its passes. -1: nothing.
 */
static double
turn_lesson(const Turn *turn, const BatchReport *report)
{
    Fill *fill = turn->fill;
    /* With several, an answer may lie there until the others are dealt with. */
    double took_ms =
        fill->hands > 1 && report->worked_ms > 0 ? report->worked_ms : report->took_ms;
    bool whole = move_width(&turn->move) * 4 >= fill->throttle.blocks * 3;
    double lesson = -1;

    if (took_ms > fill->longest_ms)
        fill->longest_ms = took_ms;
    if (took_ms > throttle_aim_ms(&fill->throttle, &fill->limits))
        lesson = took_ms;
    else if (turn->move.last && whole)
        lesson = fill->longest_ms;
    if (turn->move.last || lesson >= 0)
        fill->longest_ms = 0;
    return lesson;
}

static void
turn_tell(const Turn *turn)
{
    fill_tell(turn->fill, "sweeping",
              turn->done_elsewhere + sweep_blocks_done(turn->sweep));
}

/* --- how a batch may end, and what follows --------------------------------------- */

static bool
turn_done(Turn *turn, const BatchReport *report, Err *err)
{
    Fill *fill = turn->fill;
    SweepResult result = {.rows = report->rows,
                          .hot = report->hot,
                          .xid = report->xid,
                          .now_ms = clock_now(fill->run->clock)};
    double lesson = turn_lesson(turn, report);

    if (report->passed > 0)
        blocks_add(fill->mem, &turn->leaf->skipped, turn->move.blocks);
    sweep_done(turn->sweep, &turn->move, &result);
    turn->leaf->rest.from = sweep_position(turn->sweep);
    turn->leaf->rows_done += report->rows;
    fill_count(fill, report);
    fill->gauge.pressure.value[SIGNAL_WAITERS] = (double)report->waiters;
    turn_tell(turn);
    return fill_pace(fill, turn->leaf, lesson, err);
}

/* Nothing more to change here. The next batch records it: with its position go the
 * blocks that were skipped below. */
static bool
turn_close(Turn *turn, const SweepMove *move, Err *err)
{
    Fill *fill = turn->fill;

    sweep_done(turn->sweep, move, &(SweepResult){.rows = 0});
    turn->leaf->rest.from = sweep_position(turn->sweep);
    turn_tell(turn);
    return fill_pace(fill, turn->leaf, -1, err);
}

/* The rows stay as they are, the block is come back to. */
static bool
turn_skip(Turn *turn, Err *err)
{
    blocks_add(turn->fill->mem, &turn->leaf->skipped, turn->move.blocks);
    return turn_close(turn, &turn->move, err);
}

/* Optimistic first; then without the rows that others have; then smaller. */
static bool
turn_locked(Turn *turn, bool *over, Err *err)
{
    if (!turn->skip_locked)
    {
        turn->skip_locked = true;
        return true;
    }
    *over = true;
    return sweep_split(turn->sweep, &turn->move) || turn_skip(turn, err);
}

static bool
turn_slow(Turn *turn, const BatchReport *report, bool *over, Err *err)
{
    Fill *fill = turn->fill;
    bool waited = report->waiters > 0;
    const char *why = waited ? "others waited for rows of a batch" : NULL;

    fill->throttle = throttle_shrink(fill->throttle);
    *over = sweep_split(turn->sweep, &turn->move);
    if (!fill_rest(fill, waited ? fill->limits.batch_ms : 0, why, err))
        return false;
    return *over || turn->tries < TRIES_MOST ||
           err_set(err, ERR_BUSY, "block %lld of \"%s\" was cancelled %d times",
                   (long long)turn->move.blocks.from, turn->leaf->shown, turn->tries);
}

static bool
turn_poisoned(Turn *turn, bool *over, Err *err)
{
    *over = true;
    err_clear(err);
    if (sweep_split(turn->sweep, &turn->move))
        return fill_rest(turn->fill, 0, NULL, err);

    SweepMove rest = sweep_finish(turn->sweep, &turn->move);

    return poison_set_aside(turn->fill, turn->leaf, rest.blocks.from, err) &&
           turn_close(turn, &rest, err);
}

bool
turn_end(Turn *turn, const BatchReport *report, bool *over, Err *err)
{
    switch (report->end)
    {
    case BATCH_DONE:
        *over = true;
        return turn_done(turn, report, err);
    case BATCH_CLASHED:
        return turn->tries < TRIES_MOST || turn_locked(turn, over, err);
    case BATCH_LOCKED:
        return turn_locked(turn, over, err);
    case BATCH_BARRED:
        return fill_barred(turn->fill, turn->leaf, &turn->barred_since, err);
    case BATCH_SLOW:
        return turn_slow(turn, report, over, err);
    case BATCH_REPLACED:
        *over = turn->leaf->replaced = true;
        return true;
    case BATCH_POISONED:
        return turn_poisoned(turn, over, err);
    case BATCH_FAILED:
        break;
    }
    return false;
}

bool
turn_end_is_long(const BatchReport *report)
{
    return report->end == BATCH_BARRED || report->end == BATCH_SLOW ||
           report->end == BATCH_POISONED;
}

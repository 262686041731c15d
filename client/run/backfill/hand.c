#include "run/backfill/hand.h"

#include "run/hold/hold.h"

/* Wider stripes would be forgotten by the cache between two passes. */
#define STRIPE_BLOCKS 131072
#define HORIZON_PATIENCE_MS 1000
#define HORIZON_FRESH_MS 5.0
#define SNAPSHOT_REST_MS 10.0 /* the server has waited for it already */

/* What waited so lately may still have ranges open. */
#define WAITED_LATELY_MS (2.0 * HORIZON_PATIENCE_MS)

/* Several hands come together this often, to hear what an operator wants. */
#define TOGETHER_MS 1000.0

/* Where the server's sweep failed, the next so many blocks are swept by our batches. */
#define ASIDE_BLOCKS 128

/* --- who does what --------------------------------------------------------------- */

/* Passes are for rows updated in place, and only a scan of a range prunes pages. */
static bool
leaf_one_pass(const Fill *fill, const Leaf *leaf)
{
    return leaf->never_hot || fill->step->backfill->is_delete ||
           !fill->run->caps->tid_range_scan;
}

int
crew_flying(const Crew *crew)
{
    int flying = 0;

    for (int i = 0; i < crew->count; i++)
        flying += crew->hands[i].state == HAND_FLIES;
    return flying;
}

/* All that a batch is sent with goes by run->worker: whoever's turn it is sits there.
 */
void
hand_sits(Crew *crew, const Hand *hand)
{
    Run *run = crew->fill->run;

    run->worker = hand->db;
    run->worker_away = crew->worker;
}

/* Its own batches go over these blocks. */
static void
hand_sweep(Crew *crew, Hand *hand, BlockRange blocks)
{
    const SweepTerms terms = {.stripe_most = STRIPE_BLOCKS / crew->count,
                              .patience_ms = HORIZON_PATIENCE_MS};
    const ShapeFacts facts = {.rows = crew->leaf->rows,
                              .blocks = crew->leaf->blocks,
                              .fillfactor = (int)crew->leaf->fillfactor,
                              .indexes = (int)crew->leaf->indexes,
                              .never_hot = leaf_one_pass(crew->fill, crew->leaf)};

    hand->slices = false;
    hand->slice_turn.heard = false;
    hand->sweep = sweep_start(crew->fill->mem, blocks, shape_start(&facts), terms);
}

/* What the server could not do: the blocks from where it stopped. */
static void
hand_sweep_aside(Crew *crew, Hand *hand)
{
    BlockRange blocks = {hand->leaf.rest.from, hand->leaf.rest.from + ASIDE_BLOCKS};

    if (blocks.to > hand->leaf.rest.to)
        blocks.to = hand->leaf.rest.to;
    hand_sweep(crew, hand, blocks);
}

/* The next part that nobody has; false: there is none. */
bool
hand_take_part(Crew *crew, Hand *hand)
{
    if (crew->next_part == crew->leaf->parts.count)
        return false;

    const Part *part = &crew->leaf->parts.items[crew->next_part++];

    hand->leaf = *crew->leaf;
    hand->leaf.part = part->number;
    hand->leaf.rest = part->rest;
    hand->leaf.skipped = part->skipped;
    hand->leaf.rows_done = hand->leaf.set_aside = 0;
    hand->slice_turn = (SliceTurn){.fill = crew->fill, .leaf = &hand->leaf};
    hand_sweep(crew, hand, part->rest);
    hand->slices = crew->by_server;
    return true;
}

/* What it did is the table's now. */
static void
hand_give_part(Crew *crew, Hand *hand)
{
    Parts *parts = &crew->leaf->parts;

    for (int i = 0; i < parts->count; i++)
        if (parts->items[i].number == hand->leaf.part)
        {
            parts->items[i].rest.from = parts->items[i].rest.to;
            parts->items[i].skipped = hand->leaf.skipped;
        }
    crew->leaf->rows_done += hand->leaf.rows_done;
    crew->leaf->set_aside += hand->leaf.set_aside;
}

static int64_t
hand_blocks_done(const Hand *hand)
{
    return hand->slices ? hand->leaf.rest.from : sweep_blocks_done(&hand->sweep);
}

/* Not while an older snapshot keeps ranges open: they would be forgotten, and whoever
 * begins them again waits anew. */
bool
crew_is_uneven(const Crew *crew)
{
    double lately = clock_now(crew->fill->run->clock) - WAITED_LATELY_MS;
    bool idle = false;
    bool large = false;

    for (int i = 0; i < crew->count; i++)
    {
        const Hand *hand = &crew->hands[i];
        const BlockRange left = {hand_blocks_done(hand), hand->leaf.rest.to};

        if (hand->waited_at_ms > 0 && hand->waited_at_ms > lately)
            return false;
        idle = idle || hand->state == HAND_DONE;
        large = large || (hand->state != HAND_DONE && part_is_large(left));
    }
    return idle && large;
}

/* Blocks that are done, but for what its own sweep knows. */
static int64_t
done_elsewhere(const Crew *crew, const Hand *own)
{
    int64_t left = 0;

    for (int i = crew->next_part; i < crew->leaf->parts.count; i++)
        left +=
            crew->leaf->parts.items[i].rest.to - crew->leaf->parts.items[i].rest.from;
    for (int i = 0; i < crew->count; i++)
        if (&crew->hands[i] != own && crew->hands[i].state != HAND_DONE)
            left += crew->hands[i].leaf.rest.to - hand_blocks_done(&crew->hands[i]);
    return crew->leaf->rest.to - left - own->leaf.rest.to;
}

/* --- a batch goes out ------------------------------------------------------------ */

bool
hand_send(Crew *crew, Hand *hand, Err *err)
{
    Fill *fill = crew->fill;

    hand->mem = mem_scope_begin(fill->mem);
    hand->job = fill_job(fill, &hand->leaf);
    hand->order = (BatchOrder){.job = &hand->job,
                               .filenode = hand->leaf.filenode,
                               .lock_ms = leaf_lock_ms(&hand->leaf),
                               .stall_ms = fill->stall_ms,
                               .texts = hand->mem};
    if (hand->slices)
    {
        if (!slice_next(hand->mem, &hand->slice_turn, &hand->slice, err))
            return false;
        hand->order.slice = &hand->slice;
    }
    else
    {
        hand->batch = turn_batch(hand->mem, &hand->turn);
        hand->order.batch = &hand->batch;
    }
    hand->turn.tries++;
    hand->state = HAND_FLIES;
    hand_sits(crew, hand);
    return batch_begin(hand->mem, fill->run, &hand->order, &hand->flight, err);
}

/* What the decision needs to know; a table swept in one pass waits for no horizon, and
 * one seen by another hand a moment ago is only more careful. */
static bool
sweep_look(Crew *crew, const Sweep *sweep, SweepNow *now, Err *err)
{
    Fill *fill = crew->fill;

    *now = (SweepNow){.blocks = fill->throttle.blocks,
                      .now_ms = clock_now(fill->run->clock)};
    if (sweep->open_count == 0 && sweep->stuck_at == 0)
        return true;
    if (crew->count == 1 || now->now_ms - crew->horizon_ms >= HORIZON_FRESH_MS)
    {
        if (!pressure_horizon(fill->run, &crew->horizon, err))
            return false;
        crew->horizon_ms = now->now_ms = clock_now(fill->run->clock);
    }
    now->horizon = crew->horizon;
    return true;
}

/* As long as its move says. */
static void
hand_wait(const Crew *crew, Hand *hand)
{
    hand->state = HAND_WAITS;
    hand->waited_at_ms = clock_now(crew->fill->run->clock);
}

/* Nothing is left of what it was at. */
static void
hand_next_part(Crew *crew, Hand *hand)
{
    if (crew->by_server && hand->leaf.rest.from < hand->leaf.rest.to)
    {
        hand->slices = true;
        return;
    }
    hand_give_part(crew, hand);
    hand->state = hand_take_part(crew, hand) ? HAND_FREE : HAND_DONE;
}

bool
hand_next(Crew *crew, Hand *hand, Err *err)
{
    SweepNow now;
    SweepMove move;

    if (hand->slices && hand->leaf.rest.from < hand->leaf.rest.to)
    {
        hand->state = HAND_AGAIN;
        return true;
    }
    if (!sweep_look(crew, &hand->sweep, &now, err))
        return false;
    move =
        hand->slices ? (SweepMove){.kind = SWEEP_DONE} : sweep_next(&hand->sweep, &now);
    if (move.kind == SWEEP_DONE)
    {
        hand_next_part(crew, hand);
        return true;
    }
    hand->turn = (Turn){
        .fill = crew->fill, .leaf = &hand->leaf, .sweep = &hand->sweep, .move = move};
    hand->state = HAND_AGAIN;
    if (move.kind == SWEEP_WAIT)
        hand_wait(crew, hand);
    return true;
}

/* --- and comes back -------------------------------------------------------------- */

static bool
hand_settle_slice(Crew *crew, Hand *hand, Err *err)
{
    SliceEnd end;
    bool good;

    hand->slice_turn.done_elsewhere = done_elsewhere(crew, hand);
    good = slice_end(&hand->slice_turn, &hand->report, &end, err);
    hand->state = HAND_FREE;
    if (end == SLICE_ASIDE)
        hand_sweep_aside(crew, hand);
    if (end != SLICE_WAITS)
        return good;
    hand->turn.move.rest_ms = SNAPSHOT_REST_MS;
    hand_wait(crew, hand);
    return good;
}

static bool
hand_settle_batch(Crew *crew, Hand *hand, Err *err)
{
    bool over = false;
    bool good;

    hand->turn.done_elsewhere = done_elsewhere(crew, hand);
    good = turn_end(&hand->turn, &hand->report, &over, err);
    hand->state = over ? HAND_FREE : HAND_AGAIN;
    return good;
}

/* Sweeps of the server rest by themselves between their batches; all else that is slow
 * rests while nothing is in flight. */
static bool
crew_rests(const Crew *crew)
{
    const Throttle *throttle = &crew->fill->throttle;
    bool by_server = true;

    for (int i = 0; i < crew->count; i++)
        by_server =
            by_server && (crew->hands[i].slices || crew->hands[i].state == HAND_DONE);
    return throttle->rest_ms > 0 || (throttle_slows(throttle) && !by_server);
}

bool
hand_settle(Crew *crew, Hand *hand, Err *err)
{
    Fill *fill = crew->fill;
    double now = clock_now(fill->run->clock);

    hand_sits(crew, hand);
    fill->in_flight = crew_flying(crew);

    bool good = hand->slices ? hand_settle_slice(crew, hand, err)
                             : hand_settle_batch(crew, hand, err);

    mem_scope_end(&hand->mem);
    if (fill->in_flight == 0)
        crew->together_ms = clock_now(fill->run->clock);
    else if (crew_rests(crew) || now - crew->together_ms >= TOGETHER_MS ||
             hold_is_due(fill->run, fill->step))
        crew->together = true;
    fill->in_flight = 0;
    crew->leaf->replaced = crew->leaf->replaced || hand->leaf.replaced;
    return good;
}

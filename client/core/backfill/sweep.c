#include "core/backfill/sweep.h"

#define WAIT_MS 10.0

Sweep
sweep_start(Mem *mem, BlockRange blocks, Shape shape, SweepTerms terms)
{
    return (Sweep){.mem = mem,
                   .terms = terms,
                   .opened = blocks.from,
                   .end = blocks.to,
                   .shape = shape};
}

int64_t
sweep_position(const Sweep *sweep)
{
    return sweep->open_count > 0 ? sweep->open[0].blocks.from : sweep->opened;
}

int64_t
sweep_blocks_done(const Sweep *sweep)
{
    double done = (double)sweep->opened;

    for (int i = 0; i < sweep->open_count; i++)
    {
        const Stretch *stretch = &sweep->open[i];
        double left = 1.0 - (double)stretch->pass / stretch->cut.count;

        done -= left * (double)(stretch->blocks.to - stretch->blocks.from);
    }
    return (int64_t)done;
}

/* --- the open ranges ------------------------------------------------------------- */

static int64_t
stretch_width(const Stretch *stretch)
{
    return stretch->blocks.to - stretch->blocks.from;
}

static void
stretch_insert(Sweep *sweep, int at, Stretch stretch)
{
    list_reserve(sweep->mem, (void **)&sweep->open, &sweep->open_room,
                 sweep->open_count, sizeof(Stretch));
    for (int i = sweep->open_count++; i > at; i--)
        sweep->open[i] = sweep->open[i - 1];
    sweep->open[at] = stretch;
}

static void
stretch_remove(Sweep *sweep, int at)
{
    sweep->open_count--;
    for (int i = at; i < sweep->open_count; i++)
        sweep->open[i] = sweep->open[i + 1];
}

/* The old versions that its last pass left can be pruned by now. */
static bool
stretch_ready(const Stretch *stretch, int64_t horizon)
{
    return stretch->xid == 0 || horizon == 0 || horizon > stretch->xid;
}

/* --- what comes next ------------------------------------------------------------- */

static SweepMove
move_batch(const Sweep *sweep, int at, bool rest)
{
    const Stretch *stretch = &sweep->open[at];
    bool last = rest || stretch->pass + 1 >= stretch->cut.count;
    SweepMove move = {.kind = SWEEP_BATCH,
                      .at = at,
                      .blocks = stretch->blocks,
                      .pass = rest ? (Pass){.rows = 0}
                                   : cut_pass(&stretch->cut, stretch->pass),
                      .last = last,
                      .position = sweep_position(sweep)};

    if (last && at == 0)
        move.position =
            sweep->open_count > 1 ? sweep->open[1].blocks.from : sweep->opened;
    return move;
}

/* While the horizon stands where it stood when we gave up on it, passes are no use. */
static SweepMove
move_open(Sweep *sweep, const SweepNow *now)
{
    bool stuck = sweep->stuck_at != 0 && now->horizon == sweep->stuck_at;
    int64_t to = sweep->opened + (now->blocks < 1 ? 1 : now->blocks);
    Stretch fresh = {.cut = stuck ? cut_plain() : cut_choose(&sweep->shape)};

    if (to > sweep->end)
        to = sweep->end;
    fresh.blocks = (BlockRange){sweep->opened, to};
    fresh.swept = (Swept){.blocks = to - sweep->opened, .forced = stuck};
    sweep->opened = to;
    stretch_insert(sweep, sweep->open_count, fresh);
    return move_batch(sweep, sweep->open_count - 1, false);
}

/* Nothing is ready and nothing may be opened: the lowest range waits, then is forced.
 */
static SweepMove
move_forced(Sweep *sweep, const SweepNow *now)
{
    Stretch *lowest = &sweep->open[0];
    bool stuck = now->horizon == sweep->stuck_at;

    if (!stuck && now->now_ms - lowest->since_ms < sweep->terms.patience_ms)
        return (SweepMove){.kind = SWEEP_WAIT, .rest_ms = WAIT_MS};
    sweep->stuck_at = now->horizon;
    lowest->swept.forced = true;
    return move_batch(sweep, 0, true);
}

/* A range opened wide is cut down to what fits into a batch by now. */
static void
stretch_fit(Sweep *sweep, int at, int64_t blocks)
{
    Stretch *stretch = &sweep->open[at];

    if (blocks < 1 || stretch_width(stretch) < blocks * 2)
        return;

    Stretch above = *stretch;

    stretch->blocks.to = stretch->blocks.from + blocks;
    above.blocks.from = stretch->blocks.to;
    stretch->swept = (Swept){.forced = true};
    above.swept = stretch->swept;
    stretch_insert(sweep, at + 1, above);
}

/* Neighbours that are as far are taken together, as long as they fit into a batch. */
static void
stretch_join(Sweep *sweep, int at, const SweepNow *now)
{
    while (at + 1 < sweep->open_count)
    {
        Stretch *low = &sweep->open[at];
        const Stretch *high = &sweep->open[at + 1];

        if (low->apart || high->apart || low->blocks.to != high->blocks.from ||
            low->pass != high->pass || !cut_equals(&low->cut, &high->cut) ||
            !stretch_ready(high, now->horizon) ||
            stretch_width(low) + stretch_width(high) > now->blocks)
            return;
        low->blocks.to = high->blocks.to;
        low->swept.blocks += high->swept.blocks;
        low->swept.rows += high->swept.rows;
        low->swept.hot += high->swept.hot;
        low->swept.forced = low->swept.forced || high->swept.forced;
        low->xid = high->xid > low->xid ? high->xid : low->xid;
        stretch_remove(sweep, at + 1);
    }
}

SweepMove
sweep_next(Sweep *sweep, const SweepNow *now)
{
    int64_t width = sweep->opened - sweep_position(sweep);

    for (int i = 0; i < sweep->open_count; i++)
    {
        if (!stretch_ready(&sweep->open[i], now->horizon))
            continue;
        stretch_fit(sweep, i, now->blocks);
        stretch_join(sweep, i, now);
        return move_batch(sweep, i, false);
    }
    if (sweep->opened < sweep->end && width < sweep->terms.stripe_most)
        return move_open(sweep, now);
    if (sweep->open_count > 0)
        return move_forced(sweep, now);
    return (SweepMove){.kind = SWEEP_DONE, .position = sweep->opened};
}

void
sweep_done(Sweep *sweep, const SweepMove *move, const SweepResult *result)
{
    Stretch *stretch = &sweep->open[move->at];

    stretch->pass++;
    stretch->swept.rows += result->rows;
    stretch->swept.hot += result->hot;
    if (result->rows > 0)
    {
        stretch->xid = result->xid;
        stretch->since_ms = result->now_ms;
    }
    if (!move->last)
        return;
    sweep->shape = shape_learn(sweep->shape, &stretch->cut, &stretch->swept);
    stretch_remove(sweep, move->at);
}

SweepMove
sweep_finish(const Sweep *sweep, const SweepMove *move)
{
    return move_batch(sweep, move->at, true);
}

bool
sweep_split(Sweep *sweep, const SweepMove *move)
{
    int64_t blocks = move->blocks.to - move->blocks.from;

    if (blocks < 2)
        return false;
    stretch_fit(sweep, move->at, blocks / 2);
    sweep->open[move->at].apart = sweep->open[move->at + 1].apart = true;
    return true;
}

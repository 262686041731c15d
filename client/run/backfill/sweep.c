#include "base/fault.h"
#include "run/backfill/turn.h"
#include "run/hold.h"
#include "run/open.h"

/* Wider stripes would be forgotten by the cache between two passes. */
#define STRIPE_BLOCKS 131072
#define HORIZON_PATIENCE_MS 1000
#define HORIZON_FRESH_MS 5.0

/* Several hands come together this often, to hear what an operator wants. */
#define TOGETHER_MS 1000.0

/*
 * Several workers sweep a table on one event loop: the hands of one crew. A hand has a
 * connection, a part of the table with a progress row of its own, and a batch under way
 * or an answer to be dealt with. Whatever takes its time (a rest, a pause, a hunt for
 * rows that cannot be filled) waits until no other hand has a batch in flight, because
 * nobody would commit it meanwhile and its rows would stay locked.
 */
typedef enum HandState
{
    HAND_FREE,   /* asks what comes next */
    HAND_AGAIN,  /* tries the same range once more */
    HAND_FLIES,  /* its batch is under way */
    HAND_LANDED, /* its answer is long to deal with */
    HAND_WAITS,  /* an older snapshot still sees its rows */
    HAND_DONE
} HandState;

typedef struct Hand
{
    HandState state;
    Db *db;
    Leaf leaf; /* a copy: its own part, position and skipped blocks */
    Sweep sweep;
    Turn turn;
    Mem *mem; /* of the batch under way */
    BatchJob job;
    Batch batch;
    BatchOrder order;
    Flight *flight;
    BatchReport report;
} Hand;

typedef struct Crew
{
    Fill *fill;
    Leaf *leaf;
    Db *worker; /* the run's own, while others have its seat */
    Hand *hands;
    int count;
    int next_part;
    int64_t horizon; /* as seen at horizon_ms */
    double horizon_ms;
    bool together; /* nobody begins a batch until all have landed */
    double together_ms;
} Crew;

/* --- who does what --------------------------------------------------------------- */

/* Passes are for rows updated in place, and only a scan of a range prunes pages. */
static bool
leaf_one_pass(const Fill *fill, const Leaf *leaf)
{
    return leaf->never_hot || fill->step->backfill->is_delete ||
           !fill->run->caps->tid_range_scan;
}

static int
crew_flying(const Crew *crew)
{
    int flying = 0;

    for (int i = 0; i < crew->count; i++)
        flying += crew->hands[i].state == HAND_FLIES;
    return flying;
}

/* All that a batch is sent with goes by run->worker: whoever's turn it is sits there.
 */
static void
hand_sits(Crew *crew, const Hand *hand)
{
    Run *run = crew->fill->run;

    run->worker = hand->db;
    run->worker_away = crew->worker;
}

/* The next part that nobody has; false: there is none. */
static bool
hand_take_part(Crew *crew, Hand *hand)
{
    Fill *fill = crew->fill;
    const SweepTerms terms = {.stripe_most = STRIPE_BLOCKS / crew->count,
                              .patience_ms = HORIZON_PATIENCE_MS};
    Shape shape =
        shape_start(crew->leaf->rows, crew->leaf->blocks, (int)crew->leaf->indexes,
                    leaf_one_pass(fill, crew->leaf));

    if (crew->next_part == crew->leaf->parts.count)
        return false;

    const Part *part = &crew->leaf->parts.items[crew->next_part++];

    hand->leaf = *crew->leaf;
    hand->leaf.part = part->number;
    hand->leaf.rest = part->rest;
    hand->leaf.skipped = part->skipped;
    hand->leaf.rows_done = hand->leaf.set_aside = 0;
    hand->sweep = sweep_start(fill->mem, part->rest, shape, terms);
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
            left +=
                crew->hands[i].leaf.rest.to - sweep_blocks_done(&crew->hands[i].sweep);
    return crew->leaf->rest.to - left - own->leaf.rest.to;
}

/* --- a batch goes out ------------------------------------------------------------ */

static bool
hand_send(Crew *crew, Hand *hand, Err *err)
{
    Fill *fill = crew->fill;

    hand->mem = mem_scope_begin(fill->mem);
    hand->job = fill_job(fill, &hand->leaf);
    hand->batch = turn_batch(hand->mem, &hand->turn);
    hand->order = (BatchOrder){.job = &hand->job,
                               .batch = &hand->batch,
                               .filenode = hand->leaf.filenode,
                               .lock_ms = leaf_lock_ms(&hand->leaf),
                               .stall_ms = fill->stall_ms};
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

static bool
hand_next(Crew *crew, Hand *hand, Err *err)
{
    SweepNow now;
    SweepMove move;

    if (!sweep_look(crew, &hand->sweep, &now, err))
        return false;
    move = sweep_next(&hand->sweep, &now);
    if (move.kind == SWEEP_DONE)
    {
        hand_give_part(crew, hand);
        hand->state = hand_take_part(crew, hand) ? HAND_FREE : HAND_DONE;
        return true;
    }
    hand->turn = (Turn){
        .fill = crew->fill, .leaf = &hand->leaf, .sweep = &hand->sweep, .move = move};
    hand->state = move.kind == SWEEP_WAIT ? HAND_WAITS : HAND_AGAIN;
    return true;
}

static bool
crew_send(Crew *crew, Err *err)
{
    for (int i = 0; i < crew->count && !crew->together; i++)
    {
        Hand *hand = &crew->hands[i];

        while (hand->state == HAND_FREE)
            if (!hand_next(crew, hand, err))
                return false;
        if (hand->state == HAND_AGAIN && !hand_send(crew, hand, err))
            return false;
    }
    return true;
}

/* --- and comes back -------------------------------------------------------------- */

static bool
hand_settle(Crew *crew, Hand *hand, Err *err)
{
    Fill *fill = crew->fill;
    double now = clock_now(fill->run->clock);
    bool over = false;

    hand_sits(crew, hand);
    fill->in_flight = crew_flying(crew);
    hand->turn.done_elsewhere = done_elsewhere(crew, hand);

    bool good = turn_end(&hand->turn, &hand->report, &over, err);

    if (fill->in_flight == 0)
        crew->together_ms = clock_now(fill->run->clock);
    else if (fill->throttle.rest_ms > 0 || now - crew->together_ms >= TOGETHER_MS ||
             hold_is_due(fill->run, fill->step))
        crew->together = true;
    fill->in_flight = 0;
    hand->state = over ? HAND_FREE : HAND_AGAIN;
    crew->leaf->replaced = crew->leaf->replaced || hand->leaf.replaced;
    return good;
}

static bool
hand_land(Crew *crew, Hand *hand, Err *err)
{
    hand_sits(crew, hand);

    bool good = batch_end(crew->fill->run, hand->flight, &hand->report, err);

    mem_scope_end(&hand->mem);
    hand->state = HAND_LANDED;
    if (!good && hand->report.end != BATCH_POISONED)
        return false;
    if (crew_flying(crew) > 0 && turn_end_is_long(&hand->report))
    {
        crew->together = true;
        err_clear(err);
        return true;
    }
    return hand_settle(crew, hand, err);
}

/* Who waits for a batch of ours waits for its COMMIT: it may have to be cut short. */
static bool
crew_look(Crew *crew, Err *err)
{
    for (int i = 0; i < crew->count; i++)
    {
        Hand *hand = &crew->hands[i];

        if (hand->state != HAND_FLIES)
            continue;
        hand_sits(crew, hand);
        if (!batch_look(crew->fill->run, hand->flight, err))
            return false;
    }
    return true;
}

static bool
crew_await(Crew *crew, Err *err)
{
    MEM_SCOPE(scope, crew->fill->mem);
    Run *run = crew->fill->run;
    Hand **flying = mem_array(scope, Hand *, crew->count);
    Db **dbs = mem_array(scope, Db *, crew->count);
    double period = BATCH_LOOK_MS;
    int count = 0;

    for (int i = 0; i < crew->count; i++)
    {
        Hand *hand = &crew->hands[i];

        if (hand->state == HAND_WAITS && hand->turn.move.rest_ms < period)
            period = hand->turn.move.rest_ms;
        if (hand->state != HAND_FLIES)
            continue;
        dbs[count] = hand->db;
        flying[count++] = hand;
    }

    int landed = run->driver->wait(dbs, count, clock_now(run->clock) + period, -1);

    return landed < 0 ? crew_look(crew, err) : hand_land(crew, flying[landed], err);
}

/* Nobody is in flight: what had to wait for that has its turn. */
static bool
crew_meet(Crew *crew, Err *err)
{
    Fill *fill = crew->fill;
    bool all_wait = true;
    double rest_ms = 0;

    for (int i = 0; i < crew->count; i++)
    {
        Hand *hand = &crew->hands[i];

        if (hand->state == HAND_LANDED && !hand_settle(crew, hand, err))
            return false;
        all_wait = all_wait && (hand->state == HAND_WAITS || hand->state == HAND_DONE);
        if (hand->state == HAND_WAITS)
            rest_ms = hand->turn.move.rest_ms;
    }
    if (crew->together && !fill_pace(fill, crew->leaf, -1, err))
        return false;
    crew->together = false;
    crew->together_ms = clock_now(fill->run->clock);
    return !all_wait ||
           fill_rest(fill, rest_ms,
                     "an older snapshot still sees the rows of the last pass", err);
}

/* --- the main line --------------------------------------------------------------- */

static bool
crew_is_done(const Crew *crew)
{
    bool done = true;

    for (int i = 0; i < crew->count; i++)
        done = done && crew->hands[i].state == HAND_DONE;
    return done || crew->leaf->replaced;
}

static bool
crew_work(Crew *crew, Err *err)
{
    while (!crew_is_done(crew))
    {
        for (int i = 0; i < crew->count; i++)
            if (crew->hands[i].state == HAND_WAITS)
                crew->hands[i].state = HAND_FREE;
        if (!crew_send(crew, err))
            return false;
        if (crew_flying(crew) > 0 ? !crew_await(crew, err)
                                  : !crew_is_done(crew) && !crew_meet(crew, err))
            return false;
    }
    return true;
}

/* As many hands as there are parts to sweep; one of them is the run's own worker. */
static bool
crew_gather(Crew *crew, int workers, Err *err)
{
    Fill *fill = crew->fill;
    Run *run = fill->run;
    int parts = 0;

    if (!leaf_share(fill, crew->leaf, workers, err))
        return false;
    for (int i = 0; i < crew->leaf->parts.count; i++)
        parts +=
            crew->leaf->parts.items[i].rest.from < crew->leaf->parts.items[i].rest.to;
    crew->count = parts < workers ? parts : workers;
    if (crew->count < 1)
        crew->count = 1;
    if (!run_open_crew(run, crew->count - 1, err))
        return false;
    crew->hands = mem_array(fill->mem, Hand, crew->count);
    for (int i = 0; i < crew->count; i++)
    {
        Hand *hand = &crew->hands[i];

        hand->db = i == 0 ? run->worker : run->crew[i - 1];
        hand->state = hand_take_part(crew, hand) ? HAND_FREE : HAND_DONE;
    }
    fill->hands = fill->progress->workers = crew->count;
    return true;
}

/* Whatever ended it: what is in flight is whole batches, to be committed. */
static void
crew_leave(Crew *crew)
{
    for (int i = 0; i < crew->count; i++)
    {
        Hand *hand = &crew->hands[i];
        Err ignored = {0};

        if (hand->state != HAND_FLIES)
            continue;
        hand_sits(crew, hand);
        batch_end(crew->fill->run, hand->flight, &hand->report, &ignored);
        err_clear(&ignored);
        mem_scope_end(&hand->mem);
    }
    crew->fill->run->worker = crew->worker;
    crew->fill->run->worker_away = NULL;
    crew->fill->hands = crew->fill->progress->workers = 1;
    crew->fill->in_flight = 0;
}

bool
sweep_leaf(Fill *fill, Leaf *leaf, Err *err)
{
    int workers = fill->run->settings->workers;
    Crew crew = {.fill = fill,
                 .leaf = leaf,
                 .worker = fill->run->worker,
                 .together_ms = clock_now(fill->run->clock)};
    bool good =
        crew_gather(&crew, workers > 1 ? workers : 1, err) && crew_work(&crew, err);

    crew_leave(&crew);
    return good && (leaf->replaced || leaf_join(fill, leaf, err));
}

/*
 * Sweeps a table with as many hands as there are workers: whoever is free is given
 * something to do, whoever has an answer has it dealt with.
 */
#include "base/fault.h"
#include "run/backfill/hand.h"
#include "run/connect/sessions.h"
#include "run/hold/hold.h"

#define LOOK_MOST_MS 1000.0

/* --- out and back ---------------------------------------------------------------- */

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

static bool
hand_land(Crew *crew, Hand *hand, Err *err)
{
    hand_sits(crew, hand);

    bool good = batch_end(crew->fill->run, hand->flight, &hand->report, err);

    hand->state = HAND_LANDED;
    if (!good && hand->report.end != BATCH_POISONED)
    {
        mem_scope_end(&hand->mem);
        return false;
    }
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
    double period = LOOK_MOST_MS;
    int count = 0;

    for (int i = 0; i < crew->count; i++)
    {
        Hand *hand = &crew->hands[i];

        if (hand->state == HAND_WAITS && hand->turn.move.rest_ms < period)
            period = hand->turn.move.rest_ms;
        if (hand->state != HAND_FLIES)
            continue;
        if (batch_look_ms(&hand->order) < period)
            period = batch_look_ms(&hand->order);
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

    for (int i = 0; i < crew->count; i++)
        if (crew->hands[i].state == HAND_LANDED &&
            !hand_settle(crew, &crew->hands[i], err))
            return false;
    if (crew->together && !fill_pace(fill, crew->leaf, -1, err))
        return false;
    crew->together = false;
    crew->together_ms = clock_now(fill->run->clock);
    return true;
}

/* --- an older snapshot ----------------------------------------------------------- */

/* Nobody who is not done has anything to do before it has ended. */
static bool
crew_waits(const Crew *crew, double *rest_ms)
{
    bool waits = true;

    for (int i = 0; i < crew->count; i++)
    {
        const Hand *hand = &crew->hands[i];

        waits = waits && (hand->state == HAND_WAITS || hand->state == HAND_DONE);
        if (hand->state == HAND_WAITS)
            *rest_ms = hand->turn.move.rest_ms;
    }
    return waits;
}

/* The oldest transaction is named, as far as this role may see whose it is; then all
 * look again. */
static bool
crew_wait(Crew *crew, Err *err)
{
    MEM_SCOPE(scope, crew->fill->mem);
    const char *who = crew->fill->gauge.pressure.who[SIGNAL_SNAPSHOT];
    const char *why = "an older snapshot still sees the rows of the last pass";
    double rest_ms = 0;

    if (crew_waits(crew, &rest_ms) &&
        !fill_rest(crew->fill, rest_ms,
                   who == NULL ? why : mem_text(scope, "%s: %s", why, who), err))
        return false;
    for (int i = 0; i < crew->count; i++)
        if (crew->hands[i].state == HAND_WAITS)
            crew->hands[i].state = HAND_FREE;
    return true;
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

/* An operator wants another number of workers, or one of them has nothing left to do;
 * and all answers are dealt with. */
static bool
crew_regroups(const Crew *crew)
{
    bool landed = false;

    for (int i = 0; i < crew->count; i++)
        landed = landed || crew->hands[i].state == HAND_LANDED;
    return (crew->fill->limits.workers != crew->workers || crew_is_uneven(crew)) &&
           !landed && crew_flying(crew) == 0;
}

static bool
crew_work(Crew *crew, Err *err)
{
    while (!crew_is_done(crew) && !crew_regroups(crew))
    {
        if (!crew_wait(crew, err) || !crew_send(crew, err))
            return false;
        crew->together = crew->together || crew_is_uneven(crew);
        if (crew_flying(crew) > 0 ? !crew_await(crew, err)
                                  : !crew_is_done(crew) && !crew_meet(crew, err))
            return false;
    }
    return true;
}

/* As many hands as there are parts to sweep; one of them is the run's own worker. */
static bool
crew_gather(Crew *crew, Err *err)
{
    Fill *fill = crew->fill;
    Run *run = fill->run;
    int hands = 0;

    crew->workers = fill->limits.workers;
    crew->count = crew->next_part = 0;
    if (!leaf_share(fill, crew->leaf, crew->workers, err))
        return false;
    for (int i = 0; i < crew->leaf->parts.count; i++)
        hands +=
            crew->leaf->parts.items[i].rest.from < crew->leaf->parts.items[i].rest.to;
    if (hands > crew->workers)
        hands = crew->workers;
    if (hands < 1)
        hands = 1;
    if (!run_open_crew(run, hands - 1, err))
        return false;
    crew->hands = mem_array(fill->mem, Hand, hands);
    crew->count = hands;
    for (int i = 0; i < hands; i++)
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

/*
 * What is left is cut anew. Where each part stands is asked of its progress row, as it
 * is after a crash: what we remember may be a little ahead of what is written there of
 * skipped blocks.
 */
static bool
crew_disband(Crew *crew, Err *err)
{
    Begun begun;

    for (int i = 0; i < crew->count; i++)
        if (crew->hands[i].state != HAND_DONE)
            crew->leaf->set_aside += crew->hands[i].leaf.set_aside;
    return leaf_begin(crew->fill, crew->leaf, &begun, err);
}

/* With one number of workers, until it is done or another one is wanted. */
static bool
crew_sweep(Crew *crew, bool *done, Err *err)
{
    bool good = crew_gather(crew, err) && crew_work(crew, err);

    *done = good && crew_is_done(crew);
    crew_leave(crew);
    return good && (*done || crew_disband(crew, err));
}

bool
sweep_leaf(Fill *fill, Leaf *leaf, Err *err)
{
    Crew crew = {.fill = fill,
                 .leaf = leaf,
                 .by_server = slice_is_offered(fill),
                 .worker = fill->run->worker,
                 .together_ms = clock_now(fill->run->clock)};
    bool done = false;

    while (!done)
        if (!crew_sweep(&crew, &done, err))
            return false;
    return leaf->replaced || leaf_join(fill, leaf, err);
}

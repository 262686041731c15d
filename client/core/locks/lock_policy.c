#include "core/locks/lock_policy.h"

#include "core/locks/holder.h"
#include "core/locks/on_blocker.h"

/* How long a NOWAIT try asks, and how a queue grows: measured, see §6 of the design. */
#define NOWAIT_MS 5.0
#define LOOK_INSIDE_MS 50.0
#define QUEUE_FIRST_MS 15.0
#define QUEUE_GROWTH 1.4
#define QUEUE_SHARE 0.75 /* of the budget; the rest is for holding */
#define REST_PER_WAIT 5.0
#define REST_FIRST_MS 25.0
#define REST_GROWTH 1.5
#define LOOK_MOST_MS 1000.0
#define TRY_MOST_MS 2000.0
#define NUDGE_MARGIN_MS 250.0
#define NUDGES_MOST 3
#define OVERRUNS_MOST 5
#define HOLD_GROWTH 4.0
#define HOLD_MOST_MS 10000.0

/* What stands in the way, by the kind of answer it needs. */
typedef struct Obstacles
{
    const Holder *oldest; /* of those we can only wait for */
    const Holder *vacuum; /* the oldest that gives way when nudged */
    const Holder *young;
    bool crowd; /* every old one is a running statement of moderate age */
} Obstacles;

static double
smaller(double a, double b)
{
    return a < b ? a : b;
}

static double
larger(double a, double b)
{
    return a > b ? a : b;
}

/* first × growth^steps, never above most. */
static double
grown(double first, double growth, int steps, double most)
{
    double value = first;

    for (int i = 0; i < steps && value < most; i++)
        value *= growth;
    return smaller(value, most);
}

/* 1 to 1.5, from the seed and the number of the move: two runners never march in step.
 */
static double
jitter(const LockTerms *terms, const LockTried *tried)
{
    uint64_t bits = terms->seed + 0x9e3779b97f4a7c15u * (uint64_t)(tried->moves + 1);

    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    bits ^= bits >> 31;
    return 1.0 + 0.5 * (double)(bits >> 11) / (double)(UINT64_C(1) << 53);
}

static bool
is_older(const Holder *holder, const Holder *than)
{
    if (than == NULL || !holder->age_known)
        return than == NULL || than->age_known;
    return than->age_known && holder->age_ms > than->age_ms;
}

static Obstacles
obstacles_find(const LockTerms *terms, const Look *look)
{
    Obstacles found = {.crowd = true};

    for (int i = 0; i < look->count; i++)
    {
        const Holder *holder = &look->holders[i];
        const Holder **slot = &found.oldest;

        if (!holder_is_old(holder, terms->budget_ms))
            slot = &found.young;
        else if (holder->kind == HOLDER_AUTOVACUUM)
            slot = &found.vacuum;
        else
            found.crowd = found.crowd && holder_is_passing(holder, terms->budget_ms);
        if (is_older(holder, *slot))
            *slot = holder;
    }
    return found;
}

static LockDecision
look_again(const LockTerms *terms, const LockTried *tried, const Holder *holder,
           const char *reason)
{
    double rest = grown(REST_FIRST_MS, REST_GROWTH, tried->blocked, LOOK_MOST_MS);

    return (LockDecision){.move = LOCK_LOOK_AGAIN,
                          .rest_ms = rest * jitter(terms, tried),
                          .holder = holder,
                          .blocked = true,
                          .reason = reason};
}

/* Rest long enough that everybody who queued behind this try is gone before the next.
 */
static double
rest_after_try(const LockTerms *terms, const LockTried *tried, double wait_ms)
{
    double rest =
        grown(REST_FIRST_MS, REST_GROWTH, tried->nowaits + tried->queues, TRY_MOST_MS);

    return larger(REST_PER_WAIT * wait_ms, rest) * jitter(terms, tried);
}

/*
 * What nobody waited for may take longer, at last a multiple of the budget: how long
 * somebody would have to wait should the vigil and the client die together.
 */
static double
lingering(const LockTerms *terms, const LockTried *tried)
{
    if (!terms->may_linger || tried->unfelt == 0)
        return 0;
    return grown(terms->budget_ms, HOLD_GROWTH, tried->unfelt,
                 larger(HOLD_MOST_MS, terms->budget_ms));
}

static const char *
why_queue(const LockTried *tried)
{
    if (tried->unfelt > 0 && tried->unfelt == tried->overruns)
        return "its statements took longer than the budget, and nobody waited";
    return tried->overruns > 0 ? "its statements took longer than the budget"
                               : "short statements keep it busy";
}

static LockDecision
queue(const LockTerms *terms, const LockTried *tried, const Holder *holder,
      bool blocked)
{
    /* After an overrun more of the budget is kept for the statements. */
    double share = tried->overruns > 0 ? 1.0 - QUEUE_SHARE : QUEUE_SHARE;
    double wait =
        grown(QUEUE_FIRST_MS, QUEUE_GROWTH, tried->queues, share * terms->budget_ms);

    /* Nobody waits behind a weak lock; waiting this long makes an autovacuum go. */
    if (!terms->stalls_traffic &&
        (!terms->unknown || (holder != NULL && holder->kind == HOLDER_AUTOVACUUM)))
        wait = terms->deadlock_ms + NUDGE_MARGIN_MS;
    return (LockDecision){.move = LOCK_TRY_QUEUE,
                          .wait_ms = wait,
                          .hold_ms = lingering(terms, tried),
                          .queue_on = tried->busy_lock,
                          .rest_ms = rest_after_try(terms, tried, wait),
                          .holder = holder,
                          .blocked = blocked,
                          .reason = why_queue(tried)};
}

static LockDecision
try_now(const LockTerms *terms, const LockTried *tried, const Holder *holder)
{
    double felt = smaller(NOWAIT_MS, terms->budget_ms);

    return (LockDecision){.move = LOCK_TRY_NOWAIT,
                          .wait_ms = terms->looks_inside ? LOOK_INSIDE_MS : felt,
                          .hold_ms = lingering(terms, tried),
                          .rest_ms = rest_after_try(terms, tried, felt),
                          .holder = holder,
                          .reason = "nobody old holds it"};
}

static LockDecision
nudge(const LockTerms *terms, const LockTried *tried, const Holder *vacuum)
{
    double wait = terms->deadlock_ms + NUDGE_MARGIN_MS;

    if (tried->nudges >= NUDGES_MOST)
        return look_again(terms, tried, vacuum, "the autovacuum does not give way");
    return (LockDecision){.move = LOCK_NUDGE_AUTOVACUUM,
                          .wait_ms = wait,
                          .rest_ms = 0, /* it comes back after its nap: be first */
                          .holder = vacuum,
                          .reason = "asking an autovacuum to give way"};
}

/* Its session takes a moment to roll back and to go. */
static LockDecision
end_idler(const LockTerms *terms, const LockTried *tried, const Holder *idler)
{
    return (LockDecision){.move = LOCK_END_IDLER,
                          .rest_ms = REST_FIRST_MS * jitter(terms, tried),
                          .holder = idler,
                          .blocked = true,
                          .reason = "an idle transaction in the way was asked to end"};
}

/*
 * Statements that overlap without end, each a little older than the budget, would let
 * nobody in for ever. Once none of them can have been there when we began to wait, a
 * queue within the budget is as fair to them as to short ones.
 */
static bool
crowd_passes(const LockTerms *terms, const LockTried *tried, const Obstacles *found)
{
    return found->crowd && tried->elapsed_ms > HOLDER_PASSES * terms->budget_ms;
}

static const char *
why_wait(const Holder *holder)
{
    /* clang-format off */
    static const char *const reasons[] = {
        [HOLDER_SESSION]             = "a transaction older than the stall budget holds it",
        [HOLDER_IDLE_IN_TRANSACTION] = "an idle transaction holds it",
        [HOLDER_AUTOVACUUM]          = "an autovacuum holds it",
        [HOLDER_WRAPAROUND]          = "an autovacuum to prevent wraparound holds it",
        [HOLDER_PREPARED]            = "a prepared transaction holds it",
        [HOLDER_SLOT]                = "a replication slot holds it",
        [HOLDER_UNSEEN]              = "a standby does not answer: who reads there is not known",
        [HOLDER_OTHER]               = "a background process holds it",
    };
    /* clang-format on */

    if (holder->kind == HOLDER_SESSION && holder->standby != NULL)
        return "a transaction on a standby, older than the stall budget, reads it";
    if (holder->kind == HOLDER_SESSION && !holder->age_known)
        return "a transaction whose age is hidden from us holds it";
    return reasons[holder->kind];
}

LockDecision
lock_policy_next(const LockTerms *terms, const LockTried *tried, const Look *look)
{
    Obstacles found = obstacles_find(terms, look);
    const Holder *blocker = found.oldest != NULL ? found.oldest : found.vacuum;
    const Holder *idler = blocker_to_end(&terms->on_blocker, look, terms->budget_ms);

    if (tried->overruns >= OVERRUNS_MOST)
        return (LockDecision){.move = LOCK_GIVE_UP_TOO_LONG,
                              .hold_ms = lingering(terms, tried),
                              .reason = "it takes longer than the stall budget"};
    if (tried->elapsed_ms >= terms->patience_ms &&
        (blocker != NULL || tried->tries > 0))
        return (LockDecision){.move = LOCK_GIVE_UP,
                              .holder = blocker != NULL ? blocker : found.young,
                              .reason = "patience is over"};
    if (idler != NULL)
        return end_idler(terms, tried, idler);
    if (found.oldest != NULL && crowd_passes(terms, tried, &found))
        return queue(terms, tried, found.oldest, true);
    if (found.oldest != NULL)
        return look_again(terms, tried, found.oldest, why_wait(found.oldest));
    if (!terms->stalls_traffic)
        return queue(terms, tried, blocker, false);
    if (found.vacuum != NULL)
        return nudge(terms, tried, found.vacuum);
    if (tried->nowaits == 0)
        return try_now(terms, tried, found.young);
    return queue(terms, tried, found.young, false);
}

LockTried
lock_tried_after(LockTried tried, const LockDecision *decision, TryEnd end,
                 int busy_lock)
{
    tried.blocked = decision->blocked ? tried.blocked + 1 : 0;
    tried.moves++;
    if (end == TRY_BUSY && busy_lock >= 0)
        tried.busy_lock = busy_lock;
    tried.overruns += end == TRY_OVERRUN || end == TRY_UNFELT;
    tried.unfelt += end == TRY_UNFELT;

    switch (decision->move)
    {
    case LOCK_TRY_NOWAIT:
        tried.nowaits++;
        tried.tries++;
        tried.nudges = 0;
        break;
    case LOCK_TRY_QUEUE:
        tried.queues++;
        tried.tries++;
        tried.nudges = 0;
        break;
    case LOCK_NUDGE_AUTOVACUUM:
        tried.nudges++;
        break;
    default:
        tried.nowaits = 0;
    }
    return tried;
}

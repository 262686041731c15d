#include "core/locks/lock_policy.h"
#include "unit/unit.h"

static const LockTerms usual = {.budget_ms = 100,
                                .patience_ms = 600000,
                                .deadlock_ms = 1000,
                                .stalls_traffic = true,
                                .seed = 7};

static Holder
somebody(HolderKind kind, int64_t age_ms)
{
    return (Holder){
        .kind = kind, .pid = 8123, .age_known = age_ms >= 0, .age_ms = age_ms};
}

typedef struct Case
{
    const char *why;
    HolderKind kind;
    int64_t age_ms; /* -1: hidden */
    LockMove move;
} Case;

/* clang-format off */
static const Case first_looks[] = {
    {"a short statement may be gone in a moment", HOLDER_SESSION,                 12, LOCK_TRY_NOWAIT},
    {"exactly the budget is not older",           HOLDER_SESSION,                100, LOCK_TRY_NOWAIT},
    {"a 6 s report",                              HOLDER_SESSION,               6000, LOCK_LOOK_AGAIN},
    {"hidden counts as old",                      HOLDER_SESSION,                 -1, LOCK_LOOK_AGAIN},
    {"idle in transaction",                       HOLDER_IDLE_IN_TRANSACTION, 240000, LOCK_LOOK_AGAIN},
    {"a prepared one has no age that counts",     HOLDER_PREPARED,                 1, LOCK_LOOK_AGAIN},
    {"a wraparound vacuum never gives way",       HOLDER_WRAPAROUND,              10, LOCK_LOOK_AGAIN},
    {"an ordinary autovacuum does",               HOLDER_AUTOVACUUM,            9000, LOCK_NUDGE_AUTOVACUUM},
    {"hidden, but it is an autovacuum",           HOLDER_AUTOVACUUM,              -1, LOCK_NUDGE_AUTOVACUUM},
    {"a standby that does not answer",            HOLDER_UNSEEN,                  -1, LOCK_LOOK_AGAIN},
    {"a walsender",                               HOLDER_OTHER,                 5000, LOCK_LOOK_AGAIN},
};
/* clang-format on */

START_TEST(the_first_look_decides_by_who_is_in_the_way)
{
    for (int i = 0; i < LENGTH(first_looks); i++)
    {
        const Case *this = &first_looks[i];
        Holder holder = somebody(this->kind, this->age_ms);
        Look look = {.holders = &holder, .count = 1};
        LockTried tried = {0};
        LockDecision next = lock_policy_next(&usual, &tried, &look);

        ck_assert_msg(next.move == this->move, "%s: move %d", this->why, next.move);
        ck_assert_ptr_eq(next.holder, &holder);
        ck_assert_ptr_nonnull(next.reason);
    }
}
END_TEST

START_TEST(nobody_in_the_way_is_tried_at_once_even_without_patience)
{
    LockTerms hasty = usual;
    LockTried tried = {0};
    Look look = {0};

    hasty.patience_ms = 0;
    ck_assert_int_eq(lock_policy_next(&hasty, &tried, &look).move, LOCK_TRY_NOWAIT);
    tried.tries = 1;
    ck_assert_int_eq(lock_policy_next(&hasty, &tried, &look).move, LOCK_GIVE_UP);
}
END_TEST

START_TEST(one_old_holder_among_young_ones_is_enough_to_wait)
{
    Holder holders[] = {somebody(HOLDER_SESSION, 3), somebody(HOLDER_AUTOVACUUM, 5000),
                        somebody(HOLDER_IDLE_IN_TRANSACTION, 101)};
    Look look = {.holders = holders, .count = LENGTH(holders)};
    LockTried tried = {0};
    LockDecision next = lock_policy_next(&usual, &tried, &look);

    /* nudging would cost the vacuum its work, and we still could not go */
    ck_assert_int_eq(next.move, LOCK_LOOK_AGAIN);
    ck_assert_ptr_eq(next.holder, &holders[2]);
}
END_TEST

START_TEST(a_busy_lock_is_queued_for_longer_and_longer_within_the_budget)
{
    Holder holder = somebody(HOLDER_SESSION, 4);
    Look look = {.holders = &holder, .count = 1};
    LockTried tried = {0};
    double before = 0;

    for (int i = 0; i < 40; i++)
    {
        LockDecision next = lock_policy_next(&usual, &tried, &look);

        ck_assert_int_eq(next.move, i == 0 ? LOCK_TRY_NOWAIT : LOCK_TRY_QUEUE);
        ck_assert_double_ge(next.rest_ms, 5 * next.wait_ms);
        ck_assert_double_le(next.wait_ms, 75);
        ck_assert_double_ge(next.wait_ms, before);
        before = next.wait_ms;
        tried = lock_tried_after(tried, &next, TRY_BUSY, i % 2);
        ck_assert_int_eq(tried.busy_lock, i % 2);
        ck_assert_int_eq(tried.tries, i + 1);
    }
    ck_assert_double_eq_tol(before, 75, 0.001);
}
END_TEST

START_TEST(it_queues_on_the_lock_that_was_refused)
{
    Look look = {0};
    LockTried tried = {.nowaits = 1, .busy_lock = 1};
    LockDecision next = lock_policy_next(&usual, &tried, &look);

    ck_assert_int_eq(next.move, LOCK_TRY_QUEUE);
    ck_assert_int_eq(next.queue_on, 1);
    tried = lock_tried_after(tried, &next, TRY_BUSY, -1);
    ck_assert_int_eq(tried.busy_lock, 1);
}
END_TEST

START_TEST(looks_grow_rarer_but_never_rare)
{
    Holder holder = somebody(HOLDER_SESSION, 9000);
    Look look = {.holders = &holder, .count = 1};
    LockTried tried = {0};
    double first = 0, last = 0;

    for (int i = 0; i < 30; i++)
    {
        LockDecision next = lock_policy_next(&usual, &tried, &look);

        ck_assert_int_eq(next.move, LOCK_LOOK_AGAIN);
        first = i == 0 ? next.rest_ms : first;
        last = next.rest_ms;
        tried = lock_tried_after(tried, &next, TRY_NONE, -1);
    }
    ck_assert_double_lt(first, 50);
    ck_assert_double_ge(last, 1000);
    ck_assert_double_le(last, 1500);
}
END_TEST

START_TEST(the_jitter_is_the_seeds)
{
    Holder holder = somebody(HOLDER_SESSION, 9000);
    Look look = {.holders = &holder, .count = 1};
    LockTerms other = usual;
    LockTried tried = {0};

    other.seed = 8;
    ck_assert_double_eq(lock_policy_next(&usual, &tried, &look).rest_ms,
                        lock_policy_next(&usual, &tried, &look).rest_ms);
    ck_assert_double_ne(lock_policy_next(&usual, &tried, &look).rest_ms,
                        lock_policy_next(&other, &tried, &look).rest_ms);
}
END_TEST

START_TEST(a_nudge_outlasts_deadlock_timeout_and_is_not_repeated_for_ever)
{
    Holder holder = somebody(HOLDER_AUTOVACUUM, 60000);
    Look look = {.holders = &holder, .count = 1};
    LockTried tried = {0};
    int nudges = 0;

    for (int i = 0; i < 10; i++)
    {
        LockDecision next = lock_policy_next(&usual, &tried, &look);

        if (next.move == LOCK_NUDGE_AUTOVACUUM)
        {
            nudges++;
            ck_assert_double_gt(next.wait_ms, usual.deadlock_ms);
        }
        tried = lock_tried_after(tried, &next, TRY_NONE, -1);
    }
    ck_assert_int_eq(nudges, 3);
    ck_assert_int_eq(lock_policy_next(&usual, &tried, &look).move, LOCK_LOOK_AGAIN);
}
END_TEST

START_TEST(overlapping_statements_do_not_starve_us_for_ever)
{
    Holder holder = somebody(HOLDER_SESSION, 300);
    Look look = {.holders = &holder, .count = 1};
    LockTried tried = {0};
    LockDecision next = {0};
    int looks = 0;

    for (; looks < 1000 && next.move != LOCK_TRY_QUEUE; looks++)
    {
        next = lock_policy_next(&usual, &tried, &look);
        tried = lock_tried_after(tried, &next, TRY_NONE, -1);
        tried.elapsed_ms += next.rest_ms;
    }
    ck_assert_int_eq(next.move, LOCK_TRY_QUEUE);
    ck_assert_double_gt(tried.elapsed_ms, 2000);
    ck_assert_double_le(next.wait_ms, 75);

    /* hidden ages: whoever we have met for long is no passer-by */
    holder.age_known = false;
    holder.seen_ms = 300;
    ck_assert_int_eq(lock_policy_next(&usual, &tried, &look).move, LOCK_TRY_QUEUE);
    holder.seen_ms = 3000;
    ck_assert_int_eq(lock_policy_next(&usual, &tried, &look).move, LOCK_LOOK_AGAIN);
    holder.age_known = true;

    /* one of them is idle: nothing tells when it will end */
    holder.kind = HOLDER_IDLE_IN_TRANSACTION;
    ck_assert_int_eq(lock_policy_next(&usual, &tried, &look).move, LOCK_LOOK_AGAIN);
}
END_TEST

START_TEST(a_weak_lock_queues_patiently_because_nobody_waits_behind_it)
{
    LockTerms weak = usual;
    Holder vacuum = somebody(HOLDER_AUTOVACUUM, 60000);
    Look look = {.holders = &vacuum, .count = 1};
    LockTried tried = {0};
    LockDecision next;

    weak.stalls_traffic = false;
    next = lock_policy_next(&weak, &tried, &look);
    ck_assert_int_eq(next.move, LOCK_TRY_QUEUE);
    ck_assert_double_gt(next.wait_ms, weak.deadlock_ms);

    /* a DO block may hide an ALTER TABLE: patient only where that is known to be all */
    weak.unknown = true;
    next = lock_policy_next(&weak, &tried, &look);
    ck_assert_double_gt(next.wait_ms, weak.deadlock_ms);
    look.count = 0;
    next = lock_policy_next(&weak, &tried, &look);
    ck_assert_int_eq(next.move, LOCK_TRY_QUEUE);
    ck_assert_double_le(next.wait_ms, 75);
}
END_TEST

START_TEST(statements_longer_than_the_budget_are_not_tried_for_ever)
{
    Look look = {0};
    LockTried tried = {0};
    int tries = 0;

    for (;; tries++)
    {
        LockDecision next = lock_policy_next(&usual, &tried, &look);

        if (next.move == LOCK_GIVE_UP_TOO_LONG)
            break;
        ck_assert_int_lt(tries, 20);
        /* more of the budget is left to the statements than before */
        if (next.move == LOCK_TRY_QUEUE)
            ck_assert_double_le(next.wait_ms, 25);
        tried = lock_tried_after(tried, &next, TRY_OVERRUN, -1);
    }
    ck_assert_int_eq(tries, 5);
}
END_TEST

/* Only after a try that nobody was seen to wait for, and only where that can be
 * watched. */
START_TEST(what_nobody_waits_for_gets_longer_and_longer_up_to_a_limit)
{
    const double holds[] = {0, 400, 1600, 6400, 10000};
    LockTerms terms = usual;
    LockTried tried = {0};
    Look look = {0};
    LockDecision next;

    terms.may_linger = true;
    for (int i = 0; i < LENGTH(holds); i++)
    {
        next = lock_policy_next(&terms, &tried, &look);
        ck_assert_double_eq_tol(next.hold_ms, holds[i], 1e-9);
        ck_assert(lock_policy_next(&usual, &tried, &look).hold_ms <= 0);
        tried = lock_tried_after(tried, &next, TRY_UNFELT, -1);
    }
    next = lock_policy_next(&terms, &tried, &look);
    ck_assert_int_eq(next.move, LOCK_GIVE_UP_TOO_LONG);

    tried = (LockTried){0};
    next = lock_policy_next(&terms, &tried, &look);
    tried = lock_tried_after(tried, &next, TRY_OVERRUN, -1);
    ck_assert(lock_policy_next(&terms, &tried, &look).hold_ms <= 0);
}
END_TEST

START_TEST(an_idle_transaction_is_ended_only_by_the_rule_and_in_nobodys_shadow)
{
    LockTerms rule = usual;
    Holder holders[] = {somebody(HOLDER_IDLE_IN_TRANSACTION, 60000),
                        somebody(HOLDER_SESSION, 300)};
    Look look = {.holders = holders, .count = 2};
    LockTried tried = {0};

    holders[0].begun_us = holders[0].state_us = 1;
    holders[0].state_ms = 31000;
    ck_assert_int_eq(lock_policy_next(&usual, &tried, &look).move, LOCK_LOOK_AGAIN);
    rule.on_blocker = (OnBlocker){BLOCKER_TERMINATE_IDLE, 30000};
    ck_assert_int_eq(lock_policy_next(&rule, &tried, &look).move, LOCK_END_IDLER);
    ck_assert_ptr_eq(lock_policy_next(&rule, &tried, &look).holder, &holders[0]);

    /* a report of 6 s keeps us out anyway: nobody is ended in vain */
    holders[1].age_ms = 6000;
    ck_assert_int_eq(lock_policy_next(&rule, &tried, &look).move, LOCK_LOOK_AGAIN);
    look.count = 1;
    tried.elapsed_ms = usual.patience_ms;
    ck_assert_int_eq(lock_policy_next(&rule, &tried, &look).move, LOCK_GIVE_UP);
}
END_TEST

START_TEST(patience_ends_and_names_whom_we_waited_for)
{
    Holder holder = somebody(HOLDER_PREPARED, 5);
    Look look = {.holders = &holder, .count = 1};
    LockTried tried = {.elapsed_ms = 600000};
    LockDecision next = lock_policy_next(&usual, &tried, &look);

    ck_assert_int_eq(next.move, LOCK_GIVE_UP);
    ck_assert_ptr_eq(next.holder, &holder);
}
END_TEST

UNIT("lock_policy", the_first_look_decides_by_who_is_in_the_way,
     nobody_in_the_way_is_tried_at_once_even_without_patience,
     one_old_holder_among_young_ones_is_enough_to_wait,
     a_busy_lock_is_queued_for_longer_and_longer_within_the_budget,
     it_queues_on_the_lock_that_was_refused, looks_grow_rarer_but_never_rare,
     the_jitter_is_the_seeds,
     a_nudge_outlasts_deadlock_timeout_and_is_not_repeated_for_ever,
     overlapping_statements_do_not_starve_us_for_ever,
     a_weak_lock_queues_patiently_because_nobody_waits_behind_it,
     statements_longer_than_the_budget_are_not_tried_for_ever,
     what_nobody_waits_for_gets_longer_and_longer_up_to_a_limit,
     an_idle_transaction_is_ended_only_by_the_rule_and_in_nobodys_shadow,
     patience_ends_and_names_whom_we_waited_for)

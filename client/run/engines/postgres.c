/* How PostgreSQL is acted on: the rooms run/locks, run/indexes and run/backfill. */
#include "db/embedded.h"
#include "run/backfill/backfill.h"
#include "run/connect/runner.h"
#include "run/engines/engines.h"
#include "run/facts/gather.h"
#include "run/history/history.h"
#include "run/indexes/index.h"
#include "run/locks/locks.h"
#include "run/steps/engine.h"
#include "run/steps/gate.h"

/* Under the lock policy, with its record in the same transaction. */
static bool
transaction_run(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    PhaseStart *start = run->start;
    DeedRecord deed = {.step = step,
                       .begins = start == NULL || start->recorded ? NULL : &start->sums,
                       .metered = step->secluded};

    deed.clocked = !step->secluded && record_deed_is_call(run, &deed);

    SqlText record = record_deed(scope, run, &deed);
    SqlText released = record_released(scope, run, step);
    StepTry what = {.step = step,
                    .records = &record,
                    .record_count = 1,
                    .released = deed.clocked ? &released : NULL};

    (void)progress;
    if (!step_try_locked(run, &what, cost, err))
        return false;
    cost->noted = cost->tries == 1 && (deed.metered || cost->noted);
    if (deed.begins == NULL)
        return true;
    start->recorded = true;
    start->whole = step->last ? step : NULL;
    return true;
}

static bool
alone_act(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    (void)progress;
    return alone_run(run, step, cost, err);
}

static bool
index_act(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    (void)progress;
    return index_run(run, step, cost, err);
}

static bool
reindex_act(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    (void)progress;
    return reindex_run(run, step, cost, err);
}

static bool
backfill_act(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    return backfill_run(run, step, cost, progress, err) && history_done(run, step, err);
}

/* clang-format off */
const Engine postgres_engine = {
    .name = "postgres",
    .driver = &postgres_driver,
    .bookkeeping = bookkeeping_postgresql,
    .bookkeeping_begin = "BEGIN; SET LOCAL client_min_messages = warning; "
                         "SELECT pg_catalog.pg_advisory_xact_lock(7238, 0);\n",
    .bookkeeping_place = "a schema \"pgstride\"",
    .guard = postgres_guard,
    .gather = postgres_gather,
    .looks = &postgres_looks,
    .gate = postgres_gate,
    .acts = {
        [STEP_TRANSACTION] = transaction_run, [STEP_ALONE] = alone_act,
        [STEP_INDEX_BUILD] = index_act,       [STEP_INDEX_DROP] = index_act,
        [STEP_REINDEX] = reindex_act,         [STEP_VALIDATE] = transaction_run,
        [STEP_BACKFILL] = backfill_act,       [STEP_ANALYZE] = transaction_run,
    },
    .opens = {
        [STEP_TRANSACTION] = true, [STEP_VALIDATE] = true, [STEP_ANALYZE] = true,
    },
};
/* clang-format on */

#include "run/steps/engine.h"

#include <string.h>

#include "base/fault.h"
#include "run/failure.h"
#include "run/history/history.h"
#include "run/locks/locks.h"
#include "run/locks/supervise.h"

/* What a second attempt answers when the first, unheard-of one had done it. */
typedef struct DoneBefore
{
    const char *verb;
    const char *sqlstate;
} DoneBefore;

static const DoneBefore done_before[] = {
    {"CREATE ", "42P04"}, /* duplicate_database */
    {"CREATE ", "42710"}, /* duplicate_object: subscription, tablespace */
    {"DROP ", "3D000"},   /* invalid_catalog_name: no such database */
    {"DROP ", "42704"},   /* undefined_object */
    {"DETACH ", "42P01"}, /* undefined_table: it is no partition of it any more */
};

static bool
was_done_before(const StepRecord *record, const Step *step, const Reply *reply)
{
    if (record == NULL || record->done || step->alone_why == NULL)
        return false;
    for (int i = 0; i < LENGTH(done_before); i++)
        if (strcmp(reply->sqlstate, done_before[i].sqlstate) == 0 &&
            strncmp(step->alone_why, done_before[i].verb,
                    strlen(done_before[i].verb)) == 0)
            return true;
    return false;
}

/* --- DETACH PARTITION CONCURRENTLY, interrupted between its two transactions ----- */

#define NOT_IN_THAT_STATE "55000"

/* What is pending lets no other attempt begin: it is finished, under the stall budget.
 */
static bool
is_half_done(const Step *step, const Reply *reply)
{
    return step->finish.text != NULL && strcmp(reply->sqlstate, NOT_IN_THAT_STATE) == 0;
}

static bool
alone_finish(Run *run, const Step *step, Cost *cost, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    LockNeed locks[] = {
        {.relation = step->table, .mode = LOCK_SHARE_UPDATE_EXCLUSIVE},
        {.relation = step->other, .mode = LOCK_ACCESS_EXCLUSIVE},
    };
    SqlText done = record_step(scope, run, step);
    SqlParsed sql = step->finish;
    Step finish = *step;

    finish.kind = STEP_TRANSACTION;
    finish.sql = &sql;
    finish.sql_count = 1;
    finish.locks = locks;
    finish.lock_count = LENGTH(locks);
    return step_try_locked(
        run, &(StepTry){.step = &finish, .records = &done, .record_count = 1}, cost,
        err);
}

/*
 * Only an attempt that was never heard of again leaves its record behind: after an
 * answer, what the next attempt meets is not ours.
 */
bool
alone_run(Run *run, const Step *step, Cost *cost, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const StepRecord *record = history_of_step(&run->history, step);
    const Supervised what = {.step = step,
                             .label = "alone",
                             .sql = step->sql[0].text,
                             .patience = run->settings->lock_patience,
                             .stoppable = true,
                             .cost = cost};
    Reply reply = {0};

    cost->tries = 1;
    if (!history_started(run, step, err))
        return false;

    bool answered = supervise(run, scope, &what, &reply, err);

    if (answered && (reply.outcome == DB_DONE || was_done_before(record, step, &reply)))
    {
        fault_point(FAULT_alone_done);
        return history_done(run, step, err);
    }
    if (answered && is_half_done(step, &reply))
        return alone_finish(run, step, cost, err);
    /* Of a detach that we cut short ourselves its first half may be there. */
    if (reply.outcome != DB_FAILED || (!answered && step->finish.text != NULL))
        return false;
    history_forget(run, step);
    return answered ? failure_explain(step, 0, &reply, err) : false;
}

#include "run/engine.h"

#include <string.h>

#include "base/fault.h"
#include "run/failure.h"
#include "run/history.h"
#include "run/leftover.h"
#include "run/supervise.h"

/* What a second attempt answers when the first, unheard-of one had done it. */
static const char *const done_before[] = {
    "42P04", /* duplicate_database */
    "3D000", /* invalid_catalog_name: dropped */
    "42710", /* duplicate_object: subscription, tablespace, enum label */
    "42704", /* undefined_object: dropped */
};

static bool
was_done_before(const StepRecord *record, const Reply *reply)
{
    for (int i = 0; record != NULL && !record->done && i < LENGTH(done_before); i++)
        if (strcmp(reply->sqlstate, done_before[i]) == 0)
            return true;
    return false;
}

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
    if (record != NULL)
        leftover_mend_reindex(run, step, cost);
    if (!history_started(run, step, err))
        return false;

    bool answered = supervise(run, scope, &what, &reply, err);

    if (reply.outcome == DB_FAILED)
        leftover_mend_reindex(run, step, cost);
    if (!answered)
        return false;
    if (reply.outcome == DB_FAILED && !was_done_before(record, &reply))
        return failure_explain(step, 0, &reply, err);
    fault_point(FAULT_alone_done);
    return history_done(run, step, err);
}

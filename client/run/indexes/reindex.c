#include "base/stop.h"
#include "run/history/history.h"
#include "run/indexes/index.h"
#include "run/indexes/index_work.h"
#include "run/indexes/leftover.h"

static void
reindex_clear(IndexWork *work, const void *of)
{
    (void)of;
    leftover_mend_reindex(work->run, work->step, work->cost);
}

/*
 * The server builds beside the index, under a name of its own, and takes that one away
 * again: what an attempt has left says nothing about the index itself, which is whole
 * before and after.
 */
bool
reindex_run(Run *run, const Step *step, Cost *cost, Err *err)
{
    IndexWork work = index_work_begin(run, step, cost, true);
    const IndexSend send = {.sql = step->sql[0].text, .clear = reindex_clear};
    bool done = false;

    work.table = step->index;
    if (work.ours)
        reindex_clear(&work, NULL);
    while (!done && !stop_asked())
        if (!index_work_send(&work, &send, &done, err))
        {
            if (err->kind == ERR_SQL)
                history_forget(run, step);
            return false;
        }
    return done ? history_done(run, step, err) : index_work_stopped(err);
}

#include "run/locks/vigil.h"

#include <inttypes.h>

#include "base/stop.h"
#include "core/locks/lock_message.h"

#define AGAIN_MS 50.0      /* a block may catch the cancel, or nobody have got it */
#define FAREWELL_MS 2000.0 /* the vigil sees within a look that the try is over */

typedef struct VigilRow
{
    bool watched;
    int64_t waiters;
    double longest_ms;
} VigilRow;

static const Column vigil_columns[] = {
    COLUMN(BOOL, VigilRow, watched),
    COLUMN(INT64, VigilRow, waiters),
    COLUMN(DOUBLE_OR_MINUS, VigilRow, longest_ms),
};

static bool
is_replayed(const Targets *targets)
{
    for (int i = 0; i < targets->count; i++)
        if (targets->locks[i].mode == LOCK_ACCESS_EXCLUSIVE)
            return true;
    return false;
}

bool
vigil_possible(const Run *run, const Targets *targets)
{
    return run->caps->lock_nowait && (run->standby_count == 0 || !is_replayed(targets));
}

Vigil
vigil_begin(Run *run, const Targets *targets, double budget_ms)
{
    MEM_SCOPE(scope, run->mem);
    const char *const args[] = {
        mem_text(scope, "%" PRId64, run->driver->backend_id(run->worker)),
        look_ours(scope, run),
        mem_text(scope, "%.0f", lock_message_budget_ms(budget_ms)),
        is_replayed(targets) ? "t" : "f",
    };
    const Ask ask = {.label = "keep_vigil",
                     .sql = run->driver->query(run->watcher, "keep_vigil"),
                     .args = args,
                     .arg_count = LENGTH(args)};
    const Script script = {.asks = &ask, .count = 1};
    Err trouble = {0};
    Vigil vigil = {.run = run,
                   .kept = run->driver->start(run->watcher, &script, &trouble)};

    err_clear(&trouble);
    return vigil;
}

static void
vigil_answered(Vigil *vigil)
{
    MEM_SCOPE(scope, NULL);
    Run *run = vigil->run;
    VigilRow row = {0};
    Err trouble = {0};
    Reply reply;

    vigil->kept = false;
    run->driver->finish(run->watcher, scope, &reply);
    vigil->torn =
        reply.outcome != DB_DONE || !rows_one(scope, &reply.rows[0], vigil_columns,
                                              LENGTH(vigil_columns), &row, &trouble);
    err_clear(&trouble);
    vigil->watched = row.watched;
    vigil->waiters = row.waiters;
    vigil->longest_ms = row.longest_ms;
}

void
vigil_wait(Vigil *vigil)
{
    Run *run = vigil->run;
    Db *const both[] = {run->worker, run->watcher};
    bool ends = false;

    for (;;)
    {
        double deadline = ends ? clock_now(run->clock) + AGAIN_MS : -1;
        int ready = run->driver->wait(both, vigil->kept ? 2 : 1, deadline,
                                      ends ? -1 : stop_fd());
        Err trouble = {0};

        if (ready == 0)
            return;
        if (ready == 1)
            vigil_answered(vigil);
        ends = vigil->torn || stop_asked();
        if (ends)
            run->driver->cancel(run->worker, &trouble);
        err_clear(&trouble);
    }
}

void
vigil_end(Vigil *vigil)
{
    Run *run = vigil->run;
    Err trouble = {0};

    if (!vigil->kept)
        return;
    if (run->driver->wait(&run->watcher, 1, clock_now(run->clock) + FAREWELL_MS, -1) <
        0)
        run->driver->cancel(run->watcher, &trouble);
    err_clear(&trouble);
    vigil_answered(vigil);
}

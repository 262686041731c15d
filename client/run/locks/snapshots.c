#include "run/locks/snapshots.h"

#include <string.h>

#include "base/stop.h"
#include "core/locks/holder.h"
#include "run/locks/idler.h"
#include "run/locks/look.h"
#include "run/tell.h"

/* The transaction of the last batch that changed rows; 0: none did. */
static int64_t
last_batch(const Run *run, const Migration *migration)
{
    const History *history = &run->history;
    int64_t last = 0;

    for (int i = 0; i < history->backfill_count; i++)
    {
        const BackfillRecord *record = &history->backfills[i];

        if (strcmp(record->version, migration->version) == 0 && last < record->last_xid)
            last = record->last_xid;
    }
    return last;
}

static bool
snapshot_refused(const Migration *migration, const Look *look, Err *err)
{
    MEM_SCOPE(scope, NULL);

    err_set(err, ERR_BUSY,
            "contract of %s is refused: a snapshot is older than the last batch",
            migration->label);
    for (int i = 0; i < look->count; i++)
        err_detail(err, "held by %s", holder_show(scope, &look->holders[i]));
    err_detail(err, "%s", holder_advice(scope, &look->holders[0]));
    return err_hint(err,
                    "It would see rows that are not filled. Let it end, then: "
                    "pgstride contract %s",
                    migration->version);
}

bool
snapshots_await(Run *run, const Migration *migration, Err *err)
{
    const int64_t last = last_batch(run, migration);
    double until = clock_now(run->clock) + (double)run->settings->lock_patience;
    const IdlerScene settle = {.migration = migration,
                               .phase = phase_name(PHASE_CONTRACT)};
    Millis rest = 10;
    bool told = false;

    while (last != 0)
    {
        MEM_SCOPE(scope, run->mem);
        Look look;

        if (!look_at_snapshots_before(run, scope, last, &look, err))
            return false;
        if (look.count == 0)
            return true;
        if (stop_asked())
            return err_set(err, ERR_STOPPED,
                           "stopped while waiting for an older snapshot");
        if (clock_now(run->clock) >= until)
            return snapshot_refused(migration, &look, err);
        if (!told)
            tell_note(run, EVENT_REST, "waiting for an older snapshot: %s",
                      holder_show(scope, &look.holders[0]));
        told = true;
        if (!idler_end_any(run, &settle, &look, err))
            return false;
        clock_rest(run->clock, rest);
        rest = rest < 500 ? rest * 2 : 1000;
    }
    return true;
}

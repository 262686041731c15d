#include "run/snapshots.h"

#include <string.h>

#include "base/stop.h"
#include "base/units.h"
#include "core/sql/sql.h"
#include "run/tell.h"

typedef struct OldSnapshot
{
    char *who;
    int64_t age_ms;
    char *what;
} OldSnapshot;

static const Column old_snapshot_columns[] = {
    COLUMN(TEXT, OldSnapshot, who),
    COLUMN(INT64_OR_MINUS, OldSnapshot, age_ms),
    COLUMN(TEXT, OldSnapshot, what),
};

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

/* The sentence about the oldest of them; NULL when there is none. */
static bool
old_snapshot(Run *run, Mem *mem, int64_t last, char **who, Err *err)
{
    MEM_SCOPE(scope, mem);
    OldSnapshot *found;
    int count;
    Rows rows;

    *who = NULL;
    if (!db_query(scope, run->watcher, "snapshots_before",
                  ARGS(mem_text(scope, "%lld", (long long)last)), &rows, err) ||
        !rows_decode(scope, &rows, old_snapshot_columns, LENGTH(old_snapshot_columns),
                     sizeof(OldSnapshot), (void **)&found, &count, err))
        return false;
    if (count > 0)
        *who = mem_text(
            mem, "%s%s%s: %s", found->who, found->age_ms < 0 ? "" : ", for ",
            found->age_ms < 0 ? "" : duration_show(scope, (double)found->age_ms),
            sql_scrub(scope, found->what));
    return true;
}

static bool
snapshot_refused(const Migration *migration, const char *who, Err *err)
{
    err_set(err, ERR_BUSY,
            "contract of %s is refused: a snapshot is older than the last batch",
            migration->label);
    err_detail(err, "%s", who);
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
    Millis rest = 10;
    bool told = false;

    while (last != 0)
    {
        MEM_SCOPE(scope, run->mem);
        char *who = NULL;

        if (!old_snapshot(run, scope, last, &who, err))
            return false;
        if (who == NULL)
            return true;
        if (stop_asked())
            return err_set(err, ERR_STOPPED,
                           "stopped while waiting for an older snapshot");
        if (clock_now(run->clock) >= until)
            return snapshot_refused(migration, who, err);
        if (!told)
            tell_note(run, EVENT_REST, "waiting for an older snapshot: %s", who);
        told = true;
        clock_rest(run->clock, rest);
        rest = rest < 500 ? rest * 2 : 1000;
    }
    return true;
}

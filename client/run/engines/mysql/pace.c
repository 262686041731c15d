/* Giving way: what the server says of its load, and the operator of his. */
#include <stdlib.h>
#include <unistd.h>

#include "base/stop.h"
#include "run/engines/mysql/fill.h"
#include "run/tell.h"

enum
{
    SAMPLE_MS = 1000,
    HOLD_MS = 500
};

/* Why to rest, or NULL. */
static bool
busy_reason(MysqlFill *fill, Mem *mem, const char **reason, Err *err)
{
    const Settings *settings = fill->run->settings;
    double most = settings->limits.most[SIGNAL_ACTIVE];
    const Ask own = {.label = "throttle_query", .sql = settings->throttle_query};
    Reply reply;
    Rows rows;

    *reason = NULL;
    if (settings->throttle_file != NULL && access(settings->throttle_file, F_OK) == 0)
        *reason = mem_text(mem, "file \"%s\" exists", settings->throttle_file);
    if (!db_query(mem, fill->run->watcher, "threads_running", NO_ARGS, &rows, err))
        return false;
    if (most > 0 && rows.row_count > 0 && strtod(rows.cells[1], NULL) - 1 > most)
        *reason = mem_text(mem, "%s other sessions are active", rows.cells[1]);
    if (own.sql == NULL)
        return true;
    if (!db_script(mem, fill->run->watcher, &own, 1, &reply, err))
        return err_in(err, "in the throttle query");
    if (reply.rows[0].row_count > 0 && reply.rows[0].cells[0] != NULL &&
        strtod(reply.rows[0].cells[0], NULL) > 0)
        *reason = mem_text(mem, "the throttle query says %s", reply.rows[0].cells[0]);
    return true;
}

bool
mysql_fill_give_way(MysqlFill *fill, Err *err)
{
    double now = clock_now(fill->run->clock);

    if (fill->sampled_ms > 0 && now - fill->sampled_ms < SAMPLE_MS)
        return true;
    for (;;)
    {
        MEM_SCOPE(scope, fill->mem);
        const char *reason;

        if (!busy_reason(fill, scope, &reason, err))
            return false;
        fill->sampled_ms = clock_now(fill->run->clock);
        if (reason == NULL)
            return true;
        tell(fill->run, &(Event){.kind = EVENT_REST,
                                 .migration = fill->step->migration,
                                 .phase = fill->step->phase,
                                 .step = fill->step,
                                 .text = reason,
                                 .millis = HOLD_MS});
        clock_rest(fill->run->clock, HOLD_MS);
        if (stop_asked())
            return err_set(err, ERR_STOPPED, "asked to stop");
    }
}

void
mysql_fill_tell(MysqlFill *fill, const char *doing)
{
    Progress *progress = fill->progress;

    progress->elapsed_ms = clock_now(fill->run->clock) - fill->began_ms;
    progress->rows_per_second =
        progress->elapsed_ms <= 0
            ? 0
            : (double)(progress->rows_done - progress->rows_before) * 1000.0 /
                  progress->elapsed_ms;
    progress->left_ms = -1;
    progress->hot_share = -1;
    progress->batch_ms = fill->batch_ms;
    progress->workers = 1;
    progress->doing = doing;
    progress->fraction = progress->rows_total <= 0 ? 0
                                                   : (double)progress->rows_done /
                                                         (double)progress->rows_total;
    if (progress->fraction > 1)
        progress->fraction = 1;
    tell(fill->run, &(Event){.kind = EVENT_BATCH,
                             .migration = fill->step->migration,
                             .phase = fill->step->phase,
                             .step = fill->step,
                             .progress = progress});
}

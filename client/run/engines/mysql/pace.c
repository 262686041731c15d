/* Giving way between batches: what the server says of its load, what the replicas have
 * of what we wrote, and what the operator wants. */
#include "run/engines/mysql/fill.h"

#include "base/stop.h"
#include "run/backfill/fill.h"
#include "run/hold/hold.h"
#include "run/tell.h"

/* Always a little, so that who waits for the disk or a processor comes in between. */
#define GIVE_WAY_SHARE 0.1

void
mysql_pace_begin(MysqlFill *fill)
{
    fill->limits = fill_limits(fill->run, fill->step);
    fill->orders_heard = fill->run->orders_count;
    fill->throttle = throttle_start(&fill->limits);
    fill->gauge = (Gauge){.step = fill->step};
    fill->began_ms = clock_now(fill->run->clock);
}

void
mysql_pace_end(MysqlFill *fill)
{
    fill->progress->pressure = NULL; /* it goes with us, and progress stays */
    mem_scope_end(&fill->gauge.mem);
}

double
mysql_pace_aim_ms(const MysqlFill *fill)
{
    return throttle_aim_ms(&fill->throttle, &fill->limits);
}

static bool
stopped(Err *err)
{
    return err_set(err, ERR_STOPPED, "asked to stop");
}

/* An operator may want it to rest, or to go by other limits from here on. */
static bool
heed(MysqlFill *fill, Err *err)
{
    Run *run = fill->run;
    bool held;

    if (!hold_heed(run, fill->step, &held, err))
        return false;
    if (fill->orders_heard == run->orders_count)
        return true;
    fill->orders_heard = run->orders_count;
    fill->limits = fill_limits(run, fill->step);
    return true;
}

static bool
sense(MysqlFill *fill, Err *err)
{
    fill->gauge.commits = fill->limits.most[SIGNAL_COMMIT] > 0;
    if (!pressure_sample(fill->run, &fill->gauge, 0, err))
        return false;
    fill->throttle =
        throttle_next(fill->throttle, &fill->gauge.pressure, &fill->limits, -1);
    return true;
}

static void
rest(MysqlFill *fill, double millis)
{
    if (fill->throttle.reason[0] != '\0')
        tell(fill->run, &(Event){.kind = EVENT_REST,
                                 .migration = fill->step->migration,
                                 .phase = fill->step->phase,
                                 .step = fill->step,
                                 .text = fill->throttle.reason,
                                 .millis = millis,
                                 .progress = fill->progress});
    clock_rest(fill->run->clock, (Millis)(millis + 0.5));
}

/* --- what nobody looks at -------------------------------------------------------- */

char *
mysql_blind_lag(Run *run, Mem *mem)
{
    Err ignored = {0};
    int64_t count = 0;
    Rows rows;

    if (run->standby_count > 0)
        return NULL;
    if (!run->caps->sees_all_activity)
        return mem_copy(mem,
                        "replica lag: not readable (which replicas there are shows "
                        "GRANT PROCESS; --standby URL has one looked at)");
    if (db_query(mem, run->watcher, "replicas", NO_ARGS, &rows, &ignored))
        count = rows_int(&rows, 0, "replicas");
    err_clear(&ignored);
    if (count == 0)
        return NULL;
    return mem_text(mem,
                    "replica lag: %lld replica%s read%s the binary log, and no lag is "
                    "looked at: name them, --standby URL",
                    (long long)count, count == 1 ? "" : "s", count == 1 ? "s" : "");
}

/* Once a run: what the backfill cannot rest for. */
static void
blind_tell(Run *run, const Pressure *pressure)
{
    MEM_SCOPE(scope, run->mem);
    const char *lag = run->told_hidden ? NULL : mysql_blind_lag(run, scope);

    if (lag != NULL)
        tell_note(run, EVENT_NOTE, "%s", lag);
    if (!run->told_hidden && pressure->value[SIGNAL_HISTORY] < 0)
        tell_note(run, EVENT_NOTE, "history list: not readable (needs PROCESS)");
    run->told_hidden = true;
}

/* --- behind a batch -------------------------------------------------------------- */

bool
mysql_pace(MysqlFill *fill, double worked_ms, Err *err)
{
    clock_rest(fill->run->clock, (Millis)(worked_ms * GIVE_WAY_SHARE) + 1);
    do
    {
        if (stop_asked())
            return stopped(err);
        if (!heed(fill, err) || !sense(fill, err))
            return false;
        blind_tell(fill->run, &fill->gauge.pressure);
        if (throttle_slows(&fill->throttle))
            rest(fill, throttle_rest_ms(&fill->throttle, worked_ms, 0));
    } while (fill->throttle.hold);
    return !stop_asked() || stopped(err);
}

/* --- telling --------------------------------------------------------------------- */

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
    progress->pressure = fill->gauge.sampled_ms > 0 ? &fill->gauge.pressure : NULL;
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

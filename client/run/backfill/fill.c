#include "run/backfill/fill.h"

#include <string.h>

#include "base/stop.h"
#include "base/units.h"
#include "run/hold/hold.h"
#include "run/tell.h"

#define BARRED_REST_MS 100
#define TELL_MS 250.0
#define LOCK_MS 30
#define BLOCKS_MOST 4096
#define BLOCKS_MOST_BY_PLACES 512 /* where every place of a block is listed */

/* Others who wait for a batch's row wait until its end: it ends well within the budget.
 */
#define BATCH_SHARE 0.75

BatchJob
fill_job(const Fill *fill, const Leaf *leaf)
{
    return (BatchJob){.caps = fill->run->caps,
                      .fill = fill->step->backfill,
                      .leaf = leaf->name,
                      .leaf_oid = leaf->oid,
                      .part = leaf->part,
                      .at_once = fill->hands,
                      .not_done = fill->not_done,
                      .not_done_cheaply = fill->not_done_cheaply,
                      .key_assigned = leaf->key_assigned,
                      .component = fill->run->settings->component,
                      .version = fill->step->migration->version,
                      .run_id = fill->run->id};
}

int64_t
leaf_lock_ms(const Leaf *leaf)
{
    int64_t half = leaf->deadlock_ms / 2;

    return half > 0 && half < LOCK_MS ? half : LOCK_MS;
}

void
fill_count(Fill *fill, const BatchReport *report)
{
    Progress *progress = fill->progress;
    Cost *cost = fill->cost;

    fill->batches++;
    fill->hot_rows += report->hot;
    progress->rows_done += report->rows;
    progress->wal_bytes += report->wal_bytes;
    progress->batch_ms = report->took_ms;
    progress->hot_share = progress->rows_done > 0
                              ? (double)fill->hot_rows / (double)progress->rows_done
                              : -1;
    cost->tries = 1; /* batches are no tries */
    if (report->took_ms > cost->held_ms)
        cost->held_ms = report->took_ms;
    if (report->waiters > cost->victims)
        cost->victims = (int)report->waiters;
    if (report->stall_ms > cost->stall_ms)
        cost->stall_ms = report->stall_ms;
}

/* As the step was planned, then as an operator said since. */
Limits
fill_limits(const Run *run, const Step *step)
{
    double stall = (double)step->max_stall * BATCH_SHARE;
    Limits limits = run->settings->limits;

    limits.batch_ms = (double)step->batch_time;
    limits.workers = run->settings->workers > 1 ? run->settings->workers : 1;
    if (run->orders != NULL)
        limits_give(run->orders, &limits);
    if (limits.batch_ms > stall)
        limits.batch_ms = stall;
    limits.blocks_most =
        run->caps->tid_range_scan ? BLOCKS_MOST : BLOCKS_MOST_BY_PLACES;
    return limits;
}

/* --- progress -------------------------------------------------------------------- */

/* Over the last seconds: an average since the start would hide that we rest now. */
static void
rate_now(Fill *fill, double now)
{
    Progress *progress = fill->progress;
    const Mark *first = &fill->marks[0];
    double seconds = (now - first->at_ms) / 1000.0;
    double blocks_left = (double)(progress->blocks_total - progress->blocks_done);

    progress->left_ms = -1;
    if (fill->mark_count > 0 && seconds > 0)
    {
        double blocks = (double)(progress->blocks_done - first->blocks) / seconds;

        progress->rows_per_second =
            (double)(progress->rows_done - first->rows) / seconds;
        if (blocks > 0)
            progress->left_ms = blocks_left / blocks * 1000.0;
    }
    if (fill->mark_count == MARKS)
        memmove(&fill->marks[0], &fill->marks[1], sizeof(Mark) * (MARKS - 1));
    else
        fill->mark_count++;
    fill->marks[fill->mark_count - 1] =
        (Mark){now, progress->rows_done, progress->blocks_done};
}

void
fill_tell(Fill *fill, const char *doing, int64_t blocks_done)
{
    Progress *progress = fill->progress;
    double now = clock_now(fill->run->clock);
    bool same = progress->doing != NULL && strcmp(progress->doing, doing) == 0;

    if (same && now - fill->told_ms < TELL_MS)
        return;
    if (!same)
        fill->mark_count = 0;
    fill->told_ms = now;
    progress->doing = doing;
    progress->elapsed_ms = now - fill->began_ms;
    progress->blocks_done = fill->blocks_before + blocks_done;
    progress->fraction = progress->blocks_total > 0 ? (double)progress->blocks_done /
                                                          (double)progress->blocks_total
                                                    : 0;
    rate_now(fill, now);

    Event event = {.kind = EVENT_BATCH,
                   .migration = fill->step->migration,
                   .phase = fill->step->phase,
                   .step = fill->step,
                   .progress = progress};

    tell(fill->run, &event);
}

/* --- pace ------------------------------------------------------------------------ */

static bool
stopped(Err *err)
{
    return err_set(err, ERR_STOPPED, "stopped after a whole batch") ||
           err_hint(err, "Run it again to go on from there.");
}

/* An operator may want it to rest, or to go by other limits from here on. */
static bool
fill_heed(Fill *fill, Err *err)
{
    Run *run = fill->run;
    double began = clock_now(run->clock);
    bool held = false;

    if (!hold_heed(run, fill->step, &held, err))
        return false;
    if (held)
        fill->mark_count = 0;
    fill->cost->waited_ms += held ? clock_now(run->clock) - began : 0;
    if (fill->orders_heard == run->orders_count)
        return true;
    fill->orders_heard = run->orders_count;
    fill->limits = fill_limits(run, fill->step);
    return true;
}

/* Told of at most four times a second. */
static void
rest_tell(Fill *fill, double millis, const char *why)
{
    Event event = {.kind = EVENT_REST,
                   .migration = fill->step->migration,
                   .phase = fill->step->phase,
                   .step = fill->step,
                   .text = why,
                   .millis = millis,
                   .progress = fill->progress};

    if (why == NULL || clock_now(fill->run->clock) - fill->rested_ms < TELL_MS)
        return;
    fill->rested_ms = clock_now(fill->run->clock);
    tell(fill->run, &event);
}

bool
fill_rest(Fill *fill, double millis, const char *why, Err *err)
{
    if (stop_asked())
        return stopped(err);
    if (!fill_heed(fill, err))
        return false;
    rest_tell(fill, millis, why);
    clock_rest(fill->run->clock, (Millis)(millis + 0.5));
    fill->cost->waited_ms += millis;
    fill->worked_since_ms = clock_now(fill->run->clock);
    fill->rested_since_ms = 0;
    return !stop_asked() || stopped(err);
}

/* Only the last of several: they did it at the same time. */
void
fill_waited(Fill *fill, double millis)
{
    fill->cost->waited_ms += fill->in_flight == 0 ? millis : 0;
}

void
fill_rested(Fill *fill, double millis)
{
    fill->rested_since_ms += millis;
    fill_waited(fill, millis);
    if (millis > 0)
        rest_tell(fill, millis, fill->throttle.reason);
}

bool
fill_barred(Fill *fill, const Leaf *leaf, double *since, Err *err)
{
    MEM_SCOPE(scope, fill->mem);
    double now = clock_now(fill->run->clock);

    if (*since == 0)
        *since = now;
    if (now - *since > (double)fill->run->settings->lock_patience)
        return err_set(err, ERR_BUSY, "table \"%s\" was locked by others for %s",
                       leaf->shown, duration_show(scope, now - *since));
    return fill_rest(fill, BARRED_REST_MS,
                     mem_text(scope, "others have a lock on table \"%s\"", leaf->shown),
                     err);
}

static bool
fill_sense(Fill *fill, const Leaf *leaf, double batch_ms, Err *err)
{
    fill->gauge.commits = fill->limits.most[SIGNAL_COMMIT] > 0;
    if (!pressure_sample(fill->run, &fill->gauge, leaf->oid, err))
        return false;
    fill->throttle =
        throttle_next(fill->throttle, &fill->gauge.pressure, &fill->limits, batch_ms);
    fill->gauge.pressure.value[SIGNAL_WAITERS] = 0;
    return true;
}

bool
fill_pace(Fill *fill, const Leaf *leaf, double batch_ms, Err *err)
{
    if (stop_asked())
        return stopped(err);
    if (fill->in_flight > 0)
        return fill_sense(fill, leaf, batch_ms, err);
    do
    {
        double spent = clock_now(fill->run->clock) - fill->worked_since_ms;
        double rested = fill->rested_since_ms;
        double worked = spent - rested;

        if (!fill_heed(fill, err) || !fill_sense(fill, leaf, batch_ms, err))
            return false;
        batch_ms = -1;
        if (throttle_slows(&fill->throttle) &&
            !fill_rest(fill, throttle_rest_ms(&fill->throttle, worked, rested),
                       fill->throttle.reason, err))
            return false;
    } while (fill->throttle.hold);
    return true;
}

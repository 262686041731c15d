#include "run/backfill/slice.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "core/sync/sync.h"
#include "run/connect/runner.h"

/* So long nobody is asked whether the server is under pressure; at the start, and while
 * we rest for it, only as long as a batch. */
#define SLICE_MS 250.0

static const Column told_columns[] = {
    COLUMN(INT64, Told, position),  COLUMN(TEXT, Told, skipped),
    COLUMN(INT64, Told, rows_done), COLUMN(INT64, Told, hot_rows),
    COLUMN(INT64, Told, wal_bytes),
};

bool
slice_is_offered(const Fill *fill)
{
    return extension_used(fill->run->caps) && !fill->step->backfill->repeat;
}

/* --- what is recorded ------------------------------------------------------------ */

static bool
told_read(const SliceTurn *turn, Mem *mem, Told *told, Err *err)
{
    const Fill *fill = turn->fill;
    const char *number = mem_text(mem, "%d", fill->step->backfill->number);
    const char *leaf = mem_text(mem, "%" PRId64, turn->leaf->oid);
    const char *part = mem_text(mem, "%" PRId64, turn->leaf->part);
    Rows rows;

    if (!db_query(mem, fill->run->watcher, "backfill_told",
                  ARGS(fill->run->settings->component, fill->step->migration->version,
                       number, leaf, part),
                  &rows, err))
        return err_in(err, "while reading how far the backfill is");
    if (rows.row_count == 0)
        return fence_lost(err);
    return rows_one(mem, &rows, told_columns, LENGTH(told_columns), told, err);
}

/* Ours may be ahead of the record: blocks that held nothing to change. */
static bool
slice_goes_to(SliceTurn *turn, int64_t position, const char *skipped, Err *err)
{
    MEM_SCOPE(scope, turn->fill->mem);
    Leaf *leaf = turn->leaf;
    Blocks more;

    if (!blocks_read(scope, skipped, &more))
        return err_set(err, ERR_DIRTY,
                       "the skipped blocks of \"%s\" cannot be read: %s", leaf->shown,
                       skipped);
    for (int i = 0; i < more.count; i++)
        blocks_add(turn->fill->mem, &leaf->skipped, more.items[i]);
    if (position > leaf->rest.from)
        leaf->rest.from = position;
    return true;
}

/* --- the next -------------------------------------------------------------------- */

/* It would only compute again what the slice assigns. */
static const char *
own_trigger(const SliceTurn *turn)
{
    const Step *step = turn->fill->step;
    const char *trigger = turn->leaf->sync_trigger;

    return step->backfill->sync != SYNC_OFF && trigger != NULL &&
                   sync_trigger_is_of(trigger, step->migration)
               ? trigger
               : NULL;
}

bool
slice_next(Mem *mem, SliceTurn *turn, Slice *slice, Err *err)
{
    const Fill *fill = turn->fill;
    const Leaf *leaf = turn->leaf;
    double batch_ms = throttle_sweep_ms(&fill->throttle, &fill->limits);
    bool gently = turn->answers == 0 || fill->throttle.rest_ms > 0;

    if (!turn->heard && !told_read(turn, mem, &turn->told, err))
        return false;
    turn->heard = true;
    *slice = (Slice){.rest = leaf->rest,
                     .skipped = blocks_show(mem, &leaf->skipped),
                     .sync_trigger = own_trigger(turn),
                     .in_place = !leaf->never_hot && !fill->step->backfill->is_delete,
                     .batch_ms = batch_ms,
                     .slice_ms = gently ? batch_ms : SLICE_MS,
                     .share = fill->throttle.share};
    return true;
}

/* --- how it may end, and what follows -------------------------------------------- */

static void
slice_count(SliceTurn *turn, const BatchReport *report)
{
    turn->told.rows_done += report->rows;
    turn->told.hot_rows += report->hot;
    turn->told.wal_bytes += report->wal_bytes;
    turn->leaf->rows_done += report->rows;
    fill_count(turn->fill, report);
    turn->fill->gauge.pressure.value[SIGNAL_WAITERS] = (double)report->waiters;
    fill_tell(turn->fill, "sweeping", turn->done_elsewhere + turn->leaf->rest.from);
}

/* It answered: what it says is committed. */
static bool
slice_answered(SliceTurn *turn, const BatchReport *report, SliceEnd *end, Err *err)
{
    if (!slice_goes_to(turn, report->position, report->skipped, err))
        return false;
    slice_count(turn, report);
    turn->answers++;
    if (report->end == BATCH_BARRED)
        return fill_barred(turn->fill, turn->leaf, &turn->barred_since, err);
    turn->barred_since = 0;
    turn->leaf->replaced = report->end == BATCH_REPLACED;
    fill_waited(turn->fill, report->waited_ms);
    fill_rested(turn->fill, report->rested_ms);
    if (strcmp(report->ended, "snapshot") == 0)
        *end = SLICE_WAITS;
    return turn->leaf->replaced || fill_pace(turn->fill, turn->leaf, -1, err);
}

/* An error, so only the record knows what was committed before it. */
static bool
slice_failed(SliceTurn *turn, const BatchReport *report, SliceEnd *end, Err *err)
{
    MEM_SCOPE(scope, turn->fill->mem);
    Fill *fill = turn->fill;
    BatchReport done = *report;
    Told told;

    *end = SLICE_ASIDE;
    turn->heard = false;
    if (!told_read(turn, scope, &told, err) ||
        !slice_goes_to(turn, told.position, told.skipped, err))
        return false;
    done.rows = told.rows_done - turn->told.rows_done;
    done.hot = told.hot_rows - turn->told.hot_rows;
    done.wal_bytes = told.wal_bytes - turn->told.wal_bytes;
    slice_count(turn, &done);
    if (report->end == BATCH_SLOW && report->waiters > 0)
        return fill_rest(fill, fill->limits.batch_ms,
                         "others waited for rows of a batch", err);
    return fill_pace(fill, turn->leaf, -1, err);
}

bool
slice_end(SliceTurn *turn, const BatchReport *report, SliceEnd *end, Err *err)
{
    *end = SLICE_ON;
    if (report->ended != NULL)
        return slice_answered(turn, report, end, err);
    return slice_failed(turn, report, end, err);
}

/*
 * A statement that its author batched by hand, run until it changes no row.
 *
 * How much one run takes is not ours to choose: it can be watched, cancelled when
 * others have waited too long, and paused between runs. The count is kept in the
 * transaction of every run, so a run is never lost or counted twice; where to go on is
 * the statement's own business.
 */
#include "base/fault.h"
#include "base/units.h"
#include "run/backfill/fill.h"
#include "run/tell.h"

#define REST_FIRST_MS 50
#define REST_MOST_MS 1000

/* A run that was cancelled so often will not be shorter the next time. */
#define CANCELLED_MOST 3

/* More rows changed than that many times what the table holds: it goes round. */
#define ROUNDS_MOST 3
#define ROWS_FEW 10000

typedef struct Repeat
{
    Fill *fill;
    Leaf leaf;
    double stuck_since; /* 0: the last run was done */
    Millis rest;
    int cancelled;
    bool warned;
} Repeat;

static bool
repeat_endless(const Repeat *repeat, int64_t rows, Err *err)
{
    MEM_SCOPE(scope, NULL);

    return err_set(
               err, ERR_REFUSED,
               "the statement has changed %s rows of \"%s\", which holds about %s: it "
               "would never end",
               count_show(scope, repeat->leaf.rows_done), repeat->leaf.shown,
               count_show(scope, rows)) ||
           err_hint(err, "Its WHERE must be false for a row once it is changed. If the "
                         "table is larger than it looks, ANALYZE it.");
}

/* An INSERT adds to what we count by, so of it nothing can be told. */
static bool
repeat_ends(const Repeat *repeat, Err *err)
{
    const Fill *fill = repeat->fill;
    int64_t rows =
        fill->step->rows > repeat->leaf.rows ? fill->step->rows : repeat->leaf.rows;

    return fill->step->backfill->is_insert || rows < 0 ||
           repeat->leaf.rows_done <= (rows + ROWS_FEW) * ROUNDS_MOST ||
           repeat_endless(repeat, rows, err);
}

static void
repeat_warn(Repeat *repeat, const BatchReport *report)
{
    MEM_SCOPE(scope, NULL);
    const Fill *fill = repeat->fill;

    if (repeat->warned || report->took_ms <= fill->limits.batch_ms)
        return;
    repeat->warned = true;
    tell_note(
        fill->run, EVENT_WARNING,
        "a run of the statement took %s (batch-time %s): a smaller LIMIT would keep "
        "others from waiting",
        duration_show(scope, report->took_ms),
        duration_show(scope, (double)fill->step->batch_time));
}

static bool
repeat_done(Repeat *repeat, const BatchReport *report, Err *err)
{
    Fill *fill = repeat->fill;
    Leaf *leaf = &repeat->leaf;

    repeat->stuck_since = 0;
    repeat->rest = REST_FIRST_MS;
    repeat->cancelled = 0;
    leaf->rows_done += report->rows;
    leaf->swept = leaf->verified = report->rows == 0;
    if (leaf->verified)
        return leaf_note(fill, leaf, err);
    fill_count(fill, report);
    fill->gauge.pressure.value[SIGNAL_WAITERS] = (double)report->waiters;
    repeat_warn(repeat, report);
    fill_tell(fill, "repeating", 0);
    return repeat_ends(repeat, err) && fill_pace(fill, leaf, -1, err);
}

/* Somebody has a row that it wants; what it would pass over instead is not ours to say.
 */
static bool
repeat_wait(Repeat *repeat, const BatchReport *report, Err *err)
{
    Fill *fill = repeat->fill;
    MEM_SCOPE(scope, fill->mem);
    double now = clock_now(fill->run->clock);
    const char *who = report->blocker == NULL ? "others" : report->blocker;

    if (repeat->stuck_since == 0)
        repeat->stuck_since = now;
    if (now - repeat->stuck_since > (double)fill->run->settings->lock_patience)
    {
        err_set(err, ERR_BUSY, "rows of \"%s\" were locked by others for %s",
                repeat->leaf.shown, duration_show(scope, now - repeat->stuck_since));
        if (report->blocker != NULL)
            err_detail(err, "held by %s", report->blocker);
        return err_hint(err, "%s",
                        report->advice == NULL ? "FOR UPDATE SKIP LOCKED in the "
                                                 "statement would pass over them."
                                               : report->advice);
    }
    if (!fill_rest(fill, (double)repeat->rest,
                   mem_text(scope, "a row that it wants is held by %s", who), err))
        return false;
    repeat->rest = repeat->rest * 2 < REST_MOST_MS ? repeat->rest * 2 : REST_MOST_MS;
    return true;
}

static bool
repeat_slow(Repeat *repeat, Err *err)
{
    if (++repeat->cancelled < CANCELLED_MOST)
        return fill_rest(repeat->fill, repeat->fill->limits.batch_ms,
                         "others waited for rows of a run", err);
    err_set(err, ERR_REFUSED,
            "a run of the statement keeps others waiting: it was cancelled %d times",
            repeat->cancelled);
    return err_hint(err, "Write a smaller LIMIT, or let it take rows by an index.");
}

static bool
repeat_end(Repeat *repeat, const BatchReport *report, Err *err)
{
    switch (report->end)
    {
    case BATCH_DONE:
        return repeat_done(repeat, report, err);
    case BATCH_LOCKED:
    case BATCH_BARRED:
    case BATCH_CLASHED:
        return repeat_wait(repeat, report, err);
    case BATCH_SLOW:
        return repeat_slow(repeat, err);
    default:
        return err_set(err, ERR_SQL, "table \"%s\" does not exist any more",
                       repeat->leaf.shown);
    }
}

static bool
repeat_once(Repeat *repeat, Err *err)
{
    Fill *fill = repeat->fill;
    MEM_SCOPE(scope, fill->mem);
    BatchJob job = fill_job(fill, &repeat->leaf);
    const Batch batch = {.skipped = "{}"};
    const BatchOrder order = {.job = &job,
                              .batch = &batch,
                              .lock_ms = leaf_lock_ms(&repeat->leaf),
                              .stall_ms = fill->stall_ms,
                              .texts = scope,
                              .blame = repeat->stuck_since != 0};
    BatchReport report;

    return batch_run(fill->run, &order, &report, err) &&
           repeat_end(repeat, &report, err);
}

bool
repeat_run(Fill *fill, Err *err)
{
    Repeat repeat = {.fill = fill, .rest = REST_FIRST_MS};
    Begun begun;

    if (!leaf_root(fill, &repeat.leaf, err) ||
        !leaf_begin(fill, &repeat.leaf, &begun, err))
        return false;
    fault_point(FAULT_sweep_started);
    fill->progress->rows_done = begun.rows_done;
    fill->progress->rows_total = 0;
    while (!repeat.leaf.verified)
        if (!repeat_once(&repeat, err))
            return false;
    return true;
}

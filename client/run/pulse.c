#include "run/pulse.h"

#include <inttypes.h>
#include <math.h>

#include "core/sql/sql.h"

#define BEAT_MS 1000.0
#define STEP_MS 100.0 /* steps that are over sooner are not told one by one */

/* NULL: this event does not tell, what was told before stays. */
static const char *
number_text(Mem *mem, const Progress *progress, double number)
{
    return progress != NULL && isfinite(number) ? mem_text(mem, "%.3f", number) : NULL;
}

static const char *
count_text(Mem *mem, const Progress *progress, int64_t count)
{
    return progress == NULL ? NULL : mem_text(mem, "%" PRId64, count);
}

/* What it waits for: a rest's reason, who holds it, a lock. */
static const char *
event_resting(const Event *event)
{
    switch (event->kind)
    {
    case EVENT_REST:
    case EVENT_HELD:
        return event->text;
    case EVENT_STEP_WAITING:
        return event->text == NULL ? "others hold its lock" : event->text;
    default:
        return NULL;
    }
}

static void
pulse_write(Run *run, const Event *event)
{
    static const Progress begun = {.left_ms = -1, .hot_share = -1, .doing = ""};
    static const Progress empty;
    MEM_SCOPE(scope, run->mem);
    const Step *step = event->step;
    const Progress *told = event->kind == EVENT_STEP_START ? &begun : event->progress;
    const Progress *progress = told == NULL ? &empty : told;
    const char *why = event_resting(event);
    Err ignored = {0};
    Rows rows;

    db_query(scope, run->warden, "pulse",
             ARGS(run->settings->component, run->id, step->migration->label,
                  phase_name(step->phase), mem_text(scope, "%d", step->number),
                  step->kind == STEP_BACKFILL ? step->table.name : step->title,
                  why == NULL ? NULL : sql_scrub(scope, why), progress->doing,
                  count_text(scope, told, progress->rows_done),
                  count_text(scope, told, progress->rows_total),
                  number_text(scope, told, progress->fraction),
                  number_text(scope, told, progress->rows_per_second),
                  number_text(scope, told, progress->left_ms),
                  number_text(scope, told, progress->batch_ms),
                  number_text(scope, told, progress->hot_share),
                  count_text(scope, told, progress->wal_bytes),
                  count_text(scope, told, progress->set_aside)),
             &rows, &ignored);
    err_clear(&ignored);
}

void
pulse_see(Run *run, const Event *event)
{
    double now = clock_now(run->clock);
    double pause = event->kind == EVENT_STEP_START ? STEP_MS : BEAT_MS;

    if (!run->heeds || run->warden == NULL || event->step == NULL ||
        event->step->migration == NULL)
        return;
    if (run->beat_ms > 0 && now - run->beat_ms < pause)
        return;
    run->beat_ms = now;
    pulse_write(run, event);
}

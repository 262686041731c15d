#include "run/tell.h"

#include "run/pulse.h"

#include <stdarg.h>

void
tell(Run *run, const Event *event)
{
    run->observer->see(run->observer, event);
    pulse_see(run, event);
}

void
tell_text(Run *run, EventKind kind, const char *text)
{
    Event event = {.kind = kind, .text = text};

    tell(run, &event);
}

void
tell_note(Run *run, EventKind kind, const char *format, ...)
{
    MEM_SCOPE(scope, NULL);
    va_list args;

    va_start(args, format);
    tell_text(run, kind, mem_vtext(scope, format, args));
    va_end(args);
}

void
tell_migration(Run *run, EventKind kind, const Migration *migration, State state)
{
    Event event = {.kind = kind, .migration = migration, .state = state};

    tell(run, &event);
}

void
tell_step(Run *run, EventKind kind, const Step *step, const char *text)
{
    Event event = {.kind = kind,
                   .migration = step->migration,
                   .phase = step->phase,
                   .step = step,
                   .text = text};

    tell(run, &event);
}

void
tell_reading(Run *run, const Step *step, const char *doing, double elapsed_ms)
{
    Progress progress = {.doing = doing,
                         .elapsed_ms = elapsed_ms,
                         .rows_total = step->rows,
                         .left_ms = -1,
                         .hot_share = -1};
    Event event = {.kind = EVENT_STEP_PROGRESS,
                   .migration = step->migration,
                   .phase = step->phase,
                   .step = step,
                   .progress = &progress};

    if (step->estimate_ms > 0)
        progress.fraction = elapsed_ms / (elapsed_ms + step->estimate_ms);
    tell(run, &event);
}

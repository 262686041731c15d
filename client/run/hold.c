#include "run/hold.h"

#include <string.h>

#include "base/stop.h"
#include "core/version.h"
#include "run/control.h"
#include "run/runner.h"
#include "run/tell.h"

/* How often the control row is read, while at work and while held. */
#define LOOK_MS 500.0

/* What keeps a run: who said so, or when it may go on; text NULL: nothing. */
typedef struct Keeper
{
    const char *text;
    double left_ms; /* until it is over by itself; -1: nobody knows */
    const char *hint;
    const char *freed; /* text NULL: what to say to a run that was held */
} Keeper;

/* --- looking ------------------------------------------------------------------------
 */

/* Limits are for the run that they were given to, and told when they are news. */
static void
orders_take(Run *run, const Control *control)
{
    bool ours =
        control->limits_run != NULL && strcmp(control->limits_run, run->id) == 0;

    if (!ours || control->limits[0] == '\0' ||
        (run->orders != NULL && strcmp(run->orders, control->limits) == 0))
        return;
    TALLOC_FREE(run->orders);
    run->orders = mem_copy(run->mem, control->limits);
    run->orders_count++;
    tell_note(run, EVENT_NOTE, "new limits from %s: %s", control->who, run->orders);
}

/* Versions are typed as people do: padded or not, the label, or how it begins. */
static bool
control_means(const Control *control, const Migration *migration)
{
    const char *typed = control->version;

    return typed == NULL || strcmp(typed, migration->label) == 0 ||
           strcmp(typed, migration->file) == 0 ||
           (version_valid(typed) &&
            (version_compare(typed, migration->version) == 0 ||
             (strlen(typed) >= 4 &&
              strncmp(typed, migration->version, strlen(typed)) == 0)));
}

static bool
keeper_find(Run *run, const Step *step, Mem *mem, Keeper *keeper, Err *err)
{
    Control control = {0};

    *keeper = (Keeper){.left_ms = -1};
    if (!control_read(run, mem, &control, err))
        return false;
    orders_take(run, &control);
    if (!control.paused || !control_means(&control, step->migration))
    {
        keeper->freed = mem_text(mem, "resumed by %s", control.who);
        return true;
    }
    keeper->text = mem_text(mem, "paused by %s since %s", control.who, control.since);
    keeper->hint = "pgstride resume lets it go on.";
    return true;
}

/* --- being held ---------------------------------------------------------------------
 */

static bool
stopped(const char *why, const char *hint, Err *err)
{
    return err_set(err, ERR_STOPPED, "%s", why) || err_hint(err, "%s", hint);
}

static void
keeper_tell(Run *run, const Step *step, const Keeper *keeper)
{
    Event event = {.kind = EVENT_HELD,
                   .migration = step->migration,
                   .phase = step->phase,
                   .step = step,
                   .text = keeper->text,
                   .millis = keeper->left_ms};

    tell(run, &event);
}

/* Until nothing keeps it any more; freed: by whom or what. */
static bool
hold_wait(Run *run, const Step *step, Mem *mem, char **freed, Err *err)
{
    for (;;)
    {
        MEM_SCOPE(scope, run->mem);
        Keeper keeper;

        if (!keeper_find(run, step, scope, &keeper, err))
            return false;
        if (keeper.text == NULL)
        {
            *freed = mem_copy(mem, keeper.freed);
            return true;
        }
        keeper_tell(run, step, &keeper);
        clock_rest(run->clock, (Millis)LOOK_MS);
        if (stop_asked())
            return stopped(mem_text(scope, "stopped while %s", keeper.text),
                           keeper.hint, err);
    }
}

/*
 * Another run may have had its turn. It took the fence, done or not: what we remember
 * of the history is not true any more.
 */
static bool
hold_retake(Run *run, Err *err)
{
    bool taken = false;
    bool ours = true;

    while (!taken)
    {
        if (!runner_owns_fence(run, &ours, err))
            return false;
        if (!ours)
            return stopped("another run has taken over while this one was held",
                           "See pgstride status; nothing was lost.", err);
        if (!runner_try_lock(run, &taken, err))
            return false;
        if (stop_asked())
            return stopped("stopped while another run had its turn",
                           "Run it again to go on from there.", err);
        if (!taken)
            clock_rest(run->clock, (Millis)LOOK_MS);
    }
    if (!runner_owns_fence(run, &ours, err))
        return false;
    return ours || stopped("another run has taken over while this one was held",
                           "See pgstride status; nothing was lost.", err);
}

bool
hold_heed(Run *run, const Step *step, bool *held, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    double now = clock_now(run->clock);
    char *freed = NULL;
    Keeper keeper;

    *held = false;
    if (!run->heeds || (run->heeded_ms > 0 && now - run->heeded_ms < LOOK_MS))
        return true;
    run->heeded_ms = now;
    if (!keeper_find(run, step, scope, &keeper, err))
        return false;
    if (keeper.text == NULL)
        return true;
    if (run->settings->no_wait)
        return stopped(keeper.text, keeper.hint, err);
    *held = true;
    keeper_tell(run, step, &keeper);
    if (!runner_release(run, err) || !hold_wait(run, step, scope, &freed, err) ||
        !hold_retake(run, err))
        return false;
    tell_step(run, EVENT_GOES_ON, step, freed);
    run->heeded_ms = clock_now(run->clock);
    return true;
}

#include "run/hold/hold.h"

#include <string.h>

#include "base/stop.h"
#include "base/units.h"
#include "core/files/version.h"
#include "run/connect/runner.h"
#include "run/hold/control.h"
#include "run/hold/window.h"
#include "run/tell.h"

/* How often the control row is read, while at work and while held. */
#define LOOK_MS 500.0

/* What keeps a run; text NULL: nothing does. */
typedef struct Keeper
{
    const char *text;
    double left_ms; /* until it is over by itself; -1: nobody knows */
    const char *hint;
    const char *resumed; /* what to say when an operator's pause, or ... */
    const char *opened;  /* ... a closed window is over */
    bool window;         /* it is the window that keeps it */
} Keeper;

/* --- looking --------------------------------------------------------------------- */

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

/* Asked at every batch: it costs no question to the server. */
static bool
keeper_window(Run *run, const Step *step, Mem *mem, Keeper *keeper, Err *err)
{
    WindowSaid said;

    if (!window_ask(run, step, mem, &said, err))
        return false;
    keeper->text = said.text;
    keeper->left_ms = said.left_ms;
    keeper->hint = "Run it again then; without --no-wait it waits.";
    keeper->opened = said.freed;
    keeper->window = true;
    return true;
}

static bool
keeper_pause(Run *run, const Step *step, Mem *mem, Keeper *keeper, Err *err)
{
    Control control = {0};

    run->heeded_ms = clock_now(run->clock);
    if (!control_read(run, mem, &control, err))
        return false;
    orders_take(run, &control);
    keeper->resumed = mem_text(mem, "resumed by %s", control.who);
    if (!control.paused || !control_means(&control, step->migration))
        return true;
    keeper->text = mem_text(mem, "paused by %s since %s", control.who, control.since);
    keeper->hint = "pgstride resume lets it go on.";
    return true;
}

/* Whoever paused it is told of before the window: that ends by itself. */
static bool
keeper_find(Run *run, const Step *step, Mem *mem, Keeper *keeper, Err *err)
{
    double now = clock_now(run->clock);

    *keeper = (Keeper){.left_ms = -1};
    if ((run->heeded_ms <= 0 || now - run->heeded_ms >= LOOK_MS) &&
        !keeper_pause(run, step, mem, keeper, err))
        return false;
    return keeper->text != NULL || keeper_window(run, step, mem, keeper, err);
}

/* --- being held ------------------------------------------------------------------ */

static bool
stopped(const char *why, const char *hint, Err *err)
{
    return err_set(err, ERR_STOPPED, "%s", why) || err_hint(err, "%s", hint);
}

/* With how long yet, as it is shown while it lasts. */
static const char *
keeper_show(Mem *mem, const Keeper *keeper)
{
    return keeper->left_ms < 0 ? keeper->text
                               : mem_text(mem, "%s, in %s", keeper->text,
                                          duration_show(mem, keeper->left_ms));
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
    bool window = false;

    for (;;)
    {
        MEM_SCOPE(scope, run->mem);
        Keeper keeper;

        run->heeded_ms = 0; /* operators are listened to all the time */
        if (!keeper_find(run, step, scope, &keeper, err))
            return false;
        if (keeper.text == NULL)
        {
            *freed = mem_copy(mem, window ? keeper.opened : keeper.resumed);
            return true;
        }
        window = keeper.window;
        keeper_tell(run, step, &keeper);
        clock_rest(run->clock, (Millis)LOOK_MS);
        if (stop_asked())
            return stopped(mem_text(scope, "stopped while it rested: %s", keeper.text),
                           "Run it again to go on from there.", err);
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
    char *freed = NULL;
    Keeper keeper;

    *held = false;
    if (!run->heeds)
        return true;
    if (!keeper_find(run, step, scope, &keeper, err))
        return false;
    if (keeper.text == NULL)
        return true;
    if (run->settings->no_wait)
        return stopped(keeper_show(scope, &keeper), keeper.hint, err);
    *held = true;
    keeper_tell(run, step, &keeper);
    if (!runner_release(run, err) || !hold_wait(run, step, scope, &freed, err) ||
        !hold_retake(run, err))
        return false;
    tell_step(run, EVENT_GOES_ON, step, freed);
    return true;
}

bool
hold_is_due(Run *run, const Step *step)
{
    MEM_SCOPE(scope, run->mem);
    Keeper keeper = {0};
    Err ignored = {0};
    bool due = run->heeds && keeper_window(run, step, scope, &keeper, &ignored) &&
               keeper.text != NULL;

    err_clear(&ignored);
    return due;
}

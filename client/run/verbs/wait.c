#include "base/stop.h"
#include "base/units.h"
#include "run/verbs.h"

/* How often the database is asked, and again. */
#define WAIT_REST_MS 500

/* One look: nothing is created, no lock is taken, the connection is given back. */
static bool
wait_look(Run *run, Mem *mem, int *pending, Err *err)
{
    Status status;

    if (!run_status(run, mem, &status, err))
        return false;
    *pending = status.pending;
    return true;
}

static bool
wait_in_vain(const Err *last, int pending, Millis patience, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *waited = duration_show(scope, (double)patience);

    if (last->kind == ERR_NONE)
        return err_set(err, ERR_PENDING, "%d migration%s still pending after %s",
                       pending, pending == 1 ? " is" : "s are", waited) ||
               err_hint(err, "pgstride up applies what is pending.");
    err_set(err, ERR_PENDING, "the database did not answer within %s", waited);
    return err_detail(err, "%s", last->text);
}

bool
run_wait(Mem *mem, const Settings *settings, const Driver *driver, Clock *clock,
         Observer *observer, bool for_migrations, Millis patience, Err *err)
{
    double until = clock_now(clock) + (double)patience;

    for (;;)
    {
        MEM_SCOPE(scope, mem);
        Err last = {0};
        Run *run = NULL;
        int pending = 0;
        bool good =
            run_open(scope, settings, driver, clock, observer, false, &run, &last) &&
            (!for_migrations || wait_look(run, scope, &pending, &last));
        bool later = last.kind == ERR_CONNECT || last.kind == ERR_LOST;

        if (run != NULL)
            run_close(run);
        if (good && pending == 0)
            return true;
        if (!good && !later)
        {
            *err = last;
            return false;
        }
        if (clock_now(clock) >= until)
        {
            wait_in_vain(&last, pending, patience, err);
            err_clear(&last);
            return false;
        }
        err_clear(&last);
        if (stop_asked())
            return err_set(err, ERR_STOPPED, "stopped while waiting");
        clock_rest(clock, WAIT_REST_MS);
    }
}

#include "run/hold/control.h"

#include "base/version.h"
#include "run/connect/runner.h"
#include "run/connect/sessions.h"
#include "run/history/bookkeeping.h"
#include "run/verbs.h"

static const Column control_columns[] = {
    COLUMN(BOOL, Control, paused),          COLUMN(TEXT_OR_NULL, Control, version),
    COLUMN(TEXT_OR_NULL, Control, who),     COLUMN(TEXT_OR_NULL, Control, since),
    COLUMN(TEXT, Control, limits),          COLUMN(TEXT_OR_NULL, Control, limits_run),
    COLUMN(TEXT_OR_NULL, Control, at_work),
};

bool
control_read(Run *run, Mem *mem, Control *control, Err *err)
{
    MEM_SCOPE(scope, mem);
    Rows rows;

    return (db_query(scope, run->watcher, "control", ARGS(run->settings->component),
                     &rows, err) &&
            rows_one(mem, &rows, control_columns, LENGTH(control_columns), control,
                     err)) ||
           err_in(err, "while reading what operators said");
}

/* Creates pgstride's tables where nothing ran yet: the first run finds itself paused.
 */
static bool
control_say(Run *run, const Order *order, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Identity me = runner_identity(scope);
    const char *component = run->settings->component;
    Rows rows;

    if (!bookkeeping_make(run, err))
        return false;
    if (db_query(scope, run->warden, order->pause ? "control_pause" : "control_resume",
                 ARGS(component, order->pause ? order->version : order->limits, run->id,
                      me.os_user, me.host, PGSTRIDE_VERSION),
                 &rows, err))
        return true;
    if (err->kind == ERR_CONNECT)
        err_hint(err,
                 "Ask the owner of schema pgstride: GRANT USAGE ON SCHEMA pgstride, "
                 "SELECT ON ALL TABLES IN SCHEMA pgstride, INSERT, UPDATE ON "
                 "pgstride.control and INSERT ON pgstride.events, to this role.");
    return false;
}

bool
run_order(Run *run, const Order *order, Mem *mem, Control *control, Err *err)
{
    return run_open_operator(run, err) && control_say(run, order, err) &&
           control_read(run, mem, control, err);
}

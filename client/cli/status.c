/* status and wait: where the database is, at once or when it is where it should be. */
#include "cli/component.h"
#include "cli/json.h"
#include "cli/print/print_status.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "cli/text.h"
#include "run/folder/check.h"

/* What --exit-code asks for; the status itself stands on standard output already. */
static bool
status_verdict(const Status *status, Err *err)
{
    MEM_SCOPE(scope, NULL);

    if (status->dirty)
        return err_set(err, ERR_DIRTY, "Database is in dirty state at version %s",
                       status->dirty_version);
    if (status->refused != NULL)
        return err_set(err, ERR_REFUSED, "%s", status->refused) ||
               err_hint(err, "%s", status->cure);
    if (status->pending > 0)
        return err_set(err, ERR_PENDING, "%s",
                       text_count(scope, status->pending, "migration"));
    return true;
}

static void
status_print(Invocation *call, const Status *status)
{
    switch ((Format)call->options.format)
    {
    case FORMAT_TEXT:
        print_status(&call->out, status);
        return;
    case FORMAT_TABLE:
        print_status_table(&call->out, status);
        return;
    case FORMAT_JSON:
    case FORMAT_JSON_PRETTY:
    case FORMAT_YAML:
        if (call->line.road == ROAD_SQL && call->gathered == NULL)
            json_give_bare(call, status_popx(status));
        else
            json_give(call, status_json(status));
        return;
    }
}

static bool
wait_until(Invocation *call, bool for_migrations, Millis patience, Err *err)
{
    Session session;

    session_observe(call, &session);
    if (!call->options.quiet)
        out_print(&call->log, "Waiting for %s...\n",
                  for_migrations ? "migrations to finish" : "the database to answer");

    bool good = run_wait(call->mem, &call->settings, session_driver(call), &clock_real,
                         &session.view.observer, for_migrations, patience, err);

    progress_end(&session.view);
    call->database = session.view.database;
    return good;
}

static bool
status_one(Invocation *call, const void *what, Err *err)
{
    Status status = {0};
    Session session;

    (void)what;
    if (!settings_fill(call, err))
        return false;
    if (call->options.wait > 0 && !wait_until(call, true, call->options.wait, err))
        return false;
    call->settings.skims = true;
    if (!session_open(call, &session, false, err))
        return false;

    bool good = run_status(session.run, call->mem, &status, err);

    if (good)
    {
        check_tell(session.run);
        call->database = session.view.database;
        status_print(call, &status);
    }
    session_close(call, &session);
    return good && (!call->options.exit_code || status_verdict(&status, err));
}

bool
command_status(Invocation *call, Err *err)
{
    return component_each(call, &(Each){status_one, NULL, true}, err);
}

bool
command_wait(Invocation *call, Err *err)
{
    bool for_migrations = call->options.wait_for == 0;

    if (!settings_fill(call, err) ||
        !wait_until(call, for_migrations, call->options.timeout, err))
        return false;
    if (options_json(&call->options))
        json_give(call, json_pack("{s:s}", "waited_for",
                                  for_migrations ? "migrations" : "db"));
    return true;
}

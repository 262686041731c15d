#include "run/connect/system.h"

#include <inttypes.h>
#include <string.h>

#include "run/tell.h"

static const Column system_columns[] = {
    COLUMN(TEXT, System, identifier),
    COLUMN(INT64, System, timeline),
};

bool
system_ask(Mem *mem, Db *db, System *system, Err *err)
{
    Rows rows;

    *system = (System){.identifier = NULL};
    if (db_query(mem, db, "system", NO_ARGS, &rows, err))
        return rows_one(mem, &rows, system_columns, LENGTH(system_columns), system,
                        err);
    if (strcmp(err->sqlstate, "42501") != 0)
        return err_in(err, "while asking which server this is");
    err_clear(err);
    return true;
}

bool
system_note(Run *run, Err *err)
{
    return system_ask(run->mem, run->warden, &run->system, err);
}

/* Between an old primary and a new one the sessions may land on either side. */
static bool
system_is_one(Run *run, Mem *mem, const System *here, Err *err)
{
    Db *const others[] = {run->watcher, run->worker};

    for (int i = 0; i < LENGTH(others); i++)
    {
        System there;

        if (!system_ask(mem, others[i], &there, err))
            return false;
        if (there.identifier == NULL || here->timeline != there.timeline ||
            strcmp(here->identifier, there.identifier) != 0)
            return err_set(err, ERR_CONNECT, "two servers say that they are primary");
    }
    return true;
}

bool
system_check(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const System *before = &run->system;
    System now;

    if (before->identifier == NULL)
        return true;
    if (!system_ask(scope, run->warden, &now, err))
        return false;
    if (now.identifier == NULL || strcmp(now.identifier, before->identifier) != 0)
    {
        err_set(err, ERR_REFUSED, "another database system answers now");
        return err_hint(err, "Its hosts are no copies of each other: see to the "
                             "connection string before running it again.");
    }
    if (now.timeline == 0)
        return err_set(err, ERR_CONNECT, "a standby answers");
    if (now.timeline < before->timeline)
        return err_set(err, ERR_CONNECT,
                       "a server on timeline %" PRId64 " answers, we were on %" PRId64,
                       now.timeline, before->timeline);
    if (!system_is_one(run, scope, &now, err))
        return false;
    run->failed_over = run->failed_over || now.timeline > before->timeline;
    if (now.timeline > before->timeline)
        tell_text(run, EVENT_WARNING,
                  "another server has taken over: going on from what it has");
    run->system.timeline = now.timeline;
    return true;
}

bool
system_kept(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (run->deeds == 0)
        return true;
    if (!db_query(scope, run->warden, "deeds_kept",
                  ARGS(run->settings->component, run->id), &rows, err))
        return err_in(err, "while looking what the server still has of this run");

    int64_t kept = rows_int(&rows, 0, "steps");

    if (kept >= run->deeds)
        return true;
    err_set(err, ERR_REFUSED, "the server has lost steps that this run had done");
    err_detail(err, "%" PRId64 " of %" PRId64 " are there: the others were %s", kept,
               run->deeds, run->failed_over ? "not replicated" : "not on its disk yet");
    err_hint(err, "Run it again: it goes on from what the server has.");
    run->deeds = kept;
    run->taken_back = true;
    return false;
}

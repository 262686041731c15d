#include "run/connect/open.h"

#include <string.h>

#include "core/files/validate.h"
#include "core/layouts/layout.h"
#include "core/plan/phase.h"
#include "run/connect/extension.h"
#include "run/connect/runner.h"
#include "run/connect/sessions.h"
#include "run/connect/system.h"
#include "run/engines/engines.h"
#include "run/folder/check.h"
#include "run/folder/folder.h"
#include "run/foreign/foreign.h"
#include "run/history/bookkeeping.h"
#include "run/history/history.h"
#include "run/hold/window.h"
#include "run/locks/standby.h"
#include "run/tell.h"
#include "run/verbs.h"

bool
run_parse(Run *run, Migration *migration, Err *err)
{
    return migration_validate(run->mem, migration, false, err) &&
           window_check(run->mem, migration, run->clock, err);
}

bool
run_parse_back(Run *run, Migration *migration, Err *err)
{
    return migration_validate(run->mem, migration, true, err) &&
           window_check(run->mem, migration, run->clock, err);
}

static bool
run_read_folder(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *used = NULL;
    SourceFiles files = {0};

    const LayoutRequest request = {
        .files = &files,
        .engine = run->caps == NULL ? run->settings->target.engine : run->caps->engine,
        .layout = run->layout != NULL ? run->layout : run->settings->layout,
        .environment = run->settings->environment,
        .history_table = run->settings->history_table,
        .target = &run->settings->target};

    if (run->settings->examines && !folder_is_there(run->settings->dir))
        return true;
    return folder_read(scope, run->settings->dir, &used, &files, err) &&
           layout_read(run->mem, &request, &run->migrations, err);
}

/*
 * What answers may be another engine than its address says: a CockroachDB behind
 * postgres://. Its driver goes on, and it has files of its own.
 */
static bool
run_meet_engine(Run *run, Err *err)
{
    Caps *caps = mem_new(run->mem, Caps);

    *caps = *run->watcher->caps;
    run->caps = caps;
    if (strcmp(caps->engine, run->settings->target.engine) == 0)
        return true;
    run->driver = run->watcher->driver;
    return run->migrations.layout == NULL || run_read_folder(run, err);
}

/* "shop on PostgreSQL 15.20": what every screen is headed by. */
static bool
run_say_where(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(scope, run->watcher, "where_am_i", NO_ARGS, &rows, err))
        return false;
    run->database = mem_text(run->mem, "%s on %s %s", rows_cell(&rows, 0, "database"),
                             run->caps->product, run->caps->version_text);
    tell_text(run, EVENT_CONNECTED, run->database);
    return true;
}

static bool
run_greet(Run *run, Err *err)
{
    return run_meet_engine(run, err) && run_say_where(run, err) &&
           extension_meet(run, err);
}

/* A file is made by who writes to it; who looks at an empty one in its place follows.
 */
static bool
run_found(Run *run, Err *err)
{
    if (run->warden->made)
        tell_note(run, EVENT_NOTE, "there was no %s: an empty database was made",
                  run->settings->target.shown);
    if (!run->watcher->unmade)
        return true;
    run_close_session(run, &run->watcher);
    return run_open_session(run, "watcher", &run->watcher, err) &&
           run_say_where(run, err) && foreign_meet(run, err);
}

/* The lock first, then the orphans, then the history: in no other order is it the
 * truth. */
static bool
run_take(Run *run, Err *err)
{
    return run_open_session(run, "warden", &run->warden, err) && run_found(run, err) &&
           system_note(run, err) && runner_lock(run, err) &&
           runner_await_orphans(run, err) && bookkeeping_make(run, err) &&
           runner_take_fence(run, err) && foreign_take(run, err) &&
           run_open_worker(run, err);
}

/* Who only examines what is ill says what he could not see. */
static bool
run_read_history(Run *run, Err *err)
{
    if (run->settings->skims ? history_skim(run, err) : history_read(run, err))
        return true;
    if (!run->settings->examines || err->kind != ERR_CONNECT)
        return false;
    err_clear(err);
    return true;
}

static bool
run_is_complete(const Run *run)
{
    const History *history = &run->history;

    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        const char *version = migration->version;

        if (!migration->skipped && (history_state(history, version) <
                                        phase_goal(migration, run->settings->through) ||
                                    history_undoing(history, version)))
            return false;
    }
    return true;
}

/*
 * Every pod of a deploy runs `up`, and all but the first find nothing to do: what the
 * watcher reads is enough to know that, as long as nobody is changing it.
 */
static bool
run_idles(Run *run, bool *idles, Err *err)
{
    if (!run->settings->may_idle)
        return true;
    if (!history_skim(run, err))
        return false;
    return !run->history.exists || !run_is_complete(run) ||
           runner_absent(run, idles, err);
}

static void
see_nothing(Observer *observer, const Event *event)
{
    (void)observer;
    (void)event;
}

/* What this tells is told again when it is done. */
static bool
run_look_first(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    static Observer nobody = {see_nothing};
    Observer *observer = run->observer;
    Plans plans = {0};
    bool good;

    if (!run->settings->begins || !engine_of(run)->looks_first)
        return true;
    if (!run_read_history(run, err))
        return false;
    if (run->history.exists)
        return true;
    run->observer = &nobody;
    good = run_plan(run, run->settings->begins_by, scope, &plans, err);
    run->observer = observer;
    return good;
}

/* Names of files may be those of two runners; what is in the database tells. */
static bool
run_meet_owner(Run *run, Err *err)
{
    return foreign_meet(run, err) && foreign_whose(run, &run->layout, err) &&
           (run->layout == NULL ||
            (run_read_folder(run, err) && foreign_meet(run, err)));
}

/* Everything that a writer holds, and then the history: in no other order is it true.
 */
static bool
run_prepare(Run *run, Err *err)
{
    bool idles = false;

    if (!run_idles(run, &idles, err))
        return false;
    return idles || (engine_may_write(run, err) && run_look_first(run, err) &&
                     run_take(run, err) && run_read_history(run, err));
}

static Run *
run_begin(Mem *mem, const Run *given)
{
    Run *run = mem_new(mem, Run);

    *run = *given;
    run->mem = run;
    runner_new_id(run->id);
    return run;
}

bool
run_meet(Mem *mem, const Settings *settings, const Driver *driver, Clock *clock,
         Observer *observer, Run **met, Err *err)
{
    const Run given = {
        .settings = settings, .driver = driver, .clock = clock, .observer = observer};

    *met = run_begin(mem, &given);
    return run_open_session(*met, "watcher", &(*met)->watcher, err) &&
           run_greet(*met, err);
}

bool
run_open(Mem *mem, const Settings *settings, const Driver *driver, Clock *clock,
         Observer *observer, bool write, Run **opened, Err *err)
{
    const Run given = {.settings = settings,
                       .driver = driver,
                       .clock = clock,
                       .observer = observer,
                       .writes = write,
                       .heeds = write};
    Run *run = run_begin(mem, &given);

    *opened = run;
    run_call_session(run, "watcher", &run->watcher); /* it comes while files are read */
    return run_read_folder(run, err) &&
           run_open_session(run, "watcher", &run->watcher, err) &&
           run_greet(run, err) &&
           (!write || settings->examines || check_engine(run, err)) &&
           run_meet_owner(run, err) && standbys_open(run, err) &&
           (write ? run_prepare(run, err) : run_read_history(run, err));
}

void
run_finish(Run *run, const Err *err)
{
    runner_finish(run, err);
}

#include "run/connect/sessions.h"

#include "base/stop.h"
#include "run/connect/extension.h"
#include "run/connect/runner.h"
#include "run/connect/system.h"
#include "run/connect/unanswered.h"
#include "run/engines/engines.h"
#include "run/foreign/foreign.h"
#include "run/locks/standby.h"
#include "run/tell.h"
#include "run/verbs.h"

/* How long a server that went away may take to come back, and the first rest between.
 */
#define AWAY_PATIENCE_MS 60000
#define AWAY_REST_MS 100

/* "pgstride up main (worker)": what pg_stat_activity shows; 63 bytes at most. */
static SessionPlan
session_plan(Mem *mem, const Settings *settings, const char *role)
{
    return (SessionPlan){
        .role = role,
        .application = mem_text(mem, "pgstride %.20s %.20s (%s)", settings->verb,
                                settings->component, role),
        .set_role = settings->role,
        .may_make = settings->begins,
        .connect_timeout = settings->connect_timeout,
        .lock_patience = settings->lock_patience,
    };
}

void
run_call_session(Run *run, const char *role, Db **db)
{
    MEM_SCOPE(scope, run->mem);
    SessionPlan plan = session_plan(scope, run->settings, role);

    if (run->driver->call != NULL)
        *db = run->driver->call(run->mem, &run->settings->target, &plan);
}

bool
run_open_session(Run *run, const char *role, Db **db, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Settings *settings = run->settings;
    SessionPlan plan = session_plan(scope, settings, role);

    if (!run->driver->open(run->mem, &settings->target, &plan, db, err))
        return false;
    unanswered_heed(run, *db);
    return true;
}

static bool
lease_keep(void *what, Db *db, double waited_ms, Err *err)
{
    (void)db;
    (void)waited_ms;
    return runner_keep(what, err);
}

/*
 * Where the worker's session is the warden's, what a killed run left going holds the
 * runner lock as long as it goes on, and no second writer waits for the first.
 */
bool
run_open_worker(Run *run, Err *err)
{
    if (run->caps->one_writer)
    {
        run->worker = run->warden;
        return true;
    }
    if (!run_open_session(run, "worker", &run->worker, err))
        return false;
    if (run->caps->lock_leased)
        run->worker->upkeep = (Upkeep){.keep = lease_keep, .what = run};
    return true;
}

void
run_close_session(Run *run, Db **db)
{
    if (*db != NULL)
        run->driver->close(*db);
    *db = NULL;
}

static void
worker_close(Run *run)
{
    if (run->worker == run->warden)
        run->worker = NULL;
    run_close_session(run, &run->worker);
}

bool
run_open_operator(Run *run, Err *err)
{
    return run_open_session(run, "operator", &run->warden, err);
}

bool
run_open_crew(Run *run, int count, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Db **crew = mem_array(run->mem, Db *, count + 1);

    while (run->crew_count > count)
        run_close_session(run, &run->crew[--run->crew_count]);
    for (int i = 0; i < run->crew_count; i++)
        crew[i] = run->crew[i];
    TALLOC_FREE(run->crew);
    run->crew = crew;
    while (run->crew_count < count)
    {
        const char *role = mem_text(scope, "worker %d", run->crew_count + 2);

        if (!run_open_session(run, role, &run->crew[run->crew_count], err))
            return false;
        run->crew_count++;
    }
    return true;
}

static void
run_close_crew(Run *run)
{
    while (run->crew_count > 0)
        run_close_session(run, &run->crew[--run->crew_count]);
    TALLOC_FREE(run->crew);
}

/* --- the end --------------------------------------------------------------------- */

/* A lease would outlive the session that took it. */
static void
lease_end(Run *run)
{
    Err ignored = {0};

    if (run->writes && run->warden != NULL && run->warden->caps->lock_leased)
    {
        foreign_release(run);
        runner_release(run, &ignored);
    }
    err_clear(&ignored);
}

void
run_close(Run *run)
{
    lease_end(run);
    run_close_crew(run);
    worker_close(run);
    run_close_session(run, &run->onlooker);
    run_close_session(run, &run->watcher);
    run_close_session(run, &run->warden);
    standbys_close(run);
}

/* --- back at a server that was away ---------------------------------------------- */

/* One attempt; what is still there from the last one is closed first. */
static bool
run_reopen(Run *run, Err *err)
{
    run->around = NULL; /* another server may answer */
    run_close_crew(run);
    worker_close(run);
    run_close_session(run, &run->onlooker);
    run_close_session(run, &run->watcher);
    run_close_session(run, &run->warden);
    return run_open_session(run, "warden", &run->warden, err) &&
           run_open_session(run, "watcher", &run->watcher, err) &&
           run_open_worker(run, err);
}

static bool
run_retake(Run *run, Err *err)
{
    return engine_may_write(run, err) && system_check(run, err) &&
           runner_lock_again(run, err) && runner_await_orphans(run, err) &&
           runner_check_fence(run, err) && foreign_take(run, err) &&
           extension_meet(run, err) && system_kept(run, err);
}

/* To the server, which may still be away. */
static bool
run_return(Run *run, Err *err)
{
    double until = clock_now(run->clock) + AWAY_PATIENCE_MS;
    Millis rest = AWAY_REST_MS;

    for (;;)
    {
        err_clear(err);
        if (run_reopen(run, err) && run_retake(run, err))
            return true;

        bool again = err->kind == ERR_CONNECT || err->kind == ERR_LOST;

        if (!again || clock_now(run->clock) >= until)
            return err_in(err, "after the connection was lost");
        if (stop_asked())
            return err_set(err, ERR_STOPPED, "stopped while the server was away");
        clock_rest(run->clock, rest);
        rest = rest < 2000 ? rest * 2 : 2000;
    }
}

bool
run_renew_worker(Run *run, Err *err)
{
    if (run->worker == run->warden)
        return run_return(run, err); /* with it goes the runner lock */
    run_close_session(run, &run->worker);
    return run_open_worker(run, err);
}

bool
run_recover(Run *run, Err *err)
{
    tell_text(run, EVENT_WARNING, "the connection was lost: reconnecting");
    return run_return(run, err);
}

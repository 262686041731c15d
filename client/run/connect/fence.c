/*
 * The fence: whose the component is. It is taken with the runner lock, asked behind
 * every lost connection, and what guards every transaction of a step or batch.
 */
#include <string.h>

#include "base/fault.h"
#include "base/version.h"
#include "run/connect/runner.h"

bool
fence_lost(Err *err)
{
    err_set(err, ERR_REFUSED, "another run of pgstride has taken over");
    return err_hint(err, "See pgstride status; nothing was lost.");
}

/* The first of our tables that is written; the server names it alone, and there are
 * more. */
static bool
fence_refused(const Run *run, Err *err)
{
    if (strcmp(err->sqlstate, "42501") == 0 && strcmp(run->caps->engine, "mysql") != 0)
        err_hint(err, "Connect as the role that owns the schema pgstride; or, as it: "
                      "GRANT USAGE ON SCHEMA pgstride, and SELECT, INSERT, UPDATE, "
                      "DELETE ON ALL TABLES IN SCHEMA pgstride, to this role.");
    return false;
}

bool
runner_take_fence(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Identity me = runner_identity(scope);
    const Settings *settings = run->settings;
    Rows rows;

    if (!db_query(scope, run->warden, "fence_take",
                  ARGS(settings->component, run->id, settings->verb, me.os_user,
                       me.host, me.pid),
                  &rows, err) ||
        !db_query(scope, run->warden, "run_begin",
                  ARGS(run->id, settings->component, settings->verb, me.os_user,
                       me.host, me.pid, PGSTRIDE_VERSION),
                  &rows, err))
        return fence_refused(run, err);
    if (!runner_release_orphans(run, err))
        return false;
    fault_point(FAULT_fence_taken);
    return true;
}

bool
runner_owns_fence(Run *run, bool *ours, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(scope, run->warden, "fence_check",
                  ARGS(run->settings->component, run->id), &rows, err))
        return false;
    *ours = rows_bool(&rows, 0, "ours");
    return true;
}

bool
runner_check_fence(Run *run, Err *err)
{
    bool ours = false;

    if (!runner_owns_fence(run, &ours, err) || !runner_release_orphans(run, err))
        return false;
    return ours || fence_lost(err);
}

bool
runner_still_ours(Run *run, Err *err)
{
    bool ours = false;

    return runner_keep(run, err) && runner_owns_fence(run, &ours, err) &&
           (ours || fence_lost(err));
}

static bool
run_end(Run *run, const char *outcome, const char *why, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    return db_query(scope, run->warden, "run_end", ARGS(run->id, outcome, why), &rows,
                    err);
}

void
runner_finish(Run *run, const Err *err)
{
    Err ignored = {0};

    if (run->warden == NULL || run->settled)
        return;
    run_end(run, err->kind == ERR_NONE ? "done" : err_code(err->kind), err->text,
            &ignored);
    err_clear(&ignored);
}

bool
runner_settle(Run *run, Err *err)
{
    run->settled = run_end(run, "done", NULL, err);
    return run->settled || err_in(err, "while making durable what was done");
}

/*
 * Shared and by try: it fails only while a new runner holds the lock alone, and then
 * this run is being replaced. While we have it the fence cannot change, so a plain read
 * does.
 */
static void
add_guarded(SqlText *sql, const Run *run)
{
    sql_raw(sql, "pg_catalog.pg_try_advisory_xact_lock_shared(");
    sql_int(sql, STEP_LOCK);
    sql_raw(sql, ", ");
    sql_int(sql, runner_key(run->settings->component));
    sql_raw(sql, ") AND EXISTS (SELECT FROM pgstride.runners WHERE component "
                 "OPERATOR(pg_catalog.=) ");
    sql_string(sql, run->settings->component);
    sql_raw(sql, " AND run_id OPERATOR(pg_catalog.=) ");
    sql_string(sql, run->id);
    sql_raw(sql, "::pg_catalog.uuid)");
}

SqlText
postgres_guard(Mem *mem, const Run *run)
{
    SqlText sql = sql_begin(mem, run->caps);

    sql_raw(&sql, "SELECT pgstride.guard(");
    sql_int(&sql, STEP_LOCK);
    sql_raw(&sql, ", ");
    sql_int(&sql, runner_key(run->settings->component));
    sql_raw(&sql, ", ");
    sql_string(&sql, run->settings->component);
    sql_raw(&sql, ", ");
    sql_string(&sql, run->id);
    sql_raw(&sql, ")");
    return sql;
}

SqlText
runner_guarded(Mem *mem, const Run *run)
{
    SqlText sql = sql_begin(mem, run->caps);

    sql_raw(&sql, "SELECT ");
    add_guarded(&sql, run);
    return sql;
}

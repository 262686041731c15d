#include "run/runner.h"

#include <pwd.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/stop.h"
#include "base/units.h"
#include "base/version.h"
#include "db/embedded.h"
#include "run/tell.h"

typedef struct RunnerHolder
{
    int64_t pid;
    char *user_name;
    char *application;
    char *client;
    char *state;
    int64_t connected_ms;
    char *query;
} RunnerHolder;

static const Column holder_columns[] = {
    COLUMN(INT64, RunnerHolder, pid),          COLUMN(TEXT, RunnerHolder, user_name),
    COLUMN(TEXT, RunnerHolder, application),   COLUMN(TEXT, RunnerHolder, client),
    COLUMN(TEXT, RunnerHolder, state),         COLUMN(TEXT, RunnerHolder, query),
    COLUMN(INT64, RunnerHolder, connected_ms),
};

/* FNV-1a: the same key for the same component, in every version of this tool. */
int32_t
runner_key(const char *component)
{
    uint32_t hash = 2166136261u;

    for (const char *byte = component; *byte != '\0'; byte++)
        hash = (hash ^ (unsigned char)*byte) * 16777619u;
    return (int32_t)hash;
}

void
runner_new_id(char id[37])
{
    static const char hex[] = "0123456789abcdef";
    static const char shape[] = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
    unsigned char random[36];

    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        memset(random, (int)getpid(), sizeof(random));
    for (int i = 0; i < 36; i++)
        id[i] = shape[i] == 'x' ? hex[random[i] & 15] : shape[i];
    id[36] = '\0';
}

/* The two keys of a lock as arguments. */
#define LOCK_ARGS(mem, run, class)                                                     \
    ARGS(mem_text((mem), "%d", (class)),                                               \
         mem_text((mem), "%d", (int)runner_key((run)->settings->component)))

static bool
lock_try(Run *run, int class, bool *taken, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(scope, run->warden, "advisory_try", LOCK_ARGS(scope, run, class),
                  &rows, err))
        return false;
    *taken = rows_bool(&rows, 0, "taken");
    return true;
}

/* One line naming who holds the lock; NULL when it is free again. */
static bool
lock_holder(Run *run, Mem *mem, int class, char **who, Err *err)
{
    MEM_SCOPE(scope, mem);
    RunnerHolder *holders;
    int count;
    Rows rows;

    *who = NULL;
    if (!db_query(scope, run->warden, "runner_holder", LOCK_ARGS(scope, run, class),
                  &rows, err) ||
        !rows_decode(scope, &rows, holder_columns, LENGTH(holder_columns),
                     sizeof(RunnerHolder), (void **)&holders, &count, err))
        return false;
    if (count > 0)
        *who = mem_text(
            mem, "pid %lld %s@%s \"%s\", connected for %s, %s", (long long)holders->pid,
            holders->user_name, holders->client, holders->application,
            duration_show(scope, (double)holders->connected_ms), holders->state);
    return true;
}

/* Asks for the lock until it is ours, telling once who holds it. */
static bool
lock_wait(Run *run, int class, EventKind waiting, Millis patience, Err *err)
{
    double until = clock_now(run->clock) + (double)patience;
    Millis rest = 25;
    bool taken = false;
    bool told = false;

    for (;;)
    {
        MEM_SCOPE(scope, run->mem);
        char *who = NULL;

        if (!lock_try(run, class, &taken, err))
            return false;
        if (taken)
            return true;
        if (!lock_holder(run, scope, class, &who, err))
            return false;
        if (who != NULL && !told)
            tell_text(run, waiting, who);
        told = told || who != NULL;
        if (stop_asked())
            return err_set(err, ERR_STOPPED, "stopped while waiting for another run");
        if (clock_now(run->clock) >= until)
        {
            err_set(err, ERR_BUSY, "database is locked");
            err_detail(err, "another run of pgstride is at work on component \"%s\"",
                       run->settings->component);
            err_detail(err, "held by %s", who == NULL ? "a session just gone" : who);
            return err_hint(err, "Wait for it to finish, or run again with --wait.");
        }
        clock_rest(run->clock, rest);
        rest = rest < 1000 ? rest * 2 : 1000;
    }
}

bool
runner_lock(Run *run, Err *err)
{
    const Settings *settings = run->settings;
    Millis patience = settings->no_wait ? 0 : settings->runner_patience;

    if (!lock_wait(run, RUNNER_LOCK, EVENT_WAITING_RUNNER, patience, err))
        return false;
    fault_point(FAULT_runner_locked);
    return true;
}

/*
 * What a killed run left going holds the step lock until its statement ends. Having it
 * alone for a moment proves that nothing of the kind is left; the fence is changed
 * while we have it, so that a straggler that asks later finds the new id.
 */
bool
runner_await_orphans(Run *run, Err *err)
{
    return lock_wait(run, STEP_LOCK, EVENT_WAITING_ORPHAN,
                     run->settings->orphan_patience, err);
}

static bool
orphan_lock_release(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    return db_query(scope, run->warden, "advisory_release",
                    LOCK_ARGS(scope, run, STEP_LOCK), &rows, err);
}

/* One of pgstride's own migrations with its record, in one transaction. */
static bool
bookkeeping_apply(Run *run, const Embedded *part, int version, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText sql = sql_begin(scope, run->caps);
    Reply reply;

    sql_raw(&sql, "BEGIN; SET LOCAL client_min_messages = warning; ");
    sql_raw(&sql, "SELECT pg_catalog.pg_advisory_xact_lock(7238, 0);\n");
    sql_parsed(&sql, (SqlParsed){part->text});
    sql_raw(&sql, "INSERT INTO pgstride.bookkeeping (version, tool_version) VALUES (");
    sql_int(&sql, version);
    sql_raw(&sql, ", ");
    sql_string(&sql, PGSTRIDE_VERSION);
    sql_raw(&sql, "); COMMIT");

    Ask ask = {.label = "bookkeeping_apply", .sql = sql_done(&sql)};

    if (db_script(scope, run->warden, &ask, 1, &reply, err))
        return true;

    Err ignored = {0};
    Ask undo = {.label = "rollback", .sql = "ROLLBACK"};

    db_script(scope, run->warden, &undo, 1, &reply, &ignored);
    err_clear(&ignored);
    return err_in(err, "while making pgstride's own tables");
}

bool
runner_make_tables(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    int64_t have = 0;
    Rows rows;

    if (!db_query(scope, run->warden, "bookkeeping_exists", NO_ARGS, &rows, err))
        return false;
    if (rows_bool(&rows, 0, "here"))
    {
        if (!db_query(scope, run->warden, "bookkeeping_version", NO_ARGS, &rows, err))
            return false;
        have = rows_int(&rows, 0, "version");
    }

    int newest = 0;

    for (const Embedded *part = bookkeeping_postgresql; part->name != NULL; part++)
        if (++newest > have && !bookkeeping_apply(run, part, newest, err))
            return false;
    if (have > newest)
        return err_set(err, ERR_REFUSED,
                       "the history was written by a newer pgstride (its tables are at "
                       "version %lld, this one knows %d)",
                       (long long)have, newest) ||
               err_hint(err, "Use the newer pgstride.");
    fault_point(FAULT_history_made);
    return true;
}

/* Who we are, for the fence and the audit trail. */
Identity
runner_identity(Mem *mem)
{
    struct passwd *user = getpwuid(geteuid());
    char host[256] = "?";

    gethostname(host, sizeof(host) - 1);
    return (Identity){
        .os_user = mem_copy(mem, user == NULL ? "?" : user->pw_name),
        .host = mem_copy(mem, host),
        .pid = mem_text(mem, "%d", (int)getpid()),
    };
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
                  &rows, err) ||
        !orphan_lock_release(run, err))
        return false;
    fault_point(FAULT_fence_taken);
    return true;
}

/* Our own dead session may hold the lock for a moment: it is waited for, not refused.
 */
bool
runner_lock_again(Run *run, Err *err)
{
    return lock_wait(run, RUNNER_LOCK, EVENT_WAITING_RUNNER,
                     run->settings->orphan_patience, err);
}

bool
runner_check_fence(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(scope, run->warden, "fence_check",
                  ARGS(run->settings->component, run->id), &rows, err) ||
        !orphan_lock_release(run, err))
        return false;
    if (rows_bool(&rows, 0, "ours"))
        return true;
    return err_set(err, ERR_REFUSED, "another run of pgstride has taken over") ||
           err_hint(err, "See pgstride status; nothing was lost.");
}

void
runner_finish(Run *run, const Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Err ignored = {0};
    Rows rows;

    if (run->warden == NULL)
        return;
    db_query(
        scope, run->warden, "run_end",
        ARGS(run->id, err->kind == ERR_NONE ? "done" : err_code(err->kind), err->text),
        &rows, &ignored);
    err_clear(&ignored);
}

/*
 * Shared and by try: it fails only while a new runner holds the lock alone, and then
 * this run is being replaced. While we have it the fence cannot change, so a plain read
 * does.
 */
SqlText
runner_guard(Mem *mem, const Run *run)
{
    SqlText sql = sql_begin(mem, run->caps);
    SqlText body = sql_begin(mem, run->caps);

    sql_raw(&body, "BEGIN IF NOT pg_catalog.pg_try_advisory_xact_lock_shared(");
    sql_int(&body, STEP_LOCK);
    sql_raw(&body, ", ");
    sql_int(&body, runner_key(run->settings->component));
    sql_raw(&body, ") OR NOT EXISTS (SELECT FROM pgstride.runners WHERE component "
                   "OPERATOR(pg_catalog.=) ");
    sql_string(&body, run->settings->component);
    sql_raw(&body, " AND run_id OPERATOR(pg_catalog.=) ");
    sql_string(&body, run->id);
    sql_raw(&body, "::pg_catalog.uuid) THEN RAISE EXCEPTION USING ERRCODE = 'PS001', "
                   "MESSAGE = 'another run of pgstride has taken over'; END IF; END");
    sql_raw(&sql, "DO ");
    sql_dollar(&sql, &body);
    return sql;
}

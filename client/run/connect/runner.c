#include "run/connect/runner.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/stop.h"
#include "base/units.h"
#include "run/foreign/foreign.h"
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

    if (getentropy(random, sizeof(random)) != 0)
        abort(); /* so few bytes are there on every kernel that has the call */
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

/* Of both locks at once, where the engine knows that question. */
static bool
locks_free(Run *run, bool *absent, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    int key = (int)runner_key(run->settings->component);
    Rows rows;

    if (!db_query(scope, run->watcher, "runner_absent",
                  ARGS(mem_text(scope, "%d", RUNNER_LOCK),
                       mem_text(scope, "%d", STEP_LOCK), mem_text(scope, "%d", key)),
                  &rows, err))
        return false;
    *absent = rows_bool(&rows, 0, "absent");
    return true;
}

bool
runner_absent(Run *run, bool *absent, Err *err)
{
    static const int classes[] = {RUNNER_LOCK, STEP_LOCK};

    if (run->driver->query(run->watcher, "runner_absent") != NULL)
        return locks_free(run, absent, err);
    *absent = true;
    for (int i = 0; i < LENGTH(classes) && *absent; i++)
    {
        MEM_SCOPE(scope, run->mem);
        Rows rows;

        if (!db_query(scope, run->watcher, "runner_holder",
                      LOCK_ARGS(scope, run, classes[i]), &rows, err))
            return false;
        *absent = rows.row_count == 0;
    }
    return true;
}

/* What we wait for, and what to say when it does not come. */
typedef struct Wait
{
    int class;
    EventKind event;
    Millis patience;
    const char *what; /* of the component */
    const char *hint;
} Wait;

static bool
lock_refused(const Run *run, const Wait *wait, const char *who, Err *err)
{
    err_set(err, ERR_BUSY, "database is locked");
    err_detail(err, "%s component \"%s\"", wait->what, run->settings->component);
    err_detail(err, "held by %s", who == NULL ? "a session just gone" : who);
    return err_hint(err, "%s", wait->hint);
}

/* Asks for the lock until it is ours, telling once who holds it. */
static bool
lock_wait(Run *run, const Wait *wait, Err *err)
{
    double until = clock_now(run->clock) + (double)wait->patience;
    Millis rest = 25;
    bool taken = false;
    bool told = false;

    for (;;)
    {
        MEM_SCOPE(scope, run->mem);
        char *who = NULL;

        if (!lock_try(run, wait->class, &taken, err))
            return false;
        if (taken)
            return true;
        if (!lock_holder(run, scope, wait->class, &who, err))
            return false;
        if (who != NULL && !told && wait->patience > 0)
            tell_text(run, wait->event, who);
        told = told || who != NULL;
        if (stop_asked())
            return err_set(err, ERR_STOPPED, "stopped while waiting for another run");
        if (clock_now(run->clock) >= until)
            return lock_refused(run, wait, who, err);
        clock_rest(run->clock, rest);
        rest = rest < 1000 ? rest * 2 : 1000;
    }
}

static bool
runner_wait(Run *run, Millis patience, Err *err)
{
    const Wait wait = {
        .class = RUNNER_LOCK,
        .event = EVENT_WAITING_RUNNER,
        .patience = patience,
        .what = "another run of pgstride is at work on",
        .hint = "Wait for it to finish, or give it longer: --wait=1h.",
    };

    return lock_wait(run, &wait, err);
}

/* A lease is a row, so its table comes before everything else of ours. */
static bool
lease_ready(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!run->caps->lock_leased)
        return true;
    return db_query(scope, run->warden, "bookkeeping_exists", NO_ARGS, &rows, err) &&
           (rows_bool(&rows, 0, "here") ||
            db_query(scope, run->warden, "lease_make", NO_ARGS, &rows, err));
}

bool
runner_lock(Run *run, Err *err)
{
    const Settings *settings = run->settings;

    if (!lease_ready(run, err) ||
        !runner_wait(run, settings->no_wait ? 0 : settings->runner_patience, err))
        return false;
    fault_point(FAULT_runner_locked);
    return true;
}

/* Our own dead session may hold the lock for a moment: it is waited for, not refused.
 */
bool
runner_lock_again(Run *run, Err *err)
{
    return runner_wait(run, run->settings->orphan_patience, err);
}

/*
 * What a killed run left going holds the step lock until its statement ends. Having it
 * alone for a moment proves that nothing of the kind is left; the fence is changed
 * while we have it, so that a straggler that asks later finds the new id.
 */
bool
runner_await_orphans(Run *run, Err *err)
{
    const Wait wait = {
        .class = STEP_LOCK,
        .event = EVENT_WAITING_ORPHAN,
        .patience = run->settings->orphan_patience,
        .what = "what a run that was killed left going on the server is at work on",
        .hint = "Let it end, or end it: SELECT pg_terminate_backend(pid).",
    };

    return lock_wait(run, &wait, err);
}

static bool
lock_release(Run *run, int class, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    return db_query(scope, run->warden, "advisory_release",
                    LOCK_ARGS(scope, run, class), &rows, err);
}

bool
runner_release_orphans(Run *run, Err *err)
{
    return lock_release(run, STEP_LOCK, err);
}

bool
runner_release(Run *run, Err *err)
{
    return lock_release(run, RUNNER_LOCK, err);
}

bool
runner_try_lock(Run *run, bool *taken, Err *err)
{
    return lock_try(run, RUNNER_LOCK, taken, err);
}

bool
runner_keep(Run *run, Err *err)
{
    double now = clock_now(run->clock);
    bool ours = false;

    if (!run->caps->lock_leased || now < run->kept_ms + KEEP_EACH_MS)
        return true;
    if (!lock_try(run, RUNNER_LOCK, &ours, err))
        return false;
    run->kept_ms = now;
    return ours ? foreign_keep(run, err) : fence_lost(err);
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

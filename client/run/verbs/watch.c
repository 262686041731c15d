#include "run/verbs/watch.h"

#include <string.h>

#include "base/stop.h"
#include "core/sql/sql.h"
#include "run/engines/engines.h"
#include "run/verbs.h"

#define EVERY_MS 1000

/* clang-format off */
static const Column run_columns[] = {
    COLUMN(TEXT, WatchRun, component),       COLUMN(TEXT, WatchRun, verb),
    COLUMN(TEXT, WatchRun, who),             COLUMN(TEXT, WatchRun, since),
    COLUMN(TEXT_OR_NULL, WatchRun, paused_by), COLUMN(TEXT_OR_NULL, WatchRun, paused_since),
    COLUMN(TEXT_OR_NULL, WatchRun, paused_version), COLUMN(BOOL, WatchRun, connected),
    COLUMN(TEXT_OR_NULL, WatchRun, outcome), COLUMN(TEXT_OR_NULL, WatchRun, label),
    COLUMN(TEXT_OR_NULL, WatchRun, phase),   COLUMN(INT64, WatchRun, step),
    COLUMN(TEXT_OR_NULL, WatchRun, title),   COLUMN(TEXT_OR_NULL, WatchRun, resting),
    COLUMN(TEXT_OR_NULL, WatchRun, doing),   COLUMN(INT64_OR_MINUS, WatchRun, seen_ms),
    COLUMN(INT64_OR_MINUS, WatchRun, rows_done), COLUMN(INT64_OR_MINUS, WatchRun, rows_total),
    COLUMN(DOUBLE_OR_MINUS, WatchRun, fraction), COLUMN(DOUBLE_OR_MINUS, WatchRun, rows_per_second),
    COLUMN(DOUBLE_OR_MINUS, WatchRun, left_ms),  COLUMN(DOUBLE_OR_MINUS, WatchRun, batch_ms),
    COLUMN(DOUBLE_OR_MINUS, WatchRun, hot_share), COLUMN(INT64_OR_MINUS, WatchRun, wal_bytes),
    COLUMN(INT64_OR_MINUS, WatchRun, set_aside), COLUMN(INT64_OR_MINUS, WatchRun, session),
};

static const Column session_columns[] = {
    COLUMN(INT64, WatchSession, pid),            COLUMN(TEXT, WatchSession, who),
    COLUMN(BOOL, WatchSession, ours),            COLUMN(TEXT_OR_NULL, WatchSession, state),
    COLUMN(INT64_OR_MINUS, WatchSession, age_ms), COLUMN(INT64_OR_MINUS, WatchSession, state_ms),
    COLUMN(TEXT_OR_NULL, WatchSession, query),   COLUMN(TEXT_OR_NULL, WatchSession, waits_for),
    COLUMN_LIST(WatchSession, blockers, blocker_count),
};

static const Column progress_columns[] = {
    COLUMN(INT64, WatchProgress, pid),     COLUMN(BOOL, WatchProgress, ours),
    COLUMN(TEXT, WatchProgress, what),     COLUMN(TEXT, WatchProgress, relation),
    COLUMN(TEXT_OR_NULL, WatchProgress, phase), COLUMN(DOUBLE_OR_MINUS, WatchProgress, percent),
};

static const Column replica_columns[] = {
    COLUMN(TEXT, WatchReplica, kind),      COLUMN(TEXT, WatchReplica, name),
    COLUMN(TEXT, WatchReplica, state),     COLUMN(DOUBLE_OR_MINUS, WatchReplica, lag_ms),
    COLUMN(INT64_OR_MINUS, WatchReplica, bytes),
};

static const Column around_columns[] = {
    COLUMN(TEXT, WatchAround, line),
};

/* A query of the look, and where its rows go. */
typedef struct SightPart
{
    const char *label;
    const Column *columns;
    int column_count;
    size_t size;
    size_t items;
    size_t count;
    bool history; /* asks pgstride's own tables */
} SightPart;

#define PART(label, columns, Type, list, number, history)                                \
    {label, columns, LENGTH(columns), sizeof(Type), offsetof(Sight, list),               \
     offsetof(Sight, number), history}

static const SightPart parts[] = {
    PART("watch_runs",     run_columns,      WatchRun,      runs,      run_count,      true),
    PART("watch_waiting",  session_columns,  WatchSession,  waiting,   waiting_count,  false),
    PART("watch_sessions", session_columns,  WatchSession,  sessions,  session_count,  false),
    PART("watch_progress", progress_columns, WatchProgress, progress,  progress_count, false),
    PART("watch_replicas", replica_columns,  WatchReplica,  replicas,  replica_count,  false),
    PART("watch_around",   around_columns,   WatchAround,   around,    around_count,   false),
    PART("watch_purge",    around_columns,   WatchAround,   purge,     purge_count,    false),
    PART("watch_snapshot", session_columns,  WatchSession,  snapshots, snapshot_count, false),
};
/* clang-format on */

enum
{
    AROUND = 4 /* begin, limit, clock, commit */
};

/* Whoever looks on, from one look to the next. */
typedef struct Looking
{
    Run *run;                    /* NULL: not connected */
    bool refused[LENGTH(parts)]; /* what this account may not ask */
} Looking;

/* --- one look -------------------------------------------------------------------- */

/* Pgstride's tables may not be here yet, or not be ours to read. */
static bool
history_readable(Run *run, bool *readable, Sight *sight, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(scope, run->watcher, "bookkeeping_exists", NO_ARGS, &rows, err))
        return false;
    *readable = rows_bool(&rows, 0, "here") && rows_bool(&rows, 0, "readable");
    sight->runs_hidden = rows_bool(&rows, 0, "here") && !*readable;
    if (sight->runs_hidden)
        sight->hidden[sight->hidden_count++] =
            "the runs: GRANT USAGE ON SCHEMA pgstride, and SELECT ON ALL TABLES IN "
            "SCHEMA pgstride, to this role shows them";
    return true;
}

static void
sessions_scrub(Mem *mem, WatchSession *sessions, int count)
{
    for (int i = 0; i < count; i++)
        if (sessions[i].query != NULL)
            sessions[i].query = mem_copy(mem, sql_scrub(mem, sessions[i].query));
}

static bool
session_is_run(const Sight *sight, int64_t pid)
{
    for (int i = 0; i < sight->run_count; i++)
        if (sight->runs[i].connected && sight->runs[i].session == pid)
            return true;
    return false;
}

/* Where a session cannot say whose it is, the run says which is its own. */
static void
sight_mark(Sight *sight)
{
    for (int i = 0; i < sight->waiting_count; i++)
        sight->waiting[i].ours |= session_is_run(sight, sight->waiting[i].pid);
    for (int i = 0; i < sight->session_count; i++)
        sight->sessions[i].ours |= session_is_run(sight, sight->sessions[i].pid);
    for (int i = 0; i < sight->progress_count; i++)
        sight->progress[i].ours |= session_is_run(sight, sight->progress[i].pid);
}

bool
run_at_work(Run *run, Mem *mem, const WatchRun **at_work, Err *err)
{
    WatchRun *runs;
    int count;
    Rows rows;

    *at_work = NULL;
    if (!db_query(mem, run->watcher, "watch_runs", NO_ARGS, &rows, err) ||
        !rows_decode(mem, &rows, run_columns, LENGTH(run_columns), sizeof(WatchRun),
                     (void **)&runs, &count, err))
        return err_in(err, "while looking what is at work");
    for (int i = 0; i < count; i++)
        if (runs[i].connected &&
            strcmp(runs[i].component, run->settings->component) == 0)
            *at_work = &runs[i];
    return true;
}

/* What is asked in one go, and which part that is: NULL for what goes around them. */
typedef struct Glance
{
    Ask asks[LENGTH(parts) + AROUND];
    const SightPart *parts[LENGTH(parts) + AROUND];
    int count;
    int clock; /* where the time is told */
} Glance;

static void
glance_add(Glance *glance, const char *label, const char *sql, const SightPart *part)
{
    if (sql == NULL)
        return;
    glance->parts[glance->count] = part;
    glance->asks[glance->count++] = (Ask){.label = label, .sql = sql};
}

static Glance
glance_make(const Looking *looking, bool history)
{
    Run *run = looking->run;
    const EngineLooks *looks = engine_of(run)->looks;
    Glance glance = {0};

    glance_add(&glance, "begin", looks->begin, NULL);
    glance_add(&glance, "watch_limits", looks->limit, NULL);
    glance.clock = glance.count;
    glance_add(&glance, "watch_clock", run->driver->query(run->watcher, "watch_clock"),
               NULL);
    for (int i = 0; i < LENGTH(parts); i++)
        if (!looking->refused[i] && (history || !parts[i].history))
            glance_add(&glance, parts[i].label,
                       run->driver->query(run->watcher, parts[i].label), &parts[i]);
    glance_add(&glance, "commit", "COMMIT", NULL);
    return glance;
}

/* A part that this account may not ask: the look goes on without it. */
static bool
part_refused(Looking *looking, const Glance *glance, const Reply *reply)
{
    const SightPart *part = glance->parts[reply->failed_at];

    if (reply->outcome != DB_FAILED || strcmp(reply->sqlstate, "42501") != 0 ||
        part == NULL)
        return false;
    looking->refused[part - parts] = true;
    return true;
}

static bool
glance_take(Mem *mem, const Glance *glance, const Reply *reply, Sight *sight, Err *err)
{
    char *base = (char *)sight;

    sight->at = mem_copy(mem, rows_cell(&reply->rows[glance->clock], 0, "at"));
    for (int i = 0; i < glance->count; i++)
    {
        const SightPart *part = glance->parts[i];

        if (part != NULL &&
            !rows_decode(mem, &reply->rows[i], part->columns, part->column_count,
                         part->size, (void **)(base + part->items),
                         (int *)(base + part->count), err))
            return false;
    }
    return true;
}

/* One transaction, and on PostgreSQL one message and one snapshot: what is shown
 * together was so together. */
static bool
sight_gather(Looking *looking, Mem *mem, bool history, Sight *sight, Err *err)
{
    for (;;)
    {
        const Glance glance = glance_make(looking, history);
        Reply reply = {0};

        if (db_script(mem, looking->run->watcher, glance.asks, glance.count, &reply,
                      err))
            return glance_take(mem, &glance, &reply, sight, err);
        if (!part_refused(looking, &glance, &reply))
            return false;
        err_clear(err);
    }
}

static bool
sees_all(const Looking *looking)
{
    bool all = looking->run->caps->sees_all_activity;

    for (int i = 0; i < LENGTH(parts); i++)
        all = all && !looking->refused[i];
    return all;
}

static bool
watch_look(Looking *looking, Mem *mem, Sight *sight, Err *err)
{
    Run *run = looking->run;
    bool history = false;

    sight->database = run->database;
    if (!history_readable(run, &history, sight, err) ||
        !sight_gather(looking, mem, history, sight, err))
        return err_in(err, "while looking on");
    sight_mark(sight);
    if (!sees_all(looking))
        sight->hidden[sight->hidden_count++] = engine_of(run)->looks->hidden;
    sessions_scrub(mem, sight->waiting, sight->waiting_count);
    sessions_scrub(mem, sight->sessions, sight->session_count);
    sessions_scrub(mem, sight->snapshots, sight->snapshot_count);
    return true;
}

/* --- again and again ------------------------------------------------------------- */

static bool
watch_once(Mem *mem, const Watching *watching, Looking *looking, bool *seen, Err *err)
{
    MEM_SCOPE(scope, mem);
    Sight sight = {0};

    if (looking->run == NULL &&
        !run_meet(mem, watching->settings, watching->driver, watching->clock,
                  watching->observer, &looking->run, err))
        return false;
    if (!watch_look(looking, scope, &sight, err))
        return false;
    *seen = watching->onlooker->see(watching->onlooker, &sight);
    return true;
}

/* What is connected to nothing any more is opened again at the next look. */
static void
watch_part(Looking *looking)
{
    if (looking->run == NULL)
        return;
    run_close(looking->run);
    TALLOC_FREE(looking->run);
    *looking = (Looking){0};
}

/* The server is away: that is shown, and forgiven; it may come back. */
static bool
watch_away(const Watching *watching, bool *seen, Err *err)
{
    bool away = !watching->once && (err->kind == ERR_LOST || err->kind == ERR_CONNECT);
    const Sight sight = {.trouble = err->text};

    if (away && !stop_asked())
        *seen = watching->onlooker->see(watching->onlooker, &sight);
    if (away)
        err_clear(err);
    return away;
}

bool
run_watch(Mem *mem, const Watching *watching, Err *err)
{
    Looking looking = {0};
    bool good = true;
    bool seen = true;

    while (good && seen && !stop_asked())
    {
        good = watch_once(mem, watching, &looking, &seen, err);
        if (!good)
        {
            watch_part(&looking);
            good = watch_away(watching, &seen, err);
        }
        if (watching->once)
            break;
        if (seen)
            clock_rest(watching->clock, EVERY_MS);
    }
    watch_part(&looking);
    if (stop_asked() && !good)
        err_clear(err);
    return good || stop_asked();
}

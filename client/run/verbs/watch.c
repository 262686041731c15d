#include "run/verbs/watch.h"

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
    COLUMN(INT64_OR_MINUS, WatchRun, set_aside),
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
    PART("watch_snapshot", session_columns,  WatchSession,  snapshots, snapshot_count, false),
};
/* clang-format on */

static const char clock_sql[] =
    "SELECT pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS at";

static const char limits_sql[] = "SET LOCAL statement_timeout = '5s'";

/* --- one look ----------------------------------------------------------------- */

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

/* One message, one snapshot: what is shown together was so together. */
static bool
sight_gather(Run *run, Mem *mem, bool history, Sight *sight, Err *err)
{
    Ask asks[LENGTH(parts) + 4];
    const SightPart *asked[LENGTH(asks)] = {0};
    int count = 0;
    Reply reply;

    asks[count++] = (Ask){.label = "begin", .sql = "BEGIN READ ONLY"};
    asks[count++] = (Ask){.label = "watch_limits", .sql = limits_sql};
    asks[count++] = (Ask){.label = "watch_clock", .sql = clock_sql};
    for (int i = 0; i < LENGTH(parts); i++)
    {
        if (parts[i].history && !history)
            continue;
        asked[count] = &parts[i];
        asks[count++] = (Ask){.label = parts[i].label,
                              .sql = run->driver->query(run->watcher, parts[i].label)};
    }
    asks[count++] = (Ask){.label = "commit", .sql = "COMMIT"};
    if (!db_script(mem, run->watcher, asks, count, &reply, err))
        return false;
    sight->at = mem_copy(mem, rows_cell(&reply.rows[2], 0, "at"));
    for (int i = 0; i < count; i++)
    {
        char *base = (char *)sight;

        if (asked[i] != NULL &&
            !rows_decode(mem, &reply.rows[i], asked[i]->columns, asked[i]->column_count,
                         asked[i]->size, (void **)(base + asked[i]->items),
                         (int *)(base + asked[i]->count), err))
            return false;
    }
    return true;
}

static bool
watch_look(Run *run, Mem *mem, Sight *sight, Err *err)
{
    bool history = false;

    sight->database = run->database;
    if (!history_readable(run, &history, sight, err) ||
        !sight_gather(run, mem, history, sight, err))
        return err_in(err, "while looking on");
    if (!run->caps->sees_all_activity)
        sight->hidden[sight->hidden_count++] = "what other roles do, replica lag and "
                                               "snapshots: GRANT pg_read_all_stats TO "
                                               "this role shows them";
    sessions_scrub(mem, sight->waiting, sight->waiting_count);
    sessions_scrub(mem, sight->sessions, sight->session_count);
    sessions_scrub(mem, sight->snapshots, sight->snapshot_count);
    return true;
}

/* --- again and again
 * -------------------------------------------------------------------- */

static bool
watch_once(Mem *mem, const Watching *watching, Run **run, Err *err)
{
    MEM_SCOPE(scope, mem);
    Sight sight = {0};

    if (*run == NULL && !run_meet(mem, watching->settings, watching->driver,
                                  watching->clock, watching->observer, run, err))
        return false;
    if (!engine_looks(*run, "watch", err) || !watch_look(*run, scope, &sight, err))
        return false;
    watching->onlooker->see(watching->onlooker, &sight);
    return true;
}

/* What is connected to nothing any more is opened again at the next look. */
static void
watch_part(Run **run)
{
    if (*run == NULL)
        return;
    run_close(*run);
    TALLOC_FREE(*run);
}

bool
run_watch(Mem *mem, const Watching *watching, Err *err)
{
    Run *run = NULL;
    bool good = true;

    while (good && !stop_asked())
    {
        good = watch_once(mem, watching, &run, err);

        bool away = !good && !watching->once &&
                    (err->kind == ERR_LOST || err->kind == ERR_CONNECT);

        if (away && !stop_asked())
        {
            const Sight sight = {.trouble = err->text};

            watching->onlooker->see(watching->onlooker, &sight);
        }
        if (!good)
            watch_part(&run);
        if (away)
            err_clear(err);
        good = good || away;
        if (watching->once)
            break;
        clock_rest(watching->clock, EVERY_MS);
    }
    watch_part(&run);
    if (stop_asked() && !good)
        err_clear(err);
    return good || stop_asked();
}

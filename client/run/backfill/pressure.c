#include "run/backfill/pressure.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/backfill/lag.h"
#include "run/tell.h"

#define SAMPLE_MS 200.0
#define SLOW_MS 1000.0

/* A row of pressure.sql. */
typedef struct Sample
{
    Pressure pressure;
    int64_t wal_bytes;
    char *table_name;
    char *silent; /* a replica that was sent more than it has confirmed; or NULL */
    int64_t silent_at;
} Sample;

#define VALUE(signal, column)                                                          \
    COLUMN_AS(DOUBLE_OR_MINUS, Sample, pressure.value[signal], column)
#define WHO(signal, column)                                                            \
    COLUMN_AS(TEXT_OR_NULL, Sample, pressure.who[signal], column)

/* clang-format off */
static const Column sample_columns[] = {
    VALUE(SIGNAL_LAG, "lag_ms"),           WHO(SIGNAL_LAG, "replica"),
    VALUE(SIGNAL_LAG_BYTES, "lag_bytes"),  WHO(SIGNAL_LAG_BYTES, "replica"),
    VALUE(SIGNAL_SLOT, "slot_bytes"),      WHO(SIGNAL_SLOT, "slot"),
    VALUE(SIGNAL_ACTIVE, "active"),
    VALUE(SIGNAL_SNAPSHOT, "snapshot_ms"), WHO(SIGNAL_SNAPSHOT, "snapshot"),
    VALUE(SIGNAL_DEAD, "dead_percent"),    WHO(SIGNAL_DEAD, "table_name"),
    VALUE(SIGNAL_AUTOVACUUM, "autovacuum"), WHO(SIGNAL_AUTOVACUUM, "table_name"),
    COLUMN(INT64, Sample, wal_bytes),
    COLUMN(TEXT_OR_NULL, Sample, silent),  COLUMN(INT64_OR_MINUS, Sample, silent_at),
};
/* clang-format on */

/* --- what may fail without harm -------------------------------------------------- */

static bool
lost(Err *from, Err *err)
{
    if (from->kind != ERR_LOST)
        return false;
    *err = *from;
    return true;
}

/* Asked once a second; not every engine has such a thing, and not every role may ask:
 * then it is not known. */
static const struct
{
    const char *label;
    const char *column;
    Signal signal;
} slow_questions[] = {
    {"checkpoint_pressure", "percent", SIGNAL_CHECKPOINT},
    {"history_list", "length", SIGNAL_HISTORY},
};

static bool
slow_ask(Run *run, const char *label, const char *column, double *value, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *cell;
    Err why = {0};
    Rows rows;

    *value = -1;
    if (run->driver->query(run->watcher, label) == NULL)
        return true;
    if (!db_query(scope, run->watcher, label, NO_ARGS, &rows, &why))
    {
        if (lost(&why, err))
            return false;
        err_clear(&why);
        return true;
    }
    cell = rows_cell(&rows, 0, column);
    *value = cell == NULL ? -1 : strtod(cell, NULL);
    return true;
}

/* true and false, or a number; nothing at all is no reason to rest. */
static bool
verdict_read(const Rows *rows, double *verdict, Err *err)
{
    const char *cell =
        rows->row_count == 0 || rows->column_count == 0 ? NULL : rows->cells[0];
    char *end = NULL;

    *verdict = 0;
    if (cell == NULL || strcmp(cell, "f") == 0)
        return true;
    *verdict = strcmp(cell, "t") == 0 ? 1 : strtod(cell, &end);
    if (end == NULL || (end != cell && *end == '\0'))
        return true;
    return err_set(err, ERR_SQL, "it gives \"%s\", neither a boolean nor a number",
                   cell);
}

static Ask
stored(Run *run, const char *label)
{
    return (Ask){.label = label, .sql = run->driver->query(run->watcher, label)};
}

/* Where it does not end with the transaction; best effort, the next one sets it again.
 */
static void
limits_lift(Run *run)
{
    MEM_SCOPE(scope, run->mem);
    const Ask lift = stored(run, "query_unlimited");
    Err ignored = {0};
    Reply reply;

    if (lift.sql != NULL)
        db_script(scope, run->watcher, &lift, 1, &reply, &ignored);
    err_clear(&ignored);
}

/* In a transaction that cannot write, and never for long: the sweep waits for it. */
static bool
query_ask(Run *run, double *verdict, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Ask asks[] = {
        stored(run, "query_begin"),
        stored(run, "query_limits"),
        {.label = "throttle_query", .sql = run->settings->throttle_query},
        {.label = "rollback", .sql = "ROLLBACK"},
    };
    Reply reply;
    bool good = db_script(scope, run->watcher, asks, LENGTH(asks), &reply, err);

    *verdict = -1;
    if (err->kind != ERR_LOST)
        limits_lift(run);
    return good && verdict_read(&reply.rows[2], verdict, err);
}

static bool
query_sample(Run *run, Gauge *gauge, double *verdict, Err *err)
{
    Err why = {0};

    *verdict = -1;
    if (run->settings->throttle_query == NULL)
        return true;
    if (query_ask(run, verdict, &why))
    {
        TALLOC_FREE(gauge->complaint);
        return true;
    }
    if (lost(&why, err))
        return false;
    *verdict = -1;
    if (gauge->complaint == NULL || strcmp(gauge->complaint, why.text) != 0)
    {
        TALLOC_FREE(gauge->complaint);
        gauge->complaint = mem_copy(run->mem, why.text);
        tell_note(run, EVENT_WARNING, "the throttle query is not heeded: %s", why.text);
    }
    err_clear(&why);
    return true;
}

/* --- the sample ------------------------------------------------------------------ */

static bool
slow_sample(Run *run, Gauge *gauge, double now, Err *err)
{
    double *value = gauge->pressure.value;

    if (gauge->slow_ms > 0 && now - gauge->slow_ms < SLOW_MS)
        return true;
    gauge->slow_ms = now;
    for (int i = 0; i < LENGTH(slow_questions); i++)
        if (!slow_ask(run, slow_questions[i].label, slow_questions[i].column,
                      &value[slow_questions[i].signal], err))
            return false;
    return query_sample(run, gauge, &value[SIGNAL_QUERY], err);
}

static double
wal_rate(const Gauge *gauge, const Sample *sample, double now)
{
    double seconds = (now - gauge->sampled_ms) / 1000.0;

    if (gauge->sampled_ms <= 0 || seconds <= 0 || sample->wal_bytes < gauge->wal_bytes)
        return -1;
    return (double)(sample->wal_bytes - gauge->wal_bytes) / seconds;
}

/* The middle one of the last three: one commit may meet anything. */
static double
commit_middle(const Gauge *gauge)
{
    const double *a = gauge->commit_ms;
    double most = fmax(a[0], fmax(a[1], a[2]));
    double least = fmin(a[0], fmin(a[1], a[2]));

    if (gauge->commit_count < LENGTH(gauge->commit_ms))
        return -1;
    return a[0] + a[1] + a[2] - most - least;
}

/*
 * What the application's commits feel of us, felt by one of our own: it waits for the
 * disk, and for a standby where they do, behind the WAL of the batch that has just
 * ended. It writes the row that tells whether we are alive.
 */
static bool
commit_sample(Run *run, Gauge *gauge, double *commit_ms, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    double began = clock_now(run->clock);
    Err why = {0};
    Rows rows;

    *commit_ms = -1;
    if (!gauge->commits)
        return true;
    if (!db_query(scope, run->watcher, "commit_sample",
                  ARGS(run->settings->component, run->id), &rows, &why))
    {
        if (lost(&why, err))
            return false;
        err_clear(&why);
        return true;
    }
    gauge->commit_ms[gauge->commit_count++ % LENGTH(gauge->commit_ms)] =
        clock_now(run->clock) - began;
    *commit_ms = commit_middle(gauge);
    return true;
}

/* As long as a replica confirms nothing of what it was sent, so long it is behind. */
static void
silence_heed(Run *run, Gauge *gauge, Sample *sample, double now)
{
    double *lag = &sample->pressure.value[SIGNAL_LAG];
    bool still = gauge->silent != NULL && sample->silent != NULL &&
                 strcmp(gauge->silent, sample->silent) == 0 &&
                 gauge->silent_at == sample->silent_at;

    if (!still)
    {
        TALLOC_FREE(gauge->silent);
        gauge->silent = mem_copy(run->mem, sample->silent);
        gauge->silent_at = sample->silent_at;
        gauge->silent_ms = now;
    }
    else if (now - gauge->silent_ms > *lag)
    {
        *lag = now - gauge->silent_ms;
        sample->pressure.who[SIGNAL_LAG] = sample->silent;
    }
}

static bool
fast_sample(Run *run, Gauge *gauge, int64_t table, double now, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Mem *mem = mem_scope_begin(run->mem);
    const double *last = gauge->pressure.value;
    const char *file = run->settings->throttle_file;
    Sample sample = {0};
    double *value = sample.pressure.value;
    double commit_ms;
    Rows rows;

    if (!commit_sample(run, gauge, &commit_ms, err) ||
        !db_query(scope, run->watcher, "pressure",
                  ARGS(mem_text(scope, "%" PRId64, table)), &rows, err) ||
        !rows_one(mem, &rows, sample_columns, LENGTH(sample_columns), &sample, err))
    {
        mem_scope_end(&mem);
        return err_in(err, "while looking at the server's load");
    }
    silence_heed(run, gauge, &sample, now);
    if (!lag_sample(run, gauge->step, &sample.pressure, err))
    {
        mem_scope_end(&mem);
        return false;
    }
    value[SIGNAL_WAL_RATE] = wal_rate(gauge, &sample, now);
    value[SIGNAL_COMMIT] = commit_ms;
    for (int i = 0; i < LENGTH(slow_questions); i++)
        value[slow_questions[i].signal] = last[slow_questions[i].signal];
    value[SIGNAL_QUERY] = last[SIGNAL_QUERY];
    value[SIGNAL_WAITERS] = last[SIGNAL_WAITERS];
    value[SIGNAL_FILE] = file != NULL && access(file, F_OK) == 0;
    sample.pressure.who[SIGNAL_FILE] = mem_copy(mem, file);
    sample.pressure.fresh = true;
    mem_scope_end(&gauge->mem);
    gauge->mem = mem;
    gauge->pressure = sample.pressure;
    gauge->wal_bytes = sample.wal_bytes;
    gauge->sampled_ms = now;
    return true;
}

bool
pressure_sample(Run *run, Gauge *gauge, int64_t table, Err *err)
{
    double now = clock_now(run->clock);

    gauge->pressure.fresh = false;
    if (gauge->sampled_ms > 0 && now - gauge->sampled_ms < SAMPLE_MS)
        return true;
    return slow_sample(run, gauge, now, err) &&
           fast_sample(run, gauge, table, now, err);
}

void
pressure_tell_hidden(Run *run)
{
    if (run->caps->sees_all_activity || run->told_hidden)
        return;
    run->told_hidden = true;
    tell_note(run, EVENT_NOTE,
              "this role sees neither replica lag nor other users' snapshots: the "
              "backfill does not rest for them (GRANT pg_read_all_stats TO it shows "
              "them)");
}

bool
pressure_horizon(Run *run, int64_t *horizon, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(scope, run->watcher, "horizon", NO_ARGS, &rows, err))
        return err_in(err, "while looking for the oldest snapshot");
    *horizon = rows_int(&rows, 0, "horizon");
    return true;
}

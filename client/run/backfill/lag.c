#include "run/backfill/lag.h"

#include "run/locks/standby.h"

#define MICROS 1000.0

/* The record of progress as one server has it; microseconds since 1970, by the clock of
 * the server that wrote it. */
typedef struct Beat
{
    int64_t at;    /* when it was written last; -1: it is not there yet */
    int64_t since; /* when the backfill began */
    int64_t now;   /* by the clock of who was asked */
} Beat;

static const Column beat_columns[] = {
    COLUMN(INT64_OR_MINUS, Beat, at),
    COLUMN(INT64_OR_MINUS, Beat, since),
    COLUMN(INT64, Beat, now),
};

static bool
beat_read(Mem *mem, const Rows *rows, Beat *beat)
{
    Err ignored = {0};
    bool good = rows_one(mem, rows, beat_columns, LENGTH(beat_columns), beat, &ignored);

    err_clear(&ignored);
    return good;
}

/* What the replica has not is at least as old as what it has. */
static bool
standby_lag(Run *run, Standby *standby, const Ask *ask, const Beat *here,
            double *lag_ms, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;
    Beat there;

    *lag_ms = clock_now(run->clock) - standby->answered_ms;
    if (!standby_ask(run, scope, standby, ask, &rows))
        return standby->denied == NULL || standby_denied(run, standby, err);
    if (beat_read(scope, &rows, &there))
        *lag_ms = there.at >= here->at
                      ? 0
                      : (double)(here->now - (there.at < 0 ? here->since : there.at)) /
                            MICROS;
    return true;
}

/* The database first: what is written meanwhile must not look like lag. */
bool
lag_sample(Run *run, const Step *step, Pressure *pressure, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    double *worst = &pressure->value[SIGNAL_LAG];
    Rows rows;
    Beat here;

    if (!run->caps->replicas_apart || run->standby_count == 0 || step == NULL)
        return true;

    const char *const args[] = {run->settings->component, step->migration->version,
                                mem_text(scope, "%d", step->backfill->number)};
    const Ask ask = {.label = "beat", .args = args, .arg_count = LENGTH(args)};

    if (!db_query(scope, run->watcher, ask.label, args, LENGTH(args), &rows, err) ||
        !rows_one(scope, &rows, beat_columns, LENGTH(beat_columns), &here, err))
        return err_in(err, "while looking how far replicas are behind");
    for (int i = 0; i < run->standby_count; i++)
    {
        Standby *standby = &run->standbys[i];
        double lag_ms;

        if (!standby_lag(run, standby, &ask, &here, &lag_ms, err))
            return false;
        if (lag_ms <= *worst)
            continue;
        *worst = lag_ms;
        pressure->who[SIGNAL_LAG] = (char *)standby->name;
    }
    return true;
}

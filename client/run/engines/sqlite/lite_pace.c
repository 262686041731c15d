/*
 * How much a batch takes on, and how long the file is left to others behind it.
 *
 * Who waits with the library's own busy timeout tries again 1, 3, 8, 18, 33, 53 ... ms
 * after it came: each time is at most three times the one before. So a writer that came
 * while a batch had h ms to go tries once between h and 3 h, and a gap of 2 h is never
 * missed; half an h more is for clocks. A batch of 1 ms costs it 3 ms.
 *
 * Writers who flush have the file for as long as the disk takes, and meet each other.
 * Then every one of those tries finds it taken once more often by our share of the
 * time, and the next is as far away as all before it: what we find taken ourselves
 * tells how much of the time is left, and the fuller it is, the less of it we take.
 *
 * In WAL mode our batches are not flushed one by one, while the file is ours: a loss of
 * power takes the last of them together with the position that is their record, and the
 * commit that says "verified" is flushed again, with all before it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"
#include "run/engines/sqlite/lite_run.h"
#include "run/tell.h"

#define HELD_MS 1.0
#define ROWS_FIRST 200
#define ROWS_FEWEST 100
#define ROWS_FEWEST_JOURNAL 500 /* else a flush is all that a batch does */
#define ROWS_MOST 5000
#define REST_LEAST_MS 5.0
#define REST_MOST_MS 100.0
#define REST_MET 10.0   /* so much longer where somebody else is always at it */
#define MET_MS 4.5      /* a BEGIN that takes longer has waited (db/sqlite/busy.c) */
#define MET_MEMORY 0.95 /* of the batches before */

/* Before a commit of somebody else has to write the WAL back for us. */
#define CHECKPOINT_BATCHES 4
#define WAL_TOLD_BYTES (16LL << 20)
#define WAL_MOST_BYTES (256LL << 20)
#define WAL_REST_MS 200
#define ASK_MS 1000 /* between two looks at what the operator says */
#define WAY_REST_MS 500

static bool
pace_pragma(Run *run, const char *sql, Reply *reply, Err *err)
{
    const Ask ask = {.label = "pace", .sql = sql};

    return db_script(run->mem, run->worker, &ask, 1, reply, err);
}

/* Checkpoints are ours while we write most, and outside of any transaction; Litestream
 * wants to be the only one who makes any. */
bool
lite_pace_begin(Run *run, LitePace *pace, Err *err)
{
    Reply reply;

    if (!pace_pragma(run, "SELECT pgstride_litestream()", &reply, err))
        return false;
    *pace = (LitePace){.rows = ROWS_FIRST,
                       .replicated = strcmp(reply.rows[0].cells[0], "1") == 0};
    if (pace->replicated)
        tell_note(run, EVENT_NOTE,
                  "Litestream replicates this file: the WAL is left to it");
    if (!pace_pragma(run, "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_mode", &reply,
                     err))
        return false;
    pace->wal = strcmp(reply.rows[0].cells[0], "wal") == 0;
    return !pace->wal || pace_pragma(run, "PRAGMA synchronous = NORMAL", &reply, err);
}

void
lite_pace_end(Run *run)
{
    Reply reply;
    Err ignored = {0};

    pace_pragma(run, "PRAGMA wal_autocheckpoint = 1000; PRAGMA synchronous = FULL",
                &reply, &ignored);
    err_clear(&ignored);
}

void
lite_pace_size(const Run *run, LitePace *pace, double held_ms)
{
    const Settings *settings = run->settings;
    double aim = settings->batch_time_flag ? (double)settings->batch_time : HELD_MS;
    double wanted = held_ms > 0 ? pace->rows * aim / held_ms : pace->rows * 2.0;
    int fewest = pace->wal ? ROWS_FEWEST : ROWS_FEWEST_JOURNAL;

    pace->held_ms = held_ms;
    if (wanted > pace->rows * 2.0)
        wanted = pace->rows * 2.0;
    pace->rows = wanted < fewest      ? fewest
                 : wanted > ROWS_MOST ? ROWS_MOST
                                      : (int)wanted;
}

void
lite_pace_met(LitePace *pace, double waited_ms)
{
    pace->met =
        MET_MEMORY * pace->met + (1 - MET_MEMORY) * (waited_ms > MET_MS ? 1 : 0);
}

double
lite_pace_rest_ms(const LitePace *pace)
{
    double rest = fmax(pace->held_ms * 2.5, REST_LEAST_MS) * (1 + REST_MET * pace->met);

    return fmin(rest, REST_MOST_MS);
}

/* --- the WAL --------------------------------------------------------------------- */

static bool
wal_bytes(Run *run, int64_t *bytes, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Ask asks[] = {
        {.label = "page_size", .sql = "PRAGMA page_size"},
        {.label = "checkpoint", .sql = "PRAGMA wal_checkpoint(PASSIVE)"}};
    Reply reply;

    if (!db_script(scope, run->worker, asks, LENGTH(asks), &reply, err))
        return false;
    *bytes = (rows_int(&reply.rows[1], 0, "log") -
              rows_int(&reply.rows[1], 0, "checkpointed")) *
             rows_int(&reply.rows[0], 0, "page_size");
    return true;
}

/* A reader that stays pins the WAL, which then grows with every batch. */
static bool
wal_watch(Run *run, const Step *step, LitePace *pace, Err *err)
{
    for (bool resting = false;; resting = true)
    {
        int64_t bytes;

        if (!wal_bytes(run, &bytes, err))
            return false;
        if (bytes > WAL_TOLD_BYTES && !pace->told)
            tell_note(run, EVENT_NOTE,
                      "a reader that stays keeps the WAL from being written back: %lld "
                      "MB, and the backfill rests at %lld MB",
                      (long long)(bytes >> 20), WAL_MOST_BYTES >> 20);
        pace->told |= bytes > WAL_TOLD_BYTES;
        if (bytes <= WAL_MOST_BYTES)
            return true;
        if (!resting)
            tell_step(run, EVENT_REST, step,
                      "a reader keeps the WAL from being written back, and it has "
                      "grown beyond 256 MB");
        if (stop_asked())
            return err_set(err, ERR_STOPPED, "asked to stop");
        clock_rest(run->clock, WAL_REST_MS);
    }
}

/* --- the operator ---------------------------------------------------------------- */

/* Why to rest, or NULL. */
static bool
busy_reason(Run *run, Mem *mem, const char **reason, Err *err)
{
    const Settings *settings = run->settings;
    const Ask own = {.label = "throttle_query", .sql = settings->throttle_query};
    Reply reply;

    *reason = NULL;
    if (settings->throttle_file != NULL && access(settings->throttle_file, F_OK) == 0)
        *reason = mem_text(mem, "file \"%s\" exists", settings->throttle_file);
    if (own.sql == NULL)
        return true;
    if (!db_script(mem, run->watcher, &own, 1, &reply, err))
        return err_in(err, "in the throttle query");
    if (reply.rows[0].row_count > 0 && reply.rows[0].cells[0] != NULL &&
        strtod(reply.rows[0].cells[0], NULL) > 0)
        *reason = mem_text(mem, "the throttle query says %s", reply.rows[0].cells[0]);
    return true;
}

static bool
give_way(Run *run, const Step *step, LitePace *pace, Err *err)
{
    double now = clock_now(run->clock);

    if (pace->asked_ms > 0 && now - pace->asked_ms < ASK_MS)
        return true;
    for (;;)
    {
        MEM_SCOPE(scope, run->mem);
        const char *reason;

        if (!busy_reason(run, scope, &reason, err))
            return false;
        pace->asked_ms = clock_now(run->clock);
        if (reason == NULL)
            return true;
        tell_step(run, EVENT_REST, step, reason);
        if (stop_asked())
            return err_set(err, ERR_STOPPED, "asked to stop");
        clock_rest(run->clock, WAY_REST_MS);
    }
}

bool
lite_pace_rest(Run *run, const Step *step, LitePace *pace, Err *err)
{
    if (++pace->batches % CHECKPOINT_BATCHES == 0 && !pace->replicated &&
        !wal_watch(run, step, pace, err))
        return false;
    if (!give_way(run, step, pace, err))
        return false;
    clock_rest(run->clock, (Millis)lite_pace_rest_ms(pace));
    return true;
}

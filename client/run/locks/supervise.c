#include "run/locks/supervise.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "base/units.h"
#include "core/locks/holder.h"
#include "run/connect/runner.h"
#include "run/locks/idler.h"
#include "run/locks/look.h"
#include "run/tell.h"

#define SAMPLE_MS 250.0

typedef enum CancelWhy
{
    CANCEL_NOT,
    CANCEL_STOPPED,
    CANCEL_IMPATIENT
} CancelWhy;

typedef struct Shift
{
    Run *run;
    const Supervised *what;
    double started_ms;
    double blocked_since; /* -1: it waits for nobody */
    double sampled_ms;
    CancelWhy cancelled;
    char doing[256];    /* which phase it is in, of what */
    double doing_ms;    /* when that was first seen */
    double doing_share; /* ... and how far it was then; -1: it has not begun */
    Err blame;          /* whom it waited for when patience ended */
} Shift;

/* A row of index_progress.sql. */
typedef struct BuildRow
{
    char *phase;
    int64_t blocks_done;
    int64_t blocks_total;
    int64_t tuples_done;
    int64_t tuples_total;
    int64_t lockers_done;
    int64_t lockers_total;
} BuildRow;

static const Column build_columns[] = {
    COLUMN(TEXT, BuildRow, phase),          COLUMN(INT64, BuildRow, blocks_done),
    COLUMN(INT64, BuildRow, blocks_total),  COLUMN(INT64, BuildRow, tuples_done),
    COLUMN(INT64, BuildRow, tuples_total),  COLUMN(INT64, BuildRow, lockers_done),
    COLUMN(INT64, BuildRow, lockers_total),
};

static double
share(int64_t done, int64_t total)
{
    return total <= 0 ? 0 : (double)done / (double)total;
}

/* The server counts blocks in some phases and tuples in others. */
static double
build_share(const BuildRow *row)
{
    return row->blocks_total > 0 ? share(row->blocks_done, row->blocks_total)
                                 : share(row->tuples_done, row->tuples_total);
}

/* "events_2025 (3 of 12): waiting for old snapshots, 1 of 4 gone". */
static void
shift_note(Shift *shift, const BuildRow *row)
{
    MEM_SCOPE(scope, NULL);
    const char *place = shift->what->place;
    const char *gone = row->lockers_total == 0
                           ? ""
                           : mem_text(scope, ", %" PRId64 " of %" PRId64 " gone",
                                      row->lockers_done, row->lockers_total);

    const char *doing = mem_text(scope, "%s%s%s%s", place == NULL ? "" : place,
                                 place == NULL ? "" : ": ", row->phase, gone);

    if (strncmp(doing, shift->doing, sizeof(shift->doing) - 1) == 0)
        return;
    snprintf(shift->doing, sizeof(shift->doing), "%s", doing);
    shift->doing_share = -1;
}

/* Of its first block a scan says that it was the last. */
static double
phase_share(Shift *shift, const BuildRow *row, double now)
{
    double done = build_share(row);

    if (shift->doing_share >= 0)
        return done;
    if (done >= 1)
        return 0;
    shift->doing_ms = now;
    shift->doing_share = done;
    return done;
}

/* Of the phase that it is in: nobody knows how long those behind it will take. */
static double
phase_left_ms(const Shift *shift, double done, double now)
{
    double advanced = done - shift->doing_share;

    return shift->doing_share < 0 || advanced <= 0
               ? -1
               : (now - shift->doing_ms) * (1 - done) / advanced;
}

static void
tell_build(Shift *shift, const BuildRow *row, double now)
{
    const Step *step = shift->what->step;
    double done = phase_share(shift, row, now);
    Progress progress = {
        .doing = shift->doing,
        .fraction = done,
        .rows_done = row->tuples_done,
        .rows_total = row->tuples_total,
        .blocks_done = row->blocks_done,
        .blocks_total = row->blocks_total,
        .elapsed_ms = now - shift->started_ms,
        .left_ms = phase_left_ms(shift, done, now),
        .hot_share = -1,
    };
    Event event = {.kind = EVENT_STEP_PROGRESS,
                   .migration = step->migration,
                   .phase = step->phase,
                   .step = step,
                   .progress = &progress};

    tell(shift->run, &event);
}

static void
tell_blocked(Shift *shift, const Look *look, double now)
{
    const Step *step = shift->what->step;
    Event event = {.kind = EVENT_STEP_WAITING,
                   .migration = step->migration,
                   .phase = step->phase,
                   .step = step,
                   .text = shift->doing,
                   .millis = now - shift->blocked_since,
                   .look = look,
                   .cost = shift->what->cost};

    tell(shift->run, &event);
}

/* No server says how far a query is: an estimate does. */
static bool
shift_progress(Shift *shift, double now, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Run *run = shift->run;
    const char *pid = mem_text(scope, "%" PRId64, run->driver->backend_id(run->worker));
    BuildRow *found;
    int count;
    Rows rows;

    if (shift->what->doing != NULL)
    {
        tell_reading(shift->run, shift->what->step, shift->what->doing,
                     now - shift->started_ms);
        return true;
    }
    if (!db_query(scope, run->watcher, "index_progress", ARGS(pid), &rows, err) ||
        !rows_decode(scope, &rows, build_columns, LENGTH(build_columns),
                     sizeof(BuildRow), (void **)&found, &count, err))
        return false;
    if (count == 0)
        return true;
    shift_note(shift, &found[0]);
    if (found[0].lockers_total == 0) /* else it waits, and that is told with a name */
        tell_build(shift, &found[0], now);
    return true;
}

static void
shift_blame(Shift *shift, const Look *look, double now)
{
    MEM_SCOPE(scope, NULL);
    Err *blame = &shift->blame;

    err_set(blame, ERR_BUSY, "it waited %s for others and was cancelled",
            duration_show(scope, now - shift->blocked_since));
    for (int i = 0; i < look->count; i++)
        err_detail(blame, "waited for %s", holder_show(scope, &look->holders[i]));
    err_hint(blame, "%s", holder_advice(scope, &look->holders[0]));
}

static bool
shift_cancel(Shift *shift, CancelWhy why, Err *err)
{
    shift->cancelled = why;
    return shift->run->driver->cancel(shift->run->worker, err);
}

/* Whom we fail to end we go on waiting for: the statement needs its watch. */
static void
shift_end_idler(Shift *shift, const Look *look)
{
    const IdlerScene scene = idler_scene(shift->what->step);
    Err trouble = {0};

    idler_end_any(shift->run, &scene, look, &trouble);
    err_clear(&trouble);
}

/* Who is in its way; patience counts from when it last was in nobody's. */
static bool
shift_blockers(Shift *shift, double now, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Look look;

    if (!look_at_blockers(shift->run, scope, &look, err))
        return false;
    if (look.count == 0)
    {
        shift->blocked_since = -1;
        return true;
    }
    if (shift->blocked_since < 0)
        shift->blocked_since = now;
    shift->what->cost->waited_ms += now - shift->sampled_ms;
    tell_blocked(shift, &look, now);
    shift_end_idler(shift, &look);
    if (shift->cancelled != CANCEL_NOT ||
        now - shift->blocked_since < (double)shift->what->patience)
        return true;
    shift_blame(shift, &look, now);
    return shift_cancel(shift, CANCEL_IMPATIENT, err);
}

static bool
shift_watch(Shift *shift, Err *err)
{
    Run *run = shift->run;

    for (;;)
    {
        bool listens = shift->what->stoppable && shift->cancelled == CANCEL_NOT;
        double now = clock_now(run->clock);

        if (run->driver->wait(&run->worker, 1, now + SAMPLE_MS,
                              listens ? stop_fd() : -1) == 0)
            return true;
        now = clock_now(run->clock);
        if (listens && stop_asked() && !shift_cancel(shift, CANCEL_STOPPED, err))
            return false;
        if (!shift_progress(shift, now, err) || !shift_blockers(shift, now, err))
            return false;
        shift->sampled_ms = now;
    }
}

/* A cancel may come too late: then the statement is simply done. */
static bool
shift_end(Shift *shift, const Reply *reply, Err *err)
{
    bool cancelled =
        reply->outcome == DB_FAILED && strcmp(reply->sqlstate, "57014") == 0;

    if (reply->outcome == DB_LOST)
        return db_reply_err(reply, &(Ask){.label = shift->what->label}, err);
    if (cancelled && shift->cancelled == CANCEL_STOPPED)
        return err_set(err, ERR_STOPPED, "stopped; the statement was cancelled");
    if (cancelled && shift->cancelled == CANCEL_IMPATIENT)
    {
        *err = shift->blame;
        shift->blame = (Err){0};
        return false;
    }
    return true;
}

/*
 * Held by the session, because there is no transaction: should we be killed now, the
 * next run waits until the server is through with the statement.
 */
static bool
step_lock(Run *run, const char *label, bool *good, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(
            scope, run->worker, label,
            ARGS(mem_text(scope, "%d", STEP_LOCK),
                 mem_text(scope, "%d", (int)runner_key(run->settings->component))),
            &rows, err))
        return false;
    *good = rows_bool(&rows, 0, rows.names[0]);
    return true;
}

static bool
shift_begin(Run *run, Err *err)
{
    bool taken = false;

    if (!step_lock(run, "advisory_try_shared", &taken, err))
        return false;
    return taken || fence_lost(err);
}

/* Whatever letting go of the lock says, what the statement said is what counts. */
static void
shift_over(Run *run)
{
    Err ignored = {0};
    bool freed;

    step_lock(run, "advisory_release_shared", &freed, &ignored);
    err_clear(&ignored);
}

bool
supervise(Run *run, Mem *mem, const Supervised *what, Reply *reply, Err *err)
{
    const Ask ask = {.label = what->label, .sql = what->sql};
    const Script script = {.asks = &ask, .count = 1};
    double now = clock_now(run->clock);
    Shift shift = {.run = run,
                   .what = what,
                   .started_ms = now,
                   .sampled_ms = now,
                   .blocked_since = -1,
                   .doing = "waiting for older transactions"};
    Err watching = {0};

    if (!shift_begin(run, err) || !run->driver->start(run->worker, &script, err))
        return false;
    if (what->stoppable)
        fault_point(FAULT_alone_sent);
    /* What only watches must not decide: its failure leaves the answer to be taken. */
    if (!shift_watch(&shift, &watching))
        err_clear(&watching);
    run->driver->finish(run->worker, mem, reply);

    bool answered = shift_end(&shift, reply, err);

    if (reply->outcome != DB_LOST)
        shift_over(run);
    err_clear(&shift.blame);
    return answered;
}

#include "run/backfill/batch.h"

#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "core/locks/holder.h"
#include "run/backfill/message.h"
#include "run/connect/runner.h"
#include "run/locks/look.h"

/* How often the watcher looks, and how often when somebody is to be blamed. */
#define LOOK_MS 20.0
#define BLAME_MS 8.0

/* A batch for which others wait ends when this much of their budget is gone. */
#define STALL_SHARE 0.6

/* The server's sweep asks by itself, between any two statements, who waits for its
 * rows, and takes no longer for a batch than others may wait: every question less is
 * time that its workers have. Two looks still see a wait before the budget is used up.
 */
#define SLICE_LOOK_SHARE 0.4
#define SLICE_LOOK_MOST_MS 50.0

/* The first of these answer every batch, all of them one that goes row by row. */
#define REPORT_COLUMNS 7

static const Column report_columns[] = {
    COLUMN(INT64, BatchReport, rows),
    COLUMN(INT64, BatchReport, again),
    COLUMN(INT64, BatchReport, passed),
    COLUMN(INT64, BatchReport, hot),
    COLUMN(INT64, BatchReport, wal_bytes),
    COLUMN(INT64, BatchReport, xid),
    COLUMN(DOUBLE_OR_MINUS, BatchReport, worked_ms),
    COLUMN(INT64, BatchReport, set_aside),
    COLUMN(INT64, BatchReport, beyond),
    COLUMN(TEXT, BatchReport, why),
};

/* What an SQLSTATE, or its first characters, says about a batch. */
typedef struct Meaning
{
    const char *sqlstate;
    BatchEnd end;
} Meaning;

/* clang-format off */
static const Meaning meanings[] = {
    {"55P03", BATCH_LOCKED},   /* lock_timeout */
    {"57014", BATCH_SLOW},     /* statement_timeout, or cancelled */
    {"40P01", BATCH_CLASHED},
    {"40001", BATCH_CLASHED},
    {"21",    BATCH_POISONED}, /* a subquery gave several rows */
    {"22",    BATCH_POISONED}, /* a value that cannot be */
    {"23",    BATCH_POISONED}, /* a constraint */
    {"P0",    BATCH_POISONED}, /* raised by the user's own trigger */
};
/* clang-format on */

static BatchEnd
end_of(const char *label, const char *sqlstate)
{
    bool table = strcmp(label, "batch_lock") == 0;

    if (table && strcmp(sqlstate, "55P03") == 0)
        return BATCH_BARRED;
    if (table && strcmp(sqlstate, "42P01") == 0)
        return BATCH_REPLACED; /* dropped, or renamed */
    for (int i = 0; i < LENGTH(meanings); i++)
        if (strncmp(sqlstate, meanings[i].sqlstate, strlen(meanings[i].sqlstate)) == 0)
            return meanings[i].end;
    return BATCH_FAILED;
}

/* --- while the server works ------------------------------------------------------ */

static bool
blame_whom(Run *run, Mem *texts, BatchReport *report, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Look look;

    if (!look_at_blockers(run, scope, &look, err))
        return false;
    if (look.count == 0)
        return true;
    report->blocker = holder_show(texts, &look.holders[0]);
    report->advice = holder_advice(texts, &look.holders[0]);
    return true;
}

/* Since when somebody waits: seen now, it may be since the look before. */
typedef struct Waiting
{
    double since_ms;
    double looked_ms;
    bool now;
} Waiting;

struct Flight
{
    const BatchOrder *order;
    Mem *mem;
    Message message;
    BatchReport report;
    Waiting waiting;
    double began_ms;
    bool cancelled;
};

/* Row locks are only had until COMMIT: who waits for one waits for the whole batch. */
static bool
waiting_look(Run *run, Waiting *waiting, BatchReport *report, Err *err)
{
    int waiters = 0;

    if (!look_at_victims(run, &waiters, err))
        return false;
    if (waiters > 0 && !waiting->now)
        waiting->since_ms = waiting->looked_ms;
    waiting->now = waiters > 0;
    waiting->looked_ms = clock_now(run->clock);
    if (waiters > report->waiters)
        report->waiters = waiters;
    if (waiting->now && waiting->looked_ms - waiting->since_ms > report->stall_ms)
        report->stall_ms = waiting->looked_ms - waiting->since_ms;
    return true;
}

double
batch_look_ms(const BatchOrder *order)
{
    double slice_ms = order->stall_ms * SLICE_LOOK_SHARE;

    if (order->blame)
        return BLAME_MS;
    if (order->slice == NULL || slice_ms < LOOK_MS)
        return LOOK_MS;
    return slice_ms < SLICE_LOOK_MOST_MS ? slice_ms : SLICE_LOOK_MOST_MS;
}

bool
batch_look(Run *run, Flight *flight, Err *err)
{
    const BatchOrder *order = flight->order;
    BatchReport *report = &flight->report;

    if (order->blame && report->blocker == NULL &&
        !blame_whom(run, order->texts, report, err))
        return false;
    if (!waiting_look(run, &flight->waiting, report, err))
        return false;
    if (flight->cancelled || report->stall_ms < order->stall_ms * STALL_SHARE)
        return true;
    flight->cancelled = true;
    return run->driver->cancel(run->worker, err);
}

/* --- what it answered ------------------------------------------------------------ */

/* An answer that ends the batch without a change; err only for what nobody can mend. */
static bool
batch_refused(const Message *message, const Reply *reply, BatchReport *report, Err *err)
{
    const Ask *ask = &message->asks[reply->failed_at];

    if (strcmp(reply->sqlstate, SQLSTATE_FENCED) == 0)
        return fence_lost(err);
    report->end = end_of(ask->label, reply->sqlstate);
    if (report->end != BATCH_POISONED && report->end != BATCH_FAILED)
        return true;
    db_reply_err(reply, ask, err);
    if (strcmp(ask->label, "batch_limits") == 0 && err->kind == ERR_CONNECT)
        err_hint(err,
                 "triggers:skip sets session_replication_role: run with --role and "
                 "a role that may, or leave it out.");
    return false;
}

static bool
batch_repeats(const BatchOrder *order, const BatchReport *report, Err *err)
{
    const Backfill *fill = order->job->fill;

    err_set(
        err, ERR_REFUSED,
        "the backfill of \"%s\" would change rows again and again: of %lld rows just "
        "written, %lld are not done",
        fill->table.name, (long long)report->rows, (long long)report->again);
    err_detail(err, "this batch was rolled back");
    return err_hint(err,
                    "Write a WHERE that is false once a row is done, or look for a "
                    "trigger that changes the value.");
}

/* Only the server knows how many rows a statement of the author's changed. */
static bool
batch_count(Run *run, const BatchOrder *order, const Rows *change, BatchReport *report,
            Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText text = batch_counted(scope, order->job, change->affected);
    const Ask ask = {.label = "batch_counted", .sql = sql_done(&text)};
    Reply reply;

    report->end = BATCH_DONE;
    if (!db_script(scope, run->worker, &ask, 1, &reply, err))
        return false;
    if (reply.rows[0].row_count == 0)
        return fence_lost(err);
    return rows_one(scope, &reply.rows[0], report_columns, REPORT_COLUMNS, report, err);
}

/* Its statements go by its name, its blocks by who it was. */
static bool
renamed_refused(const BatchOrder *order, Err *err)
{
    err_set(err, ERR_REFUSED, "table \"%s\" was renamed in the midst of its backfill",
            order->job->leaf.name);
    err_detail(err, "another one has its name; this batch was rolled back");
    return err_hint(err, "Give the table its name back and run it again.");
}

/* Everything but COMMIT has happened; may it? */
static bool
batch_judge(const BatchOrder *order, const Message *message, const Reply *reply,
            BatchReport *report, Err *err)
{
    const Rows *check = message_rows(message, reply, "batch_check");
    const Rows *change = message_rows(message, reply, "batch_change");
    int columns = order->batch->rows == NULL ? REPORT_COLUMNS : LENGTH(report_columns);

    report->end = BATCH_DONE;
    if (rows_cell(check, 0, "filenode") == NULL ||
        rows_int(check, 0, "filenode") != order->filenode)
    {
        report->end = BATCH_REPLACED;
        return true;
    }
    if (rows_int(check, 0, "named") != order->job->leaf_oid)
        return renamed_refused(order, err);
    if (change->row_count == 0)
        return fence_lost(err);
    if (!rows_one(order->texts, change, report_columns, columns, report, err))
        return false;
    return report->again == 0 || batch_repeats(order, report, err);
}

/* The answer to COMMIT may be lost; then only the progress row knows. */
static bool
batch_close(Run *run, bool commit, BatchReport *report, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Ask ask = {.label = commit ? "commit" : "rollback",
                     .sql = commit ? "COMMIT" : "ROLLBACK"};
    const Script script = {.asks = &ask, .count = 1};
    const Message message = {.asks = {ask}, .count = 1};
    Reply reply = {0};

    if (!run->driver->start(run->worker, &script, err))
        return false;
    if (commit)
        fault_point(FAULT_batch_sent);
    run->driver->finish(run->worker, scope, &reply);
    if (reply.outcome == DB_LOST)
        return db_reply_err(&reply, &ask, err);
    if (reply.outcome == DB_FAILED)
        return batch_refused(&message, &reply, report, err);
    if (commit)
        fault_point(FAULT_batch_after);
    return true;
}

bool
batch_begin(Mem *mem, Run *run, const BatchOrder *order, Flight **begun, Err *err)
{
    double now = clock_now(run->clock);
    Flight *flight = mem_new(mem, Flight);

    *begun = flight;
    *flight = (Flight){.order = order,
                       .mem = mem,
                       .report = {.end = BATCH_FAILED},
                       .waiting = {.looked_ms = now},
                       .began_ms = now};
    message_make(mem, run, order, &flight->message);

    const Script script = {.asks = flight->message.asks,
                           .count = flight->message.count};

    if (!run->driver->start(run->worker, &script, err))
        return false;
    if (order->slice != NULL)
        fault_point(FAULT_slice_sent);
    return true;
}

/*
 * What the server's batches meet, ours will meet too, and know what to do about it: the
 * error of a slice only says that they have to.
 */
static bool
slice_land(Flight *flight, const Reply *reply, Err *err)
{
    BatchReport *report = &flight->report;

    fault_point(FAULT_slice_after);
    if (reply->outcome == DB_DONE)
        return batch_slice_read(flight->order, &reply->rows[0], report, err);
    if (strcmp(reply->sqlstate, SQLSTATE_FENCED) == 0)
        return fence_lost(err);
    report->end = end_of("slice", reply->sqlstate);
    log_line(LOG_LEVEL_DEBUG, "a slice ended with %s: %s", reply->sqlstate,
             reply->message);
    return true;
}

/* The answer is here: COMMIT or ROLLBACK follows from it. */
static bool
flight_land(Run *run, Flight *flight, Err *err)
{
    const Message *message = &flight->message;
    BatchReport *report = &flight->report;
    Reply reply = {0};

    if (flight->waiting.now)
        report->stall_ms = clock_now(run->clock) - flight->waiting.since_ms;
    run->driver->finish(run->worker, flight->mem, &reply);
    if (reply.outcome == DB_LOST)
        return db_reply_err(&reply, message->asks, err);
    if (flight->order->slice != NULL)
        return slice_land(flight, &reply, err);
    if (reply.outcome == DB_FAILED)
        return batch_refused(message, &reply, report, err);
    fault_point(FAULT_batch_open);

    bool good =
        flight->order->job->fill->repeat
            ? batch_count(run, flight->order,
                          message_rows(message, &reply, "batch_change"), report, err)
            : batch_judge(flight->order, message, &reply, report, err);
    Err closing = {0};
    bool closed = batch_close(run, good && report->end == BATCH_DONE, report,
                              good ? err : &closing);

    err_clear(&closing);
    return good && closed;
}

bool
batch_end(Run *run, Flight *flight, BatchReport *report, Err *err)
{
    bool good = flight_land(run, flight, err);

    *report = flight->report;
    if (flight->order->slice == NULL)
        report->took_ms = clock_now(run->clock) - flight->began_ms;
    return good;
}

bool
batch_run(Run *run, const BatchOrder *order, BatchReport *report, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    double period = batch_look_ms(order);
    Flight *flight;

    *report = (BatchReport){.end = BATCH_FAILED};
    if (!batch_begin(scope, run, order, &flight, err))
        return false;
    while (run->driver->wait(&run->worker, 1, clock_now(run->clock) + period, -1) != 0)
        if (!batch_look(run, flight, err))
            return false;
    return batch_end(run, flight, report, err);
}

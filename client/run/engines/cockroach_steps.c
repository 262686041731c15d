/*
 * One statement of a file. What the cluster does as a job of its own is journalled
 * around it; whether an attempt that was never heard of again had done it, the same
 * statement tells when it is sent once more.
 */
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "run/engines/cockroach.h"
#include "run/failure.h"
#include "run/history/history.h"
#include "run/tell.h"

#define WATCH_MS 1000
#define JOBS_REST_MS 500
#define SCHEMA_RESTS 10 /* of a short transaction */

/* Committed, but one of the statement's changes then failed and was not taken back. */
#define HALF_COMMITTED "XXA00"

/* How a statement is sent, by its first word and one that it has. */
typedef struct Manner
{
    const char *word;
    const char *has;    /* NULL: any */
    bool with_record;   /* it commits with its history row */
    const char *before; /* what a second attempt answers when the first had done it */
} Manner;

/* clang-format off */
static const Manner manners[] = {
    {"INSERT", NULL, true, NULL}, {"UPDATE", NULL, true, NULL},
    {"DELETE", NULL, true, NULL}, {"UPSERT", NULL, true, NULL},
    {"SELECT", NULL, true, NULL}, {"WITH",   NULL, true, NULL},
    {"CREATE", NULL, false, "42P07 42710 42P06 42723"},
    {"ALTER",  " RENAME ", false, "42701 42703 42704 42710 42P01 42P07"},
    {"ALTER",  " ADD ",    false, "42701 42710 42P07 42P16"},
    {"ALTER",  " DROP ",   false, "42703 42704"},
    {"ALTER",  NULL, false, ""},
    {"DROP",   NULL, false, "42P01 42703 42704 42883 3F000"},
    {"COMMENT", NULL, false, ""}, {"GRANT", NULL, false, ""},
    {"REVOKE",  NULL, false, ""}, {"ANALYZE", NULL, false, ""},
};
/* clang-format on */

/* A word of any other kind: nobody knows what a second time would do. */
static const Manner *
manner_of(const char *text)
{
    static const Manner other = {.word = ""};

    for (int i = 0; i < LENGTH(manners); i++)
        if (strncasecmp(text, manners[i].word, strlen(manners[i].word)) == 0 &&
            (manners[i].has == NULL || strcasestr(text, manners[i].has) != NULL))
            return &manners[i];
    return &other;
}

/* --- with its record ------------------------------------------------------------- */

static bool
rows_change(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText *texts = mem_array(scope, SqlText, step->sql_count + 1);
    Reply reply;

    for (int i = 0; i < step->sql_count; i++)
    {
        texts[i] = sql_begin(scope, run->caps);
        sql_parsed(&texts[i], step->sql[i]);
    }
    texts[step->sql_count] = record_step(scope, run, step);
    if (cockroach_commit(run, scope, texts, step->sql_count + 1, &reply, err))
        return true;
    if (reply.outcome != DB_FAILED || err->kind != ERR_SQL)
        return false;
    err_clear(err);
    return failure_explain(step, reply.failed_at - 2, &reply, err);
}

/* --- around it ------------------------------------------------------------------- */

/* What the cluster says of its work on the table; none: job is NULL. A server that does
 * not let us ask changes nothing but what we can tell. */
typedef struct Job
{
    char *job;
    double fraction;
    char *doing;
} Job;

static const Column job_columns[] = {
    COLUMN(TEXT, Job, job),
    COLUMN(DOUBLE_OR_MINUS, Job, fraction),
    COLUMN(TEXT_OR_NULL, Job, doing),
};

static bool
job_ask(Run *run, Mem *mem, const Step *step, Job *job, Err *err)
{
    const char *table = step->table.name;
    Job *found = NULL;
    int count = 0;
    Rows rows;

    *job = (Job){.job = NULL};
    if (db_query(mem, run->watcher, "schema_jobs", ARGS(table == NULL ? "" : table),
                 &rows, err) &&
        rows_decode(mem, &rows, job_columns, LENGTH(job_columns), sizeof(Job),
                    (void **)&found, &count, err))
    {
        if (count > 0)
            *job = found[0];
        return true;
    }
    if (err->kind == ERR_LOST)
        return false;
    err_clear(err);
    return true;
}

static void
job_tell(Run *run, const Step *step, const Job *job, double elapsed_ms)
{
    Progress progress = {.doing =
                             job->doing == NULL ? "changing the schema" : job->doing,
                         .fraction = job->fraction < 0 ? 0 : job->fraction,
                         .rows_total = -1,
                         .elapsed_ms = elapsed_ms,
                         .left_ms = -1,
                         .hot_share = -1};
    Event event = {.kind = EVENT_STEP_PROGRESS,
                   .migration = step->migration,
                   .phase = step->phase,
                   .step = step,
                   .progress = &progress};

    if (job->job != NULL)
        tell(run, &event);
}

/* What a killed run left going is waited for: its end decides what the next statement
 * finds. */
static bool
jobs_await(Run *run, const Step *step, Err *err)
{
    double since = clock_now(run->clock);
    bool told = false;

    for (;;)
    {
        MEM_SCOPE(scope, run->mem);
        Job job;

        if (!runner_keep(run, err) || !job_ask(run, scope, step, &job, err))
            return false;
        if (job.job == NULL)
            return true;
        if (!told)
            tell_note(run, EVENT_WAITING_ORPHAN, "job %s of the cluster", job.job);
        told = true;
        if (stop_asked())
            return err_set(err, ERR_STOPPED,
                           "stopped while a schema change of an earlier run goes on");
        if (clock_now(run->clock) - since > (double)run->settings->orphan_patience)
            return err_set(err, ERR_BUSY,
                           "job %s of an earlier run still changes \"%s\"", job.job,
                           step->table.name) ||
                   err_hint(err, "Let it end, or end it: CANCEL JOB %s.", job.job);
        job_tell(run, step, &job, clock_now(run->clock) - since);
        clock_rest(run->clock, JOBS_REST_MS);
    }
}

/* Until the answer is there: the lease is kept, and progress told. */
static bool
statement_watch(Run *run, const Step *step, Err *err)
{
    double since = clock_now(run->clock);
    bool stopped = false;

    for (;;)
    {
        MEM_SCOPE(scope, run->mem);
        double now = clock_now(run->clock);
        Job job;

        if (run->driver->wait(&run->worker, 1, now + WATCH_MS,
                              stopped ? -1 : stop_fd()) == 0)
            return true;
        if (!stopped && stop_asked())
        {
            stopped = true;
            if (!run->driver->cancel(run->worker, err))
                return false;
        }
        if (!runner_keep(run, err) || !job_ask(run, scope, step, &job, err))
            return false;
        job_tell(run, step, &job, clock_now(run->clock) - since);
    }
}

static bool
statement_send(Run *run, Mem *mem, const Step *step, int at, Reply *reply, Err *err)
{
    const Ask ask = {
        .label = "statement", .sql = step->sql[at].text, .data = step->sql[at].data};
    const Script script = {.asks = &ask, .count = 1};

    if (!run->driver->start(run->worker, &script, err))
        return false;
    fault_point(FAULT_alone_sent);
    if (!statement_watch(run, step, err))
        return false;
    run->driver->finish(run->worker, mem, reply);
    return reply->outcome != DB_LOST || db_reply_err(reply, &ask, err);
}

static bool
was_done_before(const Manner *manner, bool begun, const Reply *reply)
{
    return begun && manner->before != NULL &&
           strstr(manner->before, reply->sqlstate) != NULL;
}

/* What the journal says of a statement that failed: nothing, where nothing is left of
 * it; it stays where we cannot know. */
static bool
statement_failed(Run *run, const Step *step, int at, const Reply *reply, Err *err)
{
    bool half = strcmp(reply->sqlstate, HALF_COMMITTED) == 0;
    bool stopped = stop_asked() && strcmp(reply->sqlstate, "57014") == 0;

    if (stopped)
        return err_set(err, ERR_STOPPED,
                       "stopped; a schema change that had begun goes "
                       "on by itself") ||
               err_hint(err, "Run it again: it waits for that, then goes on.");
    if (!half)
        history_forget(run, step);
    failure_explain(step, at, reply, err);
    if (half)
        err->kind = ERR_DIRTY;
    return false;
}

/* Nobody can say whether it was done, and twice would not be the same as once. */
static bool
unknown_refused(const Step *step, Err *err)
{
    failure_dirty(step->migration, err);
    err_detail(err,
               "step %d was sent by a run that was interrupted, and whether it was "
               "done nobody can see: %s",
               step->ordinal, step->title);
    return err_hint(err,
                    "Do the rest by hand, then say where it stands: pgstride mark %s",
                    step->migration->version);
}

/* The loser of a conflict with other changes: nothing is left of it, so it is sent
 * again. */
static bool
restarts(Run *run, const Reply *reply, int tries)
{
    if (!db_conflicted(reply) || tries >= DB_RESTARTS_MOST || stop_asked())
        return false;
    clock_rest(run->clock, SCHEMA_RESTS * db_restart_rest(tries));
    return true;
}

static bool
schema_change(Run *run, const Step *step, Cost *cost, Err *err)
{
    const StepRecord *record = history_of_step(&run->history, step);
    bool begun = record != NULL && !record->done;

    if (begun && !jobs_await(run, step, err))
        return false;
    if (!history_started(run, step, err))
        return false;
    for (int i = 0; i < step->sql_count; i++)
    {
        MEM_SCOPE(scope, run->mem);
        const Manner *manner = manner_of(step->sql[i].text);
        Reply reply = {0};

        if (begun && manner->before == NULL)
            return unknown_refused(step, err);
        do
        {
            cost->tries++;
            if (!runner_still_ours(run, err) ||
                !statement_send(run, scope, step, i, &reply, err))
                return false;
        } while (restarts(run, &reply, cost->tries));
        if (reply.outcome != DB_DONE && !was_done_before(manner, begun, &reply))
            return statement_failed(run, step, i, &reply, err);
    }
    fault_point(FAULT_alone_done);
    return history_done(run, step, err);
}

bool
cockroach_step(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    bool with_record = true;

    (void)progress;
    for (int i = 0; i < step->sql_count; i++)
        with_record = with_record && manner_of(step->sql[i].text)->with_record;
    if (!runner_keep(run, err))
        return false;
    if (!with_record)
        return schema_change(run, step, cost, err);
    cost->tries = 1;
    return rows_change(run, step, err);
}

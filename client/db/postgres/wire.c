/*
 * Sending a script and taking its answer, without ever blocking but in poll().
 *
 * Several statements travel as one simple-protocol message: a lock taken by the first
 * never waits for a packet of ours. When they fail inside a transaction, ROLLBACK
 * follows by itself before the answer counts as whole; the server gave up the locks
 * when it raised the error.
 */
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/utf8.h"
#include "db/postgres/postgres.h"
#include "db/wait.h"

/* --- sending --------------------------------------------------------------------- */

/* Remembers the script: the answer comes when the caller's text may be gone. */
static void
talk_begin(Postgres *pg, const Script *script)
{
    Talk *talk = &pg->talk;

    wire_forget(talk);
    talk->mem = mem_scope_begin(pg);
    talk->count = script->count;
    talk->texts = mem_array(talk->mem, const char *, script->count);
    talk->labels = mem_array(talk->mem, const char *, script->count);
    talk->data = mem_array(talk->mem, const char *, script->count);
    talk->starts = mem_array(talk->mem, int, script->count);
    for (int i = 0; i < script->count; i++)
    {
        talk->texts[i] = mem_copy(talk->mem, script->asks[i].sql);
        talk->labels[i] = mem_copy(talk->mem, script->asks[i].label);
        talk->data[i] = mem_copy(talk->mem, script->asks[i].data);
        log_line(LOG_LEVEL_TRACE, "%s: %s: %s", pg->db.role, talk->labels[i],
                 talk->texts[i]);
    }
    talk->label = talk->labels[0];
    talk->started_ms = clock_now(&clock_real);
}

void
wire_forget(Talk *talk)
{
    for (int i = 0; i < talk->results.count; i++)
        PQclear(talk->results.items[i]);
    TALLOC_FREE(talk->mem);
    memset(talk, 0, sizeof(*talk));
}

/* The line break ends a comment that a statement may end with. */
static const char *
talk_message(Talk *talk)
{
    static const char between[] = "\n;\n";
    Buf message = buf_begin(talk->mem);
    int at = 0;

    if (talk->count == 1)
        return talk->texts[0];
    for (int i = 0; i < talk->count; i++)
    {
        talk->starts[i] = at;
        at += utf8_count(talk->texts[i]) + LENGTH(between) - 1;
        buf_add(&message, talk->texts[i]);
        buf_add(&message, between);
    }
    return message.text;
}

/*
 * A stored query that is asked again is likely to be asked a thousand times, and
 * planning it costs more than running it: from then on the server keeps its plan. Not
 * where a file's SQL runs too, which may DISCARD them. NULL: not for this one.
 */
static StoredPlan *
plan_for(Postgres *pg, const Ask *ask)
{
    if (pg->talk.count > 1 || strncmp(pg->db.role, "worker", 6) == 0 ||
        ask->sql != pg->db.driver->query(&pg->db, ask->label))
        return NULL;
    for (int i = 0; i < pg->plans.count; i++)
        if (strcmp(pg->plans.items[i].label, ask->label) == 0)
            return &pg->plans.items[i];
    list_add(pg, &pg->plans)->label = mem_copy(pg, ask->label);
    return NULL;
}

/* The arguments follow when the server has the text: see talk_goes_on. */
static int
ask_planned(Postgres *pg, const Ask *ask, StoredPlan *plan)
{
    Talk *talk = &pg->talk;
    const char **args = mem_array(talk->mem, const char *, ask->arg_count + 1);

    if (plan->there)
        return PQsendQueryPrepared(pg->conn, plan->label, ask->arg_count, ask->args,
                                   NULL, NULL, 0);
    for (int i = 0; i < ask->arg_count; i++)
        args[i] = mem_copy(talk->mem, ask->args[i]);
    talk->plan = plan;
    talk->args = args;
    talk->arg_count = ask->arg_count;
    return PQsendPrepare(pg->conn, plan->label, ask->sql, 0, NULL);
}

static int
ask_send(Postgres *pg, const Ask *ask)
{
    StoredPlan *plan = plan_for(pg, ask);

    if (plan != NULL)
        return ask_planned(pg, ask, plan);
    if (ask->arg_count == 0)
        return PQsendQuery(pg->conn, talk_message(&pg->talk));
    return PQsendQueryParams(pg->conn, ask->sql, ask->arg_count, NULL, ask->args, NULL,
                             NULL, 0);
}

bool
wire_start(Db *db, const Script *script, Err *err)
{
    Postgres *pg = postgres_of(db);
    const Ask *first = &script->asks[0];

    if (pg->talk.mem != NULL)
        return err_set(err, ERR_INTERNAL, "\"%s\" is asked before \"%s\" was finished",
                       first->label, pg->talk.label);
    for (int i = 0; i < script->count; i++)
        if (script->asks[i].arg_count > 0 && script->count > 1)
            return err_set(err, ERR_INTERNAL,
                           "\"%s\" has arguments and does not travel alone",
                           script->asks[i].label);

    talk_begin(pg, script);
    if (ask_send(pg, first) && PQflush(pg->conn) >= 0)
        return true;

    MEM_SCOPE(scope, NULL);

    wire_forget(&pg->talk);
    return err_set(err, ERR_LOST, "the connection is gone: %s",
                   wire_complaint(scope, pg->conn));
}

/* --- waiting --------------------------------------------------------------------- */

/* The answers so far say which statement of the message it is. */
static const char *
talk_copy_data(const Talk *talk)
{
    return talk->rolls_back || talk->results.count >= talk->count
               ? NULL
               : talk->data[talk->results.count];
}

/* A COPY is given the rows that stand beside it, or none; what one sends has no place
 * to go. libpq keeps what the server is not ready for, and PQflush sends it. */
static void
talk_copy(Postgres *pg, PGresult *result)
{
    const char *rows = talk_copy_data(&pg->talk);
    char *ignored;

    if (PQresultStatus(result) == PGRES_COPY_IN && rows != NULL)
    {
        PQputCopyData(pg->conn, rows, (int)strlen(rows));
        PQputCopyEnd(pg->conn, NULL);
    }
    else if (PQresultStatus(result) == PGRES_COPY_IN)
        PQputCopyEnd(pg->conn, WIRE_COPY_REFUSED);
    if (PQresultStatus(result) == PGRES_COPY_OUT)
        while (PQgetCopyData(pg->conn, &ignored, 0) > 0)
            PQfreemem(ignored);
}

static bool
result_is_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
           status == PGRES_COPY_BOTH;
}

/* The text is planned, or refused: then that is the answer. */
static bool
talk_goes_on(Postgres *pg)
{
    Talk *talk = &pg->talk;
    StoredPlan *plan = talk->plan;

    talk->plan = NULL;
    if (plan == NULL || talk->results.count != 1 ||
        PQresultStatus(talk->results.items[0]) != PGRES_COMMAND_OK)
        return false;
    PQclear(talk->results.items[0]);
    talk->results.count = 0;
    plan->there = true;
    return PQsendQueryPrepared(pg->conn, plan->label, talk->arg_count, talk->args, NULL,
                               NULL, 0) == 1 &&
           PQflush(pg->conn) >= 0;
}

/* Behind the last result: more to send, done, or a transaction to be rolled back. */
static bool
talk_settle(Postgres *pg)
{
    Talk *talk = &pg->talk;

    if (talk_goes_on(pg))
        return false;
    talk->answered = true;
    if (PQtransactionStatus(pg->conn) == PQTRANS_INERROR && !talk->rolls_back)
    {
        talk->rolls_back = PQsendQuery(pg->conn, "ROLLBACK") == 1;
        talk->answered = !talk->rolls_back;
    }
    talk->answered_ms = clock_now(&clock_real);
    return talk->answered;
}

/* Takes what has come, without waiting; true when the answer is whole. */
static bool
talk_pump(Postgres *pg)
{
    Talk *talk = &pg->talk;

    if (talk->answered)
        return true;

    bool flowing = PQflush(pg->conn) >= 0 && PQconsumeInput(pg->conn);

    /* A dead connection still hands out what it had, and then its own obituary. */
    while (!flowing || !PQisBusy(pg->conn))
    {
        PGresult *result = PQgetResult(pg->conn);

        if (result == NULL)
        {
            if (talk_settle(pg))
                return true;
            continue;
        }
        if (result_is_copy(result))
            talk_copy(pg, result);
        if (result_is_copy(result) || talk->rolls_back)
            PQclear(result);
        else
            *list_add(talk->mem, &talk->results) = result;
    }
    return false;
}

/* The answers that are there: index of the first whole one, or -1; fds for the rest. */
static int
wait_look(Db *const *dbs, int count, struct pollfd *fds)
{
    for (int i = 0; i < count; i++)
    {
        Postgres *pg = postgres_of(dbs[i]);

        fds[i] = (struct pollfd){.fd = -1};
        if (pg->talk.mem == NULL)
            continue;
        if (talk_pump(pg))
            return i;
        fds[i].fd = PQsocket(pg->conn);
        fds[i].events = PQflush(pg->conn) > 0 ? POLLIN | POLLOUT : POLLIN;
    }
    return -1;
}

int
wire_wait(Db *const *dbs, int count, double deadline_ms, int wake_fd)
{
    const Waiting waiting = {
        .dbs = dbs, .count = count, .deadline_ms = deadline_ms, .wake_fd = wake_fd};

    return wait_answer(&waiting, wait_look);
}

void
wire_finish(Db *db, Mem *mem, Reply *reply)
{
    static const char *const outcomes[] = {"done", "failed", "lost"};
    Postgres *pg = postgres_of(db);

    memset(reply, 0, sizeof(*reply));
    if (pg->talk.mem == NULL)
    {
        reply->outcome = DB_FAILED;
        reply->message = mem_text(mem, "nothing was asked");
        return;
    }
    while (!talk_pump(pg))
        wire_wait(&db, 1, -1, -1);
    wire_reply(mem, reply, pg);
    log_line(LOG_LEVEL_DEBUG, "%s: %s%s %s in %.1f ms%s%s", db->role, pg->talk.label,
             pg->talk.count > 1 ? " …" : "", outcomes[reply->outcome], reply->took_ms,
             reply->message == NULL ? "" : ": ",
             reply->message == NULL ? "" : reply->message);
    wire_forget(&pg->talk);
}

bool
wire_cancel(Db *db, Err *err)
{
    char why[256];
    PGcancel *cancel = PQgetCancel(postgres_of(db)->conn);
    bool sent = cancel != NULL && PQcancel(cancel, why, sizeof(why));

    PQfreeCancel(cancel);
    if (sent)
        return true;
    return err_set(err, ERR_LOST, "cannot ask the server to cancel: %s",
                   cancel == NULL ? "the connection is gone" : why);
}

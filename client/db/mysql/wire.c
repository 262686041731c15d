/*
 * Sending a script and taking its answer, without ever blocking but in poll().
 *
 * Statements travel one by one, each answered before the next is sent. Where one fails
 * inside a transaction, ROLLBACK follows by itself before the answer counts as whole: a
 * row lock not had in time undoes only its statement here, and the locks of those
 * before it would stay.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "db/mysql/mysql.h"
#include "db/wait.h"

/* --- sending --------------------------------------------------------------------- */

/* Remembers the script: the caller's text may be gone when its turn comes. */
static void
talk_begin(Mysql *my, const Script *script)
{
    Talk *talk = &my->talk;

    mysql_wire_forget(my);
    talk->mem = mem_scope_begin(my);
    talk->count = script->count;
    talk->texts = mem_array(talk->mem, const char *, script->count);
    talk->labels = mem_array(talk->mem, const char *, script->count);
    for (int i = 0; i < script->count; i++)
    {
        talk->texts[i] = arguments_write(talk->mem, &my->caps, &script->asks[i]);
        talk->labels[i] = mem_copy(talk->mem, script->asks[i].label);
        log_line(LOG_LEVEL_TRACE, "%s: %s: %s", my->db.role, talk->labels[i],
                 talk->texts[i]);
    }
    talk->started_ms = clock_now(&clock_real);
}

void
mysql_wire_forget(Mysql *my)
{
    Talk *talk = &my->talk;

    for (int i = 0; i < talk->answers.count; i++)
        mysql_free_result(talk->answers.items[i].result);
    TALLOC_FREE(talk->mem);
    memset(talk, 0, sizeof(*talk));
}

/* --- taking ---------------------------------------------------------------------- */

static bool
in_transaction(const Mysql *my)
{
    return (my->conn->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

static void
talk_end(Talk *talk)
{
    talk->stage = STAGE_OVER;
    talk->answered_ms = clock_now(&clock_real);
}

/* What happens to our own ROLLBACK changes nothing: the server does it anyway when the
 * connection is gone. */
static void
talk_fail(Mysql *my)
{
    Talk *talk = &my->talk;
    unsigned error = mysql_errno(my->conn);

    my->lost = my->lost || mysql_error_is_loss(error);
    if (talk->rolls_back)
    {
        talk_end(talk);
        return;
    }
    talk->error = error;
    snprintf(talk->sqlstate, sizeof(talk->sqlstate), "%s", mysql_sqlstate(my->conn));
    talk->message = mem_copy(talk->mem, mysql_error(my->conn));
    talk->rolls_back = !my->lost && in_transaction(my);
    talk->stage = STAGE_QUERY;
    if (!talk->rolls_back)
        talk_end(talk);
}

static void
statement_over(Mysql *my)
{
    Talk *talk = &my->talk;

    talk->given = 0;
    talk->stage = STAGE_QUERY;
    if (talk->rolls_back || ++talk->at == talk->count)
        talk_end(talk);
}

static bool
take_query(Mysql *my)
{
    Talk *talk = &my->talk;
    bool sent;

    if (!async_query(&my->async, my->conn,
                     talk->rolls_back ? "ROLLBACK" : talk->texts[talk->at], &sent))
        return false;
    talk->stage = STAGE_STORE;
    if (!sent)
        talk_fail(my);
    return true;
}

static bool
take_rows(Mysql *my)
{
    Talk *talk = &my->talk;
    MYSQL_RES *result;

    if (!async_store(&my->async, my->conn, &result))
        return false;
    if (result == NULL && mysql_errno(my->conn) != 0)
    {
        talk_fail(my);
        return true;
    }
    if (talk->rolls_back || talk->given++ > 0)
        mysql_free_result(result);
    else
        *list_add(talk->mem, &talk->answers) =
            (Answer){result, (int64_t)mysql_affected_rows(my->conn)};
    talk->stage = STAGE_NEXT;
    if (!mysql_more_results(my->conn))
        statement_over(my);
    return true;
}

static bool
take_next(Mysql *my)
{
    int next = -1;

    if (!async_next(&my->async, my->conn, &next))
        return false;
    my->talk.stage = STAGE_STORE;
    if (next > 0)
        talk_fail(my);
    else if (next < 0)
        statement_over(my);
    return true;
}

/* Does what can be done without waiting; true when the answer is whole. */
static bool
talk_pump(Mysql *my)
{
    static bool (*const stages[])(Mysql * my) = {
        [STAGE_QUERY] = take_query,
        [STAGE_STORE] = take_rows,
        [STAGE_NEXT] = take_next,
    };

    while (my->talk.stage != STAGE_OVER)
        if (!stages[my->talk.stage](my))
            return false;
    return true;
}

bool
mysql_wire_start(Db *db, const Script *script, Err *err)
{
    Mysql *my = mysql_of(db);

    if (my->talk.mem != NULL)
        return err_set(err, ERR_INTERNAL, "\"%s\" is asked before \"%s\" was finished",
                       script->asks[0].label, my->talk.labels[0]);
    if (my->lost)
        return err_set(err, ERR_LOST, "the connection is gone");
    talk_begin(my, script);
    talk_pump(my);
    return true;
}

/* --- waiting --------------------------------------------------------------------- */

/* The first whole answer, or -1; fds for the rest. */
static int
wait_look(Db *const *dbs, int count, struct pollfd *fds)
{
    for (int i = 0; i < count; i++)
    {
        Mysql *my = mysql_of(dbs[i]);

        fds[i] = (struct pollfd){.fd = -1};
        if (my->talk.mem == NULL)
            continue;
        if (talk_pump(my))
            return i;
        fds[i].fd = async_fd(my->conn);
        fds[i].events = async_events(&my->async);
    }
    return -1;
}

int
mysql_wire_wait(Db *const *dbs, int count, double deadline_ms, int wake_fd)
{
    const Waiting waiting = {
        .dbs = dbs, .count = count, .deadline_ms = deadline_ms, .wake_fd = wake_fd};

    return wait_answer(&waiting, wait_look);
}

/* --- the answer ------------------------------------------------------------------ */

static Rows
rows_take(Mem *mem, const Answer *answer, const char *label)
{
    Rows rows = {.label = mem_copy(mem, label), .affected = answer->affected};
    MYSQL_RES *result = answer->result;
    const char **cell;

    if (result == NULL)
        return rows;
    rows.column_count = (int)mysql_num_fields(result);
    rows.row_count = (int)mysql_num_rows(result);
    rows.names = mem_array(mem, const char *, rows.column_count);
    rows.cells = mem_array(mem, const char *, rows.column_count *rows.row_count);
    for (int i = 0; i < rows.column_count; i++)
        rows.names[i] = mem_copy(mem, mysql_fetch_field(result)->name);
    cell = rows.cells;
    for (int row = 0; row < rows.row_count; row++)
    {
        MYSQL_ROW values = mysql_fetch_row(result);
        const unsigned long *lengths = mysql_fetch_lengths(result);

        for (int i = 0; i < rows.column_count; i++, cell++)
            if (values[i] != NULL)
                *cell = mem_slice(mem, values[i], lengths[i]);
    }
    return rows;
}

/* Of pgstride_runners: the row is another run's. */
static const char fence_constraint[] = "pgstride_fenced";

/* The number is what people look for, so it stays beside the words. */
static void
reply_fail(Mem *mem, Reply *reply, const Mysql *my)
{
    const Talk *talk = &my->talk;

    reply->outcome = DB_FAILED;
    reply->failed_at = talk->at;
    mysql_error_state(talk->error, talk->sqlstate, reply->sqlstate);
    if (strstr(talk->message, fence_constraint) != NULL)
        memcpy(reply->sqlstate, "PS001", sizeof(reply->sqlstate));
    reply->message = secret_scrub(
        mem, mem_text(talk->mem, "%s (error %u)", talk->message, talk->error));
    reply->hint = mysql_error_hint(mem, talk->error, my);
    if (!mysql_error_is_loss(talk->error))
        return;
    reply->outcome = DB_LOST;
    reply->message = mem_text(mem, "the connection is gone: %s", reply->message);
}

static void
reply_fill(Mem *mem, Reply *reply, const Mysql *my)
{
    const Talk *talk = &my->talk;

    reply->rows = mem_array(mem, Rows, talk->answers.count + 1);
    for (int i = 0; i < talk->answers.count && (talk->error == 0 || i < talk->at); i++)
        reply->rows[reply->row_count++] =
            rows_take(mem, &talk->answers.items[i], talk->labels[i]);
    if (talk->error != 0)
        reply_fail(mem, reply, my);
    reply->took_ms = talk->answered_ms - talk->started_ms;
}

void
mysql_wire_finish(Db *db, Mem *mem, Reply *reply)
{
    static const char *const outcomes[] = {"done", "failed", "lost"};
    Mysql *my = mysql_of(db);

    memset(reply, 0, sizeof(*reply));
    if (my->talk.mem == NULL)
    {
        reply->outcome = DB_FAILED;
        reply->message = mem_text(mem, "nothing was asked");
        return;
    }
    while (!talk_pump(my))
        mysql_wire_wait(&db, 1, -1, -1);
    reply_fill(mem, reply, my);
    log_line(LOG_LEVEL_DEBUG, "%s: %s%s %s in %.1f ms%s%s", db->role,
             my->talk.labels[0], my->talk.count > 1 ? " …" : "",
             outcomes[reply->outcome], reply->took_ms,
             reply->message == NULL ? "" : ": ",
             reply->message == NULL ? "" : reply->message);
    mysql_wire_forget(my);
}

/* There is no cancel in the protocol: somebody else has to ask for it. */
bool
mysql_wire_cancel(Db *db, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Mysql *my = mysql_of(db);

    return mysql_connect_beside(
        my, mem_text(scope, "KILL QUERY %lu", mysql_thread_id(my->conn)), err);
}

#include "run/engines/mysql/mysql.h"

#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "core/plan/plan.h"
#include "run/failure.h"
#include "run/history/history.h"
#include "run/history/record.h"
#include "run/tell.h"

/* The row is ours, or the constraint on it ends the transaction: see the tables. */
static SqlText
mysql_guard(Mem *mem, const Run *run)
{
    SqlText sql = sql_begin(mem, run->caps);

    sql_raw(&sql, "UPDATE ");
    sql_own(&sql, "runners");
    sql_raw(&sql, " SET fenced = (run_id <> ");
    sql_string(&sql, run->id);
    sql_raw(&sql, ") WHERE component = ");
    sql_string(&sql, run->settings->component);
    return sql;
}

/* One that is asked to stop is ended on the server too, and rolled back there: left
 * alone it would go on, and hold its locks, for as long as it likes. */
static bool
script_send(Run *run, Mem *mem, const Script *script, Reply *reply, Err *err)
{
    bool asked = false;

    if (!run->driver->start(run->worker, script, err))
        return false;
    while (run->driver->wait(&run->worker, 1, -1, asked ? -1 : stop_fd()) != 0)
        if (!asked && stop_asked())
        {
            Err trouble = {0};

            asked = true;
            if (!run->driver->cancel(run->worker, &trouble))
                tell_note(run, EVENT_NOTE, "the statement runs to its end: %s",
                          trouble.text);
            err_clear(&trouble);
        }
    run->driver->finish(run->worker, mem, reply);
    if (asked && reply->outcome == DB_FAILED)
        return err_set(err, ERR_STOPPED,
                       "asked to stop: the statement was ended on the "
                       "server, and rolled back");
    return reply->outcome == DB_DONE || db_reply_err(reply, script->asks, err);
}

static bool
mysql_ask_rows(Run *run, Mem *mem, const Ask *ask, Reply *reply, Err *err)
{
    return script_send(run, mem, &(Script){ask, 1}, reply, err);
}

/* The next statement of a file may ask for the id that this one was given, and our own
 * rows get ids of their own in between. */
#define IDS_GIVE "SET LAST_INSERT_ID = CAST(COALESCE(@pgstride_last_id, 0) AS UNSIGNED)"
#define IDS_KEEP "SET @pgstride_last_id = LAST_INSERT_ID()"

/* Statements that leave the schema alone commit with their record. */
static bool
transaction_act(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    enum
    {
        BEFORE = 3, /* begin, guard, ids */
        BEHIND = 3  /* ids, record, commit */
    };
    MEM_SCOPE(scope, run->mem);
    SqlText guard = mysql_guard(scope, run);
    SqlText record = record_step(scope, run, step);
    Ask *asks = mem_array(scope, Ask, BEFORE + step->sql_count + BEHIND);
    Reply reply = {0};
    int sent = 0;

    (void)progress;
    cost->tries = 1;
    asks[sent++] = (Ask){.label = "begin", .sql = run->caps->own->begin};
    asks[sent++] = (Ask){.label = "guard", .sql = sql_done(&guard)};
    asks[sent++] = (Ask){.label = "ids_give", .sql = IDS_GIVE};
    for (int i = 0; i < step->sql_count; i++)
        asks[sent++] = (Ask){.label = "statement", .sql = step->sql[i].text};
    asks[sent++] = (Ask){.label = "ids_keep", .sql = IDS_KEEP};
    asks[sent++] = (Ask){.label = "record", .sql = sql_done(&record)};
    asks[sent++] = (Ask){.label = "commit", .sql = "COMMIT"};
    fault_point(FAULT_step_sent);
    if (script_send(run, scope, &(Script){asks, sent}, &reply, err))
        return true;
    if (err->kind == ERR_STOPPED || reply.outcome != DB_FAILED ||
        reply.failed_at < BEFORE || reply.failed_at >= BEFORE + step->sql_count)
        return false;

    ErrKind kind = err->kind;

    err_clear(err);
    failure_explain(step, reply.failed_at - BEFORE, &reply, err);
    err->kind = kind;
    return false;
}

/* Killed behind it, nobody wrote down that it was mended: it is, all the same. */
static bool
mysql_mend(Run *run, const Step *step, SqlText record, Cost *cost, Err *err)
{
    return mysql_try(run, step, &(MysqlText){.sql = step->sql[0].text}, cost, err) &&
           history_write(run, "repair", &record, 1, err);
}

/* clang-format off */
const Engine mysql_engine = {
    .name = "mysql",
    .driver = &mysql_driver,
    .bookkeeping = bookkeeping_mysql,
    .bookkeeping_begin = "",
    .bookkeeping_place = "tables named \"pgstride_...\" of this database",
    .may_write = mysql_may_write,
    .guard = mysql_guard,
    .gather = mysql_gather,
    .rehearse = mysql_classes,
    .looks = &mysql_looks,
    .ask = mysql_ask_rows,
    .mend = mysql_mend,
    .gate = mysql_gate,
    .acts = {
        [STEP_TRANSACTION] = transaction_act, [STEP_ALONE] = mysql_ddl,
        [STEP_BACKFILL] = mysql_fill,
    },
};
/* clang-format on */

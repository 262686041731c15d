#include "core/locks/lock_message.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of the budget, for what follows the last statement: the record and COMMIT. */
#define RESERVE_SHARE 0.1

#define REFUSED_DETAIL "lock %d"

typedef LIST(TryAsk) Asks;

static void
ask_text(Mem *mem, Asks *asks, TryPart part, int index, const char *label,
         const char *sql)
{
    *list_add(mem, asks) =
        (TryAsk){.label = label, .sql = sql, .part = part, .index = index};
}

static void
ask_frame(Mem *mem, Asks *asks, const char *label, const char *sql)
{
    ask_text(mem, asks, TRY_PART_FRAME, 0, label, sql);
}

/* A timeout of the server: 0 would mean none at all. */
static int64_t
timeout_ms(double millis)
{
    return millis < 1 ? 1 : (int64_t)ceil(millis);
}

double
lock_message_budget_ms(double budget_ms)
{
    return budget_ms * (1 - RESERVE_SHARE);
}

/* The two ways a vigil may go: what the statements get is not known before. */
static const char *
vigil_sql(Mem *mem, const TryTerms *terms)
{
    SqlText sql = sql_begin(mem, terms->caps);

    sql_raw(&sql, "SELECT pgstride.await_vigil(");
    sql_int(&sql, timeout_ms(lock_message_budget_ms(terms->hold_ms)));
    sql_raw(&sql, ", ");
    sql_int(&sql, timeout_ms(lock_message_budget_ms(terms->budget_ms)));
    sql_raw(&sql, ")");
    return sql_done(&sql);
}

/* Milliseconds for the statements, as an integer. */
static void
add_budget(SqlText *sql, const TryTerms *terms)
{
    if (terms->hold_ms > 0)
        sql_raw(sql, "pg_catalog.current_setting('pgstride_try.hold')::integer");
    else
        sql_int(sql, timeout_ms(lock_message_budget_ms(terms->budget_ms)));
}

static bool
any_lockable(const TryTerms *terms)
{
    for (int i = 0; i < terms->lock_count; i++)
        if (terms->lockable[i])
            return true;
    return false;
}

static bool
takes_locks(const TryTerms *terms)
{
    return terms->caps->lock_nowait && any_lockable(terms);
}

/* It takes no lock before its statements, and those may take their time. */
static bool
is_free(const TryTerms *terms)
{
    return terms->unlimited && !takes_locks(terms);
}

/*
 * The first clock: a step without locks to take counts from here. The lock loop moves
 * it to where its last attempt began. Nothing but our own asks reads these settings.
 */
static const char *
settings_sql(Mem *mem, const TryTerms *terms)
{
    SqlText sql = sql_begin(mem, terms->caps);

    sql_raw(&sql, "SELECT pgstride.try_begin(");
    sql_millis(&sql, timeout_ms(terms->wait_ms));
    sql_raw(&sql, ", ");
    /* Before 13 the first limit of a message is its last: the statements' has to fit.
     */
    if (is_free(terms))
        sql_millis(&sql, 0);
    else if (terms->hold_ms > 0)
    {
        sql_raw(&sql, "pg_catalog.concat(");
        add_budget(&sql, terms);
        sql_raw(&sql, " OPERATOR(pg_catalog.+) ");
        sql_int(&sql, timeout_ms(terms->wait_ms));
        sql_raw(&sql, ", 'ms')");
    }
    else
        sql_millis(&sql, timeout_ms(terms->wait_ms + terms->budget_ms));
    if (terms->secluded)
        sql_raw(&sql, ", false)");
    else
        sql_raw(&sql, ", true)");
    return sql_done(&sql);
}

/* Its number among those that are locked: how a refusal names it. */
static int
lock_number(const TryTerms *terms, int which)
{
    int number = 0;

    for (int i = 0; i < which; i++)
        number += terms->lockable[i];
    return number;
}

/* --- in the server, where the extension is --------------------------------------- */

static void
lock_array(SqlText *sql, const TryTerms *terms,
           void (*add)(SqlText *sql, const LockNeed *lock))
{
    sql_raw(sql, "ARRAY[");
    for (int i = 0; i < terms->lock_count; i++)
    {
        if (!terms->lockable[i])
            continue;
        if (lock_number(terms, i) > 0)
            sql_raw(sql, ", ");
        add(sql, &terms->locks[i]);
    }
    sql_raw(sql, "]");
}

static void
array_name(SqlText *sql, const LockNeed *lock)
{
    SqlText name = sql_begin(sql->buf.mem, sql->caps);

    sql_qname(&name, &lock->relation);
    sql_string(sql, sql_done(&name));
}

/* "public.t IN SHARE MODE", as LOCK TABLE has it. */
static void
array_lock(SqlText *sql, const LockNeed *lock)
{
    SqlText text = sql_begin(sql->buf.mem, sql->caps);
    const char *mode = lock_mode_sql(lock->mode);

    if (lock->only)
        sql_raw(&text, "ONLY ");
    sql_qname(&text, &lock->relation);
    sql_raw(&text, " IN ");
    sql_raw_bytes(&text, mode, strlen(mode)); /* from our own table of modes */
    sql_raw(&text, " MODE");
    sql_string(sql, sql_done(&text));
}

static void
array_mode(SqlText *sql, const LockNeed *lock)
{
    sql_string(sql, lock_mode_sql(lock->mode));
}

static void
array_alone(SqlText *sql, const LockNeed *lock)
{
    sql_bool(sql, lock->only);
}

/*
 * The server looks before it takes, as often as it can, and what it could not have
 * costs no transaction id. A queue is told how long it may be, and on which of them.
 */
static const char *
lock_extension_sql(Mem *mem, const TryTerms *terms)
{
    SqlText sql = sql_begin(mem, terms->caps);
    bool queue = terms->queue && terms->lockable[terms->queue_on];
    int64_t wait_ms = timeout_ms(terms->wait_ms);

    sql_raw(&sql, "SELECT pg_catalog.set_config('pgstride_try.began', "
                  "extract(epoch FROM l.began)::text, true), "
                  "pg_catalog.set_config('pgstride_try.granted', "
                  "extract(epoch FROM l.granted)::text, true) "
                  "FROM pgstride_server.lock_tables(");
    lock_array(&sql, terms, array_name);
    sql_raw(&sql, "::regclass[], ");
    lock_array(&sql, terms, array_mode);
    sql_raw(&sql, ", ");
    lock_array(&sql, terms, array_alone);
    sql_raw(&sql, ", ");
    sql_int(&sql, terms->queue ? 0 : wait_ms);
    sql_raw(&sql, ", ");
    sql_int(&sql, queue ? wait_ms : 0);
    sql_raw(&sql, ", ");
    sql_int(&sql, queue ? lock_number(terms, terms->queue_on) : 0);
    sql_raw(&sql, ") l");
    return sql_done(&sql);
}

/* --- anywhere else --------------------------------------------------------------- */

/* The server's own loop, see try_lock() of the bookkeeping: where we queue, first. */
static const char *
lock_sql(Mem *mem, const TryTerms *terms)
{
    SqlText sql = sql_begin(mem, terms->caps);
    bool queue = terms->queue && terms->lockable[terms->queue_on];

    sql_raw(&sql, "SELECT pgstride.try_lock(");
    lock_array(&sql, terms, array_lock);
    sql_raw(&sql, ", ");
    sql_int(&sql, queue ? lock_number(terms, terms->queue_on) + 1 : 0);
    sql_raw(&sql, ", ");
    sql_int(&sql, terms->queue && !queue ? 0 : timeout_ms(terms->wait_ms));
    sql_raw(&sql, ", ");
    if (terms->unlimited)
        sql_raw(&sql, "0");
    else
        add_budget(&sql, terms);
    sql_raw(&sql, ")");
    return sql_done(&sql);
}

/*
 * What is left of the budget, for the statement and for any lock it meets on its way.
 * Never 0, which would be no limit; an exhausted budget fails the statement instead.
 * A file may have set timeouts of its own: a promise to others comes before them.
 */
static const char *
arm_sql(Mem *mem, const TryTerms *terms)
{
    SqlText sql = sql_begin(mem, terms->caps);

    if (terms->unlimited)
    {
        sql_raw(&sql, "SELECT pg_catalog.set_config('statement_timeout', '0', true), "
                      "pg_catalog.set_config('lock_timeout', ");
        sql_millis(&sql, timeout_ms(terms->wait_ms));
        sql_raw(&sql, ", true)");
        return sql_done(&sql);
    }
    sql_raw(&sql, "SELECT pg_catalog.set_config('statement_timeout', t.left_ms, true), "
                  "pg_catalog.set_config('lock_timeout', t.left_ms, true) FROM (SELECT "
                  "greatest(1, pg_catalog.floor(");
    add_budget(&sql, terms);
    sql_raw(&sql, " - 1000 * (extract(epoch FROM pg_catalog.clock_timestamp()) - "
                  "pg_catalog.current_setting('pgstride_try.began')::numeric)))::text "
                  "AS left_ms) t");
    return sql_done(&sql);
}

static const char granted_sql[] =
    "SELECT 1000 * (t.granted - t.began) AS queued_ms, "
    "1000 * t.granted AS granted_ms FROM (SELECT "
    "pg_catalog.current_setting('pgstride_try.began')::numeric AS began, "
    "pg_catalog.current_setting('pgstride_try.granted')::numeric AS granted) t";

static const char released_sql[] =
    "SELECT 1000 * extract(epoch FROM pg_catalog.clock_timestamp()) AS released_ms";

/* The history belongs to whoever connected, not to the role of the migration. */
static const char role_sql[] = "SET LOCAL role TO DEFAULT";

static const char role_kept_sql[] = "SELECT pg_catalog.set_config('pgstride_try.role', "
                                    "pg_catalog.current_setting('role'), true)";

static const char role_back_sql[] =
    "SELECT pg_catalog.set_config('role', "
    "pg_catalog.current_setting('pgstride_try.role'), true)";

/* All that is asked before the statements; of whoever connected, too. */
static void
message_begin(Mem *mem, Asks *asks, const TryTerms *terms)
{
    if (terms->in_session)
    {
        ask_frame(mem, asks, "try_role_kept", role_kept_sql);
        ask_frame(mem, asks, "try_role", role_sql);
    }
    if (terms->hold_ms > 0)
        ask_frame(mem, asks, "try_vigil", vigil_sql(mem, terms));
    ask_frame(mem, asks, "try_settings", settings_sql(mem, terms));
    for (int i = 0; i < terms->guard_count; i++)
        ask_text(mem, asks, TRY_PART_GUARD, i, "guard", sql_done(&terms->guards[i]));
    if (takes_locks(terms))
        ask_text(mem, asks, TRY_PART_LOCK, 0, "try_lock",
                 extension_used(terms->caps) ? lock_extension_sql(mem, terms)
                                             : lock_sql(mem, terms));
    if (terms->in_session)
        ask_frame(mem, asks, "try_role_back", role_back_sql);
}

/* What is said of the release is a transaction of its own: all that follows COMMIT. */
static void
message_end(Mem *mem, Asks *asks, const TryTerms *terms)
{
    bool clocks = !terms->secluded && terms->released == NULL;

    if (clocks)
        ask_frame(mem, asks, "try_granted", granted_sql);
    ask_frame(mem, asks, "commit", "COMMIT");
    if (clocks)
        ask_frame(mem, asks, "try_released", released_sql);
    if (terms->released == NULL)
        return;
    ask_frame(mem, asks, "released_role", role_sql);
    ask_frame(mem, asks, "released", sql_done(terms->released));
}

TryMessage
lock_message(Mem *mem, const TryTerms *terms)
{
    Asks asks = {0};
    bool armed = is_free(terms) || (takes_locks(terms) && !extension_used(terms->caps));

    /* The modes are said, not left to the database's defaults: a snapshot older than
     * the lock would not see what was committed while we queued. */
    ask_frame(mem, &asks, "begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    message_begin(mem, &asks, terms);
    for (int i = 0; i < terms->statement_count; i++)
    {
        if (i > 0 || !armed)
            ask_frame(mem, &asks, "try_arm", arm_sql(mem, terms));
        ask_text(mem, &asks, TRY_PART_STATEMENT, i, "step", terms->statements[i].text);
        asks.items[asks.count - 1].data = terms->statements[i].data;
    }
    if (terms->record_count > 0)
        ask_frame(mem, &asks, "try_role", role_sql);
    for (int i = 0; i < terms->record_count; i++)
        ask_text(mem, &asks, TRY_PART_RECORD, i, "record",
                 sql_done(&terms->records[i]));
    message_end(mem, &asks, terms);
    return (TryMessage){.asks = asks.items, .count = asks.count};
}

TryMessage
lock_nudge_message(Mem *mem, const Caps *caps, const Holder *vacuum, double wait_ms)
{
    Asks asks = {0};
    SqlText settings = sql_begin(mem, caps);
    SqlText sql = sql_begin(mem, caps);

    sql_raw(&settings, "SELECT pg_catalog.set_config('lock_timeout', ");
    sql_millis(&settings, timeout_ms(wait_ms));
    sql_raw(&settings,
            ", true), pg_catalog.set_config('statement_timeout', '0', true)");
    sql_raw(&sql, "LOCK TABLE ");
    /* It may work on a partition: the name is the server's own, quoted by it. */
    sql_parsed(&sql, (SqlParsed){.text = vacuum->relation});
    sql_raw(&sql, " IN SHARE UPDATE EXCLUSIVE MODE");
    ask_frame(mem, &asks, "begin", "BEGIN");
    ask_frame(mem, &asks, "nudge_settings", sql_done(&settings));
    ask_text(mem, &asks, TRY_PART_LOCK, 0, "nudge", sql_done(&sql));
    ask_frame(mem, &asks, "commit", "COMMIT");
    return (TryMessage){.asks = asks.items, .count = asks.count};
}

int
lock_message_refused(const TryTerms *terms, const char *detail)
{
    int number = -1;

    if (detail == NULL || sscanf(detail, REFUSED_DETAIL, &number) != 1)
        return -1;
    for (int i = 0; i < terms->lock_count; i++)
        if (terms->lockable[i] && number-- == 0)
            return i;
    return -1;
}

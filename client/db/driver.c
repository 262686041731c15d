#include "db/driver.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stop.h"

/* How often an upkeep is asked whether it is time. */
#define KEEP_LOOK_MS 1000

/* Doubled with each try: the last rest is of about half a second. */
#define RESTART_REST_MS 4

/* What an SQLSTATE (or its first characters) means for the caller's next step. */
typedef struct Meaning
{
    const char *sqlstate;
    ErrKind kind;
} Meaning;

/* clang-format off */
static const Meaning meanings[] = {
    {"55P03", ERR_BUSY},    /* lock_not_available */
    {"57014", ERR_BUSY},    /* statement_timeout, or cancelled by somebody */
    {"40P01", ERR_BUSY},    /* deadlock: we were the victim */
    {"40001", ERR_BUSY},    /* serialization failure */
    {"55006", ERR_BUSY},    /* object in use */
    {"42501", ERR_CONNECT}, /* insufficient privilege */
    {"25006", ERR_CONNECT}, /* read-only: a standby */
    {"40003", ERR_LOST},    /* whether it was done, the server does not know */
    {"57P0",  ERR_LOST},    /* shut down, crashed, terminated */
    {"25P03", ERR_LOST},    /* idle in transaction for too long */
    {"08",    ERR_LOST},    /* connection exceptions */
    {"PS001", ERR_REFUSED}, /* raised by pgstride itself: the fence is another run's */
};
/* clang-format on */

static ErrKind
sqlstate_kind(const char *sqlstate)
{
    for (int i = 0; i < LENGTH(meanings); i++)
        if (strncmp(sqlstate, meanings[i].sqlstate, strlen(meanings[i].sqlstate)) == 0)
            return meanings[i].kind;
    return ERR_SQL;
}

/* The server's own words, beside the kind that was understood. */
static bool
err_from_reply(Err *err, ErrKind kind, const Reply *reply)
{
    err_set(err, kind, "%s", reply->message);
    memcpy(err->sqlstate, reply->sqlstate, sizeof(err->sqlstate));
    if (reply->detail != NULL)
        err_detail(err, "%s", reply->detail);
    if (reply->context != NULL)
        err_detail(err, "%s", reply->context);
    if (reply->hint != NULL)
        err_hint(err, "%s", reply->hint);
    return false;
}

bool
db_reply_err(const Reply *reply, const Ask *asks, Err *err)
{
    switch (reply->outcome)
    {
    case DB_DONE:
        return err_set(err, ERR_INTERNAL, "\"%s\" was done, and taken for a failure",
                       asks[0].label);
    case DB_FAILED:
        return err_from_reply(err, sqlstate_kind(reply->sqlstate), reply);
    case DB_LOST:
        break;
    }
    return err_from_reply(err, ERR_LOST, reply);
}

bool
db_conflicted(const Reply *reply)
{
    return reply->outcome == DB_FAILED && strcmp(reply->sqlstate, "40001") == 0;
}

/* At least half of it; the rest by chance, or two losers would meet again. */
Millis
db_restart_rest(int tries)
{
    Millis most = RESTART_REST_MS << tries;
    uint16_t chance = 0;

    if (getentropy(&chance, sizeof(chance)) != 0)
        return most;
    return most / 2 + most * chance / 2 / UINT16_MAX;
}

/*
 * Where every transaction is serializable, the loser of a conflict is told to begin
 * again: its script was a whole transaction, and nothing of it is left.
 */
static bool
script_restarts(const Db *db, const Reply *reply, int tries)
{
    if (!db->caps->restarts || !db_conflicted(reply) || tries == DB_RESTARTS_MOST)
        return false;
    log_line(LOG_LEVEL_INFO, "%s: lost to another transaction (try %d of %d): %s",
             db->role, tries, DB_RESTARTS_MOST, reply->message);
    clock_rest(&clock_real, db_restart_rest(tries));
    return true;
}

static bool
script_failed(const Db *db, const Reply *reply, const Ask *asks, Err *err)
{
    db_reply_err(reply, asks, err);
    if (!db->caps->restarts || !db_conflicted(reply))
        return false;
    err_detail(err, "tried %d times: others changed the same rows each time",
               DB_RESTARTS_MOST);
    return err_hint(err, "Nothing of it is left: run it again when less is written.");
}

/* A stop leaves a question as much time as any other look: most are answered by then.
 */
static bool
answer_await(Mem *mem, Db *db, Reply *reply, Err *err)
{
    const Upkeep *upkeep = &db->upkeep;
    double began = clock_now(&clock_real);
    Err ignored = {0};

    while (upkeep->keep != NULL && (upkeep->heeds_stop || !stop_asked()))
    {
        bool stopped = stop_asked();
        double now = clock_now(&clock_real);

        if (db->driver->wait(&db, 1, now + KEEP_LOOK_MS, stopped ? -1 : stop_fd()) == 0)
            return true;
        now = clock_now(&clock_real);
        if (stopped != stop_asked() || upkeep->keep(upkeep->what, db, now - began, err))
            continue;
        db->driver->cancel(db, &ignored);
        err_clear(&ignored);
        db->driver->finish(db, mem, reply);
        return false;
    }
    return true;
}

bool
db_script(Mem *mem, Db *db, const Ask *asks, int count, Reply *reply, Err *err)
{
    const Script script = {.asks = asks, .count = count};
    int tries = 0;

    do
    {
        memset(reply, 0, sizeof(*reply));
        if (!db->driver->start(db, &script, err) || !answer_await(mem, db, reply, err))
            return false;
        db->driver->finish(db, mem, reply);
        tries++;
    } while (script_restarts(db, reply, tries));
    return reply->outcome == DB_DONE || script_failed(db, reply, asks, err);
}

bool
db_query(Mem *mem, Db *db, const char *label, const char *const *args, int arg_count,
         Rows *rows, Err *err)
{
    const Ask ask = {.label = label,
                     .sql = db->driver->query(db, label),
                     .arg_count = arg_count,
                     .args = args};
    Reply reply;

    if (ask.sql == NULL)
        return err_set(err, ERR_INTERNAL, "no query \"%s\" is stored for %s %s", label,
                       db->caps->product, db->caps->version_text);
    if (!db_script(mem, db, &ask, 1, &reply, err)) /* whose it is tells who failed */
        return err->kind == ERR_SQL ? err_detail(err, "in query \"%s\"", label) : false;
    *rows = reply.rows[reply.row_count - 1];
    return true;
}

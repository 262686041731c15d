/*
 * Is there a pooler that hands our statements to one backend after the other?
 *
 * A pooler gives a connection a process id of its own, so a backend that answers with
 * another one is behind a pooler. In session mode that is harmless. In transaction mode
 * settings and advisory locks stay behind in a backend that is somebody else's next, so
 * no promise could be kept: refused.
 */
#include "base/log.h"
#include "db/postgres/postgres.h"

enum
{
    POOLER_ROUNDS = 4,
    POOLER_PATIENCE_MS = 1000
};

static const Ask ask_begin[] = {
    {.label = "pooler_begin", .sql = "BEGIN"},
    {.label = "pooler_backend", .sql = "SELECT pg_catalog.pg_backend_pid() AS pid"},
};
static const Ask ask_end = {.label = "pooler_end", .sql = "ROLLBACK"};

static const char pooler_hint[] =
    "Connect to the server itself, or to a pool in session mode: locks and settings "
    "must stay with the connection.";

static bool
pooler_refused(int64_t first, int64_t other, Err *err)
{
    err_set(err, ERR_REFUSED,
            "this connection goes through a pooler in transaction mode");
    if (first == other)
        err_detail(err, "backend %lld answers on two connections at once",
                   (long long)first);
    else
        err_detail(err, "backends %lld and %lld answer on the same connection",
                   (long long)first, (long long)other);
    return err_hint(err, "%s", pooler_hint);
}

/*
 * Holds a backend through the second connection. In session mode a small pool may have
 * none to give while the first connection keeps its own: no answer is an answer too.
 */
static bool
backend_hold(Db *second, int64_t *pid, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const Script script = {.asks = ask_begin, .count = LENGTH(ask_begin)};
    Reply reply;

    *pid = 0;
    if (!second->driver->start(second, &script, err))
        return false;
    if (second->driver->wait(&second, 1, clock_now(&clock_real) + POOLER_PATIENCE_MS,
                             -1) < 0)
        return true;
    second->driver->finish(second, scope, &reply);
    if (reply.outcome != DB_DONE)
    {
        err_set(err, ERR_REFUSED,
                "this connection goes through a pooler that lets no "
                "transaction through");
        err_detail(err, "%s", reply.message);
        return err_hint(err, "%s", pooler_hint);
    }
    *pid = rows_int(&reply.rows[1], 0, "pid");
    return true;
}

/* While the second connection holds a backend, does the first keep its own? */
static bool
pooler_round(Postgres *pg, Db *second, int64_t *pid, bool *free, Err *err)
{
    MEM_SCOPE(scope, NULL);
    int64_t held;
    Reply reply;

    if (!backend_hold(second, &held, err))
        return false;
    *free = held == 0;
    if (*free)
        return true;
    if (held == *pid)
        return pooler_refused(*pid, held, err);
    if (!db_script(scope, &pg->db, &ask_begin[1], 1, &reply, err))
        return false;
    if (rows_int(&reply.rows[0], 0, "pid") != *pid)
        return pooler_refused(*pid, rows_int(&reply.rows[0], 0, "pid"), err);
    return db_script(scope, second, &ask_end, 1, &reply, err);
}

bool
pooler_check(Postgres *pg, const Target *target, const SessionPlan *plan, Err *err)
{
    MEM_SCOPE(scope, NULL);
    int64_t pid = pg->backend_pid;
    Postgres *second;
    bool free = false;

    if (pid == PQbackendPID(pg->conn))
        return true;
    log_line(LOG_LEVEL_INFO, "%s: connected through a pooler", pg->db.role);
    second = postgres_new(scope, plan);
    second->caps = pg->caps;
    if (!connect_open(second, target, plan, err))
        return false;
    for (int round = 0; round < POOLER_ROUNDS && !free; round++)
        if (!pooler_round(pg, &second->db, &pid, &free, err))
            return false;
    return true;
}

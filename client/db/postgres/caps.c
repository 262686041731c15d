/*
 * What kind of server answered, and what it can do. Whatever only looks like PostgreSQL
 * is refused here, before anything was changed.
 */
#include <stdio.h>
#include <string.h>

#include "base/stop.h"
#include "db/cockroach/cockroach.h"

enum
{
    OLDEST = 110000, /* below: no procedures, no fast defaults */
};

typedef struct Stranger
{
    const char *sign; /* in version(), or in what it announces on connecting */
    const char *product;
} Stranger;

static const Stranger strangers[] = {
    {"-YB-", "YugabyteDB"},
    {"YugabyteDB", "YugabyteDB"},
    {"Redshift", "Amazon Redshift"},
    {"Greenplum", "Greenplum"},
    {"Cloudberry", "Apache Cloudberry"},
    {"Materialize", "Materialize"},
    {"RisingWave", "RisingWave"},
    {"QuestDB", "QuestDB"},
};

static bool
stranger_refused(const char *said, Err *err)
{
    for (int i = 0; said != NULL && i < LENGTH(strangers); i++)
        if (strstr(said, strangers[i].sign) != NULL)
        {
            err_set(err, ERR_REFUSED, "this server is %s, not PostgreSQL",
                    strangers[i].product);
            return err_hint(err, "It speaks PostgreSQL's protocol, but locks and "
                                 "changes tables in its own way: nothing was done.");
        }
    return true;
}

/* Known from the first packet on, so that no query of ours can fail on a stranger. */
static bool
greeting_check(PGconn *conn, Err *err)
{
    const char *version = PQparameterStatus(conn, "server_version");

    if (!stranger_refused(version, err))
        return false;
    if (PQserverVersion(conn) >= OLDEST)
        return true;
    err_set(err, ERR_REFUSED, "PostgreSQL %s is too old",
            version == NULL ? "of an unknown version" : version);
    return err_hint(err, "pgstride needs PostgreSQL 11 or newer.");
}

static void
caps_fill(Caps *caps, PGconn *conn)
{
    int version = PQserverVersion(conn);
    const char *text = PQparameterStatus(conn, "server_version");

    *caps = (Caps){
        .engine = "postgres",
        .product = "PostgreSQL",
        .version = version,
        .ident_quote = '"',
        .ddl_in_transaction = true,
        .concurrent_index = true,
        .lock_nowait = true,
        .skip_locked = true,
        .session_lock = true,
        .sync_trigger = true,
        .tid_range_scan = version >= 140000,
        .connection_check = version >= 140000,
        .not_null_not_valid = version >= 180000,
    };
    /* "15.18 (Debian 15.18-0+deb12u1)": the number alone. */
    snprintf(caps->version_text, sizeof(caps->version_text), "%.*s",
             (int)strcspn(text, " "), text);
}

/* The first question has a limit: a pooler with no backend to give keeps silent. */
bool
server_ask(Postgres *pg, const SessionPlan *plan, Reply *reply, Err *err)
{
    const Ask ask = {.label = "server", .sql = pg->db.driver->query(&pg->db, "server")};
    const Script script = {.asks = &ask, .count = 1};
    double until = clock_now(&clock_real) + (double)connect_timeout(plan);
    Db *db = &pg->db;

    if (!wire_start(db, &script, err))
        return false;
    if (wire_wait(&db, 1, until, stop_fd()) == 0)
    {
        wire_finish(db, pg, reply);
        return reply->outcome == DB_DONE || db_reply_err(reply, &ask, err);
    }
    if (stop_asked())
        return err_set(err, ERR_STOPPED, "stopped while connecting");
    err_set(err, ERR_CONNECT, "connected, but nothing answers within %.1f s",
            (double)connect_timeout(plan) / 1000.0);
    return err_hint(err, "A pooler may have no connection left for us: pgstride needs "
                         "three.");
}

bool
server_meet(Postgres *pg, const SessionPlan *plan, bool *cockroach, Err *err)
{
    const char *product;
    Reply reply;

    *cockroach = cockroach_greets(pg->conn);
    if (*cockroach)
        return true;
    if (!greeting_check(pg->conn, err))
        return false;
    caps_fill(&pg->caps, pg->conn);
    if (!server_ask(pg, plan, &reply, err))
        return false;
    pg->backend_pid = rows_int(&reply.rows[0], 0, "backend_pid");
    product = rows_cell(&reply.rows[0], 0, "product");
    *cockroach = cockroach_named(product);
    return stranger_refused(product, err);
}

/* That it is there, and open to us: one of the run's connections asks it for more. */
static void
extension_note(Extension *extension, const Rows *rows)
{
    const char *version = rows_cell(rows, 0, "extension");

    *extension = (Extension){.state = EXTENSION_NONE};
    if (version == NULL)
        return;
    snprintf(extension->version, sizeof(extension->version), "%s", version);
    snprintf(extension->user, sizeof(extension->user), "%s",
             rows_cell(rows, 0, "user"));
    extension->state =
        rows_bool(rows, 0, "extension_open") ? EXTENSION_UNASKED : EXTENSION_CLOSED;
}

bool
caps_read(Postgres *pg, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Rows rows;

    if (!db_query(scope, &pg->db, "caps", NO_ARGS, &rows, err))
        return false;
    pg->caps.in_recovery = rows_bool(&rows, 0, "in_recovery");
    pg->caps.sees_all_activity = rows_bool(&rows, 0, "sees_all_activity");
    pg->user = mem_copy(pg, rows_cell(&rows, 0, "user"));
    extension_note(&pg->caps.extension, &rows);
    return true;
}

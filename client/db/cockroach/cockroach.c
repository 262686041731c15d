/*
 * CockroachDB: PostgreSQL's conversation (db/postgres connects and talks), other
 * settings, other questions. It has no locks that live with a session, and a schema
 * change is a job that no transaction takes back.
 */
#include <stdio.h>
#include <string.h>

#include "db/cockroach/cockroach.h"
#include "db/embedded.h"

enum
{
    OLDEST = 250100, /* below: no DO, by which a run that was replaced is stopped */
};

static const OwnSql own_cockroach = {
    .prefix = "pgstride.",
    .now = "clock_timestamp()",
    .uuid = "::uuid",
    .begin = "BEGIN",
    .hasty = "",
    .user = "current_user",
    .age_ms =
        "CAST(1000 * extract(epoch FROM clock_timestamp() - started_at) AS integer)",
    .on_conflict = true,
};

/* --- stored queries -------------------------------------------------------------- */

/* Questions that both answer alike have one text. */
static const char *const as_postgres[] = {
    "bookkeeping_version",
    "control_pause",
    "control_resume",
    "deeds_kept",
    "events",
    "fence_take",
    "foreign_atlas",
    "foreign_atlas_beside",
    "history_backfills",
    "history_migrations",
    "history_phases",
    "history_steps",
    "history_steps_open",
    "run_begin",
    "set_aside",
    "since_backfilled",
    "steps_elsewhere",
};

static const char *
cockroach_query(const Db *db, const char *label)
{
    for (const Embedded *query = cockroach_queries; query->name != NULL; query++)
        if (strcmp(query->name, label) == 0)
            return query->text;
    for (int i = 0; i < LENGTH(as_postgres); i++)
        if (strcmp(as_postgres[i], label) == 0)
            return postgres_query(db, label);
    return NULL;
}

/* --- who answers ----------------------------------------------------------------- */

static bool
stranger_refused(const char *said, Err *err)
{
    bool yugabyte = strstr(said, "-YB-") != NULL || strstr(said, "Yugabyte") != NULL;

    err_set(err, ERR_REFUSED, "this server is %s, not CockroachDB",
            yugabyte                               ? "YugabyteDB"
            : strncmp(said, "PostgreSQL", 10) == 0 ? "PostgreSQL"
                                                   : "something else");
    err_detail(err, "it calls itself %s", said);
    return err_hint(err, yugabyte ? "pgstride does not speak its dialect: nothing was "
                                    "done."
                                  : "Give its address as postgres://...: nothing was "
                                    "done.");
}

bool
cockroach_greets(PGconn *conn)
{
    return PQparameterStatus(conn, "crdb_version") != NULL;
}

bool
cockroach_named(const char *product)
{
    return product != NULL && strncmp(product, "CockroachDB", 11) == 0;
}

/* "CockroachDB CCL v25.4.1 (x86_64-pc-linux-gnu, built 2025/11/18 ...)" */
static bool
version_read(const char *said, Caps *caps, Err *err)
{
    const char *text = strstr(said, " v");
    int major = 0;
    int minor = 0;
    int patch = 0;

    if (!cockroach_named(said))
        return stranger_refused(said, err);
    if (text != NULL)
        sscanf(text, " v%d.%d.%d", &major, &minor, &patch);
    caps->version = major * 10000 + minor * 100 + patch;
    snprintf(caps->version_text, sizeof(caps->version_text), "%d.%d.%d", major, minor,
             patch);
    if (caps->version >= OLDEST)
        return true;
    err_set(err, ERR_REFUSED, "CockroachDB %s is too old", caps->version_text);
    return err_hint(err, "pgstride needs CockroachDB 25.1 or newer.");
}

static bool
cockroach_meet(Postgres *pg, const SessionPlan *plan, Err *err)
{
    Reply reply;

    pg->caps = (Caps){
        .engine = "cockroach",
        .product = "CockroachDB",
        .ident_quote = '"',
        .quotes_names = true,
        .own = &own_cockroach,
        .plain_path = true,
        .lock_leased = true,
        .restarts = true,
        .sees_all_activity = true, /* its own jobs: all that is asked for */
    };
    if (!server_ask(pg, plan, &reply, err))
        return false;
    pg->backend_pid = rows_int(&reply.rows[0], 0, "backend_pid");
    return version_read(rows_cell(&reply.rows[0], 0, "product"), &pg->caps, err);
}

static bool
cockroach_pin(Postgres *pg, const SessionPlan *plan, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Rows rows;

    if (!db_query(scope, &pg->db, "session_pins", NO_ARGS, &rows, err) ||
        !session_become(pg, plan, err) ||
        !db_query(scope, &pg->db, "caps", NO_ARGS, &rows, err))
        return false;
    pg->user = mem_copy(pg, rows_cell(&rows, 0, "user"));
    return true;
}

bool
cockroach_begin(Postgres *pg, const SessionPlan *plan, Err *err)
{
    pg->db.driver = &cockroach_driver;
    return cockroach_meet(pg, plan, err) && cockroach_pin(pg, plan, err);
}

/* --- the driver ------------------------------------------------------------------ */

static bool
cockroach_open(Mem *mem, const Target *target, const SessionPlan *plan, Db **db,
               Err *err)
{
    Postgres *pg = postgres_new(mem, plan);

    if (!connect_open(pg, target, plan, err) || !cockroach_begin(pg, plan, err))
    {
        talloc_free(pg);
        return false;
    }
    *db = &pg->db;
    return true;
}

const Driver cockroach_driver = {
    .engine = "cockroach",
    .open = cockroach_open,
    .start = wire_start,
    .wait = wire_wait,
    .finish = wire_finish,
    .cancel = wire_cancel,
    .backend_id = postgres_backend_id,
    .query = cockroach_query,
    .close = postgres_close,
};

/*
 * Settings that our promises rest on, whatever the role's or the database's defaults
 * are. Sent once, as one message, before anything else.
 */
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "db/postgres/postgres.h"

typedef struct Pin
{
    const char *name;
    const char *value;
    int since;           /* server_version_num that knows it; 0: all */
    bool optional;       /* not on every platform: do without */
    const char *watcher; /* of the session in that role, else; NULL: the same */
} Pin;

/*
 * TimeZone and extra_float_digits stay as the application has them: a backfill that
 * casts to text must write what the application would. Time limits are ours to set, per
 * step, in its transaction. A client that is stopped or cut off in the middle of a
 * batch gives its row locks back after a minute at the latest. The vigil that the
 * watcher keeps over a step must outlive the client for as long as that step does.
 */
/* clang-format off */
static const Pin pins[] = {
    {"standard_conforming_strings",         "on",             0,      false, NULL},
    {"row_security",                        "off",            0,      false, NULL},
    {"statement_timeout",                   "0",              0,      false, NULL},
    {"lock_timeout",                        "0",              0,      false, NULL},
    {"idle_in_transaction_session_timeout", "60s",            0,      false, NULL},
    {"idle_session_timeout",                "0",              140000, false, NULL},
    {"transaction_timeout",                 "0",              170000, false, NULL},
    {"default_transaction_isolation",       "read committed", 0,      false, NULL},
    {"DateStyle",                           "ISO",            0,      false, NULL},
    {"IntervalStyle",                       "postgres",       0,      false, NULL},
    {"client_connection_check_interval",    "2s",             140000, true,  "0"},
};
/* clang-format on */

static bool
session_say(Postgres *pg, const char *label, const char *sql, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const Ask ask = {.label = label, .sql = sql};
    Reply reply;

    return db_script(scope, &pg->db, &ask, 1, &reply, err);
}

/*
 * The server's own operators before anybody else's, also where the role's search path
 * lists pg_catalog behind other schemas: our queries and the file's mean what they say.
 */
static const char operators_first[] =
    "SELECT pg_catalog.set_config('search_path', pg_catalog.concat('pg_catalog, ', "
    "pg_catalog.current_setting('search_path')), false) WHERE "
    "pg_catalog.array_position(pg_catalog.current_schemas(true), 'pg_catalog'::name) "
    "OPERATOR(pg_catalog.>) 1;\n";

static const char *
pin_value(const Postgres *pg, const Pin *pin)
{
    bool watches = strcmp(pg->db.role, "watcher") == 0;

    return watches && pin->watcher != NULL ? pin->watcher : pin->value;
}

static bool
pin_required(Postgres *pg, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Buf sql = buf_begin(scope);

    for (int i = 0; i < LENGTH(pins); i++)
        if (!pins[i].optional && pg->caps.version >= pins[i].since)
            buf_format(&sql, "SET %s = '%s';\n", pins[i].name, pin_value(pg, &pins[i]));
    buf_add(&sql, operators_first);
    return session_say(pg, "session_pins", sql.text, err);
}

static bool
pin_optional(Postgres *pg, Err *err)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(pins); i++)
    {
        if (!pins[i].optional || pg->caps.version < pins[i].since)
            continue;

        const char *sql =
            mem_text(scope, "SET %s = '%s'", pins[i].name, pin_value(pg, &pins[i]));

        if (session_say(pg, "session_pin", sql, err))
            continue;
        if (err->kind == ERR_LOST)
            return false;
        log_line(LOG_LEVEL_DEBUG, "%s: without %s: %s", pg->db.role, pins[i].name,
                 err->text);
        err_clear(err);
        pg->caps.connection_check = false;
    }
    return true;
}

bool
session_become(Postgres *pg, const SessionPlan *plan, Err *err)
{
    const char *role = plan->set_role;

    if (role == NULL)
        return true;

    MEM_SCOPE(scope, NULL);
    char *quoted = PQescapeIdentifier(pg->conn, role, strlen(role));

    if (quoted == NULL)
        return err_set(err, ERR_USAGE, "\"%s\" cannot be a role's name", role);

    const char *sql = mem_text(scope, "SET ROLE %s", quoted);

    PQfreemem(quoted);
    if (session_say(pg, "set_role", sql, err))
        return true;
    err_hint(err, "--role needs a role that the login is a member of.");
    if (err->kind == ERR_SQL)
        err->kind = ERR_CONNECT;
    return err_in(err, "cannot become role \"%s\"", role);
}

bool
session_pin(Postgres *pg, const SessionPlan *plan, Err *err)
{
    return pin_required(pg, err) && pin_optional(pg, err) &&
           session_become(pg, plan, err);
}

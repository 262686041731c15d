/*
 * Finding the server: libpq knows the environment, service files, .pgpass, TLS and
 * several hosts; here are only the clock, Ctrl-C, and what must hold for every session.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/stop.h"
#include "db/postgres/postgres.h"

enum
{
    CONNECT_TIMEOUT_MS = 10000, /* when nobody said */
    STARTING_REST_MS = 200,
    PARAMETER_MAX = 16
};

typedef struct Parameters
{
    const char *names[PARAMETER_MAX + 1];
    const char *values[PARAMETER_MAX + 1];
    int count;
} Parameters;

static void
parameter_add(Parameters *parameters, const char *name, const char *value)
{
    if (parameters->count == PARAMETER_MAX)
        return;
    parameters->names[parameters->count] = name;
    parameters->values[parameters->count++] = value;
}

/* --- the string --------------------------------------------------------------------
 */

/* libpq quotes the piece that it did not understand, and that may be half a password.
 */
static char *
parse_complaint(Mem *mem, const char *said, bool has_password)
{
    char *text = secret_scrub(mem, said);
    bool inside = false;

    text[strcspn(text, "\n")] = '\0';
    for (char *c = text; has_password && *c != '\0'; c++)
    {
        inside = inside != (*c == '"');
        if (inside && *c != '"')
            *c = '*';
    }
    return text;
}

static bool
option_given(const PQconninfoOption *options, const char *name, const char **value)
{
    for (; options != NULL && options->keyword != NULL; options++)
        if (strcmp(options->keyword, name) == 0 && options->val != NULL)
        {
            *value = options->val;
            return true;
        }
    return false;
}

static bool
is_connection_string(const char *given)
{
    return strchr(given, '=') != NULL || strstr(given, "://") != NULL;
}

/*
 * Several hosts and no word about which one is meant: the primary. One host alone may
 * be a standby, to look at.
 */
static bool
wants_primary(const PQconninfoOption *options)
{
    const char *value = getenv("PGHOST");

    if (option_given(options, "target_session_attrs", &value) ||
        getenv("PGTARGETSESSIONATTRS") != NULL)
        return false;
    option_given(options, "host", &value);
    option_given(options, "hostaddr", &value);
    return value != NULL && strchr(value, ',') != NULL;
}

static bool
string_read(const char *given, bool *primary, Err *err)
{
    MEM_SCOPE(scope, NULL);
    char *said = NULL;
    bool parsed = is_connection_string(given);
    PQconninfoOption *options = parsed ? PQconninfoParse(given, &said) : NULL;
    bool good = options != NULL || !parsed;
    bool secret = strcasestr(given, "password") != NULL || strchr(given, '@') != NULL;

    *primary = wants_primary(options);
    if (!good)
    {
        err_set(err, ERR_USAGE, "the connection string cannot be read: %s",
                parse_complaint(scope, said == NULL ? "no memory" : said, secret));
        err_hint(err, "In a URL, encode what is special in a password (@ is %%40, / is "
                      "%%2F); in key=value form, put single quotes around it.");
    }
    PQfreemem(said);
    PQconninfoFree(options);
    return good;
}

/* --- one attempt -------------------------------------------------------------------
 */

static void
notice_log(void *pg, const char *notice)
{
    const Postgres *from = pg;

    log_driver(LOG_LEVEL_DEBUG, "%s: %.*s", from->db.role, (int)strcspn(notice, "\n"),
               notice);
}

/*
 * Before dbname: what the string may change. Behind it: what it may not; a killed run
 * is found again by its application_name.
 */
static PGconn *
attempt_start(const Target *target, const SessionPlan *plan, bool primary)
{
    Parameters parameters = {.count = 0};

    parameter_add(&parameters, "keepalives_idle", "30");
    parameter_add(&parameters, "keepalives_interval", "10");
    parameter_add(&parameters, "keepalives_count", "3");
    parameter_add(&parameters, "tcp_user_timeout", "60000");
    if (primary)
        parameter_add(&parameters, "target_session_attrs", "read-write");
    if (target->given[0] != '\0')
        parameter_add(&parameters, "dbname", target->given);
    parameter_add(&parameters, "client_encoding", "UTF8");
    parameter_add(&parameters, "application_name", plan->application);
    return PQconnectStartParams(parameters.names, parameters.values, 1);
}

/* It may come from .pgpass or a service file. One that is the user's name tells
 * nothing.
 */
static void
password_hide(PGconn *conn)
{
    const char *password = PQpass(conn);
    const char *user = PQuser(conn);

    if (password != NULL && (user == NULL || strcmp(password, user) != 0))
        secret_register(password);
}

typedef enum Attempt
{
    ATTEMPT_DONE,
    ATTEMPT_FAILED,
    ATTEMPT_LATE,
    ATTEMPT_STOPPED
} Attempt;

static Attempt
attempt_wait(PGconn *conn, double deadline_ms)
{
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;

    if (PQstatus(conn) == CONNECTION_BAD)
        return ATTEMPT_FAILED;
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE); /* SQLSTATEs, for connect_explain */
    while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED)
    {
        double left = deadline_ms - clock_now(&clock_real);
        struct pollfd fds[] = {
            {.fd = PQsocket(conn),
             .events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT},
            {.fd = stop_fd(), .events = POLLIN},
        };

        if (stop_asked())
            return ATTEMPT_STOPPED;
        if (left <= 0)
            return ATTEMPT_LATE;
        if (poll(fds, LENGTH(fds), (int)left + 1) > 0 && fds[0].revents != 0)
            next = PQconnectPoll(conn);
    }
    return next == PGRES_POLLING_OK ? ATTEMPT_DONE : ATTEMPT_FAILED;
}

static bool
attempt_failed(Postgres *pg, Attempt attempt, Millis timeout, Err *err)
{
    switch (attempt)
    {
    case ATTEMPT_STOPPED:
        return err_set(err, ERR_STOPPED, "stopped while connecting");
    case ATTEMPT_LATE:
        err_set(err, ERR_CONNECT, "no answer from \"%s\", port %s, within %.1f s",
                PQhost(pg->conn), PQport(pg->conn), (double)timeout / 1000.0);
        return err_hint(err, "Check host and port, and that network and firewall allow "
                             "the connection.");
    default:
        return connect_explain(pg->conn, err);
    }
}

/* --- all of it ---------------------------------------------------------------------
 */

bool
connect_open(Postgres *pg, const Target *target, const SessionPlan *plan, Err *err)
{
    Millis timeout =
        plan->connect_timeout > 0 ? plan->connect_timeout : CONNECT_TIMEOUT_MS;
    double deadline_ms = clock_now(&clock_real) + (double)timeout;
    bool primary;

    if (!string_read(target->given, &primary, err))
        return false;
    for (;;)
    {
        pg->conn = attempt_start(target, plan, primary);

        Attempt attempt = attempt_wait(pg->conn, deadline_ms);

        if (attempt == ATTEMPT_DONE)
            break;

        bool again = attempt == ATTEMPT_FAILED && connect_is_starting(pg->conn) &&
                     clock_now(&clock_real) < deadline_ms;

        password_hide(pg->conn);
        if (!again)
            return attempt_failed(pg, attempt, timeout, err);
        log_line(LOG_LEVEL_DEBUG, "%s: the server is starting up", pg->db.role);
        PQfinish(pg->conn);
        pg->conn = NULL;
        clock_rest(&clock_real, STARTING_REST_MS);
    }
    password_hide(pg->conn);
    PQsetnonblocking(pg->conn, 1);
    PQsetNoticeProcessor(pg->conn, notice_log, pg);
    log_line(LOG_LEVEL_DEBUG, "%s: connected to \"%s\" on %s:%s as \"%s\"", pg->db.role,
             PQdb(pg->conn), PQhost(pg->conn), PQport(pg->conn), PQuser(pg->conn));
    return true;
}

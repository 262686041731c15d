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
    CALL_KEPT_MS = 20000, /* a server may give up after authentication_timeout, 60 s */
    GREETING_MS = 50,     /* for each packet of one that nobody wants any more */
    PARAMETER_MAX = 14
};

/* One search for a server: the hosts that are left, and when it is over. */
typedef struct Search
{
    const Target *target;
    const SessionPlan *plan;
    Mem *mem;
    Hosts hosts; /* instead of the string's, once one of those did not answer */
    bool primary;
    Millis timeout;
    double deadline_ms;
} Search;

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

/* --- the string ------------------------------------------------------------------ */

/*
 * libpq quotes the piece that it did not understand, and that may be part of a password
 * with a special character in it. Names of options are safe: target_read encodes.
 */
static char *
parse_complaint(Mem *mem, const char *said)
{
    static const char *const safe[] = {"invalid URI query parameter",
                                       "invalid connection option",
                                       "definition of service"};
    char *text = secret_scrub(mem, said);
    bool inside = false;

    text[strcspn(text, "\n")] = '\0';
    for (int i = 0; i < LENGTH(safe); i++)
        if (strncmp(text, safe[i], strlen(safe[i])) == 0)
            return text;
    for (char *c = text; *c != '\0'; c++)
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

    *primary = wants_primary(options);
    if (!good)
    {
        const char *why = parse_complaint(scope, said == NULL ? "no memory" : said);

        err_set(err, ERR_USAGE, "the connection string cannot be read: %s", why);
        if (strchr(why, '*') != NULL)
            err_hint(err,
                     "In a URL, encode what is special in a password (@ is %%40, "
                     "%% is %%25); in key=value form, put single quotes around it.");
    }
    PQfreemem(said);
    PQconninfoFree(options);
    return good;
}

/* --- one attempt ----------------------------------------------------------------- */

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
static void
attempt_start(Postgres *pg, const Search *search)
{
    Parameters parameters = {.count = 0};

    parameter_add(&parameters, "keepalives_idle", "30");
    parameter_add(&parameters, "keepalives_interval", "10");
    parameter_add(&parameters, "keepalives_count", "3");
    parameter_add(&parameters, "tcp_user_timeout", "60000");
    if (search->primary)
        parameter_add(&parameters, "target_session_attrs", "read-write");
    if (search->target->port != NULL)
        parameter_add(&parameters, "port", search->target->port);
    if (search->target->given[0] != '\0')
        parameter_add(&parameters, "dbname", search->target->given);
    parameter_add(&parameters, "client_encoding", "UTF8");
    parameter_add(&parameters, "application_name", search->plan->application);
    if (search->hosts.host != NULL)
        parameter_add(&parameters, "host", search->hosts.host);
    if (search->hosts.hostaddr != NULL)
        parameter_add(&parameters, "hostaddr", search->hosts.hostaddr);
    if (search->hosts.port != NULL)
        parameter_add(&parameters, "port", search->hosts.port);

    pg->conn = PQconnectStartParams(parameters.names, parameters.values, 1);
    pg->polled = PQstatus(pg->conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED
                                                      : PGRES_POLLING_WRITING;

    /* From the first packet on: a collation warning comes with the greeting. */
    PQsetNoticeProcessor(pg->conn, notice_log, pg);
    /* SQLSTATEs, for connect_explain. */
    PQsetErrorVerbosity(pg->conn, PQERRORS_VERBOSE);
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

/* One step on, if the server lets us within that time. */
static bool
attempt_poll(Postgres *pg, int left_ms)
{
    struct pollfd fds[] = {
        {.fd = PQsocket(pg->conn),
         .events = pg->polled == PGRES_POLLING_READING ? POLLIN : POLLOUT},
        {.fd = stop_fd(), .events = POLLIN},
    };

    if (poll(fds, LENGTH(fds), left_ms) <= 0 || fds[0].revents == 0)
        return false;
    pg->polled = PQconnectPoll(pg->conn);
    return true;
}

static bool
attempt_ends(const Postgres *pg)
{
    return pg->polled == PGRES_POLLING_OK || pg->polled == PGRES_POLLING_FAILED;
}

/* libpq goes from a host that refuses to the next; one that is silent holds it up. */
static Attempt
attempt_wait(Postgres *pg, const Search *search)
{
    PGconn *conn = pg->conn;
    Millis share = hosts_share(conn, search->timeout);
    const char *host = PQhost(conn);
    double since = clock_now(&clock_real);

    while (!attempt_ends(pg))
    {
        double until = since + (double)share;
        double now = clock_now(&clock_real);

        if (until > search->deadline_ms)
            until = search->deadline_ms;
        if (stop_asked())
            return ATTEMPT_STOPPED;
        if (now >= until)
            return ATTEMPT_LATE;
        attempt_poll(pg, (int)(until - now) + 1);
        if (PQhost(conn) != host)
        {
            host = PQhost(conn);
            since = clock_now(&clock_real);
        }
    }
    return pg->polled == PGRES_POLLING_OK ? ATTEMPT_DONE : ATTEMPT_FAILED;
}

static bool
attempt_failed(PGconn *conn, Attempt attempt, const Search *search, Err *err)
{
    switch (attempt)
    {
    case ATTEMPT_STOPPED:
        return err_set(err, ERR_STOPPED, "stopped while connecting");
    case ATTEMPT_LATE:
        err_set(err, ERR_CONNECT, "no answer from \"%s\", port %s, within %.1f s",
                PQhost(conn), PQport(conn), (double)search->timeout / 1000.0);
        return err_hint(err, "Check host and port, and that network and firewall allow "
                             "the connection.");
    default:
        return connect_explain(conn, err);
    }
}

/* Is there another way: the next host, or the same one once it has started up? */
static bool
search_goes_on(PGconn *conn, Attempt attempt, Search *search)
{
    if (clock_now(&clock_real) >= search->deadline_ms)
        return false;
    if (attempt == ATTEMPT_LATE)
        return hosts_after(search->mem, conn, &search->hosts);
    if (attempt != ATTEMPT_FAILED || !connect_is_starting(conn))
        return false;
    clock_rest(&clock_real, STARTING_REST_MS);
    return true;
}

/* --- all of it ------------------------------------------------------------------- */

static void
connection_settle(Postgres *pg)
{
    PQsetnonblocking(pg->conn, 1);
    log_line(LOG_LEVEL_DEBUG, "%s: connected to \"%s\" on %s:%s as \"%s\"", pg->db.role,
             PQdb(pg->conn), PQhost(pg->conn), PQport(pg->conn), PQuser(pg->conn));
}

Millis
connect_timeout(const SessionPlan *plan)
{
    return plan->connect_timeout > 0 ? plan->connect_timeout : CONNECT_TIMEOUT_MS;
}

/* Whoever hangs up in the middle of the greeting is a line in the server's log. */
void
connect_end(Postgres *pg)
{
    while (pg->conn != NULL && !attempt_ends(pg) && attempt_poll(pg, GREETING_MS))
        ;
    PQfinish(pg->conn);
    pg->conn = NULL;
}

void
connect_call(Postgres *pg, const Target *target, const SessionPlan *plan)
{
    Search search = {.target = target, .plan = plan};
    Err ignored = {0};

    if (string_read(target->given, &search.primary, &ignored))
    {
        attempt_start(pg, &search);
        attempt_poll(pg, 0);
        pg->called_ms = clock_now(&clock_real);
    }
    err_clear(&ignored);
}

bool
connect_open(Postgres *pg, const Target *target, const SessionPlan *plan, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Millis timeout = connect_timeout(plan);
    Search search = {
        .target = target,
        .plan = plan,
        .mem = scope,
        .timeout = timeout,
        .deadline_ms = clock_now(&clock_real) + (double)timeout,
    };

    if (!string_read(target->given, &search.primary, err))
        return false;
    if (clock_now(&clock_real) - pg->called_ms > CALL_KEPT_MS)
        connect_end(pg);
    for (;;)
    {
        if (pg->conn == NULL)
            attempt_start(pg, &search);

        Attempt attempt = attempt_wait(pg, &search);

        password_hide(pg->conn);
        if (attempt == ATTEMPT_DONE)
            break;
        if (!search_goes_on(pg->conn, attempt, &search))
            return attempt_failed(pg->conn, attempt, &search, err);
        log_line(LOG_LEVEL_DEBUG, "%s: \"%s\" is not ready, trying on", pg->db.role,
                 PQhost(pg->conn));
        connect_end(pg);
    }
    connection_settle(pg);
    return true;
}

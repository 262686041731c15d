/*
 * Finding the server. What the connection is protected by is decided before the first
 * packet and looked at again behind the last one: an option file or a library that
 * thinks otherwise has not the last word.
 */
#include <math.h>
#include <poll.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/stop.h"
#include "db/mysql/greeting.h"
#include "db/mysql/mysql.h"

enum
{
    CONNECT_TIMEOUT_MS = 10000, /* when nobody said */
    BESIDE_TIMEOUT_MS = 5000
};

/* --- options --------------------------------------------------------------------- */

#ifdef LIBMARIADB
static void
tls_prepare(MYSQL *conn, TlsMode mode)
{
    my_bool enforced = mode != TLS_DISABLE;
    my_bool verified = mode == TLS_VERIFY_FULL;

    mysql_options(conn, MYSQL_OPT_SSL_ENFORCE, &enforced);
    mysql_options(conn, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verified);
}

static bool
verifies(MYSQL *conn)
{
    my_bool verified = 0;

    return mysql_get_optionv(conn, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verified) == 0 &&
           verified;
}

static const char *
authority(MYSQL *conn)
{
    char *ca = NULL;

    return mysql_get_optionv(conn, MYSQL_OPT_SSL_CA, &ca) == 0 ? ca : NULL;
}
#else
static void
tls_prepare(MYSQL *conn, TlsMode mode)
{
    static const unsigned modes[] = {
        [TLS_DISABLE] = SSL_MODE_DISABLED,
        [TLS_REQUIRE] = SSL_MODE_REQUIRED,
        [TLS_VERIFY_FULL] = SSL_MODE_VERIFY_IDENTITY,
    };
    bool asked = mode == TLS_DISABLE;

    mysql_options(conn, MYSQL_OPT_SSL_MODE, &modes[mode]);
    /* libmariadb does it unasked: the password travels under the server's own key. */
    mysql_options(conn, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &asked);
}

static bool
verifies(MYSQL *conn)
{
    unsigned mode = SSL_MODE_DISABLED;

    return mysql_get_option(conn, MYSQL_OPT_SSL_MODE, &mode) == 0 &&
           mode == SSL_MODE_VERIFY_IDENTITY;
}

static const char *
authority(MYSQL *conn)
{
    char *ca = NULL;

    return mysql_get_option(conn, MYSQL_OPT_SSL_CA, &ca) == 0 ? ca : NULL;
}
#endif

/* They give what the address does not: the password, mostly. */
static void
files_prepare(MYSQL *conn, const MysqlAddress *address)
{
    if (address->option_file != NULL && address->option_file[0] == '\0')
        return;
    if (address->option_file != NULL)
        mysql_options(conn, MYSQL_READ_DEFAULT_FILE, address->option_file);
    mysql_options(conn, MYSQL_READ_DEFAULT_GROUP, "pgstride");
}

/*
 * "localhost" is a socket to both libraries, whatever port stands behind it: who names
 * a port means the network.
 */
static void
way_prepare(MYSQL *conn, const MysqlAddress *address)
{
    unsigned way = MYSQL_PROTOCOL_DEFAULT;

    if (address->socket != NULL)
        way = MYSQL_PROTOCOL_SOCKET;
    else if (address->port != 0)
        way = MYSQL_PROTOCOL_TCP;
    mysql_options(conn, MYSQL_OPT_PROTOCOL, &way);
}

static MYSQL *
conn_prepare(const MysqlAddress *address)
{
    MYSQL *conn = mysql_init(NULL);
    unsigned local_infile = 0;

    files_prepare(conn, address);
    way_prepare(conn, address);
    mysql_options(conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(conn, MYSQL_OPT_LOCAL_INFILE, &local_infile);
    mysql_ssl_set(conn, address->tls_key, address->tls_cert, address->tls_ca, NULL,
                  NULL);
    tls_prepare(conn, address_tls(address));
    return conn;
}

/* --- waiting --------------------------------------------------------------------- */

static Millis
connect_timeout(const SessionPlan *plan)
{
    return plan->connect_timeout > 0 ? plan->connect_timeout : CONNECT_TIMEOUT_MS;
}

static bool
connect_late(const MysqlAddress *address, Millis timeout, Err *err)
{
    MEM_SCOPE(scope, NULL);

    err_set(err, ERR_CONNECT, "no answer from %s within %.1f s",
            address_shown(scope, address), (double)timeout / 1000.0);
    return err_hint(err, "Check host and port, and that network and firewall allow the "
                         "connection. A PostgreSQL keeps silent too: it is "
                         "postgres://.");
}

static bool
tls_missing(const MysqlAddress *address, Err *err)
{
    MEM_SCOPE(scope, NULL);

    err_set(err, ERR_CONNECT, "the connection to %s is not encrypted",
            address_shown(scope, address));
    return err_hint(err, "The server offers no TLS. Where the network may be trusted, "
                         "say so: tls=disable.");
}

/* A connection that is being made. */
typedef struct Dial
{
    MYSQL *conn;
    const MysqlAddress *address;
    Async *async;
    Millis timeout;
    bool stoppable; /* who cancels has been asked to stop already */
    bool begun;
    bool met; /* the server may be answered */
    bool connected;
} Dial;

/*
 * The library reads option files when it begins to connect, and puts what they say over
 * what it was told. Before anything was sent there are two things that they may not say
 * otherwise: whether the server's name is checked, and by whose word.
 */
static bool
files_obey(const Dial *dial, Err *err)
{
    const MysqlAddress *address = dial->address;
    const char *ca = authority(dial->conn);
    bool weaker = address_tls(address) == TLS_VERIFY_FULL && !verifies(dial->conn);
    bool other =
        address->tls_ca != NULL && (ca == NULL || strcmp(ca, address->tls_ca) != 0);

    if (!weaker && !other)
        return true;
    err_set(err, ERR_USAGE, "an option file %s than the address says",
            weaker ? "has the server's certificate checked less"
                   : "names another authority (ssl-ca)");
    return err_hint(err, "Take it out of there, or have none read: option-file= in the "
                         "address.");
}

/* Until the greeting is here, and says that the answer will be encrypted, the library
 * is not let on: it would not ask. */
static bool
dial_step(Dial *dial, bool *over, Err *err)
{
    Greeting greeting = dial->begun && !dial->met ? greeting_peek(async_fd(dial->conn))
                                                  : GREETING_OTHER;

    *over = false;
    if (greeting == GREETING_PLAIN)
        return tls_missing(dial->address, err);
    if (greeting == GREETING_NOT_YET)
        return true;
    dial->met = dial->met || greeting == GREETING_TLS;

    bool first = !dial->begun;
    bool over_now =
        async_connect(dial->async, dial->conn, dial->address, &dial->connected);

    bool failed =
        over_now && !dial->connected; /* MySQL's library forgets its options */

    dial->begun = true;
    if (first && !failed && !files_obey(dial, err))
        return false;
    *over = over_now;
    return true;
}

/* False: stopped, too late, or in clear text where it must not be. */
static bool
dial_wait(Dial *dial, Err *err)
{
    double until = clock_now(&clock_real) + (double)dial->timeout;
    bool over;

    dial->met = async_keeps_silence() || address_tls(dial->address) == TLS_DISABLE;
    while (dial_step(dial, &over, err) && !over)
    {
        struct pollfd fds[] = {
            {.fd = async_fd(dial->conn),
             .events = dial->met ? async_events(dial->async) : POLLIN},
            {.fd = dial->stoppable ? stop_fd() : -1, .events = POLLIN},
        };
        double left = until - clock_now(&clock_real);

        if (dial->stoppable && stop_asked())
            return err_set(err, ERR_STOPPED, "stopped while connecting");
        if (left <= 0)
            return connect_late(dial->address, dial->timeout, err);
        poll(fds, LENGTH(fds), (int)fmin(left, async_connect_rest()) + 1);
    }
    return over;
}

/* --- what came of it ------------------------------------------------------------- */

static bool
tls_check(MYSQL *conn, const MysqlAddress *address, Err *err)
{
    return address_tls(address) == TLS_DISABLE || mysql_get_ssl_cipher(conn) != NULL ||
           tls_missing(address, err);
}

/* It may come from an option file. One that is the user's name tells nothing. */
static void
password_hide(const MYSQL *conn)
{
    if (conn->passwd != NULL &&
        (conn->user == NULL || strcmp(conn->passwd, conn->user) != 0))
        secret_register(conn->passwd);
}

bool
mysql_connect_open(Mysql *my, const SessionPlan *plan, Err *err)
{
    Dial dial = {.address = &my->address,
                 .async = &my->async,
                 .timeout = connect_timeout(plan),
                 .stoppable = true};

    my->conn = conn_prepare(&my->address);
    async_prepare(my->conn);
    mysql_options4(my->conn, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name",
                   plan->application);
    dial.conn = my->conn;
    if (!dial_wait(&dial, err))
        return false;
    password_hide(my->conn);
    if (!dial.connected)
        return mysql_connect_explain(my->conn, &my->address, err);
    if (!tls_check(my->conn, &my->address, err))
        return false;

    const char *cipher = mysql_get_ssl_cipher(my->conn);

    log_line(LOG_LEVEL_DEBUG, "%s: connected to \"%s\", %s, %s", my->db.role,
             my->conn->db == NULL ? "" : my->conn->db, mysql_get_host_info(my->conn),
             cipher == NULL ? "in clear text" : cipher);
    return true;
}

bool
mysql_connect_beside(const Mysql *my, const char *sql, Err *err)
{
    Async async = {0};
    MYSQL *conn = conn_prepare(&my->address);
    Dial dial = {.conn = conn,
                 .address = &my->address,
                 .async = &async,
                 .timeout = BESIDE_TIMEOUT_MS};
    unsigned timeout_s = BESIDE_TIMEOUT_MS / 1000;

    mysql_options(conn, MYSQL_OPT_READ_TIMEOUT, &timeout_s);
    async_prepare(conn);

    bool done = dial_wait(&dial, err) && dial.connected &&
                tls_check(conn, &my->address, err) && mysql_query(conn, sql) == 0;

    if (!done && err->kind == ERR_NONE)
        err_set(err, ERR_LOST, "cannot ask the server to cancel: %s",
                mysql_error(conn));
    mysql_close(conn);
    return done;
}

/*
 * Finding the server. What the connection is protected by is decided before the first
 * packet and looked at again behind the last one: an option file or a library that
 * thinks otherwise has not the last word.
 */
#include <poll.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/stop.h"
#include "db/mysql/mysql.h"

enum
{
    CONNECT_TIMEOUT_MS = 10000, /* when nobody said */
    BESIDE_TIMEOUT_S = 5
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
#endif

/* An option file is read where it has something to add: the password, mostly. */
static void
files_prepare(MYSQL *conn, const MysqlAddress *address)
{
    if (address->option_file == NULL && address->password != NULL)
        return;
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
connect_late(const Mysql *my, const SessionPlan *plan, Err *err)
{
    MEM_SCOPE(scope, NULL);

    err_set(err, ERR_CONNECT, "no answer from %s within %.1f s",
            address_shown(scope, &my->address), (double)connect_timeout(plan) / 1000.0);
    return err_hint(err, "Check host and port, and that network and firewall allow the "
                         "connection.");
}

/* False: stopped, or too late. */
static bool
connect_wait(Mysql *my, const SessionPlan *plan, bool *connected, Err *err)
{
    double until = clock_now(&clock_real) + (double)connect_timeout(plan);

    while (!async_connect(&my->async, my->conn, &my->address, connected))
    {
        struct pollfd fds[] = {
            {.fd = async_fd(my->conn), .events = async_events(&my->async)},
            {.fd = stop_fd(), .events = POLLIN},
        };
        double left = until - clock_now(&clock_real);

        if (stop_asked())
            return err_set(err, ERR_STOPPED, "stopped while connecting");
        if (left <= 0)
            return connect_late(my, plan, err);
        poll(fds, LENGTH(fds), (int)left + 1);
    }
    return true;
}

/* --- what came of it ------------------------------------------------------------- */

static bool
tls_check(MYSQL *conn, const MysqlAddress *address, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *cipher = mysql_get_ssl_cipher(conn);

    if (address_tls(address) == TLS_DISABLE || cipher != NULL)
        return true;
    err_set(err, ERR_CONNECT, "the connection to %s is not encrypted",
            address_shown(scope, address));
    return err_hint(err, "The server offers no TLS. Where the network may be trusted, "
                         "say so: tls=disable.");
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
    bool connected;

    my->conn = conn_prepare(&my->address);
    async_prepare(my->conn);
    mysql_options4(my->conn, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name",
                   plan->application);
    if (!connect_wait(my, plan, &connected, err))
        return false;
    password_hide(my->conn);
    if (!connected)
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
    const MysqlAddress *to = &my->address;
    MYSQL *conn = conn_prepare(to);
    unsigned timeout_s = BESIDE_TIMEOUT_S;

    mysql_options(conn, MYSQL_OPT_CONNECT_TIMEOUT, &timeout_s);
    mysql_options(conn, MYSQL_OPT_READ_TIMEOUT, &timeout_s);

    bool done = mysql_real_connect(conn, to->host, to->user, to->password, to->database,
                                   to->port, to->socket, 0) != NULL &&
                tls_check(conn, to, err) && mysql_query(conn, sql) == 0;

    if (!done && err->kind == ERR_NONE)
        err_set(err, ERR_LOST, "cannot ask the server to cancel: %s",
                mysql_error(conn));
    mysql_close(conn);
    return done;
}

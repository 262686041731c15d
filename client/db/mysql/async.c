#include "db/mysql/async.h"

#include <math.h>
#include <poll.h>
#include <string.h>

enum
{
    /* A record of ours is several statements; several results are what CALL gives. */
    CLIENT_FLAGS = CLIENT_MULTI_STATEMENTS | CLIENT_MULTI_RESULTS
};

/* Has what the operation waits for come? */
static bool
socket_ready(const Async *async, MYSQL *conn, short *came)
{
    struct pollfd fd = {.fd = async_fd(conn), .events = async_events(async)};

    *came = 0;
    if (!async->busy)
        return true;
    if (poll(&fd, 1, 0) <= 0)
        return false;
    *came = fd.revents;
    return true;
}

#ifdef LIBMARIADB

/* A hang-up is for the library to read. */
static int
waits_ready(const Async *async, short came)
{
    int ready = 0;

    if ((came & (POLLIN | POLLHUP | POLLERR)) != 0)
        ready |= MYSQL_WAIT_READ;
    if ((came & (POLLOUT | POLLHUP | POLLERR)) != 0)
        ready |= MYSQL_WAIT_WRITE;
    if ((came & POLLPRI) != 0)
        ready |= MYSQL_WAIT_EXCEPT;
    return ready & async->waits;
}

/* `go_on` continues with what has come, `begin` starts anew. */
#define ASYNC(begin, go_on)                                                            \
    do                                                                                 \
    {                                                                                  \
        short came;                                                                    \
                                                                                       \
        if (!socket_ready(async, conn, &came))                                         \
            return false;                                                              \
                                                                                       \
        int ready = waits_ready(async, came);                                          \
                                                                                       \
        async->waits = async->busy ? (go_on) : (begin);                                \
        (void)ready;                                                                   \
        async->busy = async->waits != 0;                                               \
        if (async->busy)                                                               \
            return false;                                                              \
    } while (0)

bool
async_keeps_silence(void)
{
    return false;
}

double
async_connect_rest(void)
{
    return HUGE_VAL;
}

void
async_prepare(MYSQL *conn)
{
    mysql_options(conn, MYSQL_OPT_NONBLOCK, NULL);
}

bool
async_connect(Async *async, MYSQL *conn, const MysqlAddress *address, bool *connected)
{
    MYSQL *made = NULL;

    ASYNC(mysql_real_connect_start(&made, conn, address->host, address->user,
                                   address->password, address->database, address->port,
                                   address->socket, CLIENT_FLAGS),
          mysql_real_connect_cont(&made, conn, ready));
    *connected = made != NULL;
    return true;
}

bool
async_query(Async *async, MYSQL *conn, const char *sql, bool *sent)
{
    int status = 0;

    ASYNC(mysql_real_query_start(&status, conn, sql, strlen(sql)),
          mysql_real_query_cont(&status, conn, ready));
    *sent = status == 0;
    return true;
}

bool
async_store(Async *async, MYSQL *conn, MYSQL_RES **result)
{
    *result = NULL;
    ASYNC(mysql_store_result_start(result, conn),
          mysql_store_result_cont(result, conn, ready));
    return true;
}

bool
async_next(Async *async, MYSQL *conn, int *next)
{
    ASYNC(mysql_next_result_start(next, conn),
          mysql_next_result_cont(next, conn, ready));
    return true;
}

short
async_events(const Async *async)
{
    short events = 0;

    if ((async->waits & MYSQL_WAIT_READ) != 0)
        events |= POLLIN;
    if ((async->waits & MYSQL_WAIT_WRITE) != 0)
        events |= POLLOUT;
    if ((async->waits & MYSQL_WAIT_EXCEPT) != 0)
        events |= POLLPRI;
    return events;
}

int
async_fd(MYSQL *conn)
{
    return mysql_get_socket(conn);
}

#else

/* Called again with the same arguments until it is over; an error is in the handle. */
#define ASYNC(call)                                                                    \
    do                                                                                 \
    {                                                                                  \
        short came;                                                                    \
                                                                                       \
        if (!socket_ready(async, conn, &came))                                         \
            return false;                                                              \
        status = (call);                                                               \
        async->busy = status == NET_ASYNC_NOT_READY;                                   \
        if (async->busy && async->waits > 0 && (came & POLLOUT) != 0)                  \
            async->waits--;                                                            \
        if (async->busy)                                                               \
            return false;                                                              \
    } while (0)

/* A socket that is writable takes as much, and mostly far more. */
enum
{
    BYTES_PER_WRITE = 1024
};

bool
async_keeps_silence(void)
{
    return true;
}

/* Where it has to show a password in full it says that it waits for the server, and has
 * not asked yet. */
double
async_connect_rest(void)
{
    return 20;
}

void
async_prepare(MYSQL *conn)
{
    (void)conn;
}

bool
async_connect(Async *async, MYSQL *conn, const MysqlAddress *address, bool *connected)
{
    enum net_async_status status;

    /* Called whether or not something has come: see async_connect_rest. */
    status = mysql_real_connect_nonblocking(
        conn, address->host, address->user, address->password, address->database,
        address->port, address->socket, CLIENT_FLAGS);
    async->busy = status == NET_ASYNC_NOT_READY;
    if (async->busy)
        return false;
    *connected = status == NET_ASYNC_COMPLETE;
    return true;
}

bool
async_query(Async *async, MYSQL *conn, const char *sql, bool *sent)
{
    enum net_async_status status;

    if (!async->busy)
        async->waits = (int)(strlen(sql) / BYTES_PER_WRITE);
    ASYNC(mysql_real_query_nonblocking(conn, sql, strlen(sql)));
    *sent = status == NET_ASYNC_COMPLETE;
    return true;
}

bool
async_store(Async *async, MYSQL *conn, MYSQL_RES **result)
{
    enum net_async_status status;

    *result = NULL;
    ASYNC(mysql_store_result_nonblocking(conn, result));
    return true;
}

bool
async_next(Async *async, MYSQL *conn, int *next)
{
    enum net_async_status status;

    ASYNC(mysql_next_result_nonblocking(conn));
    *next = status == NET_ASYNC_COMPLETE                   ? 0
            : status == NET_ASYNC_COMPLETE_NO_MORE_RESULTS ? -1
                                                           : 1;
    return true;
}

/* The library does not say in which direction it waits. After as many writes as a text
 * can take it has been sent, and only the answer is waited for. */
short
async_events(const Async *async)
{
    short events = async->waits > 0 ? POLLIN | POLLOUT : POLLIN;

    return async->busy ? events : 0;
}

int
async_fd(MYSQL *conn)
{
    return conn->net.fd;
}

#endif

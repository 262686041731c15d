/*
 * The half of the client library that does not block, the same over libmariadb
 * (_start/_cont) and libmysqlclient (_nonblocking).
 *
 * Every function begins its operation or goes on with the one under way: false means
 * that the library waits for the server, and async_events says on what; true that it is
 * over, and its result is filled. One operation at a time.
 */
#ifndef PGSTRIDE_DB_MYSQL_ASYNC_H
#define PGSTRIDE_DB_MYSQL_ASYNC_H

#include <stdbool.h>

#include "db/mysql/address.h"
#include "db/mysql/library.h"

typedef struct Async
{
    bool busy; /* an operation was begun and is not over */
    int waits; /* libmariadb: for what, its own bits; else: writes that may be left */
} Async;

/* Does the library itself keep its silence where TLS is wanted, and not to be had? */
bool async_keeps_silence(void);

/* How long a library that connects may be left alone at most, in ms. */
double async_connect_rest(void);

/* Before connecting: this connection is used without blocking. */
void async_prepare(MYSQL *conn);

bool async_connect(Async *async, MYSQL *conn, const MysqlAddress *address,
                   bool *connected);
bool async_query(Async *async, MYSQL *conn, const char *sql, bool *sent);
bool async_store(Async *async, MYSQL *conn, MYSQL_RES **result);
/* next: 0 there is one more, -1 there is none, else an error. */
bool async_next(Async *async, MYSQL *conn, int *next);

/* What to poll the socket for while an operation is under way; its descriptor. */
short async_events(const Async *async);
int async_fd(MYSQL *conn);

#endif

/*
 * A MySQL or MariaDB connection, and how the files of this room share the work:
 * address.c knows where, connect.c finds the server, session.c pins the session, caps.c
 * asks what it is and can, wire.c talks over the library's half that does not block
 * (async.c), arguments.c writes values into stored SQL, errors.c explains, queries.c
 * finds stored SQL.
 */
#ifndef PGSTRIDE_DB_MYSQL_H
#define PGSTRIDE_DB_MYSQL_H

#include "db/driver.h"
#include "db/mysql/address.h"
#include "db/mysql/async.h"
#include "db/mysql/library.h"

/* The first answer of a statement; a CALL may give more, which are passed over. */
typedef struct Answer
{
    MYSQL_RES *result; /* NULL: no rows */
    int64_t affected;
} Answer;

/* Where the conversation stands. */
typedef enum Stage
{
    STAGE_QUERY, /* statement `at` is being sent, its answer has not begun */
    STAGE_STORE, /* rows are coming */
    STAGE_NEXT,  /* a CALL's next answer is looked for */
    STAGE_OVER   /* nothing more will come */
} Stage;

/* The script under way: what was sent, and what has come back so far. */
typedef struct Talk
{
    Mem *mem;           /* owns this; NULL: nothing was asked */
    int count;          /* statements */
    const char **texts; /* each as sent */
    const char **labels;
    int at;    /* the statement that is being asked */
    int given; /* its answers so far */
    Stage stage;
    LIST(Answer) answers; /* one per statement answered */
    unsigned error;       /* of statement `at`; 0: none */
    char sqlstate[6];     /* as the server said it */
    char *message;
    bool rolls_back; /* the script failed, our ROLLBACK is under way */
    double started_ms;
    double answered_ms;
} Talk;

typedef struct Mysql
{
    Db db; /* first: a Db * is cast to this */
    Caps caps;
    MYSQL *conn;
    Async async;
    MysqlAddress address;
    const char *user; /* whose privileges count, as 'user'@'host' */
    bool lost;        /* it died: nothing can be asked any more */
    Talk talk;
} Mysql;

static inline Mysql *
mysql_of(const Db *db)
{
    return (Mysql *)db;
}

/* connect.c: a connection that answers. ERR_CONNECT, ERR_STOPPED. */
bool mysql_connect_open(Mysql *my, const SessionPlan *plan, Err *err);
/* A second one to the same server, for one command while the first is busy. */
bool mysql_connect_beside(const Mysql *my, const char *sql, Err *err);

/* caps.c: refuses (ERR_REFUSED) servers we were never tried on; what the session may
 * see is asked once it is pinned. */
bool mysql_server_meet(Mysql *my, Err *err);
bool mysql_caps_read(Mysql *my, Err *err);

/* session.c */
bool mysql_session_pin(Mysql *my, const SessionPlan *plan, Err *err);

/* queries.c */
const char *mysql_query_stored(const Db *db, const char *label);

/* arguments.c: the text with $1... replaced by their values, as literals. */
const char *arguments_write(Mem *mem, const Caps *caps, const Ask *ask);

/* errors.c */
bool mysql_error_is_loss(unsigned error);
/* The SQLSTATE by which the rest of the program knows this error. */
void mysql_error_state(unsigned error, const char *said, char sqlstate[6]);
/* What helps, or NULL; a privilege is asked for by its GRANT. */
char *mysql_error_hint(Mem *mem, unsigned error, const Mysql *my);
bool mysql_connect_explain(MYSQL *conn, const MysqlAddress *address, Err *err);

/* wire.c: the conversation part of the driver's table. */
bool mysql_wire_start(Db *db, const Script *script, Err *err);
int mysql_wire_wait(Db *const *dbs, int count, double deadline_ms, int wake_fd);
void mysql_wire_finish(Db *db, Mem *mem, Reply *reply);
bool mysql_wire_cancel(Db *db, Err *err);
void mysql_wire_forget(Mysql *my);

#endif

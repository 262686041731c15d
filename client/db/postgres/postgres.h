/*
 * A PostgreSQL connection, and how the files of this room share the work:
 * connect.c and hosts.c find the server, session.c pins the session, caps.c asks what
 * it can, pooler.c sees through poolers, wire.c talks, reply.c reads what came, hints.c
 * explains, queries.c finds stored SQL.
 */
#ifndef PGSTRIDE_DB_POSTGRES_H
#define PGSTRIDE_DB_POSTGRES_H

#include <libpq-fe.h>

#include "db/driver.h"

/* A stored query that was asked before, and whether the server has planned it. */
typedef struct StoredPlan
{
    const char *label;
    bool there;
} StoredPlan;

/* The script under way: what was sent, and what has come back so far. */
typedef struct Talk
{
    Mem *mem;           /* owns this; NULL: nothing was asked */
    const char *label;  /* of its first statement, for the log */
    int count;          /* statements */
    const char **texts; /* each as sent */
    const char **labels;
    const char **data; /* of a COPY, or NULL */
    int *starts;       /* 0-based character of each within the message */
    bool answered;     /* nothing more will come */
    bool rolls_back;   /* the statements failed, our ROLLBACK is under way */
    StoredPlan *plan;  /* being made; the arguments wait for it */
    const char *const *args;
    int arg_count;
    LIST(PGresult *) results;
    double started_ms;
    double answered_ms;
} Talk;

typedef struct Postgres
{
    Db db; /* first: a Db * is cast to this */
    Caps caps;
    PGconn *conn;
    PostgresPollingStatusType polled; /* of a conn that is being made */
    double called_ms;
    const char *user;    /* whose privileges count: --role, else the login */
    int64_t backend_pid; /* who really answers; libpq knows a pooler's invention */
    Talk talk;
    LIST(StoredPlan) plans;
} Postgres;

static inline Postgres *
postgres_of(const Db *db)
{
    return (Postgres *)db;
}

/* postgres.c: not connected yet; then what any engine that talks this way shares. */
Postgres *postgres_new(Mem *mem, const SessionPlan *plan);
int64_t postgres_backend_id(Db *db);
void postgres_close(Db *db);

/* connect.c: a connection that answers. Errors: ERR_CONNECT, ERR_USAGE (the string is
 * malformed), ERR_STOPPED. */
Millis connect_timeout(const SessionPlan *plan);
bool connect_open(Postgres *pg, const Target *target, const SessionPlan *plan,
                  Err *err);
/* Also of a session that was never whole. */
void connect_end(Postgres *pg);
/* The first packet of it; what is wrong is told by connect_open. */
void connect_call(Postgres *pg, const Target *target, const SessionPlan *plan);

/* hosts.c: lists of hosts, when one of them is silent. */
typedef struct Hosts
{
    const char *host; /* all NULL: as the connection string says */
    const char *hostaddr;
    const char *port;
} Hosts;

/* How long one host may take of a time that is meant for all. */
Millis hosts_share(PGconn *conn, Millis all);
/* Those behind the one that conn is waiting for; false when it is the last. */
bool hosts_after(Mem *mem, PGconn *conn, Hosts *rest);

/* hints.c: why there is no connection, as text and hint. */
bool connect_explain(PGconn *conn, Err *err);
bool connect_is_starting(PGconn *conn);
/* What helps against a server's error that came without a hint, or NULL. */
char *hint_for(Mem *mem, const char *sqlstate, const char *message, const char *user);

/* caps.c: refuses (ERR_REFUSED) what is no PostgreSQL we can work on, unless it is a
 * CockroachDB; what the session may see is asked once it is pinned. */
bool server_meet(Postgres *pg, const SessionPlan *plan, bool *cockroach, Err *err);
bool server_ask(Postgres *pg, const SessionPlan *plan, Reply *reply, Err *err);
bool caps_read(Postgres *pg, Err *err);

/* pooler.c: refuses a pooler in transaction mode. */
bool pooler_check(Postgres *pg, const Target *target, const SessionPlan *plan,
                  Err *err);

/* session.c: settings that every promise of ours rests on, and --role. */
bool session_pin(Postgres *pg, const SessionPlan *plan, Err *err);
bool session_become(Postgres *pg, const SessionPlan *plan, Err *err);

/* queries.c */
const char *postgres_query(const Db *db, const char *label);

/* wire.c: the conversation part of the driver's table. */
bool wire_start(Db *db, const Script *script, Err *err);
int wire_wait(Db *const *dbs, int count, double deadline_ms, int wake_fd);
void wire_finish(Db *db, Mem *mem, Reply *reply);
bool wire_cancel(Db *db, Err *err);
void wire_forget(Talk *talk);

/* What the server is told of a COPY without data, and tells in turn. */
#define WIRE_COPY_REFUSED "COPY FROM STDIN needs data that no file can hold"

/* reply.c: the whole of what has come, as an answer that `mem` owns. */
void wire_reply(Mem *mem, Reply *reply, Postgres *pg);

/* The text of libpq's last complaint: one line, no prefix, no secret. */
char *wire_complaint(Mem *mem, PGconn *conn);

#endif

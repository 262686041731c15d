/*
 * The database, as a table of functions: start / wait / finish on one event loop.
 *
 * A conversation is a Script: one or more statements, each with a label that logs and
 * the fake driver know it by. Nothing blocks but `wait`, so one thread can watch one
 * connection while another is busy. Implemented by postgres/ and by fake.c.
 */
#ifndef PGSTRIDE_DB_DRIVER_H
#define PGSTRIDE_DB_DRIVER_H

#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "db/rows.h"
#include "model/caps.h"
#include "model/target.h"

typedef struct Driver Driver;

typedef struct Db Db;

/* What has to be done again and again while an answer is waited for, elsewhere; false
 * ends the waiting and what is waited for. */
typedef struct Upkeep
{
    bool (*keep)(void *what, Db *db, double waited_ms,
                 Err *err); /* NULL: nothing has */
    void *what;
    bool heeds_stop; /* keep goes on after a stop, which is heard elsewhere otherwise */
} Upkeep;

/* A connection. Drivers extend it: it is the first member of their own struct. */
struct Db
{
    const Driver *driver;
    const Caps *caps;
    const char *role; /* "worker", "watcher", "warden": for logs and application_name */
    bool made;   /* the database itself, by opening it: a file that was not there */
    bool unmade; /* it will be: an empty one answers meanwhile, which nothing keeps */
    Upkeep upkeep;
};

/* One statement. Arguments go beside the text ($1...), as text; NULL is null. */
typedef struct Ask
{
    const char *label;
    const char *sql;
    int arg_count;
    const char *const *args;
    const char *data; /* what a COPY ... FROM STDIN is given; NULL: it is refused */
} Ask;

/*
 * What is sent in one go. A statement with arguments travels alone (count 1); several
 * without arguments travel as one simple-protocol message, so that no lock waits for
 * us. An Ask is one statement; only alone may it be several.
 *
 * A script that fails leaves no transaction behind: the driver rolls back before the
 * answer counts as whole. One that is done leaves open what it opened.
 */
typedef struct Script
{
    const Ask *asks;
    int count;
} Script;

typedef enum Outcome
{
    DB_DONE,
    DB_FAILED, /* the server refused statement `failed_at`; those before it ran, unless
                  it is a syntax error, which stops the whole message */
    DB_LOST    /* the connection died; whether the script took effect is unknown */
} Outcome;

typedef struct Reply
{
    Outcome outcome;
    Rows *rows;     /* one per statement that was answered, also when FAILED or LOST */
    int row_count;  /* how many of those */
    int failed_at;  /* index into the script */
    bool committed; /* a COMMIT among them took effect, whatever failed behind it */
    char sqlstate[6];
    char *message; /* the server's primary message */
    char *detail;
    char *hint;
    char *context;
    int position; /* 1-based character in the failed statement; 0 unknown */
    double took_ms;
} Reply;

/* How a session is opened: its name on the server, and what is pinned in it. */
typedef struct SessionPlan
{
    const char *role;        /* see Db */
    const char *application; /* application_name: "pgstride up 7f3a (worker)" */
    const char *set_role;    /* --role, or NULL */
    bool may_make;           /* a database that is a file, where there is none */
    Millis connect_timeout;
    Millis lock_patience; /* where the engine itself waits for others; 0: as long as it
                             does */
} SessionPlan;

struct Driver
{
    const char *engine;

    /*
     * Asks for a session and does not wait for it: what is done until `open` is given
     * the same db is done meanwhile, and is to be short. NULL: no engine that could.
     */
    Db *(*call)(Mem *mem, const Target *target, const SessionPlan *plan);
    /* Connects and fills Caps; *db is NULL or called, and NULL again after an error.
     * Errors: ERR_CONNECT, ERR_REFUSED (wrong kind of server). */
    bool (*open)(Mem *mem, const Target *target, const SessionPlan *plan, Db **db,
                 Err *err);
    /* Sends; false with ERR_LOST when the connection is gone. One script at a time. */
    bool (*start)(Db *db, const Script *script, Err *err);
    /*
     * Until one of dbs has its whole answer, deadline_ms (clock_real; < 0: none) has
     * come, or wake_fd (-1: none) is readable. The index of the ready one, or -1.
     */
    int (*wait)(Db *const *dbs, int count, double deadline_ms, int wake_fd);
    /* Takes the answer of the last start; waits for it if it is not there yet. */
    void (*finish)(Db *db, Mem *mem, Reply *reply);
    /* Asks the server to cancel what runs; the answer still has to be finished. */
    bool (*cancel)(Db *db, Err *err);
    int64_t (*backend_id)(Db *db);
    /* The text of a stored query for this server's version, or NULL. */
    const char *(*query)(const Db *db, const char *label);
    void (*close)(Db *db);
};

extern const Driver postgres_driver;
extern const Driver mysql_driver; /* MySQL and MariaDB */
extern const Driver cockroach_driver;
extern const Driver sqlite_driver;

/*
 * Conveniences over the table, for conversations that need no interleaving.
 *
 * db_query runs the stored query `label` with text arguments; db_script sends `asks`
 * and gives the reply; both turn a failure into err (ERR_SQL, ERR_BUSY for 55P03 and
 * 57014, ERR_CONNECT for 42501, ERR_LOST) with sqlstate, detail and hint.
 */
#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL}), db_arg_count(__VA_ARGS__)
#define NO_ARGS NULL, 0
#define db_arg_count(...)                                                              \
    ((int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)))

bool db_query(Mem *mem, Db *db, const char *label, const char *const *args,
              int arg_count, Rows *rows, Err *err);
bool db_script(Mem *mem, Db *db, const Ask *asks, int count, Reply *reply, Err *err);
bool db_reply_err(const Reply *reply, const Ask *asks, Err *err);

/* A conflict that nobody is to blame for (40001): where Caps.restarts, db_script sends
 * the same again, so often and with such rests; then it is ERR_BUSY. */
#define DB_RESTARTS_MOST 8
bool db_conflicted(const Reply *reply);
Millis db_restart_rest(int tries);

#endif

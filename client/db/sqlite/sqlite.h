/*
 * A SQLite file as a connection, and how the files of this room share the work: file.c
 * judges the file, open.c opens it, talk.c runs scripts, busy.c waits for other writers
 * and names them, own.c are the functions that our stored SQL calls, queries.c finds
 * it.
 *
 * The library works in our own process: a script has run when `finish` returns, and
 * what waits or is stopped, waits and is stopped inside it.
 */
#ifndef PGSTRIDE_DB_SQLITE_H
#define PGSTRIDE_DB_SQLITE_H

#include <sqlite3.h>

#include "db/driver.h"

typedef struct Sqlite
{
    Db db; /* first: a Db * is cast to this */
    Caps caps;
    sqlite3 *conn;
    const char *path;
    Script script;        /* to be run by finish */
    bool asked;           /* there is one */
    bool cancelled;       /* it is to stop at the next opportunity */
    Millis patience;      /* for another writer */
    double waiting_since; /* clock_real; 0: it does not wait */
} Sqlite;

bool sqlite_open(Mem *mem, const Target *target, const SessionPlan *plan, Db **db,
                 Err *err);
bool sqlite_start(Db *db, const Script *script, Err *err);
void sqlite_finish(Db *db, Mem *mem, Reply *reply);

/* The file, looked at from outside; false: err says why it cannot be, or must not. */
bool file_check(const char *path, Err *err);
bool file_absent(const char *path);
bool file_make(const char *path, bool *made, Err *err);
bool file_write_check(const char *path, Err *err);
bool file_managed_check(const char *path, Err *err);
bool file_wal_check(const char *path, const char *mode, const char *network, Err *err);
bool file_is_writable(const char *path);
/* "NFS", of a file or of what statfs says; NULL: it is on a disk. */
const char *file_network(const char *path);
const char *file_network_named(unsigned magic);
int64_t file_wal_bytes(const char *path);
bool file_has_litestream(const char *path);

/* Own busy handler: others get their turn between our tries, and stopping is heard. */
void busy_handle(Sqlite *lite);
/* "pid 4711 (shop)", one per process that has the file's locks; NULL: nobody is seen.
 */
char *busy_holders(Mem *mem, const char *path);
char *busy_sharers(Mem *mem, const char *path);
/* The same of those that read what is in the WAL. */
char *busy_readers(Mem *mem, const char *path);

/* pgstride_alive, pgstride_refuse and others: see own.c. */
void own_functions(sqlite3 *conn);

const char *sqlite_query_stored(const Db *db, const char *label);

#endif

/* Functions that our stored SQL calls on its own connection; nothing in the file names
 * them, so other programs never miss them. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "db/sqlite/sqlite.h"

#define STARTTIME_FIELD 22 /* of /proc/PID/stat */

/* In clock ticks since the machine started: with it a pid is never somebody else's. */
static sqlite3_int64
born(long pid)
{
    char path[64];
    char text[1024] = "";
    FILE *file;
    char *at;

    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fgets(text, sizeof(text), file) == NULL)
        text[0] = '\0';
    fclose(file);
    at = strrchr(text, ')'); /* the name may hold blanks and parentheses */
    for (int field = 2; at != NULL && field < STARTTIME_FIELD; field++)
        at = strchr(at + 1, ' ');
    return at == NULL ? 0 : strtoll(at, NULL, 10);
}

/* pgstride_born(): of our own process. */
static void
own_born(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    sqlite3_result_int64(context, born((long)getpid()));
}

static void
own_pid(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    sqlite3_result_int64(context, getpid());
}

static void
own_host(sqlite3_context *context, int count, sqlite3_value **values)
{
    char host[256] = "?";

    (void)count;
    (void)values;
    gethostname(host, sizeof(host) - 1);
    sqlite3_result_text(context, host, -1, SQLITE_TRANSIENT);
}

static void
own_user(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct passwd *user = getpwuid(geteuid());

    (void)count;
    (void)values;
    sqlite3_result_text(context, user == NULL ? "?" : user->pw_name, -1,
                        SQLITE_TRANSIENT);
}

/* pgstride_alive(host, pid, born): is that process still there? Of another machine only
 * its heartbeat tells, which is the caller's to judge: NULL. */
static void
own_alive(sqlite3_context *context, int count, sqlite3_value **values)
{
    char host[256] = "?";
    const char *there = (const char *)sqlite3_value_text(values[0]);
    long pid = (long)sqlite3_value_int64(values[1]);

    (void)count;
    gethostname(host, sizeof(host) - 1);
    if (there == NULL || strcmp(there, host) != 0)
        sqlite3_result_null(context);
    else
        sqlite3_result_int(context, born(pid) == sqlite3_value_int64(values[2]) &&
                                        born(pid) != 0);
}

/* pgstride_refuse(why): the statement that calls it fails, and says that. */
static void
own_refuse(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    sqlite3_result_error(context, (const char *)sqlite3_value_text(values[0]), -1);
}

/* --- of the file ----------------------------------------------------------------- */

static const char *
path_of(sqlite3_context *context)
{
    return sqlite3_db_filename(sqlite3_context_db_handle(context), "main");
}

static void
answer_text(sqlite3_context *context, const char *text)
{
    if (text == NULL)
        sqlite3_result_null(context);
    else
        sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

/* pgstride_bytes(n): "99 MB", for people. */
static void
own_bytes(sqlite3_context *context, int count, sqlite3_value **values)
{
    MEM_SCOPE(scope, NULL);

    (void)count;
    answer_text(context, bytes_show(scope, sqlite3_value_int64(values[0])));
}

static void
own_wal_bytes(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    sqlite3_result_int64(context, file_wal_bytes(path_of(context)));
}

/* pgstride_readers(), pgstride_writers(): who has the file right now; or NULL. */
static void
own_readers(sqlite3_context *context, int count, sqlite3_value **values)
{
    MEM_SCOPE(scope, NULL);

    (void)count;
    (void)values;
    answer_text(context, busy_readers(scope, path_of(context)));
}

static void
own_writers(sqlite3_context *context, int count, sqlite3_value **values)
{
    MEM_SCOPE(scope, NULL);

    (void)count;
    (void)values;
    answer_text(context, busy_holders(scope, path_of(context)));
}

/* pgstride_network(): "NFS"; or NULL. */
static void
own_network(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    answer_text(context, file_network(path_of(context)));
}

static void
own_writable(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    sqlite3_result_int(context, file_is_writable(path_of(context)));
}

static void
own_litestream(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    sqlite3_result_int(context, file_has_litestream(path_of(context)));
}

/* pgstride_wrote(): the number of the SQLite that wrote the file last, which is in its
 * header and nowhere else. Read by the library, whose locks on the file stay. */
static void
own_wrote(sqlite3_context *context, int count, sqlite3_value **values)
{
    enum
    {
        HEADER_VERSION = 96
    };
    sqlite3_file *file = NULL;
    unsigned char bytes[4] = {0};

    (void)count;
    (void)values;
    sqlite3_file_control(sqlite3_context_db_handle(context), "main",
                         SQLITE_FCNTL_FILE_POINTER, &file);
    if (file != NULL && file->pMethods != NULL)
        file->pMethods->xRead(file, bytes, sizeof(bytes), HEADER_VERSION);
    sqlite3_result_int64(context, (sqlite3_int64)bytes[0] << 24 | bytes[1] << 16 |
                                      bytes[2] << 8 | bytes[3]);
}

static void
own_library(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    sqlite3_result_int64(context, sqlite3_libversion_number());
}

typedef struct OwnFunction
{
    const char *name;
    int arguments;
    void (*answer)(sqlite3_context *context, int count, sqlite3_value **values);
} OwnFunction;

static const OwnFunction functions[] = {
    {"pgstride_born", 0, own_born},
    {"pgstride_pid", 0, own_pid},
    {"pgstride_host", 0, own_host},
    {"pgstride_user", 0, own_user},
    {"pgstride_alive", 3, own_alive},
    {"pgstride_refuse", 1, own_refuse},
    {"pgstride_bytes", 1, own_bytes},
    {"pgstride_wal_bytes", 0, own_wal_bytes},
    {"pgstride_readers", 0, own_readers},
    {"pgstride_writers", 0, own_writers},
    {"pgstride_network", 0, own_network},
    {"pgstride_writable", 0, own_writable},
    {"pgstride_litestream", 0, own_litestream},
    {"pgstride_wrote", 0, own_wrote},
    {"pgstride_library", 0, own_library},
};

void
own_functions(sqlite3 *conn)
{
    for (int i = 0; i < LENGTH(functions); i++)
        sqlite3_create_function(conn, functions[i].name, functions[i].arguments,
                                SQLITE_UTF8, NULL, functions[i].answer, NULL, NULL);
}

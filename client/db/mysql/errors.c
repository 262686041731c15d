/*
 * What a server's error number means to the rest of the program, which knows SQLSTATEs
 * (db/driver.c), and to people. Numbers are those of MySQL and MariaDB alike but where
 * a name says whose they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errmsg.h>
#include <mysqld_error.h>

#include "base/secret.h"
#include "db/mysql/mysql.h"
#include "model/sqltext.h"

/* Those that the headers of one library or the other do not name. */
enum
{
    MARIADB_CONNECTION_KILLED = 1927,
    MARIADB_STATEMENT_TIMEOUT = 1969,
    MARIADB_DROP_INDEX = 1091,
    MYSQL_DEFAULT_NOT_SAFE = 1674,
    MYSQL_TIMER_EXPIRED = 3024,
    MYSQL_SESSION_KILLED = 3169,
    MYSQL_LOCK_NOWAIT = 3572,
    MYSQL_CHECK_VIOLATED = 3819,
    MARIADB_CHECK_VIOLATED = 4025,
    MYSQL_IDLE_TOO_LONG = 4031,
    MYSQL_TOO_MANY_VERSIONS = 4092,
    CLIENT_TLS = 2026,
    CLIENT_SERVER_LOST_EXTENDED = 2055,
    CLIENT_PLUGIN = 2059,
    CLIENT_AUTHENTICATION = 2061,
};

/* Where a library looks for its plugins. */
#ifdef LIBMARIADB
#define PLUGIN_DIRECTORY "MARIADB_PLUGIN_DIR"
#else
#define PLUGIN_DIRECTORY "LIBMYSQL_PLUGIN_DIR"
#endif

typedef struct Meaning
{
    unsigned error;
    const char *sqlstate;
    const char *hint;
} Meaning;

/* clang-format off */
static const Meaning meanings[] = {
    {1205,                        "55P03", NULL}, /* a lock, or a row, not had in time */
    {MYSQL_LOCK_NOWAIT,           "55P03", NULL},
    {1213,                        "40P01", NULL}, /* deadlock: all of the transaction is undone */
    {1317,                        "57014", NULL}, /* KILL QUERY */
    {MARIADB_STATEMENT_TIMEOUT,   "57014", NULL},
    {MYSQL_TIMER_EXPIRED,         "57014", NULL},
    {1044,                        "42501", NULL},
    {1045,                        "28P01", NULL},
    {1142,                        "42501", NULL},
    {1143,                        "42501", NULL},
    {1227,                        "42501", NULL},
    {1370,                        "42501", NULL},
    {1419,                        "42501", "With the binary log on, creating a trigger needs SUPER, or an administrator's: SET GLOBAL log_bin_trust_function_creators = 1;"},
    {1290,                        "25006", "The server is read-only: connect to the primary."},
    {1792,                        "25006", "The server is read-only: connect to the primary."},
    {1836,                        "25006", "The server is read-only: connect to the primary."},
    {1021,                        "53100", "The server's disk is full: make room, then run the same command again."},
    {1114,                        "53100", "The table, its tablespace or the server's disk is full: make room, then run the same command again."},
    {1878,                        "53100", "The directory for temporary files (tmpdir, innodb_tmpdir) is full: make room, then run the same command again."},
    {1037,                        "53200", NULL},
    {1040,                        "53300", "The server has no connection left: close some, or raise max_connections."},
    {1203,                        "53300", "This account has no connection left: close some, or raise max_user_connections."},
    {1226,                        "53300", NULL},
    {1799,                        "53400", "More was written during the build than innodb_online_alter_log_max_size holds: raise it, or take a quieter hour."},
    {MYSQL_TOO_MANY_VERSIONS,     "54000", "The table has had as many INSTANT changes as it can hold: OPTIMIZE TABLE starts the count again."},
    {1118,                        "54000", NULL}, /* row size */
    {MYSQL_DEFAULT_NOT_SAFE,      "0A000", "A default that differs from call to call cannot be added with the binary log on: add the column without it, and fill it in a backfill."},
    {1845,                        "0A000", NULL}, /* ALGORITHM or LOCK not to be had */
    {1846,                        "0A000", NULL},
    {1064,                        "42601", NULL},
    {1149,                        "42601", NULL},
    {1146,                        "42P01", NULL},
    {1051,                        "42P01", NULL},
    {1054,                        "42703", NULL},
    {MARIADB_DROP_INDEX,          "42704", NULL},
    {1050,                        "42P07", NULL},
    {1060,                        "42701", NULL},
    {1061,                        "42P07", NULL},
    {1062,                        "23505", NULL},
    {1586,                        "23505", NULL},
    {1048,                        "23502", NULL},
    {1138,                        "23502", NULL},
    {1364,                        "23502", NULL},
    {1216,                        "23503", NULL},
    {1217,                        "23503", NULL},
    {1451,                        "23503", NULL},
    {1452,                        "23503", NULL},
    {MYSQL_CHECK_VIOLATED,        "23514", NULL},
    {MARIADB_CHECK_VIOLATED,      "23514", NULL},
    {1406,                        "22001", NULL},
    {1264,                        "22003", NULL},
    {1049,                        "3D000", NULL},
};

/* The connection is gone with it, and whether what it carried took effect is unknown. */
static const unsigned losses[] = {
    CR_SERVER_GONE_ERROR, CR_SERVER_LOST, CLIENT_SERVER_LOST_EXTENDED, 1053, 1077, 1079,
    MARIADB_CONNECTION_KILLED, MYSQL_SESSION_KILLED, MYSQL_IDLE_TOO_LONG,
};
/* clang-format on */

bool
mysql_error_is_loss(unsigned error)
{
    for (int i = 0; i < LENGTH(losses); i++)
        if (losses[i] == error)
            return true;
    return false;
}

static const Meaning *
meaning_of(unsigned error)
{
    for (int i = 0; i < LENGTH(meanings); i++)
        if (meanings[i].error == error)
            return &meanings[i];
    return NULL;
}

void
mysql_error_state(unsigned error, const char *said, char sqlstate[6])
{
    const Meaning *meaning = meaning_of(error);

    snprintf(sqlstate, 6, "%s", meaning == NULL ? said : meaning->sqlstate);
}

/* Of the database that was named; what reaches beyond it is the administrator's to say.
 */
static char *
hint_grant(Mem *mem, unsigned error, const Mysql *my)
{
    SqlText grant = sql_begin(mem, &my->caps);
    const char *at = strrchr(my->user, '@');

    if ((error != 1044 && error != 1142) || my->address.database == NULL || at == NULL)
        return mem_text(mem, "Ask an administrator to grant it to %s.", my->user);
    sql_raw(&grant, "Ask an administrator: GRANT ALL ON ");
    sql_ident(&grant, my->address.database);
    sql_raw(&grant, ".* TO ");
    sql_string(&grant, mem_slice(mem, my->user, (size_t)(at - my->user)));
    sql_raw(&grant, "@");
    sql_string(&grant, at + 1);
    sql_raw(&grant, ";");
    return (char *)sql_done(&grant);
}

char *
mysql_error_hint(Mem *mem, unsigned error, const Mysql *my)
{
    const Meaning *meaning = meaning_of(error);

    if (meaning == NULL)
        return NULL;
    if (meaning->hint == NULL && strcmp(meaning->sqlstate, "42501") == 0)
        return hint_grant(mem, error, my);
    return mem_copy(mem, meaning->hint);
}

/* --- no connection --------------------------------------------------------------- */

static const char four_checks[] = "Check that:\n"
                                  "  • the database is running, and accepts TCP\n"
                                  "  • the connection string is correct; for a "
                                  "socket: socket=/path in it\n"
                                  "  • network and firewall allow the connection\n"
                                  "  • host name and port are correct";

/* clang-format off */
static const struct { unsigned error; const char *hint; } causes[] = {
    {1045, "Check user and password: in the URL, or in the section [client] of an option file."},
    {1044, "There is no database of that name, or this account may not use it: check its spelling; or, as an administrator, CREATE DATABASE and GRANT ALL ON it."},
    {1049, "Create it first: CREATE DATABASE."},
    {1130, "The server has no account for this user at this address."},
    {1040, "The server has no connection left for us: pgstride needs three. Close some, or raise max_connections."},
    {1251, "The account's kind of password is newer than this client library."},
    {3159, "The server wants TLS: say tls=require, or tls=verify-full with tls-ca=FILE."},
    {CR_CONNECTION_ERROR,   "The socket is not there, or lets nobody in: name it with socket=/path in the URL, or connect over TCP to 127.0.0.1."},
    {CR_CONN_HOST_ERROR,    four_checks},
    {CR_UNKNOWN_HOST,       "The host name is not known here: check its spelling and the DNS."},
    {CLIENT_TLS,            "Say which TLS is meant: tls=verify-full needs tls-ca=FILE and the host name of the certificate; tls=require encrypts and checks nothing; tls=disable trusts the network."},
    {CLIENT_PLUGIN,         "The client library lacks this plugin: install it, or name its directory in " PLUGIN_DIRECTORY "."},
    {CLIENT_AUTHENTICATION, "Such a password travels over TLS or a socket only: say tls=require."},
    {CR_SERVER_LOST,        four_checks},
};
/* clang-format on */

/* To both libraries "localhost" means the socket. */
static bool
is_tcp(const MysqlAddress *address)
{
    return address->socket == NULL && address->host != NULL &&
           strcmp(address->host, "localhost") != 0;
}

/* "Can't connect to server on '127.0.0.1' (111)" ends with what the system said, as a
 * number; its words are what people search for. */
static const char *
said_with_words(Mem *mem, const char *said)
{
    const char *paren = strrchr(said, '(');
    char *end = NULL;
    long number = paren == NULL ? 0 : strtol(paren + 1, &end, 10);

    if (number <= 0 || strcmp(end, ")") != 0)
        return said;
    return mem_text(mem, "%.*s(%ld: %s)", (int)(paren - said), said, number,
                    strerror((int)number));
}

bool
mysql_connect_explain(MYSQL *conn, const MysqlAddress *address, Err *err)
{
    MEM_SCOPE(scope, NULL);
    unsigned error = mysql_errno(conn);
    const char *said = mysql_error(conn);

    if (error == CR_CONNECTION_ERROR || error == CR_CONN_HOST_ERROR)
        said = said_with_words(scope, said);
    err_set(err, ERR_CONNECT, "cannot connect to %s: %s (error %u)",
            address_shown(scope, address), secret_scrub(scope, said), error);
    if (error == CR_CONNECTION_ERROR && is_tcp(address)) /* MariaDB's library says so */
        error = CR_CONN_HOST_ERROR;
    for (int i = 0; i < LENGTH(causes); i++)
        if (causes[i].error == error)
            return err_hint(err, "%s", causes[i].hint);
    return false;
}

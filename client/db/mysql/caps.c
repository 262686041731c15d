/*
 * What kind of server answered, and what it can do. Whatever only looks like MySQL is
 * refused here, before anything was changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/mysql/mysql.h"

/* MySQL drops its mark before the version, MariaDB puts it behind. */
typedef struct Stranger
{
    const char *sign; /* in version() or version_comment */
    const char *product;
} Stranger;

static const Stranger strangers[] = {
    {"Vitess", "Vitess"},
    {"PlanetScale", "PlanetScale"},
    {"TiDB", "TiDB"},
    {"OceanBase", "OceanBase"},
    {"SingleStore", "SingleStore"},
    {"MemSQL", "SingleStore"},
    {"StarRocks", "StarRocks"},
    {"Doris", "Apache Doris"},
    {"Dolt", "Dolt"},
    {"MaxScale", "MaxScale"},
    {"Aurora", "Amazon Aurora"},
    {"ClickHouse", "ClickHouse"},
};

/* Where ALTER is atomic and knows ALGORITHM=INSTANT, and CHECK constraints hold. */
static const struct
{
    const char *product;
    int version;
    const char *shown;
} oldest[] = {{"MySQL", 80016, "8.0.16"}, {"MariaDB", 100600, "10.6"}};

static bool
stranger_refused(const char *said, Err *err)
{
    for (int i = 0; i < LENGTH(strangers); i++)
        if (strcasestr(said, strangers[i].sign) != NULL)
        {
            err_set(err, ERR_REFUSED, "this server is %s, not MySQL or MariaDB",
                    strangers[i].product);
            return err_hint(err, "It speaks MySQL's protocol, but locks and changes "
                                 "tables in its own way: nothing was done.");
        }
    return true;
}

/* "10.11.19-MariaDB-0+deb12u1", "9.7.4", "5.5.5-10.6.12-MariaDB" through a proxy. */
static int
version_read(const char *text)
{
    int major = 0;
    int minor = 0;
    int patch = 0;

    if (strncmp(text, "5.5.5-", 6) == 0)
        text += 6;
    sscanf(text, "%d.%d.%d", &major, &minor, &patch);
    return major * 10000 + minor * 100 + patch;
}

static void
caps_fill(Caps *caps, const char *version)
{
    bool mariadb = strcasestr(version, "mariadb") != NULL;

    *caps = (Caps){
        .engine = "mysql",
        .product = mariadb ? "MariaDB" : "MySQL",
        .version = version_read(version),
        .ident_quote = '`',
        .quotes_names = true,
        .string_backslash = true,
        .own = &own_mysql,
        .plain_path = true,
        .one_writer = true,
        .index_of_table = true,
        .table_locks = true,
        .skip_locked = true,
        .session_lock = true,
        .sync_trigger = true,
        .replicas_apart = true,
        .lock_nowait = mariadb,
        .drops_apart = mariadb,
    };
    if (strncmp(version, "5.5.5-", 6) == 0)
        version += 6;
    snprintf(caps->version_text, sizeof(caps->version_text), "%.*s",
             (int)strcspn(version, "-"), version);
}

static bool
age_check(const Caps *caps, Err *err)
{
    for (int i = 0; i < LENGTH(oldest); i++)
        if (strcmp(caps->product, oldest[i].product) == 0 &&
            caps->version < oldest[i].version)
        {
            err_set(err, ERR_REFUSED, "%s %s is too old", caps->product,
                    caps->version_text);
            return err_hint(err, "pgstride needs MySQL 8.0.16 or MariaDB 10.6: before, "
                                 "a crash could leave half an ALTER behind.");
        }
    return true;
}

bool
mysql_server_meet(Mysql *my, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Rows rows;

    caps_fill(&my->caps, mysql_get_server_info(my->conn));
    if (!db_query(scope, &my->db, "server", NO_ARGS, &rows, err))
        return false;

    const char *version = rows_cell(&rows, 0, "version");

    caps_fill(&my->caps, version);
    return stranger_refused(version, err) &&
           stranger_refused(rows_cell(&rows, 0, "comment"), err) &&
           age_check(&my->caps, err);
}

/* Named locks are one server's: two runners on two nodes would both have it. */
static bool
galera_refused(const Rows *rows, Err *err)
{
    if (!rows_bool(rows, 0, "galera"))
        return true;
    err_set(err, ERR_REFUSED, "this server is a node of a Galera cluster");
    return err_hint(
        err, "There GET_LOCK keeps nobody out who is on another node, and every "
             "ALTER stops all of them for as long as it takes: pgstride does not "
             "run there. A plan can be made on a copy of the schema that is no "
             "node, and its statements run by hand, one at a time.");
}

/* Rows are locked alone (READ COMMITTED), and how that went no log of statements can
 * tell a replica: InnoDB refuses every write of ours. */
static bool
statements_refused(const Rows *rows, Err *err)
{
    if (!rows_bool(rows, 0, "logs_statements"))
        return true;
    err_set(err, ERR_REFUSED,
            "this server logs statements (binlog_format=STATEMENT), and pgstride needs "
            "its rows logged");
    return err_hint(err,
                    "An administrator's SET GLOBAL binlog_format = 'ROW' changes it "
                    "for new connections; MIXED will do too.");
}

bool
mysql_caps_read(Mysql *my, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Rows rows;

    if (!db_query(scope, &my->db, "caps", NO_ARGS, &rows, err) ||
        !galera_refused(&rows, err) || !statements_refused(&rows, err))
        return false;
    if (rows_cell(&rows, 0, "database") == NULL)
        return err_set(err, ERR_USAGE, "the address names no database") ||
               err_hint(err, "Put it behind the host: mysql://user@host/shop.");
    my->user = mem_copy(my, rows_cell(&rows, 0, "user"));
    my->caps.string_backslash = rows_bool(&rows, 0, "backslash");
    my->caps.string_verbatim = !my->caps.string_backslash;
    my->caps.sync_trigger = rows_bool(&rows, 0, "may_trigger");
    my->caps.in_recovery = rows_bool(&rows, 0, "read_only");
    my->caps.sees_all_activity = rows_int(&rows, 0, "sees_all") != 0;
    return true;
}

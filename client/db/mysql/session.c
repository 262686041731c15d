/*
 * Settings that our promises rest on, whatever the server's or the account's defaults
 * are. The time zone and the SQL mode stay as the application has them: a backfill must
 * write what the application would, and a file means what it says there.
 */
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "db/mysql/mysql.h"
#include "model/keywords.h"

typedef struct Pin
{
    const char *name;
    const char *value;
    const char *product; /* NULL: both know it */
} Pin;

/*
 * A wait is bounded before anything says how long it may be: the servers' own limits on
 * metadata locks are a day and a year. Rows are locked alone, not the gaps between
 * them. A client that hangs in the middle of a batch gives its locks back after a
 * minute, where the server can see to it.
 */
/* clang-format off */
static const Pin pins[] = {
    {"autocommit",                       "1",        NULL},
    {"completion_type",                  "0",        NULL},
    {"lock_wait_timeout",                "1",        NULL},
    {"innodb_lock_wait_timeout",         "1",        NULL},
    {"wait_timeout",                     "28800",    NULL},
    {"net_write_timeout",                "600",      NULL},
    {"foreign_key_checks",               "1",        NULL},
    {"unique_checks",                    "1",        NULL},
    {"sql_safe_updates",                 "0",        NULL},
    {"sql_select_limit",                 "DEFAULT",  NULL},
    {"sql_quote_show_create",            "1",        NULL},
    {"group_concat_max_len",             "1048576",  NULL},
    {"max_execution_time",               "0",        "MySQL"},
    {"information_schema_stats_expiry",  "0",        "MySQL"},
    {"max_statement_time",               "0",        "MariaDB"},
    {"idle_transaction_timeout",         "60",       "MariaDB"},
};
/* clang-format on */

static bool
session_say(Mysql *my, const char *label, const char *sql, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const Ask ask = {.label = label, .sql = sql};
    Reply reply;

    return db_script(scope, &my->db, &ask, 1, &reply, err);
}

static bool
settings_pin(Mysql *my, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Buf sql = buf_begin(scope);
    const char *between = "SET ";

    for (int i = 0; i < LENGTH(pins); i++)
        if (pins[i].product == NULL || strcmp(pins[i].product, my->caps.product) == 0)
        {
            buf_format(&sql, "%sSESSION %s = %s", between, pins[i].name, pins[i].value);
            between = ", ";
        }
    return session_say(my, "session_pins", "SET NAMES utf8mb4", err) &&
           session_say(my, "session_pins",
                       "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", err) &&
           session_say(my, "session_pins", sql.text, err);
}

/* As the URL says it, the way other tools set any variable there. */
static bool
setting_say(Mysql *my, const char *sql, const char *value, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const Ask ask = {
        .label = "session_setting", .sql = sql, .arg_count = 1, .args = &value};
    Reply reply;

    return value == NULL || db_script(scope, &my->db, &ask, 1, &reply, err);
}

static bool
role_set(Mysql *my, const char *role, Err *err)
{
    if (role == NULL)
        return true;

    MEM_SCOPE(scope, NULL);
    const char *sql = mem_text(scope, "SET ROLE %s", ident_quoted(scope, role, '`'));

    if (session_say(my, "set_role", sql, err))
        return true;
    err_hint(err, "--role needs a role that was granted to the account.");
    if (err->kind == ERR_SQL)
        err->kind = ERR_CONNECT;
    return err_in(err, "cannot become role \"%s\"", role);
}

bool
mysql_session_pin(Mysql *my, const SessionPlan *plan, Err *err)
{
    return settings_pin(my, err) &&
           setting_say(my, "SET SESSION time_zone = $1", my->address.time_zone, err) &&
           setting_say(my, "SET SESSION sql_mode = $1", my->address.sql_mode, err) &&
           role_set(my, plan->set_role, err);
}

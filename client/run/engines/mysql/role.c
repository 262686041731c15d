/*
 * What a server is to others, asked before anything is written. An account that may do
 * everything writes to a read-only server too, and to a replica: there it would be
 * alone with what it wrote.
 */
#include "run/engines/mysql/mysql.h"

#include <string.h>

/* The column that names the server it copies from. */
static const struct
{
    const char *product;
    const char *host;
} sources[] = {{"MariaDB", "Master_Host"}, {"MySQL", "host"}};

/* "10.0.0.7"; "another server" where the account may not see which; NULL: it copies
 * from nobody that we know of. */
static bool
source_of(Run *run, Mem *mem, bool copies, const char **source, Err *err)
{
    Rows rows;

    *source = copies ? "another server" : NULL;
    if (!db_query(mem, run->watcher, "server_sources", NO_ARGS, &rows, err))
    {
        if (err->kind == ERR_LOST || err->kind == ERR_STOPPED)
            return false;
        err_clear(err);
        return true;
    }
    for (int i = 0; i < LENGTH(sources) && rows.row_count > 0; i++)
        if (strcmp(sources[i].product, run->caps->product) == 0)
            *source = mem_copy(mem, rows_cell(&rows, 0, sources[i].host));
    return true;
}

static bool
read_only_refused(const char *setting, const char *source, Err *err)
{
    err_set(err, ERR_CONNECT, "this server is read-only (%s = ON)", setting);
    if (source != NULL)
        err_detail(err, "it copies from %s", source);
    return err_hint(err, source == NULL
                             ? "Connect to the primary; or, if this is the one, an "
                               "administrator makes it writable first."
                             : "Connect to the primary.");
}

static bool
replica_refused(const char *source, Err *err)
{
    err_set(err, ERR_REFUSED,
            "this server is a replica that takes writes: it copies "
            "from %s",
            source);
    return err_hint(err, "Connect to the primary. If this is the one by now: RESET "
                         "REPLICA ALL. If both are written: --writable-replica.");
}

static bool
group_refused(Err *err)
{
    err_set(err, ERR_REFUSED,
            "this server is a member of a group of which all members take writes "
            "(group_replication_single_primary_mode = OFF)");
    return err_hint(err, "There GET_LOCK keeps nobody out who is on another member: "
                         "SELECT group_replication_switch_to_single_primary_mode() for "
                         "as long as it takes.");
}

bool
mysql_may_write(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *setting;
    const char *source;
    Rows rows;

    if (!db_query(scope, run->watcher, "server_role", NO_ARGS, &rows, err) ||
        !source_of(run, scope, rows_bool(&rows, 0, "copies"), &source, err))
        return false;
    setting = rows_cell(&rows, 0, "read_only");
    if (setting != NULL)
        return read_only_refused(setting, source, err);
    if (rows_bool(&rows, 0, "multi_primary"))
        return group_refused(err);
    return source == NULL || run->settings->writable_replica ||
           replica_refused(source, err);
}

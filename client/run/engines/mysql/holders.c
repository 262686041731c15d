/*
 * Who has the metadata lock that a change of a table needs.
 *
 * Whoever waits for it makes all others wait, so nobody waits while somebody has the
 * table for longer than a moment. A replica's applier does the change again and waits
 * without a limit, with everything else that we write behind it; here nothing of that
 * can be seen, so the replicas that were named are asked too.
 */
#include "run/engines/mysql/mysql.h"

#include <string.h>

#include "run/locks/standby.h"

/* What would let us see who holds a lock. */
static const struct
{
    const char *product;
    const char *grant;
} grants[] = {{"MariaDB", "PROCESS"}, {"MySQL", "SELECT ON performance_schema.*"}};

static const char *
row_shown(Mem *mem, const Rows *rows, const char *where)
{
    return mem_text(mem, "session %s %s@%s%s, %s, for %s s: %s",
                    rows_cell(rows, 0, "pid"), rows_cell(rows, 0, "user_name"),
                    rows_cell(rows, 0, "client"), where, rows_cell(rows, 0, "state"),
                    rows_cell(rows, 0, "seconds"), rows_cell(rows, 0, "query"));
}

static const char *
worker_id(const Run *run, Mem *mem)
{
    return mem_text(mem, "%lld", (long long)run->driver->backend_id(run->worker));
}

const char *
mysql_holder_shown(Run *run, Mem *mem, const QName *table)
{
    Rows rows;
    Err err = {0};
    bool seen =
        db_query(mem, run->watcher, "mdl_holders",
                 ARGS(table->schema, table->name, worker_id(run, mem)), &rows, &err);

    err_clear(&err);
    if (seen)
        return rows.row_count > 0 ? row_shown(mem, &rows, "")
                                  : "somebody whom the server does not name";
    for (int i = 0; i < LENGTH(grants); i++)
        if (strcmp(grants[i].product, run->caps->product) == 0)
            return mem_text(mem, "somebody we may not see (GRANT %s would show who)",
                            grants[i].grant);
    return "somebody we may not see";
}

/* Where NOWAIT is to be had, asking makes nobody wait. An account that may not know
 * asks all the same, for a second at a time. */
static bool
holder_here(Run *run, Mem *mem, const QName *table, const char **who, Err *err)
{
    Rows rows;

    if (run->caps->lock_nowait)
        return true;
    if (db_query(mem, run->watcher, "mdl_readers",
                 ARGS(table->schema, table->name, worker_id(run, mem)), &rows, err))
    {
        *who = rows.row_count == 0 ? NULL : row_shown(mem, &rows, "");
        return true;
    }
    if (err->kind == ERR_LOST || err->kind == ERR_STOPPED)
        return false;
    err_clear(err);
    return true;
}

/* Of one that does not answer nobody knows. */
static bool
holder_on(Run *run, Mem *mem, Standby *standby, const Ask *ask, const char **who,
          Err *err)
{
    Rows rows;

    if (standby_ask(run, mem, standby, ask, &rows))
    {
        *who = rows.row_count == 0
                   ? NULL
                   : row_shown(mem, &rows,
                               mem_text(mem, " on standby \"%s\"", standby->name));
        return true;
    }
    *who = mem_text(mem, "somebody on standby \"%s\", perhaps: it does not answer",
                    standby->name);
    return standby->denied == NULL || standby_denied(run, standby, err);
}

bool
mysql_holder(Run *run, Mem *mem, const QName *table, const char **who, Err *err)
{
    const char *const args[] = {table->schema, table->name, "0"};
    const Ask ask = {.label = "mdl_readers", .args = args, .arg_count = LENGTH(args)};

    *who = NULL;
    if (table->name == NULL)
        return true;
    if (!holder_here(run, mem, table, who, err))
        return false;
    for (int i = 0; i < run->standby_count && *who == NULL; i++)
        if (!holder_on(run, mem, &run->standbys[i], &ask, who, err))
            return false;
    return true;
}

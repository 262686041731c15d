/*
 * Which way the server grants is known to the server alone: the same change is tried on
 * an empty table like the one that is meant. A lock says that its asker lives, so that
 * whoever asks next drops what a killed run has left.
 */
#include "run/engines/mysql/ask.h"

#include <string.h>

#include "core/sql/mysql/mysql.h"

static bool
say(Run *run, Mem *mem, const char *sql, Reply *reply, Err *err)
{
    const Ask ask = {.label = "ask", .sql = sql};

    return db_script(mem, run->watcher, &ask, 1, reply, err);
}

bool
mysql_clone_drop(Run *run, const QName *clone, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText sql = sql_begin(scope, run->caps);
    Reply reply;

    sql_raw(&sql, "DROP TABLE IF EXISTS ");
    sql_qname(&sql, clone);
    return say(run, scope, sql_done(&sql), &reply, err);
}

static bool
leftovers_drop(Run *run, const char *schema, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(scope, run->watcher, "ask_leftovers", ARGS(schema), &rows, err))
        return false;
    for (int i = 0; i < rows.row_count; i++)
    {
        QName clone = {(char *)schema, (char *)rows_cell(&rows, i, "name")};

        if (!mysql_clone_drop(run, &clone, err))
            return false;
    }
    return true;
}

bool
mysql_clone_make(Run *run, Mem *mem, const CloneAsk *ask, QName *clone, Err *err)
{
    MEM_SCOPE(scope, mem);
    SqlText sql = sql_begin(scope, run->caps);
    long long session = (long long)run->driver->backend_id(run->watcher);
    Reply reply;
    Rows rows;

    if (!db_query(scope, run->watcher, "ask_begin",
                  ARGS(mem_text(scope, "pgstride:pgstride_ask_%lld", session)), &rows,
                  err) ||
        !leftovers_drop(run, ask->table.schema, err))
        return false;
    *clone = (QName){ask->table.schema,
                     mem_text(mem, "pgstride_ask_%lld_%d", session, ask->number)};
    sql_raw(&sql, "CREATE TABLE ");
    sql_qname(&sql, clone);
    sql_raw(&sql, " LIKE ");
    sql_qname(&sql, &ask->table);
    return say(run, scope, sql_done(&sql), &reply, err);
}

/* Refused for another reason than the way: that is said when it runs. */
static bool
refused_otherwise(const Reply *reply)
{
    return reply->outcome == DB_FAILED && strcmp(reply->sqlstate, "0A000") != 0;
}

bool
mysql_clone_ask(Run *run, const QName *clone, const char *text, const Manner **manner,
                Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *aimed = my_aimed_at(scope, text, clone);
    const Manner *way;

    *manner = NULL;
    for (int i = 0; aimed != NULL && (way = mysql_manner(run->caps, &i)) != NULL; i++)
    {
        Reply reply = {0};

        if (say(run, scope, mysql_text_with(scope, aimed, way), &reply, err))
        {
            *manner = way;
            return true;
        }
        if (reply.outcome != DB_FAILED)
            return false;
        err_clear(err);
        if (refused_otherwise(&reply))
            return true;
    }
    return true;
}

bool
mysql_ask(Run *run, const QName *table, const char *text, const Manner **manner,
          Err *err)
{
    MEM_SCOPE(scope, run->mem);
    QName clone;
    Err ignored = {0};
    bool good = mysql_clone_make(run, scope, &(CloneAsk){*table, 1}, &clone, err) &&
                mysql_clone_ask(run, &clone, text, manner, err);

    if (good || err->kind != ERR_LOST)
        mysql_clone_drop(run, &clone, &ignored);
    err_clear(&ignored);
    return good;
}

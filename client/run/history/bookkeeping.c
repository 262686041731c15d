#include "run/history/bookkeeping.h"

#include "base/fault.h"
#include "base/version.h"
#include "model/sqltext.h"
#include "run/engines/engines.h"

/* One of pgstride's own migrations with its record, in one transaction. */
static bool
bookkeeping_apply(Run *run, const Embedded *part, int version, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Engine *engine = engine_of(run);
    SqlText sql = sql_begin(scope, run->caps);
    Reply reply;

    sql_parsed(&sql, (SqlParsed){.text = engine->bookkeeping_begin});
    sql_parsed(&sql, (SqlParsed){.text = part->text});
    sql_raw(&sql, "INSERT INTO ");
    sql_own(&sql, "bookkeeping");
    sql_raw(&sql, " (version, tool_version) VALUES (");
    sql_int(&sql, version);
    sql_raw(&sql, ", ");
    sql_string(&sql, PGSTRIDE_VERSION);
    sql_raw(&sql, "); ");
    sql_parsed(&sql, (SqlParsed){.text = engine->bookkeeping_commit == NULL
                                             ? "COMMIT"
                                             : engine->bookkeeping_commit});

    Ask ask = {.label = "bookkeeping_apply", .sql = sql_done(&sql)};

    return db_script(scope, run->warden, &ask, 1, &reply, err);
}

/* The newest of them that is here; 0: none. */
static bool
bookkeeping_version(Run *run, int64_t *version, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    *version = 0;
    if (!db_query(scope, run->warden, "bookkeeping_exists", NO_ARGS, &rows, err))
        return false;
    if (!rows_bool(&rows, 0, "here"))
        return true;
    if (!db_query(scope, run->warden, "bookkeeping_version", NO_ARGS, &rows, err))
        return false;
    *version = rows_int(&rows, 0, "version");
    return true;
}

/*
 * The runner of another component may have been faster: the runner lock keeps apart
 * only those of one.
 */
static bool
bookkeeping_step(Run *run, const Embedded *part, int version, Err *err)
{
    int64_t have = 0;
    Err again = {0};

    if (bookkeeping_apply(run, part, version, err))
        return true;
    if (err->kind != ERR_LOST && bookkeeping_version(run, &have, &again) &&
        have >= version)
    {
        err_clear(err);
        return true;
    }
    err_clear(&again);
    err_detail(err, "pgstride keeps its history in %s",
               engine_of(run)->bookkeeping_place);
    return err_in(err, "while making pgstride's own tables");
}

bool
bookkeeping_make(Run *run, Err *err)
{
    int64_t have = 0;
    int newest = 0;

    if (!bookkeeping_version(run, &have, err))
        return false;
    for (const Embedded *part = engine_of(run)->bookkeeping; part->name != NULL; part++)
        if (++newest > have && !bookkeeping_step(run, part, newest, err))
            return false;
    if (have > newest)
        return err_set(err, ERR_REFUSED,
                       "the history was written by a newer pgstride (its tables are at "
                       "version %lld, this one knows %d)",
                       (long long)have, newest) ||
               err_hint(err, "Use the newer pgstride.");
    fault_point(FAULT_history_made);
    return true;
}

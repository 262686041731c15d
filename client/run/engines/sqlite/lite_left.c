/* What a backfill has left to do: asked behind its last batch, and before contract. */
#include <inttypes.h>

#include "core/plan/plan.h"
#include "run/engines/sqlite/lite_run.h"

void
lite_not_done(SqlText *sql, const Backfill *fill)
{
    bool conditions = !fill->is_delete && !fill->is_volatile;

    sql_raw(sql, "((");
    if (fill->where.text == NULL)
        sql_raw(sql, "true");
    else
        sql_parsed(sql, fill->where);
    sql_raw(sql, ")");
    for (int i = 0; conditions && i < fill->assignment_count; i++)
    {
        if (i == 0)
            sql_raw(sql, " AND (");
        else
            sql_raw(sql, " OR ");
        sql_ident(sql, fill->assignments[i].target);
        sql_raw(sql, " IS NOT (");
        sql_parsed(sql, fill->assignments[i].expression);
        sql_raw(sql, ")");
    }
    if (conditions && fill->assignment_count > 0)
        sql_raw(sql, ")");
    sql_raw(sql, ")");
}

bool
lite_rows_left(Run *run, Db *db, const Backfill *fill, int64_t *count, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText sql = sql_begin(scope, run->caps);
    Reply reply;

    sql_raw(&sql, "SELECT count(*) AS left_over FROM ");
    sql_qname(&sql, &fill->table);
    sql_raw(&sql, " WHERE ");
    lite_not_done(&sql, fill);
    if (!lite_send(scope, db, "verify", &sql, &reply, err))
        return false;
    *count = rows_int(&reply.rows[0], 0, "left_over");
    return true;
}

/* --- before contract ------------------------------------------------------------- */

static bool
level_refused(const Migration *migration, const Backfill *fill, int64_t left, Err *err)
{
    err_set(err, ERR_REFUSED,
            "contract of %s is refused: %" PRId64 " row%s of \"%s\" %s "
            "not ready for it",
            migration->label, left, left == 1 ? "" : "s", fill->table.name,
            left == 1 ? "is" : "are");
    err_detail(err, "they were written past the backfill, or its sync trigger is gone");
    return err_hint(err, "Mend them, then: pgstride contract %s", migration->version);
}

bool
lite_level_check(Run *run, Db *db, const Migration *migration, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Backfill *fills;
    int count;

    if (!plan_backfills(scope, migration, &fills, &count, err))
        return false;
    for (int i = 0; i < count; i++)
    {
        int64_t left = 0;

        if (fills[i].repeat)
            continue;
        if (!lite_rows_left(run, db, &fills[i], &left, err))
            return false;
        if (left > 0)
            return level_refused(migration, &fills[i], left, err);
    }
    return true;
}

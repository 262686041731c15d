/* How a SQLite file is acted on. */
#include "run/engines/sqlite/lite_run.h"

/* It is read inside the transaction that it guards: nobody can take over meanwhile. */
static SqlText
lite_guard(Mem *mem, const Run *run)
{
    SqlText sql = sql_begin(mem, run->caps);

    sql_raw(&sql, "SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM pgstride_runners WHERE "
                  "component = ");
    sql_string(&sql, run->settings->component);
    sql_raw(&sql, " AND run_id = ");
    sql_string(&sql, run->id);
    sql_raw(&sql,
            ") THEN pgstride_refuse('another run of pgstride has taken over') END");
    return sql;
}

const Engine sqlite_engine = {
    .name = "sqlite3",
    .driver = &sqlite_driver,
    .bookkeeping = bookkeeping_sqlite,
    .bookkeeping_begin = "BEGIN IMMEDIATE;\n",
    .bookkeeping_place = "tables whose names begin with pgstride_",
    .guard = lite_guard,
    .gather = lite_gather,
    .rehearse = lite_rehearse,
    .looks_first = true,
    .looks = &sqlite_looks,
    .mend = lite_mend,
    .gate = lite_gate,
    .acts =
        {
            [STEP_TRANSACTION] = lite_transaction,
            [STEP_ALONE] = lite_alone,
            [STEP_BACKFILL] = lite_fill,
        },
};

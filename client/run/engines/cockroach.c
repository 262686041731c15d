#include "run/engines/cockroach.h"

#include "run/steps/gate.h"

/* Reads the row that a new run changes: one of the two is told to begin again. */
static SqlText
cockroach_guard(Mem *mem, const Run *run)
{
    SqlText sql = sql_begin(mem, run->caps);
    SqlText body = sql_begin(mem, run->caps);

    sql_raw(&body, "BEGIN IF NOT EXISTS (SELECT 1 FROM pgstride.runners "
                   "WHERE component = ");
    sql_string(&body, run->settings->component);
    sql_raw(&body, " AND run_id = ");
    sql_uuid(&body, run->id);
    sql_raw(&body, ") THEN RAISE EXCEPTION 'another run of pgstride has taken over' "
                   "USING ERRCODE = 'PS001'; END IF; END");
    sql_raw(&sql, "DO ");
    sql_dollar(&sql, &body);
    return sql;
}

bool
cockroach_commit(Run *run, Mem *mem, const SqlText *texts, int count, Reply *reply,
                 Err *err)
{
    SqlText guard = cockroach_guard(mem, run);
    Ask *asks = mem_array(mem, Ask, count + 3);
    int sent = 0;

    asks[sent++] = (Ask){.label = "begin", .sql = "BEGIN"};
    asks[sent++] = (Ask){.label = "guard", .sql = sql_done(&guard)};
    for (int i = 0; i < count; i++)
        asks[sent++] = (Ask){.label = "statement", .sql = sql_done(&texts[i])};
    asks[sent++] = (Ask){.label = "commit", .sql = "COMMIT"};
    return db_script(mem, run->worker, asks, sent, reply, err);
}

/* clang-format off */
const Engine cockroach_engine = {
    .name = "cockroach",
    .driver = &cockroach_driver,
    .bookkeeping = bookkeeping_cockroach,
    .bookkeeping_begin = "", /* all of it can be run again */
    .bookkeeping_commit = "",
    .bookkeeping_place = "a schema \"pgstride\"",
    .guard = cockroach_guard,
    .gather = cockroach_gather,
    .looks = &cockroach_looks,
    .gate = plain_gate,
    .acts = {
        [STEP_TRANSACTION] = cockroach_step,
        [STEP_ALONE] = cockroach_step,
        [STEP_BACKFILL] = cockroach_fill,
    },
};
/* clang-format on */

#include "run/pressure.h"

#include <inttypes.h>

#define SAMPLE_MS 200.0

static const Column pressure_columns[] = {
    COLUMN(DOUBLE_OR_MINUS, Pressure, replica_lag_ms),
    COLUMN(INT64_OR_MINUS, Pressure, replica_lag_bytes),
    COLUMN(TEXT_OR_NULL, Pressure, replica),
    COLUMN(INT64_OR_MINUS, Pressure, slot_retained_bytes),
    COLUMN(TEXT_OR_NULL, Pressure, slot),
    COLUMN(INT64_OR_MINUS, Pressure, active_sessions),
    COLUMN(BOOL, Pressure, autovacuum_here),
    COLUMN(INT64_OR_MINUS, Pressure, dead_rows),
};

bool
pressure_sample(Run *run, Gauge *gauge, int64_t table, Err *err)
{
    double now = clock_now(run->clock);
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (gauge->sampled_ms > 0 && now - gauge->sampled_ms < SAMPLE_MS)
        return true;
    if (!db_query(scope, run->watcher, "pressure",
                  ARGS(mem_text(scope, "%" PRId64, table)), &rows, err))
        return err_in(err, "while looking at the server's load");
    mem_scope_end(&gauge->mem);
    gauge->mem = mem_scope_begin(run->mem);
    gauge->sampled_ms = now;
    gauge->pressure = (Pressure){.lock_waiters = gauge->pressure.lock_waiters};
    return rows_one(gauge->mem, &rows, pressure_columns, LENGTH(pressure_columns),
                    &gauge->pressure, err);
}

bool
pressure_horizon(Run *run, int64_t *horizon, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(scope, run->watcher, "horizon", NO_ARGS, &rows, err))
        return err_in(err, "while looking for the oldest snapshot");
    *horizon = rows_int(&rows, 0, "horizon");
    return true;
}

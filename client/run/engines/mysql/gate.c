/* What must be so before contract begins. */
#include "run/engines/mysql/mysql.h"

#include <string.h>

#include "base/units.h"
#include "core/plan/phase.h"

static bool
gate_filled(Run *run, const Migration *migration, Err *err)
{
    const MigrationRecord *record =
        history_migration(&run->history, migration->version);
    int done = 0;
    int count = 0;

    if (record != NULL && strcmp(record->how, "run") != 0)
        return true;
    for (int i = 0; i < run->history.backfill_count; i++)
    {
        const BackfillRecord *fill = &run->history.backfills[i];

        if (strcmp(fill->version, migration->version) != 0)
            continue;
        count++;
        done += fill->verified;
    }
    if (done == count)
        return true;
    err_set(err, ERR_REFUSED, "%d of %d backfills of %s are not verified", count - done,
            count, migration->label);
    return err_hint(err, "pgstride up goes on with them.");
}

static bool
gate_after(Run *run, const Migration *migration, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Section *contract = migration_section(migration, PHASE_CONTRACT, false);
    Rows rows;

    if (contract == NULL || contract->options.after == 0)
        return true;
    if (!db_query(scope, run->watcher, "since_backfilled",
                  ARGS(run->settings->component, migration->version), &rows, err))
        return false;

    int64_t left_ms = contract->options.after - rows_int(&rows, 0, "since_ms");

    if (left_ms <= 0)
        return true;
    err_at(err, ERR_REFUSED, contract->file, contract->span.line,
           "contract is to wait: after:%s is not over for another %lld s",
           duration_exact(scope, contract->options.after),
           (long long)(left_ms / 1000 + 1));
    return err_hint(err, "Try again then.");
}

/* --- no row without a value ------------------------------------------------------ */

static bool
begun(const Run *run, const Plan *plan)
{
    for (int i = 0; i < run->history.step_count; i++)
        if (strcmp(run->history.steps[i].version, plan->migration->version) == 0 &&
            strcmp(run->history.steps[i].phase, phase_name(PHASE_CONTRACT)) == 0)
            return true;
    return false;
}

/* A column that is there, and takes NULL. */
static bool
takes_null(Run *run, const Act *act, bool *takes, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    *takes = false;
    if (!db_query(scope, run->watcher, "column_facts",
                  ARGS(act->relation.schema, act->relation.name), &rows, err))
        return false;
    for (int i = 0; i < rows.row_count; i++)
        *takes = *takes || (strcasecmp(rows_cell(&rows, i, "name"), act->column) == 0 &&
                            !rows_bool(&rows, i, "not_null"));
    return true;
}

/* Counted to a hundred: more are as bad. */
static bool
nulls_refused(Run *run, const Statement *statement, const Act *act, Err *err)
{
    enum
    {
        MOST = 100
    };
    MEM_SCOPE(scope, run->mem);
    SqlText sql = sql_begin(scope, run->caps);
    Ask ask = {.label = "gate_nulls"};
    Reply reply;

    sql_raw(&sql, "SELECT COUNT(*) AS left_over FROM (SELECT 1 FROM ");
    sql_qname(&sql, &act->relation);
    sql_raw(&sql, " WHERE ");
    sql_ident(&sql, act->column);
    sql_raw(&sql, " IS NULL LIMIT ");
    sql_int(&sql, MOST);
    sql_raw(&sql, ") AS some");
    ask.sql = sql_done(&sql);
    if (!db_script(scope, run->watcher, &ask, 1, &reply, err))
        return true;

    int64_t left = rows_int(&reply.rows[0], 0, "left_over");

    if (left == 0)
        return false;
    err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
           "%s%lld row%s of \"%s\" ha%s no %s", left == MOST ? "at least " : "",
           (long long)left, left == 1 ? "" : "s", act->relation.name,
           left == 1 ? "s" : "ve", act->column);
    err_hint(err,
             "They were written behind the backfill, by code that does not know the "
             "column. Fill them, see that nobody writes such rows any more, then: "
             "pgstride contract.");
    return true;
}

/* Of columns that contract makes NOT NULL, where it fills none itself. */
static bool
gate_nulls(Run *run, const Migration *migration, Err *err)
{
    const Section *contract = migration_section(migration, PHASE_CONTRACT, false);

    for (int i = 0; contract != NULL && i < contract->statements.count; i++)
    {
        const Statement *statement = &contract->statements.items[i];

        if (statement->acts[0].action == ACTION_UPDATE)
            return true;
        for (int j = 0; j < statement->act_count; j++)
        {
            const Act *act = &statement->acts[j];
            bool takes;

            if (act->action != ACTION_ALTER_TYPE || !act->not_null)
                continue;
            if (!takes_null(run, act, &takes, err) ||
                (takes && nulls_refused(run, statement, act, err)))
                return false;
        }
    }
    return true;
}

bool
mysql_gate(Run *run, const Plan *plan, const Facts *facts, Err *err)
{
    (void)facts;
    return gate_filled(run, plan->migration, err) &&
           gate_after(run, plan->migration, err) && mysql_swap_settle(run, plan, err) &&
           (begun(run, plan) || gate_nulls(run, plan->migration, err));
}

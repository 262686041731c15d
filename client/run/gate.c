#include "run/gate.h"

#include <string.h>

#include "base/stop.h"
#include "base/units.h"
#include "core/plan.h"
#include "core/swap.h"
#include "core/sync.h"
#include "core/twins.h"
#include "run/tell.h"

typedef struct Gate
{
    Run *run;
    const Plan *plan;
    const Facts *facts;
    const Backfill *fills;
    int fill_count;
} Gate;

/* --- the backfill is complete
 * ---------------------------------------------------------
 */

static bool
gate_verified(const Gate *gate, Err *err)
{
    const History *history = &gate->run->history;
    const Migration *migration = gate->plan->migration;

    for (int i = 0; i < history->backfill_count; i++)
    {
        const BackfillRecord *record = &history->backfills[i];

        if (strcmp(record->version, migration->version) == 0 && !record->verified)
            return err_set(
                       err, ERR_REFUSED,
                       "contract of %s is refused: the backfill of %s is not verified",
                       migration->label, record->leaf) ||
                   err_hint(err, "pgstride up %s finishes it.", migration->version);
    }
    return true;
}

/* --- the trigger kept both sides level all the time ----------------------------------
 */

static bool
gate_trigger(const Gate *gate, const TableFact *table, Err *err)
{
    MEM_SCOPE(scope, gate->run->mem);
    SyncRequest request = {.migration = gate->plan->migration,
                           .facts = gate->facts,
                           .table = table,
                           .fills = gate->fills,
                           .fill_count = gate->fill_count};
    SyncTrigger trigger = sync_installed(scope, &request);
    Reply reply;

    if (!trigger.needed)
        return true;

    Ask ask = {.label = "sync_in_force", .sql = trigger.in_force.text};

    if (!db_script(scope, gate->run->watcher, &ask, 1, &reply, err))
        return false;

    const Rows *rows = &reply.rows[0];
    bool in_force = rows->row_count == 1 && rows->cells[0] != NULL &&
                    strcmp(rows->cells[0], "t") == 0;

    return in_force ||
           err_set(err, ERR_REFUSED,
                   "contract of %s is refused: the sync trigger of %s is not in force",
                   gate->plan->migration->label, table->name.name) ||
           err_hint(err,
                    "It was dropped or disabled, so rows may have been written past "
                    "it. ALTER TABLE %s ENABLE ALWAYS TRIGGER %s; then look for rows "
                    "that are not filled.",
                    table->name.name, trigger.trigger);
}

static bool
gate_triggers(const Gate *gate, Err *err)
{
    for (int i = 0; i < gate->facts->table_count; i++)
        if (gate->facts->tables[i].exists &&
            !gate_trigger(gate, &gate->facts->tables[i], err))
            return false;
    return true;
}

/* --- nobody still reads with an older snapshot
 * ---------------------------------------- */

typedef struct OldSnapshot
{
    char *who;
    int64_t age_ms;
    char *what;
} OldSnapshot;

static const Column old_snapshot_columns[] = {
    COLUMN(TEXT, OldSnapshot, who),
    COLUMN(INT64_OR_MINUS, OldSnapshot, age_ms),
    COLUMN(TEXT, OldSnapshot, what),
};

static int64_t
last_batch(const Gate *gate)
{
    const History *history = &gate->run->history;
    int64_t last = 0;

    for (int i = 0; i < history->backfill_count; i++)
        if (strcmp(history->backfills[i].version, gate->plan->migration->version) ==
                0 &&
            last < history->backfills[i].last_xid)
            last = history->backfills[i].last_xid;
    return last;
}

/* The sentence about the oldest of them; NULL when there is none. */
static bool
old_snapshot(const Gate *gate, Mem *mem, char **who, Err *err)
{
    MEM_SCOPE(scope, mem);
    OldSnapshot *found;
    int count;
    Rows rows;

    *who = NULL;
    if (!db_query(scope, gate->run->watcher, "snapshots_before",
                  ARGS(mem_text(scope, "%lld", (long long)last_batch(gate))), &rows,
                  err) ||
        !rows_decode(scope, &rows, old_snapshot_columns, LENGTH(old_snapshot_columns),
                     sizeof(OldSnapshot), (void **)&found, &count, err))
        return false;
    if (count > 0)
        *who = mem_text(
            mem, "%s%s%s: %s", found->who, found->age_ms < 0 ? "" : ", for ",
            found->age_ms < 0 ? "" : duration_show(scope, (double)found->age_ms),
            found->what);
    return true;
}

/*
 * A transaction whose snapshot is older than the last batch would, after the swap, read
 * rows as they were before it: unfilled, under the name that now means filled.
 */
static bool
gate_snapshots(const Gate *gate, Err *err)
{
    Run *run = gate->run;
    double until = clock_now(run->clock) + (double)run->settings->lock_patience;
    Millis rest = 10;
    bool told = false;

    for (;;)
    {
        MEM_SCOPE(scope, run->mem);
        char *who = NULL;

        if (last_batch(gate) == 0)
            return true;
        if (!old_snapshot(gate, scope, &who, err))
            return false;
        if (who == NULL)
            return true;
        if (stop_asked())
            return err_set(err, ERR_STOPPED,
                           "stopped while waiting for an older snapshot");
        if (clock_now(run->clock) >= until)
            return err_set(
                       err, ERR_BUSY,
                       "contract of %s is refused: a snapshot is older than the last "
                       "batch",
                       gate->plan->migration->label) ||
                   err_detail(err, "%s", who) ||
                   err_hint(err,
                            "It would see rows that are not filled. Let it end, then "
                            "run contract again.");
        if (!told)
            tell_note(run, EVENT_REST, "waiting for an older snapshot: %s", who);
        told = true;
        clock_rest(run->clock, rest);
        rest = rest < 500 ? rest * 2 : 1000;
    }
}

/* --- no row is left
 * -------------------------------------------------------------------- */

static bool
unfilled_refused(const Gate *gate, const QName *table, const Rows *rows, Err *err)
{
    const char *version = gate->plan->migration->version;
    int64_t left = rows_int(rows, 0, "left_over");

    err_set(err, ERR_REFUSED, "contract of %s is refused: %lld row%s %s not ready",
            gate->plan->migration->label, (long long)left, left == 1 ? "" : "s",
            left == 1 ? "is" : "are");
    err_detail(err, "in %s: %s", table->name, rows_cell(rows, 0, "examples"));
    return err_hint(err,
                    "They are NULL where contract says NOT NULL, or differ from the "
                    "backfill's expression. Mend them, then: pgstride contract %s.",
                    version);
}

/*
 * Before the proof is added: a NOT VALID check would refuse every update of a row that
 * breaks it, so no such row may exist when it comes.
 */
static bool
gate_rows(const Gate *gate, Err *err)
{
    for (int i = 0; i < gate->plan->step_count; i++)
    {
        MEM_SCOPE(scope, gate->run->mem);
        const Step *step = &gate->plan->steps[i];
        Reply reply;

        if (step->probe.text == NULL || step->phase != PHASE_CONTRACT)
            continue;

        Ask ask = {.label = "probe", .sql = step->probe.text};

        if (!db_script(scope, gate->run->watcher, &ask, 1, &reply, err))
            return err_in(err, "while looking for rows that are not ready");
        if (rows_int(&reply.rows[0], 0, "left_over") > 0)
            return unfilled_refused(gate, &step->table, &reply.rows[0], err);
    }
    return true;
}

/* --- not before its time
 * --------------------------------------------------------------- */

static bool
gate_after(const Gate *gate, Err *err)
{
    MEM_SCOPE(scope, gate->run->mem);
    const Section *section =
        migration_section(gate->plan->migration, PHASE_CONTRACT, false);
    Rows rows;

    if (section == NULL || section->options.after == 0)
        return true;
    if (!db_query(scope, gate->run->watcher, "since_backfilled",
                  ARGS(gate->run->settings->component, gate->plan->migration->version),
                  &rows, err))
        return false;

    int64_t since = rows_int(&rows, 0, "since_ms");

    return since >= section->options.after ||
           err_at(err, ERR_REFUSED, section->file, section->span.line,
                  "contract of %s is refused: it may run %s after the backfill, in %s",
                  gate->plan->migration->label,
                  duration_show(scope, (double)section->options.after),
                  duration_show(scope, (double)(section->options.after - since)));
}

/* Contract was begun: its proof holds, and its swap may have run. Nothing is asked
 * again. */
static bool
gate_passed_before(const Gate *gate)
{
    return history_step(&gate->run->history, gate->plan->migration->version,
                        PHASE_CONTRACT, 1) != NULL;
}

bool
gate_check(Run *run, const Plan *plan, const Facts *facts, Err *err)
{
    Gate gate = {.run = run, .plan = plan, .facts = facts};
    Backfill *fills;

    if (!plan_backfills(run->mem, plan->migration, &fills, &gate.fill_count, err))
        return false;
    gate.fills = fills;
    if (gate_passed_before(&gate))
        return gate_snapshots(&gate, err);
    return gate_verified(&gate, err) && gate_after(&gate, err) &&
           gate_triggers(&gate, err) &&
           twins_check(run->mem, plan->migration, facts, err) &&
           gate_rows(&gate, err) && gate_snapshots(&gate, err);
}

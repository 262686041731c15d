#include "run/steps/gate.h"

#include <string.h>

#include "base/units.h"
#include "core/plan/plan.h"
#include "core/plan/twins.h"
#include "core/sync/sync.h"
#include "run/backfill/aside.h"
#include "run/facts/probe.h"
#include "run/locks/snapshots.h"

typedef struct Gate
{
    Run *run;
    const Plan *plan;
    const Facts *facts;
    const Backfill *fills;
    int fill_count;
} Gate;

static bool refuse(const Gate *gate, Err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool
refuse(const Gate *gate, Err *err, const char *format, ...)
{
    MEM_SCOPE(scope, NULL);
    va_list args;

    va_start(args, format);
    const char *why = mem_vtext(scope, format, args);
    va_end(args);
    return err_set(err, ERR_REFUSED, "contract of %s is refused: %s",
                   gate->plan->migration->label, why);
}

static const StepRecord *
gate_record(const Gate *gate, const Step *step)
{
    return history_of_step(&gate->run->history, step);
}

/* A step of contract changed the table already: its proof holds, its swap may be done.
 */
static bool
gate_begun(const Gate *gate, const TableFact *table)
{
    for (int i = 0; i < gate->plan->step_count; i++)
    {
        const Step *step = &gate->plan->steps[i];

        if (step->phase == PHASE_CONTRACT && step->table.name != NULL &&
            gate_record(gate, step) != NULL &&
            (table == NULL || facts_table(gate->facts, &step->table) == table))
            return true;
    }
    return false;
}

/* --- the backfill is complete ---------------------------------------------------- */

static bool
fill_verified(const Gate *gate, const Backfill *fill)
{
    const History *history = &gate->run->history;
    bool found = false;

    for (int i = 0; i < history->backfill_count; i++)
    {
        const BackfillRecord *record = &history->backfills[i];

        if (strcmp(record->version, gate->plan->migration->version) != 0 ||
            record->number != fill->number)
            continue;
        if (!record->verified)
            return false;
        found = true;
    }
    return found;
}

/* Rows that it could not fill are named: they are what there is to mend. */
static bool
fill_unverified(const Gate *gate, const Backfill *fill, Err *err)
{
    MEM_SCOPE(scope, gate->run->mem);
    const Migration *migration = gate->plan->migration;
    Aside aside;

    if (!aside_read(gate->run, scope, migration, fill, &aside, err))
        return false;
    if (aside.count == 0)
        return refuse(gate, err, "the backfill of \"%s\" is not verified",
                      fill->table.name) ||
               err_hint(err, "pgstride up %s finishes it.", migration->version);
    refuse(gate, err, "%s row%s of \"%s\" could not be filled",
           count_show(scope, aside.count), aside.count == 1 ? "" : "s",
           fill->table.name);
    aside_details(&aside, err);
    return err_hint(err, "Mend them, then: pgstride up %s", migration->version);
}

/* What was recorded by decree (mark, force) has no records: its rows speak for it. */
static bool
gate_verified(const Gate *gate, Err *err)
{
    const Migration *migration = gate->plan->migration;
    const MigrationRecord *record =
        history_migration(&gate->run->history, migration->version);

    if (record != NULL && strcmp(record->how, "run") != 0)
        return true;
    for (int i = 0; i < gate->fill_count; i++)
        if (!fill_verified(gate, &gate->fills[i]))
            return fill_unverified(gate, &gate->fills[i], err);
    return true;
}

/* --- the trigger kept both sides level all the time ------------------------------ */

/* Whichever kind it is, what it calls where it is there is right where it is missing.
 */
static bool
trigger_missing(const SyncTrigger *trigger, const char *table, const char *calls,
                Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *name = ident_show(scope, trigger->trigger);

    if (calls == NULL)
        return err_hint(err, "Begin again: pgstride down, pgstride up.");
    return err_hint(
        err,
        "CREATE TRIGGER %s BEFORE INSERT OR UPDATE ON %s FOR EACH ROW "
        "EXECUTE FUNCTION %s; ALTER TABLE %s ENABLE ALWAYS TRIGGER %s; then "
        "run the backfill's UPDATE for what was written meanwhile. Or begin "
        "again: pgstride down, pgstride up.",
        name, table, calls, table, name);
}

/* A child that came later has none; one that is there may have been switched off. */
static bool
trigger_refused(const Gate *gate, const SyncTrigger *trigger, const Rows *rows,
                Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *missing = rows_cell(rows, 0, "missing");
    const char *disabled = rows_cell(rows, 0, "disabled");
    const char *root = qname_show(scope, &trigger->table);
    const char *table = missing != NULL ? missing : disabled != NULL ? disabled : root;

    refuse(gate, err, "the sync trigger of \"%s\" is not in force on %s",
           trigger->table.name, table);
    err_detail(err, "it was dropped or disabled, or never made there, so rows may have "
                    "been written past it");
    if (missing != NULL)
        return trigger_missing(trigger, table, rows_cell(rows, 0, "calls"), err);
    return err_hint(err,
                    "ALTER TABLE %s ENABLE ALWAYS TRIGGER %s; then run the backfill's "
                    "UPDATE for what was written meanwhile. Or begin again: pgstride "
                    "down, pgstride up.",
                    table, ident_show(scope, trigger->trigger));
}

static bool
gate_trigger(const Gate *gate, const TableFact *table, Err *err)
{
    MEM_SCOPE(scope, gate->run->mem);
    SyncRequest request = {.migration = gate->plan->migration,
                           .component = gate->run->settings->component,
                           .facts = gate->facts,
                           .table = table,
                           .fills = gate->fills,
                           .fill_count = gate->fill_count};
    SyncTrigger trigger = sync_installed(scope, &request);
    Ask ask = {.label = "sync_in_force", .sql = trigger.in_force.text};
    Reply reply;

    if (!trigger.needed)
        return true;
    if (!db_script(scope, gate->run->watcher, &ask, 1, &reply, err))
        return false;
    return rows_bool(&reply.rows[0], 0, "in_force") ||
           trigger_refused(gate, &trigger, &reply.rows[0], err);
}

static bool
gate_triggers(const Gate *gate, Err *err)
{
    for (int i = 0; i < gate->facts->table_count; i++)
    {
        const TableFact *table = &gate->facts->tables[i];

        if (table->exists && !gate_begun(gate, table) &&
            !gate_trigger(gate, table, err))
            return false;
    }
    return true;
}

/* --- no row is left -------------------------------------------------------------- */

static bool
unfilled_refused(const Gate *gate, const Step *step, const Answer *answer, Err *err)
{
    refuse(gate, err, "%s row%s not ready for it", answer->count,
           answer->left_over == 1 ? " is" : "s are");
    err_detail(err, "%s: %s%s", step->table.name, answer->examples,
               answer->left_over > 3 ? "; ..." : "");
    return err_hint(err,
                    "They are NULL where contract says NOT NULL, or differ from the "
                    "backfill's expression. Mend them, then: pgstride contract %s",
                    gate->plan->migration->version);
}

static bool
rows_ready(const Gate *gate, const Step *step, Err *err)
{
    MEM_SCOPE(scope, gate->run->mem);
    Answer answer;

    return probe_ask(gate->run, scope, step, &answer, err) &&
           (answer.left_over == 0 || unfilled_refused(gate, step, &answer, err));
}

static bool
gate_rows(const Gate *gate, Err *err)
{
    for (int i = 0; i < gate->plan->step_count; i++)
    {
        const Step *step = &gate->plan->steps[i];

        if (step->probe.gate && gate_record(gate, step) == NULL &&
            !rows_ready(gate, step, err))
            return false;
    }
    return true;
}

/* --- not before its time --------------------------------------------------------- */

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
           refuse(gate, err, "it may run %s after the backfill (%s:%d), in %s",
                  duration_show(scope, (double)section->options.after), section->file,
                  section->span.line,
                  duration_show(scope, (double)(section->options.after - since)));
}

/* What may be true or not only before contract has changed anything. */
static bool
gate_beforehand(const Gate *gate, Err *err)
{
    MEM_SCOPE(scope, gate->run->mem);

    return gate_begun(gate, NULL) ||
           (gate_verified(gate, err) && gate_after(gate, err) &&
            twins_check(scope, gate->plan->migration, gate->facts, err));
}

bool
plain_gate(Run *run, const Plan *plan, const Facts *facts, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Gate gate = {.run = run, .plan = plan, .facts = facts};
    Backfill *fills;

    if (!plan_backfills(scope, plan->migration, &fills, &gate.fill_count, err))
        return false;
    gate.fills = fills;
    return gate_begun(&gate, NULL) ||
           (gate_verified(&gate, err) && gate_after(&gate, err));
}

bool
postgres_gate(Run *run, const Plan *plan, const Facts *facts, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Gate gate = {.run = run, .plan = plan, .facts = facts};
    Backfill *fills;

    if (!plan_backfills(scope, plan->migration, &fills, &gate.fill_count, err))
        return false;
    gate.fills = fills;
    return gate_beforehand(&gate, err) && gate_triggers(&gate, err) &&
           gate_rows(&gate, err) && snapshots_await(run, plan->migration, err);
}

#include "core/plan/plain.h"

#include <string.h>

#include "core/plan/phase_steps.h"
#include "core/plan/plain_level.h"
#include "core/plan/plain_probe.h"
#include "core/plan/plain_swap.h"
#include "core/plan/plain_undo.h"
#include "core/plan/plan_take.h"
#include "core/plan/swap.h"
#include "core/plan/title.h"
#include "core/sql/actions.h"
#include "core/sql/dialect.h"
#include "core/sql/hazards.h"
#include "model/sqltext.h"

static const Phase phase_order[] = {PHASE_UP, PHASE_EXPAND, PHASE_BACKFILL,
                                    PHASE_CONTRACT};

/* --- hazards that are the application's, whatever the engine --------------------- */

static bool
breaks_old_code(Action action)
{
    return action == ACTION_DROP_COLUMN || action == ACTION_RENAME_COLUMN ||
           action == ACTION_DROP_TABLE || action == ACTION_RENAME_TABLE;
}

static bool
act_refused(const Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    const PlanRequest *request = draft->request;
    const Hazard *hazard =
        !breaks_old_code(act->action) || act_on_new_table(request->migration, act)
            ? NULL
            : hazard_of(act, draft->phase, request->caps);

    if (hazard == NULL || request->safe != SAFE_REWRITE || draft->section == NULL ||
        section_allows(draft->section, hazard->id) != NULL)
        return false;
    err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
           "%s is refused: %s", action_name(act->action), hazard->why);
    err_detail(err, "%s", statement->sql.text);
    err_hint(err, "%s Or say why it is all right here: allow:%s:\"reason\".",
             hazard->cure, hazard->id);
    return true;
}

/* --- statements ------------------------------------------------------------------ */

static StepSeed
statement_seed(const Draft *draft, const Statement *statement)
{
    bool apart = draft->section != NULL && draft->section->options.no_transaction;
    StepSeed seed = {.kind = statement->alone || apart ? STEP_ALONE : STEP_TRANSACTION,
                     .statement = statement};

    for (int i = 0; i < statement->act_count; i++)
    {
        Work work = action_rule(&statement->acts[i], NULL).work;

        seed.work = seed.work < work ? work : seed.work;
    }
    seed.alone = seed.kind == STEP_ALONE || !draft->request->caps->ddl_in_transaction;
    return seed;
}

bool
plain_allowed(const Draft *draft, const Statement *statement, Err *err)
{
    for (int i = 0; i < statement->act_count; i++)
        if (act_refused(draft, statement, &statement->acts[i], err))
            return false;
    return true;
}

/* DROP TABLE a, b where one may go and the other stay: a step each, so that what is
 * there tells what was done. */
static bool
drops_apart(const Draft *draft, const Statement *statement)
{
    return draft->request->caps->drops_apart && statement->act_count > 1 &&
           statement->acts[0].action == ACTION_DROP_TABLE;
}

static void
plain_drops(Draft *draft, const Statement *statement)
{
    StepSeed seed = statement_seed(draft, statement);

    seed.recipe = "drop";
    for (int i = 0; i < statement->act_count; i++)
    {
        const Act *act = &statement->acts[i];
        SqlText sql = sql_begin(draft->mem, draft->request->caps);

        sql_raw(&sql, "DROP TABLE ");
        if (act->if_exists)
            sql_raw(&sql, "IF EXISTS ");
        sql_qname(&sql, &act->relation);
        seed.detail = mem_text(draft->mem, "%d", i);
        draft_step(draft, &seed);
        draft->step.table = act->relation;
        draft->step.alone_why = statement->alone_why;
        plain_undo(draft, act);
        draft_sql(draft, (SqlParsed){.text = sql_done(&sql)},
                  act_title(draft->mem, statement, act));
        draft_show(draft, sql_done(&sql));
    }
}

bool
plain_statement(Draft *draft, const Statement *statement, Err *err)
{
    const Dialect *dialect = dialect_of(draft->request->migration->engine);
    StepSeed seed = statement_seed(draft, statement);

    if (statement->acts[0].action == ACTION_TRANSACTION)
    {
        draft_close(draft); /* of a file that brings its own transactions */
        return true;
    }
    if (!plain_allowed(draft, statement, err))
        return false;
    if (drops_apart(draft, statement))
    {
        plain_drops(draft, statement);
        return true;
    }
    draft_step(draft, &seed);
    if (draft->step.table.name == NULL)
        draft->step.table = statement->acts[0].relation;
    for (int i = 0; i < statement->act_count; i++)
    {
        plain_undo(draft, &statement->acts[i]);
        draft_title(draft, act_title(draft->mem, statement, &statement->acts[i]));
    }
    draft_sql(draft, statement->sql, NULL);
    draft_show(draft, statement->sql.text);
    draft->step.alone_why = statement->alone_why;
    draft_session(draft, statement);
    if (!draft->request->caps->ddl_in_transaction && !draft_verbatim(draft))
        draft->step.probe = plain_probe(draft, statement);

    const char *note = dialect->note == NULL ? NULL
                                             : dialect->note(draft->mem, statement,
                                                             draft->request->facts);

    if (note != NULL)
        draft_note(draft, "%s", note);
    return true;
}

/* --- backfills ------------------------------------------------------------------- */

/* The next backfill of the migration is of this statement. */
static void
plain_fill(Draft *draft, const Backfill *fill)
{
    const TableFact *table = draft_table(draft, &fill->table);
    StepSeed seed = {.kind = STEP_BACKFILL,
                     .work = WORK_BATCHES,
                     .statement = fill->statement,
                     .table = fill->table,
                     .alone = true};

    draft_step(draft, &seed);
    draft->step.backfill = fill;
    draft->step.rows = table == NULL ? -1 : table->rows;
    if (fill->is_delete)
        draft_irreversible(draft);
    draft_sql(draft, fill->statement->sql, fill->table.name);
    draft_show(draft, fill->statement->sql.text);
}

/* --- phases ---------------------------------------------------------------------- */

static bool
section_steps(Draft *draft, const Section *section, int *fill, Err *err)
{
    draft->section = section;
    for (int i = 0; i < section->statements.count; i++)
    {
        const Statement *statement = &section->statements.items[i];
        bool fills = section->phase == PHASE_BACKFILL &&
                     (section->options.repeat || statement_is_backfill(statement));

        if (fills)
            plain_fill(draft, &draft->fills.items[(*fill)++]);
        else if (section->phase == PHASE_CONTRACT && plain_swap_takes(draft, statement))
        {
            if (!plain_swap(draft, statement, err))
                return false;
        }
        else if (!plain_statement(draft, statement, err))
            return false;
    }
    return true;
}

static bool
plain_phase(Draft *draft, Err *err)
{
    const Migration *migration = draft->request->migration;
    bool contracts = draft->phase == PHASE_CONTRACT &&
                     migration_section(migration, PHASE_CONTRACT, false) != NULL;
    int fill = 0;

    if (draft->request->caps->ddl_in_transaction && contracts &&
        !plain_level_drop(draft, err))
        return false;
    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &migration->sections[i];

        if (section->phase == draft->phase && !section->down &&
            !section_steps(draft, section, &fill, err))
            return false;
    }
    if (!draft->request->caps->ddl_in_transaction && contracts &&
        !plain_level_drop(draft, err))
        return false;
    return draft->phase != PHASE_EXPAND || plain_level_make(draft, err);
}

/* What people who come from PostgreSQL do not expect. */
static void
commits_noted(Draft *draft)
{
    if (!draft->request->caps->ddl_in_transaction && draft->steps.count > 1)
        *list_add(draft->mem, &draft->notes) =
            "every step commits by itself here: when one fails, those before it stay, "
            "and the next up goes on with it";
}

bool
plain_plan(Mem *mem, const PlanRequest *request, Plan *plan, Err *err)
{
    Draft draft;

    draft_begin(&draft, mem, request);
    if (!plan_backfills(mem, request->migration, &draft.fills.items, &draft.fills.count,
                        err))
        return false;
    for (int i = 0; i < draft.fills.count; i++)
        plain_sync(request->migration, &draft.fills.items[i]);
    for (int i = 0; i < LENGTH(phase_order); i++)
    {
        draft.phase = phase_order[i];
        draft.section = NULL;
        if (!plain_phase(&draft, err))
            return false;
        draft_close(&draft);
    }
    commits_noted(&draft);
    plan_take(&draft, plan);
    return true;
}

#include "core/plan/plain.h"

#include <string.h>

#include "core/plan/phase_steps.h"
#include "core/plan/plain_undo.h"
#include "core/plan/plan_about.h"
#include "core/plan/swap.h"
#include "core/plan/title.h"
#include "core/sql/actions.h"
#include "core/sql/dialect.h"
#include "core/sql/hazards.h"

static const Phase phase_order[] = {PHASE_UP, PHASE_EXPAND, PHASE_BACKFILL,
                                    PHASE_CONTRACT};

/* --- hazards that are the application's, whatever the engine ---------------------- */

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

static const Dialect *
draft_dialect(const Draft *draft)
{
    return dialect_of(draft->request->migration->engine);
}

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
plain_statement(Draft *draft, const Statement *statement, Err *err)
{
    const Dialect *dialect = draft_dialect(draft);
    StepSeed seed = statement_seed(draft, statement);

    if (statement->acts[0].action == ACTION_TRANSACTION)
    {
        draft_close(draft); /* of a file that brings its own transactions */
        return true;
    }
    for (int i = 0; i < statement->act_count; i++)
        if (act_refused(draft, statement, &statement->acts[i], err))
            return false;
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
    draft->step.session |= statement->session;

    const char *note = dialect->note == NULL ? NULL
                                             : dialect->note(draft->mem, statement,
                                                             draft->request->facts);

    if (note != NULL)
        draft_note(draft, "%s", note);
    return true;
}

/* --- backfills ------------------------------------------------------------------- */

/* Forward where this file's expand adds what is assigned, unless its author says. */
static void
fill_sync(const Migration *migration, Backfill *fill)
{
    const Section *expand = migration_section(migration, PHASE_EXPAND, false);

    fill->sync = fill->section->options.sync;
    if (fill->sync != SYNC_DEFAULT)
        return;
    fill->sync = SYNC_OFF;
    for (int i = 0; i < fill->assignment_count && expand != NULL; i++)
        if (section_adds_column(expand, &fill->table, fill->assignments[i].target))
            fill->sync = SYNC_FORWARD;
}

static bool
level_of(const Draft *draft, const Backfill *fill, LevelSql *level, Err *err)
{
    const Dialect *dialect = draft_dialect(draft);
    Backfill *settled = mem_new(draft->mem, Backfill);
    LevelAsk ask = {.caps = draft->request->caps,
                    .component = draft->request->component,
                    .table = draft_table(draft, &fill->table),
                    .migration = draft->request->migration,
                    .fill = settled};

    *settled = *fill;
    fill_sync(draft->request->migration, settled);
    fill = settled;
    *level = (LevelSql){0};
    if (fill->sync == SYNC_OFF || fill->repeat || fill->is_delete)
        return true;
    if (dialect->level != NULL)
        return dialect->level(draft->mem, &ask, level, err);
    err_at(err, ERR_REFUSED, fill->statement->span.file, fill->statement->span.line,
           "%s has no sync triggers here", draft->request->caps->product);
    return err_hint(err, "Say sync:off, and let the application write both columns.");
}

/* A step for each text, about the backfill it belongs to. */
static void
level_steps(Draft *draft, const Backfill *fill, const LevelSql *level, bool makes)
{
    int count = makes ? level->make_count : level->drop_count;
    StepSeed seed = {.kind = STEP_TRANSACTION,
                     .recipe = "sync",
                     .statement = fill->statement,
                     .alone = !draft->request->caps->ddl_in_transaction};

    for (int i = 0; i < count; i++)
    {
        SqlParsed sql = makes ? level->make[i] : level->drop[i];

        seed.detail = mem_text(draft->mem, "%s %d", makes ? "make" : "drop", i);
        draft_step(draft, &seed);
        draft->step.stands_for = NULL;
        draft_sql(draft, sql, makes ? "sync trigger" : "drop sync trigger");
        draft_show(draft, sql.text);
    }
}

/* In expand's own transaction, where there is one: no row comes between. */
static bool
level_make(Draft *draft, Err *err)
{
    for (int i = 0; i < draft->fills.count; i++)
    {
        const Backfill *fill = &draft->fills.items[i];
        LevelSql level;

        if (!level_of(draft, fill, &level, err))
            return false;
        level_steps(draft, fill, &level, true);
        for (int j = 0; j < level.drop_count; j++)
            draft_undo(draft, level.drop[j], "drop sync trigger");
    }
    return true;
}

bool
plain_level_drop(Draft *draft, Err *err)
{
    for (int i = 0; i < draft->fills.count; i++)
    {
        const Backfill *fill = &draft->fills.items[i];
        LevelSql level;

        if (!level_of(draft, fill, &level, err))
            return false;
        level_steps(draft, fill, &level, false);
    }
    return true;
}

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
        else if (!plain_statement(draft, statement, err))
            return false;
    }
    return true;
}

static bool
plain_phase(Draft *draft, Err *err)
{
    const Migration *migration = draft->request->migration;
    int fill = 0;

    if (draft->phase == PHASE_CONTRACT &&
        migration_section(migration, PHASE_CONTRACT, false) != NULL &&
        !plain_level_drop(draft, err))
        return false;
    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &migration->sections[i];

        if (section->phase == draft->phase && !section->down &&
            !section_steps(draft, section, &fill, err))
            return false;
    }
    return draft->phase != PHASE_EXPAND || level_make(draft, err);
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
        fill_sync(request->migration, &draft.fills.items[i]);
    for (int i = 0; i < LENGTH(phase_order); i++)
    {
        draft.phase = phase_order[i];
        draft.section = NULL;
        if (!plain_phase(&draft, err))
            return false;
        draft_close(&draft);
    }
    draft_number(&draft, plan);
    for (int i = 0; i < plan->step_count; i++)
        plan->steps[i].completes =
            i + 1 == plan->step_count && plan->steps[i].phase != PHASE_CONTRACT;
    plan->notes = draft.notes.items;
    plan->note_count = draft.notes.count;
    swap_names(mem, plan);
    plan_about(mem, request->facts, plan);
    return true;
}

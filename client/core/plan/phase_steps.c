#include "core/plan/phase_steps.h"

#include <string.h>

#include "core/plan/exceptions.h"
#include "core/plan/plain.h"
#include "core/plan/swap.h"
#include "core/plan/title.h"
#include "core/plan/undo.h"
#include "core/recipes/parts.h"
#include "core/recipes/recipes.h"
#include "core/sql/actions.h"
#include "core/sql/hazards.h"
#include "core/sync/sync_step.h"

bool
statement_is_backfill(const Statement *statement)
{
    return statement->act_count > 0 && (statement->acts[0].action == ACTION_UPDATE ||
                                        statement->acts[0].action == ACTION_DELETE);
}

static bool
statement_touches(const Statement *statement, const QName *relation)
{
    for (int i = 0; i < statement->act_count; i++)
        if (qname_may_equal(&statement->acts[i].relation, relation))
            return true;
    return false;
}

bool
migration_touches(const Migration *migration, const QName *relation)
{
    for (int i = 0; i < migration->section_count; i++)
        for (int j = 0; j < migration->sections[i].statements.count; j++)
            if (statement_touches(&migration->sections[i].statements.items[j],
                                  relation))
                return true;
    return false;
}

/* Nobody has said that it may be so. */
static bool
hazard_is_met(const Draft *draft, const Act *act, const Hazard **hazard)
{
    *hazard = act_on_new_table(draft->request->migration, act)
                  ? NULL
                  : hazard_of(act, draft->phase, draft->request->caps);
    return *hazard != NULL;
}

/* What its author can do about it: a recipe serves whoever stands alone. */
static const char *
hazard_cure(Mem *mem, const Hazard *hazard)
{
    return recipe_named(hazard->recipe) == NULL
               ? hazard->cure
               : mem_text(mem,
                          "Write it as a statement of its own: pgstride then does it "
                          "safely (recipe %s).",
                          hazard->recipe);
}

/* All that stands in the statement's way, so that it is read and mended once. */
static bool
hazards_refused(const Draft *draft, const Statement *statement, Err *err)
{
    Buf cures = buf_begin(draft->mem);
    const Hazard *before = NULL;
    const Hazard *hazard;

    for (int i = 0; i < statement->act_count; i++)
    {
        const Act *act = &statement->acts[i];

        if (!hazard_is_met(draft, act, &hazard) || hazard == before ||
            section_allows(draft->section, hazard->id) != NULL)
            continue;
        if (before == NULL)
        {
            err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
                   "%s is refused: %s", action_name(act->action), hazard->why);
            err_detail(err, "%s", statement->sql.text);
        }
        else
            err_detail(err, "%s is refused, too: %s", action_name(act->action),
                       hazard->why);
        buf_format(&cures, "%s%s Or say why it is all right here: allow:%s:\"reason\".",
                   before == NULL ? "" : " ", hazard_cure(draft->mem, hazard),
                   hazard->id);
        before = hazard;
    }
    return err_hint(err, "%s", cures.text);
}

/* What one hazard means for its statement under --safe: nothing, a recipe, or a
 * refusal. */
static bool
hazard_meet(Draft *draft, const Statement *statement, const Hazard *hazard,
            const Recipe **recipe, Err *err)
{
    const Allow *allow = section_allows(draft->section, hazard->id);
    const Recipe *found = recipe_named(hazard->recipe);

    *recipe = NULL;
    if (draft->request->safe == SAFE_OFF)
        return true;
    if (draft->request->safe == SAFE_BACK)
    {
        *recipe = statement->act_count == 1 ? found : NULL;
        return true;
    }
    if (allow != NULL || draft->request->safe == SAFE_WARN)
    {
        char *note = allow != NULL
                         ? mem_text(draft->mem, "%s is allowed here: %s", hazard->id,
                                    allow->reason)
                         : mem_text(draft->mem, "line %d: %s: %s", statement->span.line,
                                    hazard->id, hazard->why);

        *list_add(draft->mem, &draft->notes) = note;
        return true;
    }
    if (found == NULL || statement->act_count > 1)
        return hazards_refused(draft, statement, err);
    *recipe = found;
    return true;
}

/*
 * The locks that the catalog adds: dropping a foreign key, or a column or table that
 * one hangs on, locks the table at its other end as well.
 */
static void
locks_of_foreign_keys(Draft *draft, const Act *act, const TableFact *table)
{
    const ColumnFact *column =
        act->column == NULL ? NULL : table_column(table, act->column);

    for (int i = 0; i < table->constraint_count; i++)
    {
        const ConstraintFact *key = &table->constraints[i];
        bool named = act->object != NULL && strcmp(key->name, act->object) == 0;
        bool hangs = column != NULL && fact_mentions(key->mentions, column->number);

        if (strcmp(key->kind, "f") != 0)
            continue;
        if ((act->action == ACTION_DROP_CONSTRAINT && named) ||
            ((act->action == ACTION_DROP_COLUMN || act->action == ACTION_ALTER_TYPE) &&
             hangs) ||
            act->action == ACTION_DROP_TABLE)
            draft_lock_found(draft,
                             &(LockNeed){.relation = key->other,
                                         .oid = key->other_oid,
                                         .mode = LOCK_ACCESS_EXCLUSIVE,
                                         .lockable = key->other_lockable},
                             !key->incoming);
    }
}

static void
act_locks(Draft *draft, const Act *act)
{
    ActionRule rule = action_rule(act, draft->request->caps);
    const TableFact *table = draft_table(draft, &act->relation);

    if (act->other.name != NULL)
        draft_lock(draft, &act->other, rule.other_lock, true);
    if (act->relation.name != NULL)
        draft_lock(draft, &act->relation, rule.lock, false);
    if (table != NULL)
        locks_of_foreign_keys(draft, act, table);
}

/*
 * Does the act make others wait for its table? Asked of the text alone, never of the
 * catalog: a table that an earlier step has made by now must not cut the steps that are
 * recorded otherwise than they were cut before.
 */
static bool
act_is_busy(const Draft *draft, const Act *act, const ActionRule *rule)
{
    return act->relation.name != NULL && lock_mode_blocks_traffic(rule->lock) &&
           act->action != ACTION_CREATE_VIEW &&
           !act_on_new_table(draft->request->migration, act);
}

/* Nobody has heard yet of what it locks. What is not known to lock nothing else counts
 * as heard of. */
static bool
act_is_secluded(const Draft *draft, const Act *act)
{
    return act->relation.name != NULL && act->action != ACTION_OTHER &&
           act->action != ACTION_UNPARSED && act->action != ACTION_SELECT &&
           draft_table(draft, &act->relation) == NULL &&
           (act->other.name == NULL || draft_table(draft, &act->other) == NULL);
}

static bool
statement_is_secluded(const Draft *draft, const Statement *statement)
{
    bool secluded = statement->act_count > 0 && !statement->session;

    for (int i = 0; secluded && i < statement->act_count; i++)
        secluded = act_is_secluded(draft, &statement->acts[i]);
    return secluded;
}

/* As written: into the open transaction, or alone where it refuses one. */
static void
statement_verbatim(Draft *draft, const Statement *statement)
{
    StepSeed seed = {.kind = statement->alone ? STEP_ALONE : STEP_TRANSACTION,
                     .statement = statement,
                     .alone = statement->alone};

    for (int i = 0; i < statement->act_count; i++)
    {
        const Act *act = &statement->acts[i];
        ActionRule rule = action_rule(act, draft->request->caps);

        if (seed.table.name == NULL && act_is_busy(draft, act, &rule))
            seed.table = act->relation;
        if (seed.work < rule.work)
            seed.work = rule.work;
    }
    draft_step(draft, &seed);
    draft->step.secluded = (draft->sql.count == 0 || draft->step.secluded) &&
                           statement_is_secluded(draft, statement);
    for (int i = 0; i < statement->act_count; i++)
    {
        const Act *act = &statement->acts[i];

        act_locks(draft, act);
        undo_add(draft, act);
        draft_title(draft, act_title(draft->mem, statement, act));
    }
    draft_sql(draft, statement->sql, NULL);
    draft_show(draft, statement->sql.text);
    draft->step.alone_why = statement->alone_why;
    draft_session(draft, statement);
}

bool
statement_draft(Draft *draft, const Statement *statement, Err *err)
{
    const Recipe *recipe = NULL;

    if (draft->request->caps->plain_path)
        return plain_statement(draft, statement, err);
    for (int i = 0; i < statement->act_count; i++)
    {
        const Act *act = &statement->acts[i];
        const Hazard *hazard;

        if (!hazard_is_met(draft, act, &hazard))
            continue;
        if (!hazard_meet(draft, statement, hazard, &recipe, err))
            return false;
        if (recipe != NULL)
            return recipe->make(draft, statement, act, err);
    }

    const Act *first = &statement->acts[0];

    if (first->action == ACTION_CREATE_INDEX_CONCURRENTLY ||
        first->action == ACTION_DROP_INDEX_CONCURRENTLY)
        return recipe_named("concurrent-index")->make(draft, statement, first, err);
    if (first->action == ACTION_DETACH_CONCURRENTLY && statement->alone)
        return recipe_named("detach")->make(draft, statement, first, err);
    if (first->action == ACTION_REINDEX_CONCURRENTLY)
        return recipe_named("concurrent-reindex")->make(draft, statement, first, err);
    if (first->action == ACTION_TRANSACTION)
    {
        draft_close(draft);
        return true;
    }
    if (first->action == ACTION_VALIDATE && statement->act_count == 1 &&
        !draft_verbatim(draft))
    {
        recipe_validate(draft, statement, &first->relation, first->object,
                        act_title(draft->mem, statement, first));
        draft->step.recipe = NULL;
        draft->step.stands_for = NULL;
        return true;
    }
    statement_verbatim(draft, statement);
    return true;
}

/* Values that this migration's columns get go with them; values that were there before
 * are gone for good. */
static bool
fill_overwrites(const Migration *migration, const Backfill *fill)
{
    const Section *expand = migration_section(migration, PHASE_EXPAND, false);

    if (expand == NULL)
        expand = migration_section(migration, PHASE_UP, false);
    if (act_on_new_table(migration, &fill->statement->acts[0]))
        return false;
    for (int i = 0; i < fill->assignment_count; i++)
        if (section_adds_column(expand, &fill->table, fill->assignments[i].target) ==
            NULL)
            return true;
    return fill->is_delete || fill->repeat;
}

void
fill_draft(Draft *draft, const Backfill *fill)
{
    StepSeed seed = {.kind = STEP_BACKFILL,
                     .work = WORK_BATCHES,
                     .statement = fill->statement,
                     .table = fill->table,
                     .alone = true};

    draft_step(draft, &seed);
    draft->step.backfill = fill;
    if (fill_overwrites(draft->request->migration, fill))
        draft_irreversible(draft);
    draft_sql(draft, fill->statement->sql, fill->table.name);
    draft_show(draft, fill->statement->sql.text);
    if (fill->repeat)
        draft_note(draft, "run again and again, each time in a transaction of its own, "
                          "until it changes no row");
    exceptions_of_fill(draft, fill);
    if (fill->is_delete || fill->repeat)
        return;

    StepSeed analyze = {.kind = STEP_ANALYZE,
                        .work = WORK_SCAN,
                        .recipe = "analyze",
                        .statement = fill->statement,
                        .table = fill->table,
                        .alone = true};
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    draft_step(draft, &analyze);
    if (draft->whole == NULL)
        draft->step.stands_for = NULL;
    sql_raw(&sql, "ANALYZE ");
    sql_qname(&sql, &fill->table);
    for (int i = 0; i < fill->assignment_count; i++)
    {
        if (i == 0)
            sql_raw(&sql, " (");
        else
            sql_raw(&sql, ", ");
        sql_ident(&sql, fill->assignments[i].target);
    }
    sql_raw(&sql, ")");
    draft_sql(draft, (SqlParsed){.text = sql_done(&sql)}, "ANALYZE");
    draft_show(draft, sql_done(&sql));
}

static const Backfill *
backfill_of(const Draft *draft, const Statement *statement)
{
    for (int i = 0; i < draft->fills.count; i++)
        if (draft->fills.items[i].statement == statement)
            return &draft->fills.items[i];
    return NULL;
}

/* Without a contract, what goes with a column goes just before it. */
static bool
statement_drops(Draft *draft, const Statement *statement, Err *err)
{
    for (int i = 0; i < statement->act_count; i++)
        if (statement->acts[i].action == ACTION_DROP_COLUMN &&
            draft->request->safe == SAFE_REWRITE &&
            !recipe_drop_column(draft, statement, &statement->acts[i], err))
            return false;
    return true;
}

static bool
section_statements(Draft *draft, const Section *section, Err *err)
{
    draft->section = section;
    for (int i = 0; i < section->statements.count; i++)
    {
        const Statement *statement = &section->statements.items[i];
        const Backfill *fill = backfill_of(draft, statement);

        if (draft->phase == PHASE_UP && !statement_drops(draft, statement, err))
            return false;
        if (fill != NULL)
            fill_draft(draft, fill);
        else if (!statement_draft(draft, statement, err))
            return false;
    }
    return true;
}

bool
phase_steps(Draft *draft, Err *err)
{
    const Migration *migration = draft->request->migration;

    if (draft->phase == PHASE_CONTRACT)
        return swap_draft(draft, err);
    if (draft->phase == PHASE_BACKFILL && !recipe_columns_finish(draft, err))
        return false;
    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &migration->sections[i];

        if (section->phase != draft->phase || section->down)
            continue;
        if (!section_statements(draft, section, err))
            return false;
    }
    return draft->phase == PHASE_EXPAND ? sync_draft(draft, err) : true;
}

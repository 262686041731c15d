/*
 * DROP COLUMN: what would go with it silently goes first, by name.
 *
 * A foreign key of the column locks two tables, so it is dropped in a step of its own;
 * an index of the column alone is dropped concurrently. What also serves other columns
 * is not dropped unasked, and what depends on the column is said before anything runs.
 * Both are read from the catalog and gone from it once dropped: what the history has of
 * them is planned again from there.
 */
#include <string.h>

#include "core/recipes/parts.h"
#include "core/sql/actions.h"
#include "core/sql/sql.h"

#define RECIPE "drop-column"

typedef struct Dropping
{
    Draft *draft;
    const Section *section;
    const Statement *statement;
    const Act *act;
    const TableFact *table;
    const ColumnFact *column;
} Dropping;

/* --- what the section does about it itself --------------------------------------- */

/* Anything before the statement that could have taken the dependents away. */
static bool
section_prepares(const Dropping *drop)
{
    static const Action takes[] = {ACTION_DROP_VIEW,
                                   ACTION_CREATE_VIEW,
                                   ACTION_DROP_TRIGGER,
                                   ACTION_POLICY,
                                   ACTION_DROP_CONSTRAINT,
                                   ACTION_DROP_TABLE,
                                   ACTION_FUNCTION,
                                   ACTION_PUBLICATION,
                                   ACTION_IDENTITY,
                                   ACTION_DROP_COLUMN,
                                   ACTION_DO,
                                   ACTION_OTHER,
                                   ACTION_UNPARSED};

    for (int i = 0; i < drop->section->statements.count; i++)
    {
        const Statement *statement = &drop->section->statements.items[i];

        if (statement == drop->statement)
            return false;
        for (int j = 0; j < LENGTH(takes); j++)
            if (statement_act(statement, takes[j]) != NULL)
                return true;
    }
    return false;
}

/* DROP INDEX or DROP CONSTRAINT by that name, anywhere in the section. */
static bool
section_drops(const Dropping *drop, const char *name)
{
    for (int i = 0; i < drop->section->statements.count; i++)
        for (int j = 0; j < drop->section->statements.items[i].act_count; j++)
        {
            const Act *act = &drop->section->statements.items[i].acts[j];
            bool index = act->action == ACTION_DROP_INDEX ||
                         act->action == ACTION_DROP_INDEX_CONCURRENTLY;
            const char *dropped = index ? act->other.name
                                  : act->action == ACTION_DROP_CONSTRAINT ? act->object
                                                                          : NULL;

            if (dropped != NULL && strcmp(dropped, name) == 0)
                return true;
        }
    return false;
}

/* Contract gives its name to another column: it is in use until that moment, and so is
 * all that serves it. */
static bool
is_swapped(const Dropping *drop)
{
    for (int i = 0; i < drop->section->statements.count; i++)
    {
        const Act *act =
            statement_act(&drop->section->statements.items[i], ACTION_RENAME_COLUMN);

        if (act != NULL && strcmp(act->new_name, drop->act->column) == 0 &&
            qname_may_equal(&act->relation, &drop->act->relation))
            return true;
    }
    return false;
}

/* --- what stands in the way ------------------------------------------------------ */

static bool
dependents_refused(const Dropping *drop, Err *err)
{
    const ColumnFact *column = drop->column;
    const Span *span = &drop->statement->span;

    if (column->dependent_count == 0 || drop->act->cascade || section_prepares(drop))
        return false;
    err_at(err, ERR_REFUSED, span->file, span->line,
           "\"%s\" cannot be dropped: %d thing%s it", column->name,
           column->dependent_count,
           column->dependent_count == 1 ? " depends on" : "s depend on");
    for (int i = 0; i < column->dependent_count; i++)
        err_detail(err, "%s", column->dependents[i]);
    err_hint(err,
             "Drop or change what depends on it in a statement before this one, or "
             "say CASCADE.");
    return true;
}

/* "1,4" is about more than column 4. */
static bool
mentions_others(const char *mentions)
{
    return mentions != NULL && strchr(mentions, ',') != NULL;
}

static bool
index_is_lost(const Dropping *drop, const IndexFact *index)
{
    return fact_mentions(index->mentions, drop->column->number) &&
           mentions_others(index->mentions) && !section_drops(drop, index->name.name);
}

static bool
losses_refused(const Dropping *drop, Err *err)
{
    const Span *span = &drop->statement->span;
    int lost = 0;

    for (int i = 0; i < drop->table->index_count; i++)
        lost += index_is_lost(drop, &drop->table->indexes[i]);
    if (lost == 0 || section_allows(drop->section, "lost-index") != NULL)
        return false;
    err_at(err, ERR_REFUSED, span->file, span->line,
           "%d ind%s that also serve%s other columns would go with \"%s\"", lost,
           lost == 1 ? "ex" : "exes", lost == 1 ? "s" : "", drop->column->name);
    for (int i = 0; i < drop->table->index_count; i++)
        if (index_is_lost(drop, &drop->table->indexes[i]))
            err_detail(err, "%s", drop->table->indexes[i].definition);
    err_hint(err, "Make one without the column first, and drop the old one in a "
                  "statement of this section; or accept the loss: "
                  "allow:lost-index:\"reason\".");
    return true;
}

/* Code that does not name the column any more cannot insert a row without it. */
static void
note_required(const Dropping *drop)
{
    const Migration *migration = drop->draft->request->migration;
    const ColumnFact *column = drop->column;

    if (!column->not_null || column->default_sql != NULL || column->identity ||
        column->generated)
        return;
    for (int i = 0; i < migration->section_count; i++)
        for (int j = 0; j < migration->sections[i].statements.count; j++)
        {
            const Statement *statement = &migration->sections[i].statements.items[j];
            const Act *act = statement_act(statement, ACTION_DROP_NOT_NULL);

            if (act != NULL && strcmp(act->column, column->name) == 0)
                return;
        }
    *list_add(drop->draft->mem, &drop->draft->notes) =
        mem_text(drop->draft->mem,
                 "\"%s\" is NOT NULL and has no default: code that no longer names it "
                 "cannot insert before it is gone; DROP NOT NULL in expand",
                 column->name);
}

/* --- steps ----------------------------------------------------------------------- */

/* Closed by its caller. */
static void
drop_step(Dropping *drop, bool index, const char *text, const QName *name)
{
    Draft *draft = drop->draft;
    StepSeed seed = {.kind = index ? STEP_INDEX_DROP : STEP_TRANSACTION,
                     .recipe = RECIPE,
                     .statement = drop->statement,
                     .detail = text,
                     .table = drop->act->relation,
                     .alone = true};

    draft_step(draft, &seed);
    recipe_add_parsed(
        draft, (SqlParsed){.text = text},
        mem_text(draft->mem, "DROP %s %s", index ? "INDEX" : "CONSTRAINT", name->name));
    draft->step.needs_down = true;
    if (index)
        draft->step.index = *name;
}

/* It may be recorded as begun, or as done: then it is in no fact any more. */
static bool
recorded_steps(Dropping *drop, Err *err)
{
    Draft *draft = drop->draft;
    const History *history = draft->request->history;

    for (int i = 0; history != NULL && i < history->step_count; i++)
    {
        const StepRecord *record = &history->steps[i];
        Section text = {.text = record->sql, .file = "the history", .text_line = 1};
        StepSeed seed = {
            .recipe = RECIPE, .statement = drop->statement, .detail = record->sql};
        Statements statements;

        if (!draft_record_is(draft, record, &seed) ||
            recipe_drafted(draft, RECIPE, record->sql))
            continue;
        if (!sql_parse(draft->mem, &text, &statements, err))
            return err_in(err, "in the step that the history keeps");

        const Act *act = &statements.items[0].acts[0];
        bool index = act->action == ACTION_DROP_INDEX_CONCURRENTLY;
        QName constraint = {NULL, (char *)act->object};

        drop_step(drop, index, record->sql, index ? &act->other : &constraint);
        draft_close(drop->draft);
    }
    return true;
}

static void
foreign_key_steps(Dropping *drop)
{
    for (int i = 0; i < drop->table->constraint_count; i++)
    {
        const ConstraintFact *key = &drop->table->constraints[i];
        SqlText sql = draft_alter(drop->draft, &drop->act->relation);
        QName name = {NULL, key->name};

        if (strcmp(key->kind, "f") != 0 || key->incoming ||
            !fact_mentions(key->mentions, drop->column->number) ||
            section_drops(drop, key->name))
            continue;
        sql_raw(&sql, " DROP CONSTRAINT IF EXISTS ");
        sql_ident(&sql, key->name);
        if (recipe_drafted(drop->draft, RECIPE, sql_done(&sql)))
            continue;
        drop_step(drop, false, sql_done(&sql), &name);
        draft_lock(drop->draft, &drop->act->relation, LOCK_ACCESS_EXCLUSIVE, false);
        draft_lock_found(
            drop->draft,
            &(LockNeed){.relation = key->other, .mode = LOCK_ACCESS_EXCLUSIVE}, true);
        draft_close(drop->draft);
    }
}

static void
index_steps(Dropping *drop)
{
    for (int i = 0; i < drop->table->index_count; i++)
    {
        const IndexFact *index = &drop->table->indexes[i];
        SqlText sql = sql_begin(drop->draft->mem, drop->draft->request->caps);

        if (!fact_mentions(index->mentions, drop->column->number) ||
            index->constraint || section_drops(drop, index->name.name) ||
            strcmp(drop->table->kind, "r") != 0)
            continue;
        sql_raw(&sql, "DROP INDEX CONCURRENTLY IF EXISTS ");
        sql_qname(&sql, &index->name);
        if (recipe_drafted(drop->draft, RECIPE, sql_done(&sql)))
            continue;
        drop_step(drop, true, sql_done(&sql), &index->name);
        draft_close(drop->draft);
    }
}

bool
recipe_drop_column(Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    Dropping drop = {.draft = draft,
                     .section = draft->section,
                     .statement = statement,
                     .act = act,
                     .table = draft_table(draft, &act->relation)};

    if (is_swapped(&drop) || act_on_new_table(draft->request->migration, act))
        return true;
    draft_close(draft);
    if (!recorded_steps(&drop, err))
        return false;
    drop.column = table_column(drop.table, act->column);
    if (drop.column == NULL)
        return true;
    if (dependents_refused(&drop, err) || losses_refused(&drop, err))
        return false;
    foreign_key_steps(&drop);
    index_steps(&drop);
    note_required(&drop);
    return true;
}

bool
recipe_drop_columns(Draft *draft, const Section *section, Err *err)
{
    for (int i = 0; i < section->statements.count; i++)
        for (int j = 0; j < section->statements.items[i].act_count; j++)
        {
            const Statement *statement = &section->statements.items[i];
            const Act *act = &statement->acts[j];

            if (act->action == ACTION_DROP_COLUMN &&
                !recipe_drop_column(draft, statement, act, err))
                return false;
        }
    return true;
}

/* What one statement does to the tables of an overlay. */
#include <string.h>

#include "core/plan/overlay_table.h"
#include "core/sql/actions.h"

typedef void (*ActEffect)(Overlay *overlay, const Act *act);

/* --- relations ------------------------------------------------------------------- */

static void
effect_drop_relation(Overlay *overlay, const Act *act)
{
    const Laid *laid = laid_find(overlay, &act->relation);

    if (laid != NULL)
        laid_remove(overlay, laid);
}

static void
relation_renamed(Overlay *overlay, Laid *laid, QName name)
{
    const QName old = laid->fact.name;

    laid->fact.asked = name;
    laid_call(laid, name);
    for (int i = 0; i < overlay->tables.count; i++)
    {
        Laid *other = overlay->tables.items[i];

        for (int j = 0; j < other->fact.constraint_count; j++)
            if (qname_equal(&other->fact.constraints[j].other, &old))
                laid_constraint(overlay, other, other->fact.constraints[j].name)
                    ->other = name;
    }
}

static void
effect_rename_relation(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_find(overlay, &act->relation);

    if (laid != NULL && act->new_name != NULL)
        relation_renamed(
            overlay, laid,
            (QName){laid->fact.name.schema, mem_copy(overlay->mem, act->new_name)});
}

static void
effect_set_schema(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_find(overlay, &act->relation);

    if (laid != NULL)
        relation_renamed(
            overlay, laid,
            (QName){mem_copy(overlay->mem, act->other.name), laid->fact.name.name});
}

static void
effect_truncate(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_find(overlay, &act->relation);

    if (laid != NULL)
        laid->fact.rows = laid->fact.heap_bytes = laid->fact.blocks = 0;
}

/* The table whose rows are now also found in another one. */
static void
effect_attach(Overlay *overlay, const Act *act)
{
    Laid *parent = laid_find(overlay, &act->relation);

    if (parent != NULL)
        parent->fact.has_children = true;
}

/* --- columns --------------------------------------------------------------------- */

static void
effect_drop_column(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_find(overlay, &act->relation);

    if (laid != NULL)
        laid_drop_column(overlay, laid, act->column);
}

static ColumnFact *
column_of(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_find(overlay, &act->relation);

    return laid == NULL ? NULL : laid_column(overlay, laid, act->column);
}

static void
effect_rename_column(Overlay *overlay, const Act *act)
{
    ColumnFact *column = column_of(overlay, act);

    if (column != NULL && act->new_name != NULL)
        column->name = mem_copy(overlay->mem, act->new_name);
}

static void
effect_default(Overlay *overlay, const Act *act)
{
    ColumnFact *column = column_of(overlay, act);

    bool none =
        act->expression.text == NULL || strcmp(act->expression.text, "NULL") == 0;

    if (column != NULL)
        column->default_sql =
            none ? NULL : mem_copy(overlay->mem, act->expression.text);
}

static void
effect_not_null(Overlay *overlay, const Act *act)
{
    ColumnFact *column = column_of(overlay, act);

    if (column != NULL)
        column->not_null = act->action == ACTION_SET_NOT_NULL;
}

/* --- constraints, indexes, triggers ---------------------------------------------- */

static void
effect_validate(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_find(overlay, &act->relation);
    ConstraintFact *constraint =
        laid == NULL ? NULL : laid_constraint(overlay, laid, act->object);

    if (constraint != NULL)
        constraint->valid = true;
}

static void
effect_drop_constraint(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_find(overlay, &act->relation);

    if (laid != NULL && act->object != NULL)
        laid_drop_constraint(overlay, laid, act->object);
}

/* A key and the index behind it share their name. */
static void
effect_rename_constraint(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_find(overlay, &act->relation);
    ConstraintFact *constraint =
        laid == NULL ? NULL : laid_constraint(overlay, laid, act->object);
    IndexFact *index = laid == NULL ? NULL : laid_index(overlay, laid, act->object);

    if (constraint != NULL)
        constraint->name = mem_copy(overlay->mem, act->new_name);
    if (constraint != NULL && index != NULL && index->constraint)
        index->name.name = constraint->name;
}

static void
effect_drop_index(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_of_index(overlay, &act->other);

    if (laid != NULL)
        laid_drop_index(overlay, laid, act->other.name);
}

static void
effect_rename_index(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_of_index(overlay, &act->other);
    IndexFact *index = laid == NULL ? NULL : laid_index(overlay, laid, act->other.name);
    Laid *relation = laid_find(overlay, &act->other);

    if (index != NULL)
        index->name.name = mem_copy(overlay->mem, act->new_name);
    if (index != NULL && relation != NULL)
        relation_renamed(overlay, relation, index->name);
}

/* Only our own is ever made to fire ALWAYS by a plan; of others nobody asks. */
static void
effect_toggle_trigger(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_find(overlay, &act->relation);
    TriggerFact *trigger =
        laid == NULL ? NULL : laid_trigger(overlay, laid, act->object);

    if (trigger != NULL && trigger->ours)
        trigger->enabled = "A";
}

/* Or renamed: the same action. */
static void
effect_drop_trigger(Overlay *overlay, const Act *act)
{
    Laid *laid = laid_find(overlay, &act->relation);
    TriggerFact *trigger =
        laid == NULL ? NULL : laid_trigger(overlay, laid, act->object);

    if (trigger != NULL && act->new_name != NULL)
        trigger->name = mem_copy(overlay->mem, act->new_name);
    else if (trigger != NULL)
        laid_drop_trigger(overlay, laid, act->object);
}

/* clang-format off */
static const ActEffect effects[ACTION_COUNT] = {
    [ACTION_DROP_TABLE]              = effect_drop_relation,
    [ACTION_DROP_VIEW]               = effect_drop_relation,
    [ACTION_RENAME_TABLE]            = effect_rename_relation,
    [ACTION_SET_SCHEMA]              = effect_set_schema,
    [ACTION_TRUNCATE]                = effect_truncate,
    [ACTION_CREATE_PARTITION]        = effect_attach,
    [ACTION_ATTACH_PARTITION]        = effect_attach,
    [ACTION_DROP_COLUMN]             = effect_drop_column,
    [ACTION_RENAME_COLUMN]           = effect_rename_column,
    [ACTION_SET_DEFAULT]             = effect_default,
    [ACTION_DROP_DEFAULT]            = effect_default,
    [ACTION_SET_NOT_NULL]            = effect_not_null,
    [ACTION_DROP_NOT_NULL]           = effect_not_null,
    [ACTION_VALIDATE]                = effect_validate,
    [ACTION_DROP_CONSTRAINT]         = effect_drop_constraint,
    [ACTION_RENAME_CONSTRAINT]       = effect_rename_constraint,
    [ACTION_DROP_INDEX]              = effect_drop_index,
    [ACTION_DROP_INDEX_CONCURRENTLY] = effect_drop_index,
    [ACTION_RENAME_INDEX]            = effect_rename_index,
    [ACTION_TOGGLE_TRIGGER]          = effect_toggle_trigger,
    [ACTION_DROP_TRIGGER]            = effect_drop_trigger,
};
/* clang-format on */

/* --- what is new ----------------------------------------------------------------- */

static void
makes_apply(Overlay *overlay, const Makes *makes)
{
    Laid *laid = laid_find(overlay, &makes->relation);

    if (makes->opaque || (laid == NULL && makes->kind == NULL))
        return;
    if (laid != NULL && makes->kind != NULL)
        return; /* IF NOT EXISTS, and it does */
    if (laid == NULL)
        laid = laid_add(overlay, &makes->relation, makes->kind);
    laid->in_part = laid->in_part || makes->in_part;
    for (int i = 0; i < makes->columns.count; i++)
        laid_add_column(overlay, laid, &makes->columns.items[i]);
    for (int i = 0; i < makes->retyped.count; i++)
    {
        ColumnFact *column = laid_column(overlay, laid, makes->retyped.items[i].name);

        if (column != NULL)
            column->type = makes->retyped.items[i].type;
    }
    for (int i = 0; i < makes->constraints.count; i++)
        laid_add_constraint(overlay, laid, &makes->constraints.items[i]);
    for (int i = 0; i < makes->indexes.count; i++)
        laid_add_index(overlay, laid, &makes->indexes.items[i]);
    for (int i = 0; i < makes->triggers.count; i++)
        laid_add_trigger(overlay, laid, &makes->triggers.items[i]);
}

/* --- what depends on columns: views, functions, triggers ------------------------- */

/* After these nobody knows any more what still depends on what. */
static bool
act_loosens(Action action)
{
    static const Action loosening[] = {
        ACTION_DROP_VIEW,  ACTION_CREATE_VIEW, ACTION_DROP_TRIGGER,
        ACTION_POLICY,     ACTION_FUNCTION,    ACTION_PUBLICATION,
        ACTION_DROP_TABLE, ACTION_DROP_COLUMN, ACTION_IDENTITY};

    for (int i = 0; i < LENGTH(loosening); i++)
        if (loosening[i] == action)
            return true;
    return false;
}

static void
dependents_forget(Overlay *overlay, Laid *laid)
{
    for (int i = 0; i < laid->fact.column_count; i++)
        if (laid->fact.columns[i].dependent_count > 0)
            laid_column(overlay, laid, laid->fact.columns[i].name)->dependent_count = 0;
}

static void
statement_loosens(Overlay *overlay, const Statement *statement)
{
    bool loosens = false;

    for (int i = 0; i < statement->act_count; i++)
        loosens = loosens || act_loosens(statement->acts[i].action);
    for (int i = 0; loosens && i < overlay->tables.count; i++)
        dependents_forget(overlay, overlay->tables.items[i]);
}

/* In the order of the server: what an ALTER drops goes before what it adds. */
bool
overlay_statement(Overlay *overlay, const Statement *statement)
{
    const Makes *makes = statement->makes;

    for (int i = 0; i < statement->act_count; i++)
        if (effects[statement->acts[i].action] != NULL)
            effects[statement->acts[i].action](overlay, &statement->acts[i]);
    if (makes != NULL)
        makes_apply(overlay, makes);
    statement_loosens(overlay, statement);
    return makes == NULL || !makes->opaque;
}

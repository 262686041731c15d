/* CREATE TABLE, DROP and RENAME of everything that has a name. */
#include <string.h>

#include "core/sql/pg/acts.h"

#define OBJECT(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

static Act *
act_of_partition_of(Acts *acts, const PgQuery__CreateStmt *create)
{
    Act *act =
        act_on(acts, ACTION_CREATE_PARTITION, create->inh_relations[0]->range_var);

    act->other = range_name(acts->mem, create->relation);
    return act;
}

/* A new table's foreign keys lock the tables they point at, so each is an act. */
static void
acts_of_references(Acts *acts, const PgQuery__CreateStmt *create, const Node *element)
{
    if (element->node_case == PG_QUERY__NODE__NODE_CONSTRAINT &&
        element->constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN)
        act_of_constraint(acts, create->relation, element->constraint);
    if (element->node_case != PG_QUERY__NODE__NODE_COLUMN_DEF)
        return;
    for (size_t i = 0; i < element->column_def->n_constraints; i++)
        acts_of_references(acts, create, element->column_def->constraints[i]);
}

void
acts_of_create_table(Acts *acts, const PgQuery__CreateStmt *create)
{
    bool temporary = strcmp(create->relation->relpersistence, "t") == 0;
    bool partition = create->partbound != NULL && create->n_inh_relations == 1;
    Act *act = partition   ? act_of_partition_of(acts, create)
               : temporary ? act_on(acts, ACTION_CREATE_TEMP, create->relation)
                           : act_on(acts, ACTION_CREATE_TABLE, create->relation);

    act->if_exists = create->if_not_exists;
    if (!partition && create->n_inh_relations > 0)
        act->other = range_name(acts->mem, create->inh_relations[0]->range_var);
    for (size_t i = 0; i < create->n_table_elts; i++)
        acts_of_references(acts, create, create->table_elts[i]);
}

typedef struct ObjectRow
{
    PgQuery__ObjectType type;
    Action drop;
    Action rename;
    bool on_table; /* named as (table, object): triggers, policies, rules */
} ObjectRow;

/* clang-format off */
static const ObjectRow object_rows[] = {
    {OBJECT(TABLE),         ACTION_DROP_TABLE,       ACTION_RENAME_TABLE,      false},
    {OBJECT(FOREIGN_TABLE), ACTION_DROP_TABLE,       ACTION_RENAME_TABLE,      false},
    {OBJECT(COLUMN),        ACTION_DROP_COLUMN,      ACTION_RENAME_COLUMN,     false},
    {OBJECT(TABCONSTRAINT), ACTION_DROP_CONSTRAINT,  ACTION_RENAME_CONSTRAINT, false},
    {OBJECT(INDEX),         ACTION_DROP_INDEX,       ACTION_RENAME_INDEX,      false},
    {OBJECT(VIEW),          ACTION_DROP_VIEW,        ACTION_RENAME_TABLE,      false},
    {OBJECT(MATVIEW),       ACTION_DROP_VIEW,        ACTION_RENAME_TABLE,      false},
    {OBJECT(SEQUENCE),      ACTION_SEQUENCE,         ACTION_SEQUENCE,          false},
    {OBJECT(TRIGGER),       ACTION_DROP_TRIGGER,     ACTION_DROP_TRIGGER,      true},
    {OBJECT(POLICY),        ACTION_POLICY,           ACTION_POLICY,            true},
    {OBJECT(RULE),          ACTION_POLICY,           ACTION_POLICY,            true},
    {OBJECT(FUNCTION),      ACTION_FUNCTION,         ACTION_FUNCTION,          false},
    {OBJECT(PROCEDURE),     ACTION_FUNCTION,         ACTION_FUNCTION,          false},
    {OBJECT(ROUTINE),       ACTION_FUNCTION,         ACTION_FUNCTION,          false},
    {OBJECT(AGGREGATE),     ACTION_FUNCTION,         ACTION_FUNCTION,          false},
    {OBJECT(SCHEMA),        ACTION_SCHEMA,           ACTION_SCHEMA,            false},
    {OBJECT(EXTENSION),     ACTION_EXTENSION,        ACTION_EXTENSION,         false},
    {OBJECT(PUBLICATION),   ACTION_PUBLICATION,      ACTION_PUBLICATION,       false},
    {OBJECT(TYPE),          ACTION_TYPE,             ACTION_TYPE,              false},
    {OBJECT(DOMAIN),        ACTION_TYPE,             ACTION_TYPE,              false},
    {OBJECT(DATABASE),      ACTION_DATABASE,         ACTION_DATABASE,          false},
};
/* clang-format on */

static const ObjectRow *
object_row(PgQuery__ObjectType type)
{
    static const ObjectRow other = {0, ACTION_OTHER, ACTION_OTHER, false};

    for (int i = 0; i < LENGTH(object_rows); i++)
        if (object_rows[i].type == type)
            return &object_rows[i];
    return &other;
}

/* Only relations are named by plain lists; functions and types bring nodes of their
 * own, and nothing waits for those. */
static void
act_of_dropped(Acts *acts, const PgQuery__DropStmt *drop, const Node *object)
{
    const ObjectRow *row = object_row(drop->remove_type);
    bool concurrent = row->drop == ACTION_DROP_INDEX && drop->concurrent;
    Act *act = act_add(acts, concurrent ? ACTION_DROP_INDEX_CONCURRENTLY : row->drop);

    act->if_exists = drop->missing_ok;
    act->cascade = drop->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    if (object->node_case != PG_QUERY__NODE__NODE_LIST)
        return;

    const PgQuery__List *names = object->list;
    QName name = list_name(acts->mem, names->items, names->n_items, row->on_table);

    if (row->drop == ACTION_DROP_INDEX)
        act->other = name;
    else
        act->relation = name;
    if (row->drop == ACTION_DROP_INDEX || row->on_table)
        act->object =
            mem_copy(acts->mem, node_string(names->items[names->n_items - 1]));
}

void
acts_of_drop(Acts *acts, const PgQuery__DropStmt *drop)
{
    for (size_t i = 0; i < drop->n_objects; i++)
        act_of_dropped(acts, drop, drop->objects[i]);
}

void
acts_of_rename(Acts *acts, const PgQuery__RenameStmt *rename)
{
    Action action = object_row(rename->rename_type)->rename;
    Act *act = act_on(acts, action, rename->relation);

    act->new_name = tree_text(acts->mem, rename->newname);
    act->if_exists = act->if_table = rename->missing_ok;
    act->cascade = rename->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    if (action == ACTION_RENAME_COLUMN)
        act->column = tree_text(acts->mem, rename->subname);
    else
        act->object = tree_text(acts->mem, rename->subname);
    if (action != ACTION_RENAME_INDEX)
        return;
    act->object = act->relation.name;
    act->other = act->relation;
    act->relation = (QName){0};
}

/* ADD COLUMN and ADD CONSTRAINT: what they say decides what they cost. */
#include <string.h>

#include "core/sql/pg/acts.h"
#include "core/sql/pg/types.h"

#define CONSTR(name) PG_QUERY__CONSTR_TYPE__CONSTR_##name

/* Functions that give one value per statement; one unknown to us might not. */
/* clang-format off */
static const char *const steady_functions[] = {
    "array_fill", "btrim", "concat", "current_database", "current_setting", "date_trunc",
    "decode", "encode", "format", "int4range", "int8range", "json_build_array",
    "json_build_object", "jsonb_build_array", "jsonb_build_object", "length", "lower",
    "make_date", "make_interval", "make_timestamp", "make_timestamptz", "md5", "now",
    "numrange", "daterange", "point", "repeat", "statement_timestamp", "timezone",
    "to_char", "to_date", "to_json", "to_jsonb", "to_number", "to_timestamp",
    "transaction_timestamp", "tsrange", "tstzrange", "upper", "version",
};
/* clang-format on */

typedef struct Columns
{
    Mem *mem;
    LIST(const char *) list;
} Columns;

static bool
function_is_steady(const PgQuery__FuncCall *call)
{
    const char *name = node_string(call->funcname[call->n_funcname - 1]);
    const char *schema = call->n_funcname > 1 ? node_string(call->funcname[0]) : NULL;

    if (schema != NULL && strcmp(schema, "pg_catalog") != 0)
        return false;
    for (int i = 0; i < LENGTH(steady_functions); i++)
        if (strcmp(steady_functions[i], name) == 0)
            return true;
    return false;
}

static bool
see_volatile(ProtobufCMessage *message, void *data)
{
    const PgQuery__FuncCall *call = TREE_AS(message, func_call, FuncCall);
    bool *found = data;

    *found = *found || (call != NULL && !function_is_steady(call));
    return !*found;
}

/* Could every evaluation give another value? Unknown functions could. */
bool
expression_may_be_volatile(Node *expression)
{
    bool found = false;

    tree_walk(expression, see_volatile, &found);
    return found;
}

static PgQuery__Constraint *
column_constraint(const PgQuery__ColumnDef *column, PgQuery__ConstrType kind)
{
    for (size_t i = 0; i < column->n_constraints; i++)
        if (column->constraints[i]->constraint->contype == kind)
            return column->constraints[i]->constraint;
    return NULL;
}

static bool
is_null(const Node *node)
{
    return node->node_case == PG_QUERY__NODE__NODE_A_CONST && node->a_const->isnull;
}

/* The costliest thing that its clauses ask for, worst first. */
static Action
column_action(const PgQuery__ColumnDef *column, Node *value)
{
    bool required = column_constraint(column, CONSTR(NOTNULL)) != NULL ||
                    column_constraint(column, CONSTR(PRIMARY)) != NULL;

    if (column_constraint(column, CONSTR(GENERATED)) != NULL)
        return ACTION_ADD_COLUMN_STORED;
    if (type_makes_sequence(column->type_name) ||
        column_constraint(column, CONSTR(IDENTITY)) != NULL ||
        (value != NULL && expression_may_be_volatile(value)))
        return ACTION_ADD_COLUMN_VOLATILE;
    if (required && value == NULL)
        return ACTION_ADD_COLUMN_REQUIRED;
    if (column_constraint(column, CONSTR(CHECK)) != NULL ||
        column_constraint(column, CONSTR(UNIQUE)) != NULL ||
        column_constraint(column, CONSTR(PRIMARY)) != NULL)
        return ACTION_ADD_COLUMN_CONSTRAINED;
    /* Without a value every row is NULL, and a foreign key has nothing to check. */
    if (column_constraint(column, CONSTR(FOREIGN)) != NULL && value != NULL)
        return ACTION_ADD_COLUMN_CONSTRAINED;
    return ACTION_ADD_COLUMN;
}

void
act_of_column(Acts *acts, const PgQuery__RangeVar *relation,
              const PgQuery__AlterTableCmd *cmd)
{
    const PgQuery__ColumnDef *column = cmd->def->column_def;
    const PgQuery__Constraint *given = column_constraint(column, CONSTR(DEFAULT));
    const PgQuery__Constraint *foreign = column_constraint(column, CONSTR(FOREIGN));
    Node *value = given != NULL && !is_null(given->raw_expr) ? given->raw_expr : NULL;
    Act *act = act_on(acts, column_action(column, value), relation);

    act->column = mem_copy(acts->mem, column->colname);
    act_type(acts, act, column->type_name);
    act->if_exists = cmd->missing_ok;
    act->has_default = value != NULL;
    act->not_null = column_constraint(column, CONSTR(NOTNULL)) != NULL ||
                    column_constraint(column, CONSTR(PRIMARY)) != NULL ||
                    type_makes_sequence(column->type_name);
    act->unique = column_constraint(column, CONSTR(UNIQUE)) != NULL ||
                  column_constraint(column, CONSTR(PRIMARY)) != NULL;
    if (value != NULL)
        act_expression(acts, act, value);
    if (foreign != NULL)
        act->other = range_name(acts->mem, foreign->pktable);
}

/* The columns that a condition reads, each once. */
static bool
see_column(ProtobufCMessage *message, void *data)
{
    PgQuery__ColumnRef *ref = TREE_AS(message, column_ref, ColumnRef);
    Columns *columns = data;
    const char *name = ref == NULL ? NULL : node_string(ref->fields[ref->n_fields - 1]);

    for (int i = 0; name != NULL && i < columns->list.count; i++)
        if (strcmp(columns->list.items[i], name) == 0)
            return true;
    if (name != NULL)
        *list_add(columns->mem, &columns->list) = mem_copy(columns->mem, name);
    return true;
}

static void
act_condition(Acts *acts, Act *act, Node *condition)
{
    Columns columns = {.mem = acts->mem};

    act_expression(acts, act, condition);
    tree_walk(condition, see_column, &columns);
    act->columns = columns.list.items;
    act->column_count = columns.list.count;
}

static void
act_foreign(Acts *acts, Act *act, const PgQuery__Constraint *foreign)
{
    act->other = range_name(acts->mem, foreign->pktable);
    act->match_full = strcmp(foreign->fk_matchtype, "f") == 0;
    act_columns(acts, act, foreign->pk_attrs, foreign->n_pk_attrs);
    act->other_columns = act->columns;
    act->other_column_count = act->column_count;
    act_columns(acts, act, foreign->fk_attrs, foreign->n_fk_attrs);
}

static Action
constraint_action(const PgQuery__Constraint *constraint)
{
    bool using_index =
        constraint->indexname != NULL && constraint->indexname[0] != '\0';

    switch ((int)constraint->contype)
    {
    case CONSTR(CHECK):
        return constraint->skip_validation ? ACTION_ADD_NOT_VALID : ACTION_ADD_CHECK;
    case CONSTR(FOREIGN):
        return constraint->skip_validation ? ACTION_ADD_NOT_VALID
                                           : ACTION_ADD_FOREIGN_KEY;
    case CONSTR(UNIQUE):
        return using_index ? ACTION_ADD_USING_INDEX : ACTION_ADD_UNIQUE;
    case CONSTR(PRIMARY):
        return using_index ? ACTION_ADD_USING_INDEX : ACTION_ADD_PRIMARY_KEY;
    case CONSTR(EXCLUSION):
        return ACTION_ADD_EXCLUDE;
    case CONSTR(NOTNULL):
        return ACTION_ADD_NOT_NULL;
    default:
        return ACTION_OTHER;
    }
}

void
act_of_constraint(Acts *acts, const PgQuery__RangeVar *relation,
                  PgQuery__Constraint *constraint)
{
    Act *act = act_on(acts, constraint_action(constraint), relation);

    act->object = tree_text(acts->mem, constraint->conname);
    act->unique =
        constraint->contype == CONSTR(UNIQUE) || constraint->contype == CONSTR(PRIMARY);
    act->not_null = constraint->contype == CONSTR(PRIMARY);
    if (constraint->contype == CONSTR(FOREIGN))
        act_foreign(acts, act, constraint);
    else
        act_columns(acts, act, constraint->keys, constraint->n_keys);
    if (act->action == ACTION_ADD_USING_INDEX)
        act->other.name = mem_copy(acts->mem, constraint->indexname);
    if (constraint->raw_expr != NULL)
        act_condition(acts, act, constraint->raw_expr);
}

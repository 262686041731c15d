/* An UPDATE or DELETE, taken apart: assignments, WHERE, and what both read. */
#include <string.h>

#include "core/sql/pg/reading.h"

static const char *
expression_view(Reading *reading, const RowColumns *columns, Node *node,
                const char *view)
{
    columns_view(reading, columns, view);

    const char *text = tree_expression(reading->mem, node);

    if (text == NULL)
        reading_object(reading, -1,
                       "an expression cannot be written again by the parser",
                       "Write it more simply.");
    return text;
}

static void
expression_columns(Mem *mem, const RowColumns *columns, PgExpression *expression)
{
    Names names = {0};

    for (int i = 0; i < columns->count; i++)
        names_add(mem, &names, columns->items[i].name);
    expression->columns = names.items;
    expression->column_count = names.count;
}

static bool
expression_read(Reading *reading, Node *node, PgExpression *expression)
{
    RowColumns columns = {0};

    if (node->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT)
    {
        *expression =
            (PgExpression){"DEFAULT", "DEFAULT", "DEFAULT", .is_default = true};
        return true;
    }
    if (!reading_columns(reading, node, &columns))
        return false;
    expression_columns(reading->mem, &columns, expression);
    if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
        expression->plain = expression->columns[0];
    expression->over_new = expression_view(reading, &columns, node, "new");
    expression->over_old = expression_view(reading, &columns, node, "old");
    expression->text = expression_view(reading, &columns, node, NULL);
    columns_restore(&columns);
    return reading->objection->text == NULL;
}

/* --- assignments ----------------------------------------------------------------- */

/* Of (a, b) = ROW(x, y): the one that this target gets. */
static Node *
value_of_target(Reading *reading, const PgQuery__ResTarget *target)
{
    const PgQuery__MultiAssignRef *multi;

    if (target->val->node_case != PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF)
        return target->val;
    multi = target->val->multi_assign_ref;
    if (multi->source->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
        (int)multi->source->row_expr->n_args == multi->ncolumns)
        return multi->source->row_expr->args[multi->colno - 1];
    reading_object(reading, target->location,
                   "a backfill assigns columns from a list of values",
                   "Write one assignment for each column.");
    return NULL;
}

static bool
assigned_before(const PgUpdate *update, const char *name)
{
    for (int i = 0; i < update->assignment_count; i++)
        if (strcmp(update->assignments[i].target, name) == 0)
            return true;
    return false;
}

static bool
assignment_read(Reading *reading, const PgQuery__ResTarget *target, PgUpdate *update)
{
    if (target->n_indirection > 0)
        return reading_object(reading, target->location,
                              "a backfill assigns whole columns",
                              "Build the new value of the column in an expression.");
    if (assigned_before(update, target->name))
        return reading_object(reading, target->location, "a column is assigned twice",
                              "Leave one of them out.");

    Node *value = value_of_target(reading, target);
    PgAssignment *assignment = &update->assignments[update->assignment_count];

    if (value == NULL || !expression_read(reading, value, &assignment->value))
        return false;
    assignment->target = mem_copy(reading->mem, target->name);
    update->assignment_count++;
    return true;
}

static bool
assignments_read(Reading *reading, Node *const *targets, size_t count, PgUpdate *update)
{
    update->assignments = mem_array(reading->mem, PgAssignment, count);
    for (size_t i = 0; i < count; i++)
        if (!assignment_read(reading, targets[i]->res_target, update))
            return false;
    update->value_function_count = reading->functions.count;
    return true;
}

/* --- WHERE ----------------------------------------------------------------------- */

static bool
reads_assigned(const PgUpdate *update, const PgExpression *term)
{
    for (int i = 0; i < term->column_count; i++)
        if (assigned_before(update, term->columns[i]))
            return true;
    return false;
}

static bool
term_read(Reading *reading, Node *term, PgUpdate *update, Buf *scope)
{
    PgExpression read = {0};

    if (!expression_read(reading, term, &read))
        return false;
    if (!reads_assigned(update, &read))
        buf_format(scope, "%s(%s)", scope->length > 0 ? " AND " : "", read.over_new);
    return true;
}

/* Which rows it is about, done or not: the terms that the backfill cannot change. */
static bool
scope_read(Reading *reading, Node *where, PgUpdate *update)
{
    const PgQuery__BoolExpr *all =
        where->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
                where->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR
            ? where->bool_expr
            : NULL;
    Buf scope = buf_begin(reading->mem);
    bool good = true;

    if (all == NULL)
        good = term_read(reading, where, update, &scope);
    for (size_t i = 0; good && all != NULL && i < all->n_args; i++)
        good = term_read(reading, all->args[i], update, &scope);
    update->scope_over_new = scope.length > 0 ? scope.text : NULL;
    return good;
}

static bool
where_read(Reading *reading, Node *where, PgUpdate *update)
{
    return where == NULL || (scope_read(reading, where, update) &&
                             expression_read(reading, where, &update->where));
}

/* --- the statement --------------------------------------------------------------- */

static bool
shape_object(Reading *reading, bool with, const char *join_hint, bool returning)
{
    if (with)
        return reading_object(reading, -1,
                              "WITH has no place in a backfill: pgstride does the "
                              "batching",
                              "Write a plain UPDATE or DELETE of every row that needs "
                              "it.");
    if (join_hint != NULL)
        return reading_object(
            reading, -1, "a backfill changes one table and joins no other", join_hint);
    if (returning)
        return reading_object(reading, -1, "nobody reads what RETURNING gives",
                              "Leave it out.");
    return true;
}

static bool
update_read(Reading *reading, const PgQuery__UpdateStmt *stmt, PgUpdate *update)
{
    reading->table = stmt->relation;
    return shape_object(reading, stmt->with_clause != NULL,
                        stmt->n_from_clause > 0
                            ? "Write the value as a subquery: SET x = (SELECT ...)."
                            : NULL,
                        stmt->n_returning_list > 0) &&
           assignments_read(reading, stmt->target_list, stmt->n_target_list, update) &&
           where_read(reading, stmt->where_clause, update);
}

static bool
delete_read(Reading *reading, const PgQuery__DeleteStmt *stmt, PgUpdate *update)
{
    reading->table = stmt->relation;
    update->is_delete = true;
    return shape_object(
               reading, stmt->with_clause != NULL,
               stmt->n_using_clause > 0
                   ? "Write the condition as a subquery: WHERE EXISTS (SELECT ...)."
                   : NULL,
               stmt->n_returning_list > 0) &&
           where_read(reading, stmt->where_clause, update);
}

static const PgQuery__RangeVar *
changed_table(const Node *node)
{
    if (node == NULL)
        return NULL;
    if (node->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT)
        return node->update_stmt->relation;
    if (node->node_case == PG_QUERY__NODE__NODE_DELETE_STMT)
        return node->delete_stmt->relation;
    return NULL;
}

bool
pg_update_read(Mem *mem, const char *text, PgUpdate *update, PgObjection *objection)
{
    MEM_SCOPE(scope, mem);
    const Node *node = tree_statement(scope, text);
    const PgQuery__RangeVar *table = changed_table(node);
    Reading reading = {.mem = mem, .nodes = scope, .objection = objection};

    *update = (PgUpdate){0};
    *objection = (PgObjection){0};
    if (table == NULL)
        return reading_object(&reading, -1, "a backfill is an UPDATE or a DELETE",
                              "Other statements belong into expand or contract.");
    reading.alias = table->alias != NULL ? table->alias->aliasname : table->relname;
    update->table = range_name(mem, table);
    update->only = !table->inh;

    bool good = node->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT
                    ? update_read(&reading, node->update_stmt, update)
                    : delete_read(&reading, node->delete_stmt, update);

    update->functions = reading.functions.items;
    update->function_count = reading.functions.count;
    update->looks_up = reading.looks_up;
    update->subquery = reading.subquery;
    return good;
}

/*
 * Which nodes of an expression are columns of the table, and writing them another way.
 *
 * A name that is not qualified is the table's outside of subqueries; inside one it may
 * be either's, so it is left as it stands, which is right as long as both are in scope.
 */
#include <string.h>

#include "core/sql/pg/reading.h"
#include "model/names.h"

bool
reading_object(Reading *reading, int offset, const char *text, const char *hint)
{
    if (reading->objection->text == NULL)
        *reading->objection = (PgObjection){text, hint, offset};
    return false;
}

static bool
names_have(const Names *names, const char *name)
{
    for (int i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

void
names_add(Mem *mem, Names *names, const char *name)
{
    if (!names_have(names, name))
        *list_add(mem, names) = mem_copy(mem, name);
}

/* --- names that are looked up on the search path --------------------------------- */

static void
meet_function(Reading *reading, const PgQuery__FuncCall *call)
{
    MEM_SCOPE(scope, reading->nodes);
    QName name = list_name(scope, call->funcname, call->n_funcname, 0);

    reading->looks_up |= name.schema == NULL;
    names_add(reading->mem, &reading->functions, qname_show(scope, &name));
}

/* CURRENT_USER and its kin are functions of pg_catalog in keyword's clothing. */
static void
meet_value_function(Reading *reading, const PgQuery__SQLValueFunction *value)
{
    const char *name = "pg_catalog.now";

    switch ((int)value->op)
    {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER:
        name = "pg_catalog.current_user";
        break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER:
        name = "pg_catalog.session_user";
        break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG:
        name = "pg_catalog.current_database";
        break;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA:
        name = "pg_catalog.current_schema";
        break;
    }
    names_add(reading->mem, &reading->functions, name);
}

/* An operator, type or collation that is one bare word goes by the search path; so does
 * the "=" behind CASE x WHEN and the row comparison of IN (subquery). */
static void
meet_names(Reading *reading, ProtobufCMessage *message)
{
    const PgQuery__FuncCall *call = TREE_AS(message, func_call, FuncCall);
    const PgQuery__SQLValueFunction *value =
        TREE_AS(message, sqlvalue_function, SQLValueFunction);
    const PgQuery__AExpr *operator= TREE_AS(message, a__expr, AExpr);
    const PgQuery__TypeName *type = TREE_AS(message, type_name, TypeName);
    const PgQuery__CollateClause *collate =
        TREE_AS(message, collate_clause, CollateClause);
    const PgQuery__CaseExpr *cases = TREE_AS(message, case_expr, CaseExpr);

    if (call != NULL)
        meet_function(reading, call);
    if (value != NULL)
        meet_value_function(reading, value);
    reading->looks_up |= (operator!= NULL && operator->n_name == 1) ||
                         (type != NULL && type->n_names == 1) ||
                         (collate != NULL && collate->n_collname == 1) ||
                         (cases != NULL && cases->arg != NULL);
}

/* --- columns --------------------------------------------------------------------- */

static bool
is_system_column(const char *name)
{
    static const char *const system[] = {"ctid", "tableoid", "xmin",
                                         "xmax", "cmin",     "cmax"};

    for (int i = 0; i < LENGTH(system); i++)
        if (strcmp(system[i], name) == 0)
            return true;
    return false;
}

/* Does what stands before the column's name mean the table of the statement? */
static bool
qualifier_is_table(const Reading *reading, const PgQuery__ColumnRef *ref)
{
    size_t count = ref->n_fields;
    const char *table = node_string(ref->fields[count - 2]);
    const char *schema = count > 2 ? node_string(ref->fields[count - 3]) : NULL;
    const char *given = reading->table->schemaname;

    if (table == NULL || strcmp(table, reading->alias) != 0)
        return false;
    if (schema == NULL)
        return !names_have(&reading->shadows, table);
    return reading->table->alias == NULL &&
           (given[0] == '\0' || strcmp(schema, given) == 0);
}

static bool
object_whole_row(Reading *reading, const PgQuery__ColumnRef *ref)
{
    return reading_object(reading, ref->location,
                          "a backfill cannot use the whole row as a value",
                          "Name the columns that it reads.");
}

static bool
object_system_column(Reading *reading, const PgQuery__ColumnRef *ref)
{
    return reading_object(reading, ref->location,
                          "a backfill cannot use system columns: pgstride does the "
                          "batching",
                          "Say which rows need it by their own columns.");
}

static bool
object_captured(Reading *reading, const PgQuery__ColumnRef *ref)
{
    return reading_object(reading, ref->location,
                          "the subquery reads the same table under its own name",
                          "Give the table inside the subquery another alias.");
}

static void
column_met(Reading *reading, PgQuery__ColumnRef *ref, const char *name)
{
    RowColumn *column = list_add(reading->mem, reading->columns);

    column->node = ref;
    column->fields = ref->fields;
    column->field_count = ref->n_fields;
    column->name = mem_copy(reading->mem, name);
    column->inner = reading->depth > 0;
}

static bool
meet_column(Reading *reading, PgQuery__ColumnRef *ref)
{
    const char *name = node_string(ref->fields[ref->n_fields - 1]);
    bool qualified = ref->n_fields > 1;
    bool ours = qualified && qualifier_is_table(reading, ref);
    bool aliased = reading->table->alias != NULL;

    if (reading->depth > 0 && !ours)
        return true;
    if (name == NULL || (!qualified && aliased && strcmp(name, reading->alias) == 0))
        return object_whole_row(reading, ref);
    if (qualified && !ours)
        return reading_object(reading, ref->location,
                              "a column is qualified by a name that is not the table's",
                              "Write the column alone, or behind the table's alias.");
    if (is_system_column(name))
        return object_system_column(reading, ref);
    if (reading->depth > 0 && names_have(&reading->shadows, reading->table->relname))
        return object_captured(reading, ref);
    column_met(reading, ref, name);
    return true;
}

static bool
see_shadow(ProtobufCMessage *message, void *data)
{
    const PgQuery__RangeVar *range = TREE_AS(message, range_var, RangeVar);
    const PgQuery__Alias *alias = TREE_AS(message, alias, Alias);
    Reading *reading = data;

    if (alias != NULL)
        names_add(reading->nodes, &reading->shadows, alias->aliasname);
    if (range != NULL && range->alias == NULL)
        names_add(reading->nodes, &reading->shadows, range->relname);
    return true;
}

static bool see_node(ProtobufCMessage *message, void *data);

static bool
is_limited_in(const PgQuery__SubLink *link)
{
    return link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK &&
           link->subselect->node_case == PG_QUERY__NODE__NODE_SELECT_STMT &&
           link->subselect->select_stmt->limit_count != NULL;
}

static void
meet_subquery(Reading *reading, PgQuery__SubLink *link)
{
    int outer = reading->shadows.count;

    reading->subquery = true;
    reading->looks_up = true;
    if (is_limited_in(link))
        reading_object(reading, link->location,
                       "LIMIT has no place in a backfill: pgstride does the batching",
                       "Leave out the subquery with LIMIT; keep the condition itself.");
    if (link->testexpr != NULL)
        tree_walk(link->testexpr, see_node, reading);
    tree_walk(link->subselect, see_shadow, reading);
    reading->depth++;
    tree_walk(link->subselect, see_node, reading);
    reading->depth--;
    reading->shadows.count = outer;
}

/* Parents first; a subquery is walked by its own rules, so the walk stops there. */
static bool
see_node(ProtobufCMessage *message, void *data)
{
    Reading *reading = data;
    PgQuery__ColumnRef *ref = TREE_AS(message, column_ref, ColumnRef);
    PgQuery__SubLink *link = TREE_AS(message, sub_link, SubLink);

    meet_names(reading, message);
    if (ref != NULL)
        meet_column(reading, ref);
    if (link != NULL)
        meet_subquery(reading, link);
    if (TREE_AS(message, param_ref, ParamRef) != NULL)
        reading_object(reading, -1, "a migration has no parameters to fill in",
                       "Write the value itself.");
    if (TREE_AS(message, current_of_expr, CurrentOfExpr) != NULL)
        reading_object(reading, -1,
                       "WHERE CURRENT OF has no place in a backfill: pgstride does the "
                       "batching",
                       "Say which rows need it by their own columns.");
    return link == NULL && reading->objection->text == NULL;
}

bool
reading_columns(Reading *reading, Node *expression, RowColumns *columns)
{
    reading->columns = columns;
    tree_walk(expression, see_node, reading);
    return reading->objection->text == NULL;
}

static Node *
string_node(Mem *nodes, const char *text)
{
    Node *node = mem_new(nodes, Node);
    PgQuery__String *string = mem_new(nodes, PgQuery__String);

    pg_query__node__init(node);
    pg_query__string__init(string);
    string->sval = mem_copy(nodes, text);
    node->node_case = PG_QUERY__NODE__NODE_STRING;
    node->string = string;
    return node;
}

void
columns_view(Reading *reading, const RowColumns *columns, const char *view)
{
    for (int i = 0; i < columns->count; i++)
    {
        const RowColumn *column = &columns->items[i];
        const char *qualifier = view != NULL    ? view
                                : column->inner ? reading->table->relname
                                                : NULL;
        size_t count = qualifier == NULL ? 1 : 2;

        column->node->fields = mem_array(reading->nodes, Node *, 2);
        column->node->n_fields = count;
        column->node->fields[count - 1] = string_node(reading->nodes, column->name);
        if (qualifier != NULL)
            column->node->fields[0] = string_node(reading->nodes, qualifier);
    }
}

void
columns_restore(const RowColumns *columns)
{
    for (int i = 0; i < columns->count; i++)
    {
        columns->items[i].node->fields = columns->items[i].fields;
        columns->items[i].node->n_fields = columns->items[i].field_count;
    }
}

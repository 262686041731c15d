/*
 * Is an expression NULL exactly where one of its columns is?
 *
 * Said only of what is listed here: functions of pg_catalog that give NULL for NULL and
 * for nothing else. Which of those that share a name the server would choose makes no
 * difference, for arguments of these types all of them are like that. What users made
 * under such a name is looked for in the catalog (strange_calls.sql has the same list).
 */
#include <string.h>

#include "core/sql/pg/tree.h"

/* What an expression gives, as far as it matters for what may be called with it. */
typedef enum Gives
{
    GIVES_OTHER, /* or it may be NULL for reasons of its own */
    GIVES_LITERAL,
    GIVES_TEXT,
    GIVES_NUMBER
} Gives;

typedef struct TypeGives
{
    const char *type; /* as format_type() says it, or a migration */
    Gives gives;
} TypeGives;

static const TypeGives types[] = {
    {"text", GIVES_TEXT},     {"character varying", GIVES_TEXT},
    {"varchar", GIVES_TEXT},  {"integer", GIVES_NUMBER},
    {"int", GIVES_NUMBER},    {"bigint", GIVES_NUMBER},
    {"numeric", GIVES_NUMBER}};

static const char *const text_functions[] = {"lower", "upper",   "initcap",
                                             "btrim", "replace", "md5"};

/* With or without a length; an array is none of these. */
static Gives
type_gives(const char *type)
{
    size_t length = type == NULL ? 0 : strcspn(type, "(");

    if (type == NULL || (type[length] == '(' && type[strlen(type) - 1] != ')'))
        return GIVES_OTHER;
    for (int i = 0; i < LENGTH(types); i++)
        if (strlen(types[i].type) == length &&
            strncmp(types[i].type, type, length) == 0)
            return types[i].gives;
    return GIVES_OTHER;
}

/* The name of what is called, of pg_catalog or of the path; NULL: of elsewhere. */
static const char *
called(Node *const *names, size_t count)
{
    if (count == 2 && strcmp(node_string(names[0]), "pg_catalog") == 0)
        return node_string(names[1]);
    return count == 1 ? node_string(names[0]) : NULL;
}

/* The column's own name, where nothing else is said. */
static const char *
column_named(const Node *node)
{
    return node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
                   node->column_ref->n_fields == 1
               ? node_string(node->column_ref->fields[0])
               : NULL;
}

static Gives
column_gives(const TableFact *table, const Node *node)
{
    const char *name = column_named(node);
    const ColumnFact *column = name == NULL ? NULL : table_column(table, name);

    return column == NULL ? GIVES_OTHER : type_gives(column->type);
}

static Gives
constant_gives(const PgQuery__AConst *constant)
{
    if (constant->isnull)
        return GIVES_OTHER;
    switch (constant->val_case)
    {
    case PG_QUERY__A__CONST__VAL_SVAL:
        return GIVES_LITERAL;
    case PG_QUERY__A__CONST__VAL_IVAL:
    case PG_QUERY__A__CONST__VAL_FVAL:
        return GIVES_NUMBER;
    default:
        return GIVES_OTHER;
    }
}

static Gives expression_gives(const TableFact *table, const Node *node);

static Gives
operator_gives(const TableFact *table, const PgQuery__AExpr *call)
{
    const char *name = call->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP
                           ? called(call->name, call->n_name)
                           : NULL;

    if (name == NULL || call->lexpr == NULL || call->rexpr == NULL)
        return GIVES_OTHER;

    Gives left = expression_gives(table, call->lexpr);
    Gives right = expression_gives(table, call->rexpr);

    if (left == GIVES_OTHER || right == GIVES_OTHER)
        return GIVES_OTHER;
    if (strcmp(name, "||") == 0)
        return left == GIVES_NUMBER && right == GIVES_NUMBER ? GIVES_OTHER : GIVES_TEXT;
    if (strlen(name) != 1 || strchr("+-*", name[0]) == NULL)
        return GIVES_OTHER;
    return left == GIVES_NUMBER && right == GIVES_NUMBER ? GIVES_NUMBER : GIVES_OTHER;
}

static Gives
function_gives(const TableFact *table, const PgQuery__FuncCall *call)
{
    const char *name = called(call->funcname, call->n_funcname);
    bool listed = false;

    if (name == NULL || call->n_args == 0 || call->n_agg_order > 0 ||
        call->agg_filter != NULL || call->over != NULL || call->agg_distinct ||
        call->func_variadic)
        return GIVES_OTHER;
    for (int i = 0; i < LENGTH(text_functions); i++)
        listed = listed || strcmp(text_functions[i], name) == 0;
    for (size_t i = 0; i < call->n_args && listed; i++)
    {
        Gives argument = expression_gives(table, call->args[i]);

        listed = argument == GIVES_TEXT || argument == GIVES_LITERAL;
    }
    return listed ? GIVES_TEXT : GIVES_OTHER;
}

static Gives
expression_gives(const TableFact *table, const Node *node)
{
    switch (node->node_case)
    {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
        return column_gives(table, node);
    case PG_QUERY__NODE__NODE_A_CONST:
        return constant_gives(node->a_const);
    case PG_QUERY__NODE__NODE_A_EXPR:
        return operator_gives(table, node->a_expr);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
        return function_gives(table, node->func_call);
    default:
        return GIVES_OTHER;
    }
}

static Node *
expression_parse(Mem *mem, const char *text)
{
    Node *node = tree_statement(mem, mem_text(mem, "SELECT %s", text));
    const PgQuery__SelectStmt *select =
        node != NULL && node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT
            ? node->select_stmt
            : NULL;

    return select != NULL && select->n_target_list == 1
               ? select->target_list[0]->res_target->val
               : NULL;
}

bool
pg_null_by_columns(const TableFact *table, const char *expression, const char *type)
{
    MEM_SCOPE(scope, NULL);
    const Node *node = expression_parse(scope, expression);
    Gives gives = node == NULL ? GIVES_OTHER : expression_gives(table, node);

    return (gives == GIVES_TEXT || gives == GIVES_NUMBER) && type_gives(type) == gives;
}

static bool
asks_for_null(const Node *term, const char *column)
{
    const PgQuery__NullTest *test =
        term->node_case == PG_QUERY__NODE__NODE_NULL_TEST ? term->null_test : NULL;
    const char *name = test == NULL ? NULL : column_named(test->arg);

    return name != NULL && test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL &&
           strcmp(name, column) == 0;
}

bool
pg_asks_for_null(const char *where, const char *column)
{
    MEM_SCOPE(scope, NULL);
    const Node *node = expression_parse(scope, where);

    if (node == NULL || node->node_case != PG_QUERY__NODE__NODE_BOOL_EXPR ||
        node->bool_expr->boolop != PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR)
        return node != NULL && asks_for_null(node, column);
    for (size_t i = 0; i < node->bool_expr->n_args; i++)
        if (asks_for_null(node->bool_expr->args[i], column))
            return true;
    return false;
}

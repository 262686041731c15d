/*
 * What a change assigns is worked out once a row, not twice.
 *
 * A row is not done while `target IS NULL AND target IS DISTINCT FROM expression`, so
 * the expression is worked out to find that out, and again to be assigned. Where it is
 * made of functions that give NULL for NULL and for nothing else, whether its columns
 * are there says the same. Who analyzes the statement anew (it does after DDL) has it
 * as it was written: that is slower, and as right.
 */
#include "sweep.h"

#include "access/transam.h"
#include "catalog/pg_namespace_d.h"
#include "catalog/pg_type_d.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* By what they take first: there is a lower(anyrange), and that may be NULL. */
typedef struct PlainFunction
{
    const char *name;
    Oid first;
} PlainFunction;

static const PlainFunction plain_functions[] = {
    {"textcat", TEXTOID},
    {"textanycat", TEXTOID},
    {"anytextcat", ANYNONARRAYOID},
    {"lower", TEXTOID},
    {"upper", TEXTOID},
    {"initcap", TEXTOID},
    {"btrim", TEXTOID},
    {"replace", TEXTOID},
    {"md5", TEXTOID},
    {"int8", INT4OID},
    {"numeric", INT4OID},
    {"numeric", INT8OID},
    {"int4pl", INT4OID},
    {"int4mi", INT4OID},
    {"int4mul", INT4OID},
    {"int8pl", INT8OID},
    {"int8mi", INT8OID},
    {"int8mul", INT8OID},
    {"numeric_add", NUMERICOID},
    {"numeric_sub", NUMERICOID},
    {"numeric_mul", NUMERICOID},
};

static bool
function_is_plain(Oid function)
{
    Oid *types;
    int count;
    bool plain = false;

    if (get_func_namespace(function) != PG_CATALOG_NAMESPACE ||
        function >= FirstNormalObjectId)
        return false;
    get_func_signature(function, &types, &count);
    for (int i = 0; i < lengthof(plain_functions) && !plain; i++)
        plain = count > 0 && types[0] == plain_functions[i].first &&
                strcmp(get_func_name(function), plain_functions[i].name) == 0;
    return plain;
}

static bool null_by_columns(Node *node, List **columns);

static bool
all_null_by_columns(List *nodes, List **columns)
{
    ListCell *cell;

    foreach (cell, nodes)
        if (!null_by_columns(lfirst(cell), columns))
            return false;
    return true;
}

/* NULL when one of its columns is, and only then. */
static bool
null_by_columns(Node *node, List **columns)
{
    switch (nodeTag(node))
    {
    case T_Var:
        *columns = list_append_unique(*columns, node);
        return ((Var *)node)->varlevelsup == 0 && ((Var *)node)->varattno > 0 &&
               !type_is_rowtype(((Var *)node)->vartype);
    case T_Const:
        return !((Const *)node)->constisnull;
    case T_RelabelType:
        return null_by_columns((Node *)((RelabelType *)node)->arg, columns);
    case T_CoerceViaIO:
        return ((CoerceViaIO *)node)->resulttype < FirstNormalObjectId &&
               null_by_columns((Node *)((CoerceViaIO *)node)->arg, columns);
    case T_OpExpr:
        set_opfuncid((OpExpr *)node);
        return function_is_plain(((OpExpr *)node)->opfuncid) &&
               all_null_by_columns(((OpExpr *)node)->args, columns);
    case T_FuncExpr:
        return function_is_plain(((FuncExpr *)node)->funcid) &&
               all_null_by_columns(((FuncExpr *)node)->args, columns);
    default:
        return false;
    }
}

static Node *
bare(Node *node)
{
    return IsA(node, RelabelType) ? (Node *)((RelabelType *)node)->arg : node;
}

/* One of these asks whether it is NULL. */
static bool
is_known_null(List *conditions, Node *column)
{
    ListCell *cell;

    foreach (cell, conditions)
    {
        NullTest *test = lfirst(cell);

        if (IsA(test, NullTest) && test->nulltesttype == IS_NULL &&
            equal(test->arg, column))
            return true;
    }
    return false;
}

/* `target IS DISTINCT FROM expression`, of a target that is NULL, in other words; NIL:
 * there are none. */
static List *
distinct_reword(List *conditions, Node *node)
{
    DistinctExpr *distinct = (DistinctExpr *)node;
    List *columns = NIL;
    List *words = NIL;
    ListCell *cell;

    if (!IsA(node, DistinctExpr) || !IsA(bare(linitial(distinct->args)), Var) ||
        !is_known_null(conditions, bare(linitial(distinct->args))) ||
        !null_by_columns(lsecond(distinct->args), &columns))
        return NIL;
    foreach (cell, columns)
    {
        NullTest *test = makeNode(NullTest);

        test->arg = lfirst(cell);
        test->nulltesttype = IS_NOT_NULL;
        test->location = -1;
        words = lappend(words, test);
    }
    return words;
}

static Node *
quals_reword(Node *node, void *context)
{
    List *conditions = NIL;
    ListCell *cell;

    if (node == NULL || !is_andclause(node))
        return node == NULL ? NULL
                            : expression_tree_mutator(node, quals_reword, context);
    foreach (cell, ((BoolExpr *)node)->args)
    {
        List *words = distinct_reword(((BoolExpr *)node)->args, lfirst(cell));

        if (words == NIL)
            words = list_make1(quals_reword(lfirst(cell), context));
        conditions = list_concat(conditions, words);
    }
    return (Node *)makeBoolExpr(AND_EXPR, conditions, -1);
}

void
sweep_quals_reword(SPIPlanPtr change)
{
    CachedPlanSource *source = linitial(SPI_plan_get_plan_sources(change));
    Query *query = linitial_node(Query, source->query_list);
    MemoryContext old = MemoryContextSwitchTo(source->query_context);

    query->jointree->quals = quals_reword(query->jointree->quals, NULL);
    MemoryContextSwitchTo(old);
}

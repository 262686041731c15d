/*
 * Expressions of the sync trigger: parsed and planned once per backend, made ready once
 * per transaction, run without SPI.
 *
 * What a name means is decided when the expression is parsed, under the search path of
 * the plan. Functions of the user's may look up names of their own while they run:
 * those run under that path too. The planned form belongs to the server's plan cache,
 * which tells when a function or type that it relies on has changed.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/xact.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"

#include "compat.h"
#include "sync.h"

/* --- from text to tree ----------------------------------------------------------- */

static bool
is_one_value(const SelectStmt *select)
{
    return list_length(select->targetList) == 1 && select->op == SETOP_NONE &&
           select->distinctClause == NIL && select->intoClause == NULL &&
           select->fromClause == NIL && select->whereClause == NULL &&
           select->groupClause == NIL && select->havingClause == NULL &&
           select->windowClause == NIL && select->valuesLists == NIL &&
           select->sortClause == NIL && select->limitOffset == NULL &&
           select->limitCount == NULL && select->lockingClause == NIL &&
           select->withClause == NULL;
}

static Node *
expr_parse(const char *text)
{
    List *statements = parse_statement(text);
    Node *statement =
        list_length(statements) == 1 ? linitial_node(RawStmt, statements)->stmt : NULL;

    if (statement == NULL || !IsA(statement, SelectStmt) ||
        !is_one_value((SelectStmt *)statement))
        ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR),
                        errmsg("not an expression over one row: %s",
                               text + strlen("SELECT "))));
    return linitial_node(ResTarget, ((SelectStmt *)statement)->targetList)->val;
}

/* As PL/pgSQL assigns: by a cast that an assignment may take, or else by the text. */
static Node *
coerce_to_column(ParseState *state, Node *value, Form_pg_attribute target)
{
    Node *coerced = coerce_to_target_type(state, value, exprType(value),
                                          target->atttypid, target->atttypmod,
                                          COERCION_PLPGSQL, COERCE_IMPLICIT_CAST, -1);
    CoerceViaIO *by_text;

    if (coerced != NULL)
        return coerced;
    by_text = makeNode(CoerceViaIO);
    by_text->arg = (Expr *)value;
    by_text->resulttype = target->atttypid;
    by_text->resultcollid = get_typcollation(target->atttypid);
    by_text->coerceformat = COERCE_IMPLICIT_CAST;
    by_text->location = -1;
    return coerce_to_target_type(state, (Node *)by_text, target->atttypid,
                                 target->atttypid, target->atttypmod,
                                 COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
}

/* The row is the only relation there is; "new" is its name. */
static Node *
expr_analyze(Relation relation, const char *text, Form_pg_attribute target)
{
    ParseState *state = make_parsestate(NULL);
    ParseNamespaceItem *row;
    Node *value;

    state->p_sourcetext = text;
    row = addRangeTableEntryForRelation(state, relation, AccessShareLock,
                                        makeAlias("new", NIL), false, false);
    addNSItemToQuery(state, row, false, true, true);
    value = transformExpr(state, expr_parse(text), EXPR_KIND_TRIGGER_WHEN);
    value = target == NULL ? coerce_to_boolean(state, value, "WHERE")
                           : coerce_to_column(state, value, target);
    assign_expr_collations(state, value);
    free_parsestate(state);
    return value;
}

/* --- what it reads, and what it relies on ---------------------------------------- */

static void
column_refuse(Relation relation, AttrNumber column)
{
    const char *name = NULL;

    if (column > 0)
        name = NameStr(TupleDescAttr(RelationGetDescr(relation), column - 1)->attname);
    ereport(
        ERROR,
        (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
         name == NULL
             ? errmsg("a sync trigger cannot read whole rows or system columns of "
                      "\"%s\"",
                      RelationGetRelationName(relation))
             : errmsg("a sync trigger cannot read \"%s\" of \"%s\": it is generated "
                      "after triggers have run",
                      name, RelationGetRelationName(relation))));
}

static void
reads_find(SyncExpr *expr, Relation relation, Node *value)
{
    Bitmapset *found = NULL;
    int member = -1;

    pull_varattnos(value, 1, &found);
    while ((member = bms_next_member(found, member)) >= 0)
    {
        AttrNumber column = member + FirstLowInvalidHeapAttributeNumber;

        if (column <= 0 ||
            TupleDescAttr(RelationGetDescr(relation), column - 1)->attgenerated != '\0')
            column_refuse(relation, column);
        expr->reads[expr->read_count++] = column;
    }
}

/* Those of the server's own that depend on nothing but their arguments. */
static bool
function_may_look_up(Oid function, void *context)
{
    return function >= FirstNormalObjectId ||
           func_volatile(function) != PROVOLATILE_IMMUTABLE;
}

/* What else than a function might run something of the user's is not asked: it may. */
static bool
may_look_up(Node *node, void *context)
{
    if (node == NULL)
        return false;
    switch (nodeTag(node))
    {
    case T_List:
    case T_Var:
    case T_Const:
    case T_FuncExpr:
    case T_OpExpr:
    case T_DistinctExpr:
    case T_NullIfExpr:
    case T_ScalarArrayOpExpr:
    case T_BoolExpr:
    case T_RelabelType:
    case T_CoerceViaIO:
    case T_CaseExpr:
    case T_CaseWhen:
    case T_CaseTestExpr:
    case T_CoalesceExpr:
    case T_ArrayExpr:
    case T_NullTest:
    case T_BooleanTest:
        return check_functions_in_node(node, function_may_look_up, context) ||
               expression_tree_walker(node, may_look_up, context);
    default:
        return true;
    }
}

/* A position in an expression is none in the writer's statement. */
static void
move_position(void *arg)
{
    int position = geterrposition();

    if (position == 0)
        return;
    errposition(0);
    internalerrposition(position);
    internalerrquery(arg);
}

static void
expr_read(SyncExpr *expr, Relation relation, char *text, Form_pg_attribute target)
{
    ErrorContextCallback context = {
        .previous = error_context_stack, .callback = move_position, .arg = text};
    Node *value;

    error_context_stack = &context;
    value = expr_analyze(relation, text, target);
    reads_find(expr, relation, value);
    if (IsA(value, Var))
        expr->copies = ((Var *)value)->varattno;
    else
        expr->planned = GetCachedExpression(value);
    error_context_stack = context.previous;
}

/* Parsing and planning leave much behind: only what they come to is kept. */
void
sync_expr_make(SyncExpr *expr, Relation relation, const char *text,
               Form_pg_attribute target)
{
    MemoryContext keep = CurrentMemoryContext;
    MemoryContext scratch =
        AllocSetContextCreate(keep, "pgstride sync scratch", ALLOCSET_DEFAULT_SIZES);

    expr->type = target == NULL ? BOOLOID : target->atttypid;
    expr->reads = palloc0(RelationGetNumberOfAttributes(relation) * sizeof(AttrNumber));
    MemoryContextSwitchTo(scratch);
    expr_read(expr, relation, psprintf("SELECT %s", text), target);
    MemoryContextSwitchTo(keep);
    MemoryContextDelete(scratch);
    if (expr->planned == NULL || !may_look_up(expr->planned->expr, NULL))
        expr->path = NULL;
}

void
sync_expr_free(SyncExpr *expr)
{
    if (expr->planned != NULL)
        FreeCachedExpression(expr->planned);
    expr->planned = NULL;
}

bool
sync_expr_valid(const SyncExpr *expr)
{
    return expr->planned == NULL || expr->planned->is_valid;
}

/* --- running --------------------------------------------------------------------- */

/*
 * Functions keep things beside the call that they are made for, and expect the call to
 * be over with the transaction, so this form is made anew in each.
 */
static ExprState *
expr_ready(SyncExpr *expr)
{
    MemoryContext caller = CurrentMemoryContext;

    if (expr->lives_in == MyLocalTransaction)
        return expr->state;
    expr->memory = AllocSetContextCreate(TopTransactionContext, "pgstride sync state",
                                         ALLOCSET_SMALL_SIZES);
    MemoryContextSwitchTo(expr->memory);
    expr->state = ExecInitExpr((Expr *)expr->planned->expr, NULL);
    MemoryContextSwitchTo(caller);
    expr->busy = false;
    expr->lives_in = MyLocalTransaction;
    return expr->state;
}

static void
expr_forget(SyncExpr *expr)
{
    if (expr->lives_in == MyLocalTransaction)
        MemoryContextDelete(expr->memory);
    expr->lives_in = InvalidLocalTransactionId;
}

/* The caller's memory is that of one row. */
static Datum
expr_run(ExprState *state, TupleTableSlot *row, bool *isnull)
{
    ExprContext context = {
        .type = T_ExprContext,
        .ecxt_scantuple = row,
        .ecxt_per_query_memory = TopTransactionContext,
        .ecxt_per_tuple_memory = CurrentMemoryContext,
        .caseValue_isNull = true,
        .domainValue_isNull = true,
    };
    Datum value = ExecEvalExpr(state, &context, isnull);

    for (ExprContext_CB *end = context.ecxt_callbacks; end != NULL; end = end->next)
        end->function(end->arg);
    return value;
}

void
sync_path_pin(const char *path)
{
    set_config_option("search_path", path, superuser() ? PGC_SUSET : PGC_USERSET,
                      PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

static Datum
expr_run_pinned(const SyncExpr *expr, ExprState *state, TupleTableSlot *row,
                bool *isnull)
{
    int level;
    Datum value;

    if (expr->path == NULL)
        return expr_run(state, row, isnull);
    level = NewGUCNestLevel();
    sync_path_pin(expr->path);
    value = expr_run(state, row, isnull);
    AtEOXact_GUC(true, level);
    return value;
}

/*
 * A function that it calls may write another row of this table and so come back here:
 * the inner row gets a form of its own. An error leaves the outer one marked until the
 * transaction ends, which costs time and nothing else.
 */
Datum
sync_expr_value(SyncExpr *expr, SyncRow *row, bool *isnull)
{
    ExprState *state;
    Datum value;

    if (expr->copies > 0)
        return sync_row_get(row, expr->copies, isnull);
    state = expr_ready(expr);
    if (expr->busy)
        return expr_run_pinned(expr, ExecInitExpr((Expr *)expr->planned->expr, NULL),
                               sync_row_slot(row), isnull);
    expr->busy = true;
    value = expr_run_pinned(expr, state, sync_row_slot(row), isnull);
    expr->busy = false;
    return value;
}

bool
sync_expr_true(SyncExpr *expr, SyncRow *row)
{
    bool isnull;
    Datum value = sync_expr_value(expr, row, &isnull);

    return !isnull && DatumGetBool(value);
}

/* --- running what may fail ------------------------------------------------------- */

/* What says that the values are no good; anything else is the writer's to know. */
static bool
error_about_values(const ErrorData *error)
{
    int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

    return category == ERRCODE_DATA_EXCEPTION ||
           category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION ||
           error->sqlerrcode == ERRCODE_RAISE_EXCEPTION;
}

/* In the caller's memory, with the failed part of the transaction taken back. */
static void
error_settle(MemoryContext caller, ResourceOwner owner)
{
    ErrorData *error;

    MemoryContextSwitchTo(caller);
    error = CopyErrorData();
    FlushErrorState();
    RollbackAndReleaseCurrentSubTransaction();
    MemoryContextSwitchTo(caller);
    CurrentResourceOwner = owner;
    if (!error_about_values(error))
        ReThrowError(error);
    FreeErrorData(error);
}

/* A domain may refuse NULL as well: then there is nothing left to write. */
static Datum
nothing_of(Oid type, bool *isnull)
{
    void *constraints = NULL;

    if (get_typtype(type) == TYPTYPE_DOMAIN)
        domain_check((Datum)0, true, type, &constraints, CurrentMemoryContext);
    *isnull = true;
    return (Datum)0;
}

/*
 * An old value that f cannot take must not fail the application's write, which was good
 * before we came: the row stays unfilled, and contract says so.
 */
Datum
sync_expr_attempt(SyncExpr *expr, SyncRow *row, bool *isnull)
{
    MemoryContext caller = CurrentMemoryContext;
    ResourceOwner owner = CurrentResourceOwner;
    volatile Datum value = (Datum)0;
    volatile bool failed = false;
    const bool outer = expr->busy && expr->lives_in == MyLocalTransaction;
    bool null = true;

    if (expr->copies > 0)
        return sync_row_get(row, expr->copies, isnull);
    sync_row_slot(row); /* what it holds on to outlives the part that may be undone */
    BeginInternalSubTransaction(NULL);
    MemoryContextSwitchTo(caller);
    PG_TRY();
    {
        value = sync_expr_value(expr, row, &null);
        ReleaseCurrentSubTransaction();
        MemoryContextSwitchTo(caller);
        CurrentResourceOwner = owner;
    }
    PG_CATCH();
    {
        error_settle(caller, owner);
        failed = true;
    }
    PG_END_TRY();
    if (failed && !outer) /* it stopped midway: not to be run again */
        expr_forget(expr);
    if (failed)
        return nothing_of(expr->type, isnull);
    *isnull = null;
    return value;
}

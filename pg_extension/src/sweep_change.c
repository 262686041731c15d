/*
 * The change of a sweep: what it must be, and how the executor makes it of some rows.
 *
 * Its plan is kept from one transaction to the next, and made anew after DDL, so what
 * was seen of the text at first is looked at again each time.
 */
#include "sweep.h"

#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "parser/parsetree.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "sync.h"

/* --- what it must be ------------------------------------------------------------- */

static void
change_is_no_change(void)
{
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("the change must be one UPDATE or DELETE"),
                    errhint("Where a rule makes another statement of it, drop the rule "
                            "or disable it for the time of the sweep.")));
}

bool
sweep_check_change(const SweepTerms *terms, SPIPlanPtr change)
{
    CachedPlanSource *source = linitial(SPI_plan_get_plan_sources(change));
    Query *query =
        list_length(source->query_list) == 1 ? linitial(source->query_list) : NULL;
    RangeTblEntry *target;

    if (query == NULL ||
        (query->commandType != CMD_UPDATE && query->commandType != CMD_DELETE))
        change_is_no_change();
    target = rt_fetch(query->resultRelation, query->rtable);
    if (target->relid != terms->relation || target->inh)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("the change must be of ONLY the table \"%s\"",
                               get_rel_name(terms->relation))));
    return query->commandType == CMD_DELETE;
}

/* --- what it gives back ---------------------------------------------------------- */

/* Takes what RETURNING gives of every row: would it be changed again? */
typedef struct AgainCounter
{
    DestReceiver receiver;
    int64 again;
} AgainCounter;

static bool
again_receive(TupleTableSlot *slot, DestReceiver *receiver)
{
    bool is_null;
    Datum again = slot_getattr(slot, 1, &is_null);

    ((AgainCounter *)receiver)->again += !is_null && DatumGetBool(again);
    return true;
}

static void
again_startup(DestReceiver *receiver, int operation, TupleDesc shape)
{
    if (shape->natts > 0 && TupleDescAttr(shape, 0)->atttypid != BOOLOID)
        ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                        errmsg("the change must return one boolean")));
}

static void
again_end(DestReceiver *receiver)
{
}

/* --- what it is given ------------------------------------------------------------ */

/* Wave by wave; within each in the order of the pages. */
static ItemPointerData *
rows_in_order(const SweepRows *rows)
{
    ItemPointerData *tids = palloc(sizeof(ItemPointerData) * rows->count);
    int at[SWEEP_WAVES_MOST] = {0};

    for (int wave = 1; wave < SWEEP_WAVES_MOST; wave++)
        at[wave] = at[wave - 1] + rows->counts[wave - 1];
    for (int i = 0; i < rows->count; i++)
        tids[at[rows->waves[i]]++] = rows->tids[i];
    return tids;
}

static ParamListInfo
tids_as_parameter(ItemPointerData *tids, int count)
{
    Datum *values = palloc(sizeof(Datum) * count);
    ParamListInfo list = makeParamList(1);

    for (int i = 0; i < count; i++)
        values[i] = PointerGetDatum(&tids[i]);
    list->params[0] = (ParamExternData){
        .value = PointerGetDatum(construct_array(
            values, count, TIDOID, sizeof(ItemPointerData), false, TYPALIGN_SHORT)),
        .pflags = PARAM_FLAG_CONST,
        .ptype = get_array_type(TIDOID)};
    return list;
}

/* --- the statement --------------------------------------------------------------- */

/* A rule that came in between makes something else of it, or nothing at all. */
static PlannedStmt *
change_planned(const CachedPlan *plan)
{
    PlannedStmt *change =
        list_length(plan->stmt_list) == 1 ? linitial(plan->stmt_list) : NULL;

    if (change == NULL ||
        (change->commandType != CMD_UPDATE && change->commandType != CMD_DELETE))
        change_is_no_change();
    return change;
}

static void
change_check_target(const SweepTerms *terms, Relation target)
{
    if (RelationGetRelid(target) != terms->relation)
        ereport(ERROR,
                (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                 errmsg("table \"%s\" was renamed in the midst of a sweep",
                        get_rel_name(terms->relation)),
                 errdetail("The change would be of another table by now, \"%s\".",
                           RelationGetRelationName(target)),
                 errhint("Give the table its name back, or plan the backfill again.")));
}

/* Through the executor, so that constraints, triggers, generated columns and logical
 * decoding see it as any other statement. */
int64
sweep_change(Sweep *sweep, const SweepOrders *orders, const SweepRows *rows)
{
    AgainCounter counter = {.receiver = {.receiveSlot = again_receive,
                                         .rStartup = again_startup,
                                         .rShutdown = again_end,
                                         .rDestroy = again_end,
                                         .mydest = DestNone}};
    ItemPointerData *tids = rows_in_order(rows);
    ModifyTableState *change;
    CachedPlanSource *source = linitial(SPI_plan_get_plan_sources(orders->change));
    CachedPlan *plan;
    QueryDesc *query;
    int64 changed;

    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    plan = SPI_plan_get_cached_plan(orders->change);
    query = CreateQueryDesc(change_planned(plan), source->query_string,
                            GetActiveSnapshot(), InvalidSnapshot, &counter.receiver,
                            tids_as_parameter(tids, rows->count), NULL, 0);
    ExecutorStart(query, 0);
    change = castNode(ModifyTableState, query->planstate);
    change_check_target(&sweep->terms, change->resultRelInfo->ri_RelationDesc);
    if (orders->sync_trigger != NULL)
        sync_leave_out(change->resultRelInfo, orders->sync_trigger);
    sweep_scan_by_page(change, tids, rows->count);
    compat_execute(query);
    ExecutorFinish(query);
    changed = query->estate->es_processed;
    ExecutorEnd(query);
    FreeQueryDesc(query);
    compat_plan_release(plan);
    PopActiveSnapshot();
    if (counter.again > 0)
        ereport(ERROR, (errcode(ERRCODE_TRIGGERED_DATA_CHANGE_VIOLATION),
                        errmsg("the change of \"%s\" would change rows again and again",
                               get_rel_name(sweep->terms.relation)),
                        errdetail("Of %lld rows just written, %lld are not done.",
                                  (long long)changed, (long long)counter.again)));
    sweep_learn_hits(&sweep->shape, rows->count, changed);
    return changed;
}

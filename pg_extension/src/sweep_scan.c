/*
 * The rows of a change, fetched in the order in which they were chosen.
 *
 * The executor's own scan of a list of addresses sorts it, and looks the page up for
 * every row. Here the waves keep their order, and since each goes along the pages, the
 * page of the row before is mostly still in hand. All else stays the executor's: what
 * the row looks like to the statement's snapshot, its conditions, and what happens to a
 * row that somebody has changed meanwhile.
 */
#include "sweep.h"

#include "access/heapam.h"
#include "executor/executor.h"
#include "nodes/primnodes.h"
#include "storage/bufmgr.h"

/* Of the row before, if it has it in hand; else it is read. */
static Buffer
page_pin(const BufferHeapTupleTableSlot *before, Relation rel, BlockNumber block)
{
    if (!BufferIsValid(before->buffer) || BufferGetBlockNumber(before->buffer) != block)
        return ReadBuffer(rel, block);
    IncrBufferRefCount(before->buffer);
    return before->buffer;
}

/* False: the snapshot does not see it. */
static bool
row_find(ScanState *scan, Buffer buffer, HeapTuple row)
{
    OffsetNumber place = ItemPointerGetOffsetNumber(&row->t_self);
    Page page = BufferGetPage(buffer);
    ItemId item;

    if (place > PageGetMaxOffsetNumber(page))
        return false;
    item = PageGetItemId(page, place);
    if (!ItemIdIsNormal(item))
        return false;
    row->t_data = (HeapTupleHeader)PageGetItem(page, item);
    row->t_len = ItemIdGetLength(item);
    row->t_tableOid = RelationGetRelid(scan->ss_currentRelation);
    return HeapTupleSatisfiesVisibility(row, scan->ps.state->es_snapshot, buffer);
}

static bool
row_fetch(ScanState *scan, const ItemPointerData *tid)
{
    TupleTableSlot *slot = scan->ss_ScanTupleSlot;
    BufferHeapTupleTableSlot *hand = (BufferHeapTupleTableSlot *)slot;
    Buffer buffer =
        page_pin(hand, scan->ss_currentRelation, ItemPointerGetBlockNumber(tid));
    bool found;

    hand->base.tupdata.t_self = *tid;
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    found = row_find(scan, buffer, &hand->base.tupdata);
    LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
    if (found)
        ExecStorePinnedBufferHeapTuple(&hand->base.tupdata, slot, buffer);
    else
        ReleaseBuffer(buffer);
    return found;
}

static TupleTableSlot *
rows_next(ScanState *scan)
{
    TidScanState *rows = (TidScanState *)scan;

    while (rows->tss_TidPtr < rows->tss_NumTids)
        if (row_fetch(scan, &rows->tss_TidList[rows->tss_TidPtr++]))
            return scan->ss_ScanTupleSlot;
    return ExecClearTuple(scan->ss_ScanTupleSlot);
}

/* Never asked: a row that was changed meanwhile is asked about in a plan of its own. */
static bool
rows_recheck(ScanState *scan, TupleTableSlot *slot)
{
    return true;
}

static TupleTableSlot *
rows_scan(PlanState *scan)
{
    return ExecScan((ScanState *)scan, rows_next, rows_recheck);
}

/* Is it `ctid = ANY ($1)` and nothing else that it finds rows by? */
static bool
finds_rows_by_list(const PlanState *scan)
{
    const TidScan *plan = (const TidScan *)scan->plan;
    ScalarArrayOpExpr *any;

    if (!IsA(scan, TidScanState) || list_length(plan->tidquals) != 1 ||
        !IsA(linitial(plan->tidquals), ScalarArrayOpExpr))
        return false;
    any = linitial(plan->tidquals);
    return any->useOr && IsA(lsecond(any->args), Param) &&
           castNode(Param, lsecond(any->args))->paramkind == PARAM_EXTERN;
}

void
sweep_scan_by_page(ModifyTableState *change, ItemPointerData *tids, int count)
{
    PlanState *scan = compat_rows_changed(change);
    TidScanState *rows = (TidScanState *)scan;

    if (!finds_rows_by_list(scan))
        return;
    rows->tss_TidList = tids;
    rows->tss_NumTids = count;
    rows->tss_TidPtr = 0;
    ExecSetExecProcNode(scan, rows_scan);
}

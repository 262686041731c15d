#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "executor/executor.h"
#include "utils/datum.h"
#include "utils/rel.h"

#include "sync.h"

SyncRow
sync_row_begin(Relation relation, HeapTuple tuple, TupleTableSlot *slot, int most)
{
    return (SyncRow){
        .desc = RelationGetDescr(relation),
        .tuple = tuple,
        .given = slot,
        .columns = palloc(most * sizeof(int)),
        .values = palloc(most * sizeof(Datum)),
        .nulls = palloc(most * sizeof(bool)),
    };
}

Datum
sync_row_get(const SyncRow *row, AttrNumber column, bool *isnull)
{
    for (int i = 0; i < row->set_count; i++)
        if (row->columns[i] == column)
        {
            *isnull = row->nulls[i];
            return row->values[i];
        }
    return slot_getattr(row->given, column, isnull);
}

/* What is there already is not written again: most rows leave us as they came. */
void
sync_row_set(SyncRow *row, AttrNumber column, Datum value, bool isnull)
{
    NullableDatum before;
    int place = 0;

    before.value = sync_row_get(row, column, &before.isnull);
    if (sync_same(row->desc, column, before, (NullableDatum){value, isnull}))
        return;
    while (place < row->set_count && row->columns[place] != column)
        place++;
    if (place == row->set_count)
        row->set_count++;
    row->columns[place] = column;
    row->values[place] = value;
    row->nulls[place] = isnull;
    row->whole_now = false;
}

TupleTableSlot *
sync_row_slot(SyncRow *row)
{
    TupleTableSlot *slot = row->whole;

    if (row->set_count == 0)
        return row->given;
    if (row->whole_now)
        return slot;
    if (slot == NULL)
        slot = row->whole = MakeSingleTupleTableSlot(row->desc, &TTSOpsVirtual);
    ExecClearTuple(slot);
    slot_getallattrs(row->given);
    memcpy(slot->tts_values, row->given->tts_values, row->desc->natts * sizeof(Datum));
    memcpy(slot->tts_isnull, row->given->tts_isnull, row->desc->natts * sizeof(bool));
    for (int i = 0; i < row->set_count; i++)
    {
        slot->tts_values[row->columns[i] - 1] = row->values[i];
        slot->tts_isnull[row->columns[i] - 1] = row->nulls[i];
    }
    row->whole_now = true;
    return ExecStoreVirtualTuple(slot);
}

HeapTuple
sync_row_end(SyncRow *row)
{
    if (row->whole != NULL)
        ExecDropSingleTupleTableSlot(row->whole);
    row->whole = NULL;
    if (row->set_count == 0)
        return row->tuple;
    return heap_modify_tuple_by_cols(row->tuple, row->desc, row->set_count,
                                     row->columns, row->values, row->nulls);
}

/* Values that are kept elsewhere, and were not touched, are not fetched for it. */
static bool
stored_alike(Datum one, Datum other)
{
    struct varlena *a = (struct varlena *)DatumGetPointer(one);
    struct varlena *b = (struct varlena *)DatumGetPointer(other);

    return a == b ||
           (VARSIZE_ANY(a) == VARSIZE_ANY(b) && memcmp(a, b, VARSIZE_ANY(a)) == 0);
}

bool
sync_same(TupleDesc desc, AttrNumber column, NullableDatum one, NullableDatum other)
{
    Form_pg_attribute attribute = TupleDescAttr(desc, column - 1);

    if (one.isnull || other.isnull)
        return one.isnull && other.isnull;
    if (attribute->attlen == -1 && stored_alike(one.value, other.value))
        return true;
    return datum_image_eq(one.value, other.value, attribute->attbyval,
                          attribute->attlen);
}

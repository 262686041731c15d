/*
 * Which rows of a page are changed now: as many as find room on it, and before that as
 * many as have to leave it for the others to grow.
 */
#include "sweep.h"

#include <math.h>

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/multixact.h"
#include "access/xact.h"
#include "storage/bufmgr.h"

/* Rows for which a page should have room when its last ones come: fewer keep more rows
 * on their page and need more passes. */
#define ROOM_AT_LAST 2.0

/* Of the rows of a page so many at most leave it in one pass: their index entries find
 * room beside the old ones, where more at once would split index pages (measured: with
 * a fifth of them at once indexes grow by half, with this not at all). */
#define LEAVING_MOST 0.065

/* One measurement counts this much. */
#define LEARN 0.1

/* What a page looks like, prunable rows gone. */
typedef struct Room
{
    double free;
    int left;     /* rows not looked at yet */
    double bytes; /* of these */
    int grown;    /* rows that were changed in place */
    double grown_bytes;
} Room;

/* --- how many -------------------------------------------------------------------- */

/* A changed row leaves the place it had to the index, and takes another. */
static int
rows_wanted(const Room *room, const SweepShape *shape)
{
    double length = room->bytes / room->left;
    double place = sizeof(ItemIdData);
    double grown = length + shape->growth + place;
    double keeps = Max(shape->growth, 0) + place;
    double due = room->left * shape->hits;
    double fit = floor(room->free / grown);
    double lacks = due * keeps + ROOM_AT_LAST * grown - room->free;
    double leaving;
    double wanted;

    if (due <= fit)
        return room->left;
    leaving = lacks > 0 ? ceil(lacks / (length + keeps)) : 0;
    wanted = fit + Min(leaving, ceil((room->left + room->grown) * LEAVING_MOST));
    wanted = Max(wanted, 1) / Max(shape->hits, 0.01);
    return wanted < room->left ? (int)wanted : room->left;
}

static void
learn_growth(const Room *room, SweepShape *shape)
{
    double growth;

    if (room->grown == 0 || room->left == 0)
        return;
    growth = room->grown_bytes / room->grown - room->bytes / room->left;
    shape->growth += (growth - shape->growth) * LEARN;
}

void
sweep_learn_hits(SweepShape *shape, int looked, int64 changed)
{
    shape->hits += ((double)changed / looked - shape->hits) * LEARN;
}

/* --- whose ----------------------------------------------------------------------- */

static bool
members_conflict(HeapTupleHeader header, bool key_assigned)
{
    MultiXactMember *members;
    bool lockers = HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask);
    int count = GetMultiXactIdMembers(HeapTupleHeaderGetRawXmax(header), &members,
                                      false, lockers);
    bool conflict = false;

    for (int i = 0; i < count && !conflict; i++)
        conflict = (key_assigned || members[i].status > MultiXactStatusForKeyShare) &&
                   !TransactionIdIsCurrentTransactionId(members[i].xid);
    if (count > 0)
        pfree(members);
    return conflict;
}

/* Being changed or locked by somebody for whom we would have to wait. */
static bool
row_is_taken(HeapTupleHeader header, bool key_assigned)
{
    if (header->t_infomask & HEAP_XMAX_IS_MULTI)
        return members_conflict(header, key_assigned);
    return key_assigned || !HEAP_XMAX_IS_KEYSHR_LOCKED(header->t_infomask) ||
           !HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask);
}

static void
row_add(Relation rel, Buffer buffer, ItemPointer tid, const SweepTerms *terms,
        SweepRows *rows)
{
    Page page = BufferGetPage(buffer);
    ItemId item = PageGetItemId(page, ItemPointerGetOffsetNumber(tid));
    HeapTupleData tuple = {.t_tableOid = RelationGetRelid(rel),
                           .t_self = *tid,
                           .t_len = ItemIdGetLength(item),
                           .t_data = (HeapTupleHeader)PageGetItem(page, item)};

    switch (HeapTupleSatisfiesUpdate(&tuple, GetCurrentCommandId(false), buffer))
    {
    case TM_BeingModified:
        if (row_is_taken(tuple.t_data, terms->key_assigned))
        {
            rows->blocked = true;
            rows->passed++;
            return;
        }
        break;
    case TM_Ok:
        break;
    default:
        return;
    }
    rows->tids[rows->count++] = *tid;
}

/* --- the page -------------------------------------------------------------------- */

static Room
page_room(Page page, const SweepPage *places)
{
    OffsetNumber last = PageGetMaxOffsetNumber(page);
    Room room = {.free = PageGetHeapFreeSpace(page)};

    for (OffsetNumber place = places->next; place <= last; place++)
    {
        ItemId item = PageGetItemId(page, place);
        double length = MAXALIGN(ItemIdGetLength(item));

        if (!ItemIdIsNormal(item))
            continue;
        if (place <= places->last)
        {
            room.left++;
            room.bytes += length;
        }
        else
        {
            room.grown++;
            room.grown_bytes += length;
        }
    }
    return room;
}

static void
page_take(Relation rel, Buffer buffer, const SweepTerms *terms, int wanted,
          SweepPage *places, SweepRows *rows)
{
    Page page = BufferGetPage(buffer);
    OffsetNumber last = Min(places->last, PageGetMaxOffsetNumber(page));
    ItemPointerData tid;

    for (; places->next <= last && wanted > 0; places->next++)
    {
        if (!ItemIdIsNormal(PageGetItemId(page, places->next)))
            continue;
        ItemPointerSet(&tid, BufferGetBlockNumber(buffer), places->next);
        row_add(rel, buffer, &tid, terms, rows);
        wanted--;
    }
    if (places->next > last)
        places->next = places->last + 1;
}

/*
 * The page is pruned first, if nobody else has it pinned: the old versions that an
 * earlier pass left are the room that this one needs.
 */
void
sweep_look(Relation rel, BlockNumber block, const SweepTerms *terms, SweepShape *shape,
           SweepPage *places, bool all, SweepRows *rows)
{
    Buffer buffer;
    Page page;
    Room room;

    rows->blocked = false;
    if (places->next > places->last)
        return;
    buffer = ReadBuffer(rel, block);
    heap_page_prune_opt(rel, buffer);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    page = BufferGetPage(buffer);
    if (places->last == MaxOffsetNumber)
        places->last = PageGetMaxOffsetNumber(page);
    room = page_room(page, places);
    learn_growth(&room, shape);
    if (room.left == 0)
        places->next = places->last + 1;
    else
        page_take(rel, buffer, terms, all ? room.left : rows_wanted(&room, shape),
                  places, rows);
    UnlockReleaseBuffer(buffer);
}

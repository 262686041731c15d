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
#define ROOM_AT_LAST 3.0

/*
 * In one pass rows leave only every second page, and so much of its rows at most: their
 * index entries find room beside the old ones, where more at once would split index
 * pages (measured: with a fifth of all rows at once indexes grow by half, with a
 * twelfth not at all). All at once from a page, because then it needs fewer passes.
 */
#define LEAVING_PAGES 2
#define LEAVING_MOST 0.17

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

/* A page in hand. */
typedef struct Look
{
    Relation rel;
    Buffer buffer;
    bool key_assigned;
} Look;

/* Rows of a page that are changed now: some that stay on it, then some that leave. */
typedef struct Share
{
    int stay;
    int leave;
} Share;

/* --- how many -------------------------------------------------------------------- */

/* A changed row leaves the place it had to the index, and takes another. */
static Share
share_of(const Room *room, const SweepShape *shape, bool may_leave)
{
    double length = room->bytes / room->left;
    double place = sizeof(ItemIdData);
    /* What was learned of other rows may not be true of these: none is less than empty.
     */
    double grown = Max(length + shape->growth, SizeofHeapTupleHeader) + place;
    double keeps = Max(shape->growth, 0) + place;
    double hits = Max(shape->hits, 0.01);
    double due = room->left * shape->hits;
    double fit = floor(room->free / grown);
    double lacks = due * keeps + ROOM_AT_LAST * grown - room->free;
    double leaving = 0;

    if (due <= fit)
        return (Share){.stay = room->left};
    if (may_leave)
    {
        leaving = lacks > 0 ? ceil(lacks / (length + keeps)) : 0;
        leaving = Min(leaving, ceil((room->left + room->grown) * LEAVING_MOST));
        if (fit + leaving == 0)
            leaving = 1;
    }
    return (Share){.stay = Min(fit / hits, room->left),
                   .leave = Min(leaving / hits, room->left)};
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

void
sweep_learn_time(SweepShape *shape, int rows, double millis)
{
    double row_ms = millis / rows;

    shape->row_ms += shape->row_ms == 0 ? row_ms : (row_ms - shape->row_ms) * LEARN;
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

static bool
row_is_ours(const Look *look, ItemPointer tid, SweepRows *rows)
{
    Page page = BufferGetPage(look->buffer);
    ItemId item = PageGetItemId(page, ItemPointerGetOffsetNumber(tid));
    HeapTupleData tuple = {.t_tableOid = RelationGetRelid(look->rel),
                           .t_self = *tid,
                           .t_len = ItemIdGetLength(item),
                           .t_data = (HeapTupleHeader)PageGetItem(page, item)};

    switch (HeapTupleSatisfiesUpdate(&tuple, GetCurrentCommandId(false), look->buffer))
    {
    case TM_BeingModified:
        if (row_is_taken(tuple.t_data, look->key_assigned))
        {
            rows->blocked = true;
            rows->passed++;
            return false;
        }
        return true;
    case TM_Ok:
        return true;
    default:
        return false;
    }
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

/* What does not fit into the waves goes with the last. */
static void
page_take(const Look *look, Share share, SweepPage *places, SweepRows *rows)
{
    Page page = BufferGetPage(look->buffer);
    OffsetNumber last = Min(places->last, PageGetMaxOffsetNumber(page));
    int wanted = share.stay + share.leave;
    ItemPointerData tid;

    for (int taken = 0; places->next <= last && taken < wanted; places->next++)
    {
        int wave = Min(Max(taken - share.stay + 1, 0), SWEEP_WAVES_MOST - 1);

        if (!ItemIdIsNormal(PageGetItemId(page, places->next)))
            continue;
        taken++;
        ItemPointerSet(&tid, BufferGetBlockNumber(look->buffer), places->next);
        if (!row_is_ours(look, &tid, rows))
            continue;
        rows->waves[rows->count] = wave;
        rows->tids[rows->count++] = tid;
        rows->counts[wave]++;
    }
    if (places->next > last)
        places->next = places->last + 1;
}

/*
 * The page is pruned first, if nobody else has it pinned: the old versions that an
 * earlier pass left are the room that this one needs.
 */
void
sweep_look(Sweep *sweep, Relation rel, SweepRange *range, SweepRows *rows)
{
    SweepPage *places = &range->pages[range->at];
    bool may_leave = (range->at + range->pass) % LEAVING_PAGES == 0;
    Look look = {.rel = rel, .key_assigned = sweep->terms.key_assigned};
    Room room;

    rows->blocked = false;
    if (places->next > places->last)
        return;
    look.buffer = ReadBuffer(rel, range->from + range->at);
    heap_page_prune_opt(rel, look.buffer);
    LockBuffer(look.buffer, BUFFER_LOCK_SHARE);
    if (places->last == MaxOffsetNumber)
        places->last = PageGetMaxOffsetNumber(BufferGetPage(look.buffer));
    room = page_room(BufferGetPage(look.buffer), places);
    learn_growth(&room, &sweep->shape);
    if (room.left == 0)
        places->next = places->last + 1;
    else if (range->all)
        page_take(&look, (Share){.stay = room.left}, places, rows);
    else
        page_take(&look, share_of(&room, &sweep->shape, may_leave), places, rows);
    UnlockReleaseBuffer(look.buffer);
}

#include "core/plan/room.h"

#include <string.h>

#include "base/units.h"

/* Nobody plans a disk for less. */
#define WORTH_SAYING (256LL << 20)

/* What a backfill will take, and where. */
typedef struct Need
{
    const Step *step;
    const RoomFact *room;
    int64_t table; /* bytes that the table and its indexes grow */
    int64_t wal;   /* WAL that is kept at one time */
    int64_t all;   /* of both, what comes from the disk that we know of */
} Need;

/* How much of it an earlier run has left to do: 0..1. */
static double
share_left(const History *history, const Step *step)
{
    int64_t left = 0;
    int64_t all = 0;

    for (int i = 0; history != NULL && i < history->backfill_count; i++)
    {
        const BackfillRecord *record = &history->backfills[i];

        if (step->backfill == NULL ||
            strcmp(record->version, step->migration->version) != 0 ||
            record->number != step->backfill->number)
            continue;
        left += record->end_block - record->position;
        all = record->end_block > all ? record->end_block : all;
    }
    return all > 0 && left < all ? (double)left / (double)all : 1;
}

/* A slot that nobody reads keeps all of it; else a checkpoint lets it go. */
static Need
need_of(const PlanRequest *request, const Step *step, const RoomFact *room)
{
    double share = share_left(request->history, step);
    Need need = {.step = step,
                 .room = room,
                 .table = (int64_t)((double)step->grows_by * share),
                 .wal = (int64_t)((double)step->wal_bytes * share)};

    if (room->idle_slot == NULL && room->max_wal_bytes > 0 &&
        need.wal > room->max_wal_bytes)
        need.wal = room->max_wal_bytes;
    need.all = need.table + (room->with_wal ? need.wal : 0);
    return need;
}

static bool
need_refused(const Need *need, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const RoomFact *room = need->room;
    const Step *step = need->step;
    const char *index = step->index.name;

    err_at(err, ERR_REFUSED, step->span.file, step->span.line,
           "%s \"%s\" needs about %s on tablespace \"%s\", and %s are free",
           index == NULL ? "the backfill of" : "the build of index",
           index == NULL ? step->table.name : index, bytes_show(scope, need->all),
           room->tablespace, bytes_show(scope, room->free_bytes));
    err_detail(err, "%s about %s, %s of WAL are kept%s%s",
               index == NULL ? "the table and its indexes grow by"
                             : "the index and what is sorted for it take",
               bytes_show(scope, need->table), bytes_show(scope, need->wal),
               room->with_wal ? "" : " elsewhere",
               room->idle_slot == NULL ? ""
                                       : ": a slot that nobody reads keeps all of it");
    if (room->directory != NULL)
        err_detail(err, "it grows in %s on the server", room->directory);
    return err_hint(err, "Make room, or say how much there is: --free-space=SIZE.");
}

static char *
need_note(Mem *mem, const Need *need)
{
    MEM_SCOPE(scope, mem);
    const RoomFact *room = need->room;

    return mem_text(
        mem,
        "step %d needs about %s on tablespace \"%s\" and %s for WAL%s; what is free "
        "there "
        "cannot be seen from here: look on the server (df -h %s), or say it "
        "(--free-space=SIZE)",
        need->step->number, bytes_show(scope, need->table), room->tablespace,
        bytes_show(scope, need->wal),
        room->idle_slot == NULL
            ? ""
            : mem_text(scope, " (slot \"%s\" is read by nobody and keeps all of it)",
                       room->idle_slot),
        room->directory == NULL ? "its data directory" : room->directory);
}

static bool
step_grows(const Step *step)
{
    return step->kind == STEP_BACKFILL || step->kind == STEP_INDEX_BUILD;
}

/* There already, and taken for what is wanted. */
static bool
index_is_there(const Step *step, const TableFact *table)
{
    for (int i = 0; step->index.name != NULL && i < table->index_count; i++)
        if (strcmp(table->indexes[i].name.name, step->index.name) == 0)
            return table->indexes[i].valid;
    return false;
}

bool
room_check(Mem *mem, const PlanRequest *request, Plan *plan, Err *err)
{
    LIST(const char *) notes = {0};

    for (int i = 0; i < plan->note_count; i++)
        *list_add(mem, &notes) = plan->notes[i];
    for (int i = 0; i < plan->step_count; i++)
    {
        const Step *step = &plan->steps[i];
        const TableFact *table =
            step_grows(step) ? facts_table(request->facts, &step->table) : NULL;
        const StepRecord *record =
            table == NULL || request->history == NULL
                ? NULL
                : history_step(request->history, plan->migration->version, step->phase,
                               step->ordinal);

        if (table == NULL || table->room.tablespace == NULL || step->wal_bytes <= 0 ||
            (record != NULL && record->done) || index_is_there(step, table))
            continue;

        Need need = need_of(request, step, &table->room);

        if (table->room.free_bytes >= 0 && table->room.free_bytes < need.all)
            return need_refused(&need, err);
        if (table->room.free_bytes < 0 && need.table + need.wal >= WORTH_SAYING)
            *list_add(mem, &notes) = need_note(mem, &need);
    }
    plan->notes = notes.items;
    plan->note_count = notes.count;
    return true;
}

#include "core/room.h"

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

        if (strcmp(record->version, step->migration->version) != 0 ||
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
    const Span *span = &need->step->backfill->statement->span;

    err_at(
        err, ERR_REFUSED, span->file, span->line,
        "the backfill of \"%s\" needs about %s on tablespace \"%s\", and %s are free",
        need->step->table.name, bytes_show(scope, need->all), room->tablespace,
        bytes_show(scope, room->free_bytes));
    err_detail(
        err, "the table and its indexes grow by about %s, %s of WAL are kept%s%s",
        bytes_show(scope, need->table), bytes_show(scope, need->wal),
        room->with_wal ? "" : " elsewhere",
        room->idle_slot == NULL ? "" : ": a slot that nobody reads keeps all of it");
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

bool
room_check(Mem *mem, const PlanRequest *request, Plan *plan, Err *err)
{
    LIST(const char *) notes = {0};

    for (int i = 0; i < plan->note_count; i++)
        *list_add(mem, &notes) = plan->notes[i];
    for (int i = 0; i < plan->step_count; i++)
    {
        const Step *step = &plan->steps[i];
        const TableFact *table = step->kind == STEP_BACKFILL
                                     ? facts_table(request->facts, &step->table)
                                     : NULL;
        const StepRecord *record =
            table == NULL || request->history == NULL
                ? NULL
                : history_step(request->history, plan->migration->version, step->phase,
                               step->ordinal);

        if (table == NULL || table->room.tablespace == NULL || step->wal_bytes <= 0 ||
            (record != NULL && record->done))
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

#include "run/backfill/room.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

typedef struct RoomRow
{
    RoomFact fact;
    bool local;
    char *wal_directory;
} RoomRow;

static const Column room_columns[] = {
    COLUMN_AS(TEXT, RoomRow, fact.tablespace, "tablespace"),
    COLUMN_AS(TEXT_OR_NULL, RoomRow, fact.directory, "directory"),
    COLUMN_AS(INT64_OR_MINUS, RoomRow, fact.max_wal_bytes, "max_wal_bytes"),
    COLUMN_AS(TEXT_OR_NULL, RoomRow, fact.idle_slot, "idle_slot"),
    COLUMN(BOOL, RoomRow, local),
    COLUMN(TEXT_OR_NULL, RoomRow, wal_directory),
};

/* For whom has no special right to the last blocks, as the server has none. */
static int64_t
free_in(const char *directory)
{
    struct statvfs disk;

    return statvfs(directory, &disk) == 0
               ? (int64_t)disk.f_bavail * (int64_t)disk.f_frsize
               : -1;
}

static bool
same_disk(const char *one, const char *other)
{
    struct stat a;
    struct stat b;

    return one != NULL && other != NULL && stat(one, &a) == 0 && stat(other, &b) == 0 &&
           a.st_dev == b.st_dev;
}

bool
room_gather(Run *run, Mem *mem, const char *oid, RoomFact *room, Err *err)
{
    int64_t said = run->settings->free_space;
    RoomRow row = {0};
    Rows rows;

    *room = (RoomFact){.free_bytes = -1};
    if (!db_query(mem, run->watcher, "room_facts", ARGS(oid), &rows, err))
        return false;
    if (rows.row_count == 0)
        return true;
    if (!rows_one(mem, &rows, room_columns, LENGTH(room_columns), &row, err))
        return false;
    *room = row.fact;
    room->said = said > 0;
    room->free_bytes = said > 0 ? said
                       : row.local && row.fact.directory != NULL
                           ? free_in(row.fact.directory)
                           : -1;
    room->with_wal = said > 0 || same_disk(row.fact.directory, row.wal_directory);
    return true;
}

/* How far the replicas are behind that --standby names, by what they say themselves. */
#include "run/doctor/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "run/locks/standby.h"

/* The columns in which it says so. */
typedef struct StatusColumns
{
    const char *product;
    const char *receives; /* "Yes" */
    const char *applies;
    const char *seconds; /* NULL where it does not know */
} StatusColumns;

static const StatusColumns columns[] = {
    {"PostgreSQL", "receives", "applies", "seconds"},
    {"MySQL", "Replica_IO_Running", "Replica_SQL_Running", "Seconds_Behind_Source"},
    {"MariaDB", "Slave_IO_Running", "Slave_SQL_Running", "Seconds_Behind_Master"},
};

static const StatusColumns *
columns_of(const Standby *standby)
{
    for (int i = 0; i < LENGTH(columns); i++)
        if (strcmp(columns[i].product, standby->db->caps->product) == 0)
            return &columns[i];
    return NULL;
}

static bool
says_yes(const Rows *rows, const char *column)
{
    const char *cell = rows_cell(rows, 0, column);

    return cell != NULL && strcmp(cell, "Yes") == 0;
}

/* The worst that can be said of it. */
static NoteFind
status_note(Mem *mem, const Standby *standby, const StatusColumns *column,
            const Rows *rows)
{
    char *name = mem_copy(mem, standby->name);
    const char *seconds =
        rows->row_count == 0 ? NULL : rows_cell(rows, 0, column->seconds);

    if (rows->row_count == 0)
        return (NoteFind){"replica-of-none", name, NULL};
    if (!says_yes(rows, column->applies))
        return (NoteFind){"replica-stopped", name, NULL};
    if (!says_yes(rows, column->receives) || seconds == NULL)
        return (NoteFind){"replica-apart", name, NULL};
    if (strtoll(seconds, NULL, 10) == 0)
        return (NoteFind){"replica-level", name, NULL};
    return (NoteFind){"replica-behind", name,
                      duration_exact(mem, (Millis)strtoll(seconds, NULL, 10) * 1000)};
}

NoteFind
replica_examined(Run *run, Mem *mem, Standby *standby)
{
    const Ask ask = {.label = "replica_status"};
    char *name = mem_copy(mem, standby->name);
    Rows rows;

    if (standby->db == NULL || columns_of(standby) == NULL)
        return (NoteFind){"replica-away", name, NULL};
    if (standby_ask(run, mem, standby, &ask, &rows))
        return status_note(mem, standby, columns_of(standby), &rows);
    if (standby->denied != NULL)
        return (NoteFind){"replica-hidden", name, mem_copy(mem, standby->denied)};
    return (NoteFind){"replica-away", name, NULL};
}

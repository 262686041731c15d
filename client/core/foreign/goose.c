/* goose: goose_db_version, in which the newest row of a version counts; the first row
 * is of version 0. */
#include <string.h>

#include "core/files/version.h"
#include "core/foreign/rows.h"

#define LOCK_KEY "4097083626"

int
goose_locks(Mem *mem, const ForeignPlace *place, const char *keys[FOREIGN_LOCKS])
{
    (void)mem;
    (void)place;
    keys[0] = LOCK_KEY;
    return 1;
}

bool
goose_holds(const ForeignRow *row, const Migration *migration)
{
    return strcmp(row->version, foreign_number(migration->version)) == 0;
}

bool
goose_newer(const ForeignRow *row, const Migration *migration)
{
    return version_compare(row->version, migration->version) > 0;
}

/* Old releases took one back by a row that says so: the newest of a version counts. */
void
goose_applied(SqlText *sql, const ForeignNote *note)
{
    const char *version = foreign_number(note->migration->version);

    sql_raw(sql, "INSERT INTO ");
    rows_table(sql, note);
    sql_raw(sql, " (version_id, is_applied) SELECT ");
    sql_string(sql, version);
    sql_raw(sql, ", true");
    rows_unless(sql, note);
    sql_raw(sql, "is_applied AND id = (SELECT max(id) FROM ");
    rows_table(sql, note);
    sql_raw(sql, " WHERE version_id = ");
    sql_string(sql, version);
    sql_raw(sql, "))");
}

void
goose_undone(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note);
    sql_raw(sql, " WHERE version_id = ");
    sql_string(sql, foreign_number(note->migration->version));
}

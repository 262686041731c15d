/* dbmate: schema_migrations, a row for each version. */
#include <string.h>

#include "core/foreign/rows.h"

bool
dbmate_holds(const ForeignRow *row, const Migration *migration)
{
    return strcmp(row->version, migration->version) == 0;
}

void
dbmate_applied(SqlText *sql, const ForeignNote *note)
{
    rows_add_version(sql, note);
}

void
dbmate_undone(SqlText *sql, const ForeignNote *note)
{
    rows_take_version(sql, note);
}

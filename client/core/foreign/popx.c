/*
 * popx: schema_migration, a row for each version and nothing else in it. A version of
 * 20 digits counts as applied where its first 14 are there: old ones had no more.
 */
#include <string.h>

#include "core/foreign/rows.h"

enum
{
    LEGACY_DIGITS = 14
};

bool
popx_holds(const ForeignRow *row, const Migration *migration)
{
    return strcmp(row->version, migration->version) == 0 ||
           (strlen(row->version) == LEGACY_DIGITS &&
            strncmp(row->version, migration->version, LEGACY_DIGITS) == 0);
}

void
popx_applied(SqlText *sql, const ForeignNote *note)
{
    rows_add_version(sql, note);
}

void
popx_undone(SqlText *sql, const ForeignNote *note)
{
    rows_take_version(sql, note);
}

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

/*
 * The row of 14 digits would have it applied again. It stays where a migration of that
 * version is; what else it stood for has had rows of its own since it was adopted.
 */
void
popx_undone(SqlText *sql, const ForeignNote *note)
{
    MEM_SCOPE(scope, NULL);
    const char *version = note->migration->version;
    const char *legacy = mem_text(scope, "%.*s", LEGACY_DIGITS, version);

    rows_take_version(sql, note);
    if (strlen(version) <= LEGACY_DIGITS)
        return;
    sql_raw(sql, "; ");
    rows_delete(sql, note);
    sql_raw(sql, " WHERE version = ");
    sql_string(sql, legacy);
    sql_raw(sql, " AND NOT EXISTS (SELECT 1 FROM ");
    sql_own(sql, "migrations");
    sql_raw(sql, " AS m WHERE m.component = ");
    sql_string(sql, note->component);
    sql_raw(sql, " AND m.version = ");
    sql_string(sql, legacy);
    sql_raw(sql, ")");
}

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

static const char table[] = "schema_migration";

void
popx_make(SqlText *sql, const char *schema)
{
    (void)schema;
    sql_raw(sql, "CREATE TABLE schema_migration (version VARCHAR (48) NOT NULL, "
                 "version_self INT NOT NULL DEFAULT 0); "
                 "CREATE UNIQUE INDEX schema_migration_version_idx ON "
                 "schema_migration (version); "
                 "CREATE INDEX schema_migration_version_self_idx ON "
                 "schema_migration (version_self)");
}

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
    rows_add_version(sql, note, table);
}

void
popx_undone(SqlText *sql, const ForeignNote *note)
{
    rows_take_version(sql, note, table);
}

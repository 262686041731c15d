#include "core/foreign/foreign.h"

#include <string.h>

/* clang-format off */
static const Foreign foreigns[] = {
    {"popx", "postgres", NULL, "schema_migration", "version,version_self", "foreign_popx", false,
     popx_make, NULL, popx_holds, popx_applied, popx_undone, popx_applied, NULL},
    {"pair", "postgres", NULL, "schema_migrations", "version,dirty", "foreign_pair", false,
     pair_make, pair_locks, pair_holds, pair_applied, pair_undone, NULL, pair_begun},
    {"dbmate", "postgres", NULL, "schema_migrations", "version", "foreign_dbmate", false,
     dbmate_make, NULL, dbmate_holds, dbmate_applied, dbmate_undone, NULL, NULL},
    {"goose", "postgres", NULL, "goose_db_version", "id,version_id,is_applied,tstamp", "foreign_goose", false,
     goose_make, goose_locks, goose_holds, goose_applied, goose_undone, NULL, NULL},
    {"flyway", "postgres", NULL, "flyway_schema_history",
     "installed_rank,version,description,type,script,checksum,installed_by,installed_on,execution_time,success",
     "foreign_flyway", true, flyway_make, flyway_locks, flyway_holds, flyway_applied, flyway_undone, NULL, NULL},
    {"drizzle", "postgres", "drizzle", "__drizzle_migrations", "id,hash,created_at", "foreign_drizzle", false,
     drizzle_make, NULL, drizzle_holds, drizzle_applied, drizzle_undone, NULL, NULL},
    {"drizzle-folders", "postgres", "drizzle", "__drizzle_migrations", "id,hash,created_at,name,applied_at",
     "foreign_drizzle_folders", false, drizzle_folders_make, NULL, drizzle_folders_holds,
     drizzle_folders_applied, drizzle_folders_undone, NULL, NULL},
};
/* clang-format on */

const Foreign *
foreign_of(const char *layout, const char *engine)
{
    for (int i = 0; layout != NULL && i < LENGTH(foreigns); i++)
        if (strcmp(foreigns[i].layout, layout) == 0 &&
            (engine == NULL || strcmp(foreigns[i].engine, engine) == 0))
            return &foreigns[i];
    return NULL;
}

const ForeignRow *
foreign_row(const Foreign *foreign, const ForeignRows *rows, const Migration *migration)
{
    for (int i = 0; i < rows->count; i++)
        if (rows->items[i].applied && foreign->holds(&rows->items[i], migration))
            return &rows->items[i];
    return NULL;
}

QName
foreign_name(const Foreign *foreign, const char *schema)
{
    return (QName){.schema = (char *)(uintptr_t)schema,
                   .name = (char *)(uintptr_t)foreign->table};
}

#include "core/foreign/foreign.h"

#include <string.h>

/* clang-format off */
#define VERSION_COLUMNS "version,version_self"
#define FLYWAY_COLUMNS                                                                     \
    "installed_rank,version,description,type,script,checksum,installed_by,installed_on,"   \
    "execution_time,success"

#define POPX(server)                                                                       \
    {.layout = "popx", .engine = server, .table = "schema_migration",                      \
     .columns = VERSION_COLUMNS, .query = "foreign_popx", .holds = popx_holds,             \
     .writes = "INSERT",                                                                   \
     .covers = true, .applied = popx_applied, .undone = popx_undone,                       \
     .adopted = popx_applied,                                                              \
     .old_columns = "version", .old_query = "foreign_popx", .replaces = true,              \
     .renews = "the old one is kept as \"schema_migration_pop_legacy\""}
#define PAIR(server, keys, left)                                                           \
    {.layout = "pair", .engine = server, .table = "schema_migrations",                     \
     .columns = "version,dirty", .query = "foreign_pair", .locks = keys,                   \
     .writes = "INSERT, DELETE",                                                           \
     .stays = left, .holds = pair_holds, .covers = true, .applied = pair_applied,         \
     .undone = pair_undone, .begun = pair_begun, .undoing = pair_undoing}
#define DBMATE(server)                                                                     \
    {.layout = "dbmate", .engine = server, .table = "schema_migrations",                   \
     .columns = "version", .query = "foreign_dbmate", .holds = dbmate_holds,               \
     .writes = "INSERT",                                                                   \
     .applied = dbmate_applied, .undone = dbmate_undone}
#define GOOSE(server, keys)                                                                \
    {.layout = "goose", .engine = server, .table = "goose_db_version",                     \
     .columns = "id,version_id,is_applied,tstamp", .query = "foreign_goose",               \
     .writes = "INSERT",                                                                   \
     .locks = keys, .holds = goose_holds, .newer = goose_newer, .applied = goose_applied, .undone = goose_undone}
#define FLYWAY(server, keys, row, left)                                                    \
    {.layout = "flyway", .engine = server, .table = "flyway_schema_history",               \
     .columns = FLYWAY_COLUMNS, .query = "foreign_flyway", .sums_count = true,             \
     .writes = "INSERT, UPDATE, DELETE",                                                   \
     .locks = keys, .lock = row, .stays = left,                                            \
     .holds = flyway_holds, .newer = flyway_newer, .applied = flyway_applied,                                     \
     .undone = flyway_undone, .failed = flyway_failed, .based = flyway_based}
#define DRIZZLE(server, place)                                                             \
    {.layout = "drizzle", .engine = server, .schema = place,                               \
     .table = "__drizzle_migrations", .columns = "id,hash,created_at",                     \
     .writes = "INSERT",                                                                   \
     .query = "foreign_drizzle", .holds = drizzle_holds, .applied = drizzle_applied,       \
     .undone = drizzle_undone}
#define DRIZZLE_FOLDERS(server, place, row)                                                \
    {.layout = "drizzle-folders", .engine = server, .schema = place,                       \
     .table = "__drizzle_migrations", .columns = "id,hash,created_at,name,applied_at",     \
     .writes = "INSERT",                                                                   \
     .query = "foreign_drizzle_folders", .holds = drizzle_folders_holds, .applied = row,   \
     .undone = drizzle_folders_undone, .renewed = drizzle_folders_renewed,                 \
     .old_columns = "id,hash,created_at", .old_query = "foreign_drizzle",                  \
     .renews = "it gets the columns \"name\" and \"applied_at\""}

/* In a schema of its own, or in the one that it was told to connect to. */
#define ATLAS_COLUMNS                                                                      \
    "version,description,type,applied,total,executed_at,execution_time,error,error_stmt,"  \
    "hash,partial_hashes,operator_version"
#define ATLAS(server, place, rows, keys)                                                               \
    {.layout = "atlas", .engine = server, .schema = place,                             \
     .table = "atlas_schema_revisions", .columns = ATLAS_COLUMNS, .query = rows,           \
     .writes = "INSERT, UPDATE",                                                           \
     .locks = keys, .holds = atlas_history_holds, .newer = atlas_history_newer,            \
     .applied = atlas_history_applied, .undone = atlas_history_undone,                     \
     .begun = atlas_history_begun, .failed = atlas_history_failed,                         \
     .midway = atlas_history_midway,                                                       \
     .changed = atlas_history_changed}

/* It keeps the histories of all its projects, by default under this name. */
#define SQITCH(server, keys)                                                               \
    {.layout = "sqitch", .engine = server, .schema = "sqitch", .table = "changes",         \
     .columns = "change_id,change,project,committed_at", .query = "foreign_sqitch",        \
     .locks = keys, .holds = sqitch_registry_holds}

static const Foreign foreigns[] = {
    POPX("postgres"),
    POPX("mysql"),
    POPX("sqlite3"),
    POPX("cockroach"),
    PAIR("postgres", pair_locks, NULL),
    PAIR("mysql", pair_mysql_locks, NULL),
    PAIR("sqlite3", NULL, NULL),
    PAIR("cockroach", pair_cockroach_locks,
         "If it was killed, its row stays: DELETE FROM schema_lock."),
    DBMATE("postgres"),
    DBMATE("mysql"),
    DBMATE("sqlite3"),
    DBMATE("cockroach"),
    GOOSE("postgres", goose_locks),
    GOOSE("mysql", NULL),
    GOOSE("sqlite3", NULL),
    GOOSE("cockroach", NULL),
    FLYWAY("postgres", flyway_locks, NULL, NULL),
    FLYWAY("mysql", flyway_mysql_locks, NULL, NULL),
    FLYWAY("sqlite3", NULL, NULL, NULL),
    FLYWAY("cockroach", flyway_cockroach_locks, "foreign_flyway_lock",
           "If it was killed, its row counts for ten minutes."),
    DRIZZLE("postgres", "drizzle"),
    DRIZZLE("mysql", NULL),
    DRIZZLE("sqlite3", NULL),
    DRIZZLE("cockroach", "drizzle"),
    DRIZZLE_FOLDERS("postgres", "drizzle", drizzle_folders_applied),
    DRIZZLE_FOLDERS("mysql", NULL, drizzle_folders_applied),
    DRIZZLE_FOLDERS("sqlite3", NULL, drizzle_folders_timed),
    DRIZZLE_FOLDERS("cockroach", "drizzle", drizzle_folders_applied),
    ATLAS("postgres", "atlas_schema_revisions", "foreign_atlas", atlas_history_locks),
    ATLAS("postgres", NULL, "foreign_atlas_beside", atlas_history_locks),
    ATLAS("mysql", NULL, "foreign_atlas", atlas_mysql_locks),
    ATLAS("sqlite3", NULL, "foreign_atlas", NULL),
    ATLAS("cockroach", "atlas_schema_revisions", "foreign_atlas", NULL), /* it locks nothing there */
    ATLAS("cockroach", NULL, "foreign_atlas_beside", NULL),
    SQITCH("postgres", sqitch_registry_locks),
    SQITCH("mysql", sqitch_mysql_locks),
    SQITCH("sqlite3", NULL),
    SQITCH("cockroach", NULL),
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

const Foreign *
foreign_next(const Foreign *foreign)
{
    for (const Foreign *next = foreign + 1; next < foreigns + LENGTH(foreigns); next++)
        if (strcmp(next->layout, foreign->layout) == 0 &&
            strcmp(next->engine, foreign->engine) == 0)
            return next;
    return NULL;
}

/* Of what runs again and again only the last time counts; rows are newest first. */
static bool
row_is_last(const ForeignRow *row, const Migration *migration)
{
    return migration->repeatable && row->version == NULL && row->name != NULL &&
           strcmp(row->name, migration->name) == 0;
}

const Foreign *
foreign_at(const char *engine, int index)
{
    for (int i = 0; i < LENGTH(foreigns); i++)
        if (strcmp(foreigns[i].engine, engine) == 0 && index-- == 0)
            return &foreigns[i];
    return NULL;
}

static bool
columns_have(const char *columns, const char *name, size_t length)
{
    for (const char *at = columns; *at != '\0'; at += at[strcspn(at, ",")] == ',')
    {
        if (strncmp(at, name, length) == 0 && strchr(",", at[length]) != NULL)
            return true;
        at += strcspn(at, ",");
    }
    return false;
}

bool
foreign_fits_old(const Foreign *foreign, const char *columns)
{
    return foreign->old_columns != NULL && strcmp(columns, foreign->old_columns) == 0;
}

bool
foreign_fits(const Foreign *foreign, const char *columns)
{
    const char *name = foreign->columns;

    if (foreign->applied != NULL)
        return strcmp(columns, name) == 0;
    for (size_t length; *name != '\0'; name += length + (name[length] == ','))
    {
        length = strcspn(name, ",");
        if (!columns_have(columns, name, length))
            return false;
    }
    return true;
}

/* The one row of golang-migrate says of all before it that they were applied, too. */
bool
foreign_names(const Foreign *foreign, const ForeignRow *row, const Migration *migration)
{
    if (row->version == NULL)
        return migration->repeatable && strcmp(row->name, migration->name) == 0;
    return foreign->holds(row, migration) &&
           (!foreign->covers || strcmp(foreign_number(row->version),
                                       foreign_number(migration->version)) == 0);
}

const ForeignRow *
foreign_row(const Foreign *foreign, const ForeignRows *rows, const Migration *migration)
{
    for (int i = 0; i < rows->count; i++)
    {
        const ForeignRow *row = &rows->items[i];

        /* Where golang-migrate stopped midway, all before it is applied. */
        if (foreign->holds(row, migration) &&
            (row->applied ||
             (foreign->covers && !foreign_names(foreign, row, migration))))
            return row;
        if (row->applied && row_is_last(row, migration))
            return NULL;
    }
    return NULL;
}

const char *
foreign_number(const char *version)
{
    const char *first = version + strspn(version, "0");

    return *first == '\0' && first > version ? first - 1 : first;
}

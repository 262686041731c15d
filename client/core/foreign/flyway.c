/*
 * Flyway: flyway_schema_history, a row for each script in the order of installed_rank,
 * with its checksum. A BASELINE row stands for all versions up to its own.
 */
#include <stdlib.h>
#include <string.h>

#include "core/foreign/rows.h"
#include "core/layouts/flyway_name.h"

#define LOCK_BASE 77431708279161

#define SCRIPT_LONGEST 1000

/* As Java hashes a string; names of tables are ASCII. */
static int32_t
java_hash(const char *text)
{
    uint32_t hash = 0;

    for (; *text != '\0'; text++)
        hash = hash * 31 + (unsigned char)*text;
    return (int32_t)hash;
}

int
flyway_locks(Mem *mem, const ForeignPlace *place, const char *keys[FOREIGN_LOCKS])
{
    const char *name = mem_text(mem, "\"%s\".\"%s\"", place->schema, place->table);

    keys[0] = mem_text(mem, "%lld", LOCK_BASE + (long long)java_hash(name));
    return 1;
}

int
flyway_mysql_locks(Mem *mem, const ForeignPlace *place, const char *keys[FOREIGN_LOCKS])
{
    const char *name = mem_text(mem, "`%s`.`%s`", place->schema, place->table);

    keys[0] = mem_text(mem, "Flyway-%d", (int)java_hash(name));
    return 1;
}

/* A row of its own table: what we note of it is known by the table. */
int
flyway_cockroach_locks(Mem *mem, const ForeignPlace *place,
                       const char *keys[FOREIGN_LOCKS])
{
    const char *name = mem_text(mem, "\"%s\".\"%s\"", place->schema, place->table);

    keys[0] = mem_text(mem, "%d", (int)java_hash(name));
    return 1;
}

/* The key by which Flyway's versions are ordered; NULL: it is none. */
static char *
version_key(Mem *mem, const char *version)
{
    FlywayName name;

    return flyway_name_read(mem, mem_text(mem, "V%s__.sql", version), &name)
               ? name.sort_key
               : NULL;
}

bool
flyway_holds(const ForeignRow *row, const Migration *migration)
{
    MEM_SCOPE(scope, NULL);

    if (migration->repeatable)
        return row->version == NULL && row->name != NULL &&
               strcmp(row->name, migration->name) == 0 && row->checksum != NULL &&
               strcmp(row->checksum, migration->checksum) == 0;
    /* A script that stands for others has a row of its own kind. */
    if (row->version == NULL ||
        migration->shortcut != (strcmp(row->kind, "SQL_BASELINE") == 0))
        return false;
    if (migration->shortcut)
        return strcmp(row->version, migration->version + 1) == 0;

    const char *key = version_key(scope, row->version);
    int order = key == NULL ? 1 : strcmp(migration->sort_key, key);

    return order == 0 || (order < 0 && strcmp(row->kind, "BASELINE") == 0);
}

bool
flyway_newer(const ForeignRow *row, const Migration *migration)
{
    MEM_SCOPE(scope, NULL);
    const char *key = version_key(scope, row->version);

    return key != NULL && !migration->shortcut && strcmp(migration->sort_key, key) < 0;
}

static void
description_add(SqlText *sql, const char *text)
{
    MEM_SCOPE(scope, NULL);

    sql_string(sql, flyway_description(scope, text));
}

static void
script_add(SqlText *sql, const char *path)
{
    MEM_SCOPE(scope, NULL);
    size_t length = strlen(path);

    if (length > SCRIPT_LONGEST)
        path = mem_text(scope, "...%s", path + length - SCRIPT_LONGEST + 3);
    sql_string(sql, path);
}

static void
version_add(SqlText *sql, const Migration *migration)
{
    sql_string(sql,
               migration->repeatable ? NULL : migration->version + migration->shortcut);
}

/* A number: not every engine makes one of a text. */
static void
checksum_add(SqlText *sql, const Migration *migration)
{
    if (migration->checksum == NULL)
        sql_raw(sql, "NULL");
    else
        sql_int(sql, strtoll(migration->checksum, NULL, 10));
}

/* What marks the row of this migration. */
static void
row_is(SqlText *sql, const Migration *migration)
{
    if (migration->repeatable)
    {
        sql_raw(sql, "version IS NULL AND description = ");
        description_add(sql, migration->name);
        return;
    }
    sql_raw(sql, "version = ");
    version_add(sql, migration);
}

static void
row_failed_take(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note);
    sql_raw(sql, " WHERE ");
    row_is(sql, note->migration);
    sql_raw(sql, " AND success = false; ");
}

static void
row_begin(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "INSERT INTO ");
    rows_table(sql, note);
    sql_raw(sql, " (installed_rank, version, description, type, script, checksum, "
                 "installed_by, execution_time, success) SELECT ");
}

/* Where the newest of its rows does not say so already: one may take it back. */
static void
row_unless(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, " WHERE NOT EXISTS (SELECT 1 FROM ");
    rows_table(sql, note);
    sql_raw(sql, " WHERE type <> 'DELETE' AND type NOT LIKE 'UNDO%' AND "
                 "installed_rank = (SELECT max(installed_rank) FROM ");
    rows_table(sql, note);
    sql_raw(sql, " WHERE ");
    row_is(sql, note->migration);
    sql_raw(sql, "))");
}

static void
row_add(SqlText *sql, const ForeignNote *note, bool success)
{
    const Migration *migration = note->migration;

    row_begin(sql, note);
    sql_raw(sql, "newest.ranked + 1, ");
    version_add(sql, migration);
    sql_raw(sql, ", ");
    description_add(sql, migration->name);
    sql_raw(sql, ", ");
    sql_string(sql, migration->shortcut ? "SQL_BASELINE" : "SQL");
    sql_raw(sql, ", ");
    script_add(sql, migration->script);
    sql_raw(sql, ", ");
    checksum_add(sql, migration);
    sql_raw(sql, ", ");
    sql_user(sql);
    sql_raw(sql, ", ");
    rows_age(sql, note);
    if (success)
        sql_raw(sql, ", true");
    else
        sql_raw(sql, ", false");
    sql_raw(sql, " FROM (SELECT coalesce(max(installed_rank), 0) AS ranked FROM ");
    rows_table(sql, note);
    sql_raw(sql, " WHERE installed_rank >= 0) AS newest"); /* below: its lock */
    if (migration->repeatable)
        return;
    row_unless(sql, note);
}

/* One that is there already becomes what its file is now: somebody has said so. */
static void
row_align(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "UPDATE ");
    rows_table(sql, note);
    sql_raw(sql, " SET description = ");
    description_add(sql, note->migration->name);
    sql_raw(sql, ", checksum = ");
    checksum_add(sql, note->migration);
    sql_raw(sql, " WHERE ");
    row_is(sql, note->migration);
    sql_raw(sql, " AND type = 'SQL'; ");
}

void
flyway_applied(SqlText *sql, const ForeignNote *note)
{
    row_failed_take(sql, note);
    if (!note->migration->repeatable)
        row_align(sql, note);
    row_add(sql, note, true);
}

void
flyway_based(SqlText *sql, const ForeignNote *note, const Migrations *migrations)
{
    row_begin(sql, note);
    sql_raw(sql, "1, ");
    sql_string(sql, migrations->baseline);
    sql_raw(sql, ", ");
    description_add(sql, migrations->baseline_name);
    sql_raw(sql, ", 'BASELINE', ");
    script_add(sql, migrations->baseline_name);
    sql_raw(sql, ", NULL, ");
    sql_user(sql);
    sql_raw(sql, ", 0, true");
}

void
flyway_failed(SqlText *sql, const ForeignNote *note)
{
    row_failed_take(sql, note);
    row_add(sql, note, false);
}

void
flyway_undone(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note);
    sql_raw(sql, " WHERE ");
    row_is(sql, note->migration);
}

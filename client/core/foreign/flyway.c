/*
 * Flyway: flyway_schema_history, a row for each script in the order of installed_rank,
 * with its checksum. A BASELINE row stands for all versions up to its own.
 */
#include <string.h>

#include "core/foreign/rows.h"
#include "core/layouts/flyway_name.h"

#define LOCK_BASE 77431708279161

enum
{
    DESCRIPTION_LONGEST = 200,
    SCRIPT_LONGEST = 1000
};

static const char table[] = "flyway_schema_history";

void
flyway_make(SqlText *sql, const char *schema)
{
    const ForeignNote note = {.schema = schema};

    sql_raw(sql, "CREATE TABLE ");
    rows_table(sql, &note, table);
    sql_raw(sql,
            " (\"installed_rank\" INT NOT NULL, \"version\" VARCHAR(50), "
            "\"description\" VARCHAR(200) NOT NULL, \"type\" VARCHAR(20) NOT NULL, "
            "\"script\" VARCHAR(1000) NOT NULL, \"checksum\" INTEGER, "
            "\"installed_by\" VARCHAR(100) NOT NULL, \"installed_on\" TIMESTAMP NOT "
            "NULL DEFAULT now(), \"execution_time\" INTEGER NOT NULL, \"success\" "
            "BOOLEAN NOT NULL); ALTER TABLE ");
    rows_table(sql, &note, table);
    sql_raw(sql,
            " ADD CONSTRAINT \"flyway_schema_history_pk\" PRIMARY KEY "
            "(\"installed_rank\"); CREATE INDEX \"flyway_schema_history_s_idx\" ON ");
    rows_table(sql, &note, table);
    sql_raw(sql, " (\"success\")");
}

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
flyway_locks(const char *schema, const char *database, int64_t keys[FOREIGN_LOCKS])
{
    MEM_SCOPE(scope, NULL);

    (void)database;
    keys[0] = LOCK_BASE + java_hash(mem_text(scope, "\"%s\".\"%s\"", schema, table));
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

/* Cut as Flyway cuts it, in the middle of no character. */
static void
description_add(SqlText *sql, const char *text)
{
    MEM_SCOPE(scope, NULL);
    size_t length = strlen(text);

    if (length > DESCRIPTION_LONGEST)
    {
        length = DESCRIPTION_LONGEST - 3;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
        text = mem_text(scope, "%s...", mem_slice(scope, text, length));
    }
    sql_string(sql, text);
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

/* What marks the row of this migration. */
static void
row_is(SqlText *sql, const Migration *migration)
{
    sql_raw(sql, " WHERE \"version\" IS NOT DISTINCT FROM ");
    version_add(sql, migration);
    sql_raw(sql, " AND (\"version\" IS NOT NULL OR \"description\" = ");
    description_add(sql, migration->name);
    sql_raw(sql, ")");
}

void
flyway_applied(SqlText *sql, const ForeignNote *note)
{
    const Migration *migration = note->migration;

    rows_delete(sql, note, table);
    row_is(sql, migration);
    sql_raw(sql, " AND NOT \"success\"; INSERT INTO ");
    rows_table(sql, note, table);
    sql_raw(sql, " (\"installed_rank\", \"version\", \"description\", \"type\", "
                 "\"script\", \"checksum\", \"installed_by\", \"execution_time\", "
                 "\"success\") SELECT coalesce(max(\"installed_rank\"), 0) + 1, ");
    version_add(sql, migration);
    sql_raw(sql, ", ");
    description_add(sql, migration->name);
    sql_raw(sql, ", ");
    sql_string(sql, migration->shortcut ? "SQL_BASELINE" : "SQL");
    sql_raw(sql, ", ");
    script_add(sql, migration->file);
    sql_raw(sql, ", ");
    sql_string(sql, migration->checksum);
    sql_raw(sql, ", current_user, (extract(epoch FROM clock_timestamp() - "
                 "transaction_timestamp()) * 1000)::int, true FROM ");
    rows_table(sql, note, table);
    if (migration->repeatable)
        return;
    sql_raw(sql, " HAVING NOT EXISTS (SELECT FROM ");
    rows_table(sql, note, table);
    row_is(sql, migration);
    sql_raw(sql, ")");
}

void
flyway_undone(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note, table);
    row_is(sql, note->migration);
}

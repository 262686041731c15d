/*
 * golang-migrate: schema_migrations, one row that says how far it is, and whether it
 * stopped midway. All up to that version counts as applied.
 */
#include <string.h>

#include "base/digest.h"
#include "core/files/version.h"
#include "core/foreign/rows.h"

#define LOCK_SALT 1486364155u

static const char table[] = "schema_migrations";

void
pair_make(SqlText *sql, const char *schema)
{
    sql_raw(sql, "CREATE TABLE IF NOT EXISTS ");
    rows_table(sql, &(ForeignNote){.schema = schema}, table);
    sql_raw(sql, " (version bigint not null primary key, dirty boolean not null)");
}

/* schema, table and database, with a zero byte between them. */
static int64_t
lock_key(const char *schema, const char *database)
{
    uint32_t sum = digest_crc32(0, schema, strlen(schema) + 1);

    sum = digest_crc32(sum, table, sizeof(table));
    sum = digest_crc32(sum, database, strlen(database));
    return (int64_t)(uint32_t)(sum * LOCK_SALT);
}

/* Its program names the database by the path of the address, its library without the
 * slash. */
int
pair_locks(const char *schema, const char *database, int64_t keys[FOREIGN_LOCKS])
{
    MEM_SCOPE(scope, NULL);

    keys[0] = lock_key(schema, mem_text(scope, "/%s", database));
    keys[1] = lock_key(schema, database);
    return 2;
}

static int
number_compare(const char *a, const char *b)
{
    const char *one = rows_number(a);
    const char *other = rows_number(b);
    size_t length = strlen(one);

    return length != strlen(other) ? (length > strlen(other)) - (length < strlen(other))
                                   : strcmp(one, other);
}

bool
pair_holds(const ForeignRow *row, const Migration *migration)
{
    return number_compare(migration->version, row->version) <= 0;
}

/* The highest version that our own history has by now. */
static void
pair_settle(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note, table);
    sql_raw(sql, "; INSERT INTO ");
    rows_table(sql, note, table);
    sql_raw(sql, " (version, dirty) SELECT max(version::bigint), false FROM ");
    sql_own(sql, "migrations");
    sql_raw(sql, " WHERE state <> 'pending' AND component = ");
    sql_string(sql, note->component);
    sql_raw(sql, " HAVING count(*) > 0");
}

void
pair_applied(SqlText *sql, const ForeignNote *note)
{
    pair_settle(sql, note);
}

void
pair_undone(SqlText *sql, const ForeignNote *note)
{
    pair_settle(sql, note);
}

void
pair_begun(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note, table);
    sql_raw(sql, "; INSERT INTO ");
    rows_table(sql, note, table);
    sql_raw(sql, " (version, dirty) VALUES (");
    sql_string(sql, rows_number(note->migration->version));
    sql_raw(sql, ", true)");
}

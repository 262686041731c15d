/* drizzle: a row for each migration with the hash of its file and when it was made;
 * from 1.0 on also its name, by which it then is known. */
#include <string.h>

#include "core/foreign/rows.h"

static const char table[] = "__drizzle_migrations";

void
drizzle_make(SqlText *sql, const char *schema)
{
    (void)schema;
    sql_raw(sql, "CREATE SCHEMA IF NOT EXISTS \"drizzle\"; "
                 "CREATE TABLE IF NOT EXISTS \"drizzle\".\"__drizzle_migrations\" (id "
                 "SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)");
}

static bool
made_then(const ForeignRow *row, const Migration *migration)
{
    MEM_SCOPE(scope, NULL);

    return row->version != NULL && migration->made_ms != 0 &&
           strcmp(row->version,
                  mem_text(scope, "%lld", (long long)migration->made_ms)) == 0;
}

bool
drizzle_holds(const ForeignRow *row, const Migration *migration)
{
    return strcmp(row->checksum, migration->checksum) == 0 || made_then(row, migration);
}

static void
row_values(SqlText *sql, const ForeignNote *note)
{
    sql_string(sql, note->migration->checksum);
    sql_raw(sql, ", ");
    sql_int(sql, note->migration->made_ms);
}

static void
row_missing(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, " WHERE NOT EXISTS (SELECT FROM ");
    rows_table(sql, note, table);
    sql_raw(sql, " WHERE hash = ");
    sql_string(sql, note->migration->checksum);
    sql_raw(sql, " AND created_at = ");
    sql_int(sql, note->migration->made_ms);
    sql_raw(sql, ")");
}

void
drizzle_applied(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "INSERT INTO ");
    rows_table(sql, note, table);
    sql_raw(sql, " (hash, created_at) SELECT ");
    row_values(sql, note);
    row_missing(sql, note);
}

void
drizzle_undone(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note, table);
    sql_raw(sql, " WHERE hash = ");
    sql_string(sql, note->migration->checksum);
    sql_raw(sql, " OR created_at = ");
    sql_int(sql, note->migration->made_ms);
}

/* --- from 1.0 on ----------------------------------------------------------------- */

void
drizzle_folders_make(SqlText *sql, const char *schema)
{
    (void)schema;
    sql_raw(sql,
            "CREATE SCHEMA IF NOT EXISTS \"drizzle\"; "
            "CREATE TABLE IF NOT EXISTS \"drizzle\".\"__drizzle_migrations\" (id "
            "SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint, name text, "
            "applied_at timestamp with time zone DEFAULT now())");
}

bool
drizzle_folders_holds(const ForeignRow *row, const Migration *migration)
{
    return row->name != NULL ? strcmp(row->name, migration->label) == 0
                             : drizzle_holds(row, migration);
}

void
drizzle_folders_applied(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "INSERT INTO ");
    rows_table(sql, note, table);
    sql_raw(sql, " (hash, created_at, name) SELECT ");
    row_values(sql, note);
    sql_raw(sql, ", ");
    sql_string(sql, note->migration->label);
    row_missing(sql, note);
}

void
drizzle_folders_undone(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note, table);
    sql_raw(sql, " WHERE name = ");
    sql_string(sql, note->migration->label);
}

/* drizzle: a row for each migration with the hash of its file and when it was made;
 * from 1.0 on also its name, by which it then is known. */
#include <stdlib.h>
#include <string.h>

#include "core/foreign/rows.h"

static bool
made_then(const ForeignRow *row, const Migration *migration)
{
    MEM_SCOPE(scope, NULL);

    return row->version != NULL && migration->made_ms != 0 &&
           strcmp(row->version,
                  mem_text(scope, "%lld", (long long)migration->made_ms)) == 0;
}

static bool
has_text(const ForeignRow *row, const Migration *migration)
{
    return !migration->twin && strcmp(row->checksum, migration->checksum) == 0;
}

bool
drizzle_holds(const ForeignRow *row, const Migration *migration)
{
    return has_text(row, migration) || made_then(row, migration);
}

/* Behind a WHERE: the row has the text of the migration, or ... */
static void
text_or(SqlText *sql, const Migration *migration)
{
    if (migration->twin)
        return;
    sql_raw(sql, "hash = ");
    sql_string(sql, migration->checksum);
    sql_raw(sql, " OR ");
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
    rows_unless(sql, note);
    sql_raw(sql, "hash = ");
    sql_string(sql, note->migration->checksum);
    sql_raw(sql, " AND created_at = ");
    sql_int(sql, note->migration->made_ms);
    sql_raw(sql, ")");
}

void
drizzle_applied(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "INSERT INTO ");
    rows_table(sql, note);
    sql_raw(sql, " (hash, created_at) SELECT ");
    row_values(sql, note);
    row_missing(sql, note);
}

void
drizzle_undone(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note);
    sql_raw(sql, " WHERE ");
    text_or(sql, note->migration);
    sql_raw(sql, "created_at = ");
    sql_int(sql, note->migration->made_ms);
}

/* --- from 1.0 on ----------------------------------------------------------------- */

/* A folder's name has seconds, where a journal had thousandths of them. */
static bool
made_that_second(const ForeignRow *row, const Migration *migration)
{
    return row->version != NULL && migration->made_ms != 0 &&
           strtoll(row->version, NULL, 10) / 1000 == migration->made_ms / 1000;
}

bool
drizzle_folders_holds(const ForeignRow *row, const Migration *migration)
{
    if (row->name != NULL)
        return strcmp(row->name, migration->label) == 0;
    return has_text(row, migration) || made_that_second(row, migration);
}

void
drizzle_folders_renewed(SqlText *sql, const ForeignNote *note)
{
    const Migration *migration = note->migration;
    int64_t second = migration->made_ms / 1000 * 1000;

    sql_raw(sql, "UPDATE ");
    rows_table(sql, note);
    sql_raw(sql, " SET name = ");
    sql_string(sql, migration->label);
    sql_raw(sql, ", applied_at = NULL WHERE name IS NULL AND (");
    text_or(sql, migration);
    sql_raw(sql, "created_at BETWEEN ");
    sql_int(sql, second);
    sql_raw(sql, " AND ");
    sql_int(sql, second + 999);
    sql_raw(sql, ")");
}

static void
named_row(SqlText *sql, const ForeignNote *note)
{
    row_values(sql, note);
    sql_raw(sql, ", ");
    sql_string(sql, note->migration->label);
}

void
drizzle_folders_applied(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "INSERT INTO ");
    rows_table(sql, note);
    sql_raw(sql, " (hash, created_at, name) SELECT ");
    named_row(sql, note);
    row_missing(sql, note);
}

/* Where the column has no default. */
void
drizzle_folders_timed(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "INSERT INTO ");
    rows_table(sql, note);
    sql_raw(sql, " (hash, created_at, name, applied_at) SELECT ");
    named_row(sql, note);
    sql_raw(sql, ", ");
    sql_now(sql);
    row_missing(sql, note);
}

void
drizzle_folders_undone(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note);
    sql_raw(sql, " WHERE name = ");
    sql_string(sql, note->migration->label);
}

/*
 * golang-migrate: schema_migrations, one row that says how far it is, and whether it
 * stopped midway. All up to that version counts as applied.
 */
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "core/files/version.h"
#include "core/foreign/rows.h"

#define LOCK_SALT 1486364155u

/* Of its own texts, which end with a zero byte where another follows. */
static const char *
lock_key(Mem *mem, const char *name, size_t length)
{
    uint32_t sum = digest_crc32(0, name, length);

    return mem_text(mem, "%u", (unsigned)(sum * LOCK_SALT));
}

static const char *
lock_of(Mem *mem, const ForeignPlace *place, const char *database)
{
    const char *texts[] = {place->schema, place->table, database};
    Buf name = buf_begin(mem);

    for (int i = 0; i < LENGTH(texts); i++)
        buf_bytes(&name, texts[i], strlen(texts[i]) + (i + 1 < LENGTH(texts)));
    return lock_key(mem, name.text, name.length);
}

/* Its program names the database by the path of the address, its library without the
 * slash. */
int
pair_locks(Mem *mem, const ForeignPlace *place, const char *keys[FOREIGN_LOCKS])
{
    keys[0] = lock_of(mem, place, mem_text(mem, "/%s", place->database));
    keys[1] = lock_of(mem, place, place->database);
    return 2;
}

int
pair_mysql_locks(Mem *mem, const ForeignPlace *place, const char *keys[FOREIGN_LOCKS])
{
    const char *name = mem_text(mem, "%s:%s", place->database, place->table);

    keys[0] = lock_key(mem, name, strlen(name));
    return 1;
}

/* Rows of schema_lock, named by the database alone. */
int
pair_cockroach_locks(Mem *mem, const ForeignPlace *place,
                     const char *keys[FOREIGN_LOCKS])
{
    const char *path = mem_text(mem, "/%s", place->database);

    keys[0] = lock_key(mem, path, strlen(path));
    keys[1] = lock_key(mem, place->database, strlen(place->database));
    return 2;
}

static int
number_compare(const char *a, const char *b)
{
    const char *one = foreign_number(a);
    const char *other = foreign_number(b);
    size_t length = strlen(one);

    return length != strlen(other) ? (length > strlen(other)) - (length < strlen(other))
                                   : strcmp(one, other);
}

bool
pair_holds(const ForeignRow *row, const Migration *migration)
{
    return number_compare(migration->version, row->version) <= 0;
}

/* The highest version that our own history has by now; but one, where that is not NULL.
 */
static void
newest_add(SqlText *sql, const ForeignNote *note, const Migration *but)
{
    sql_raw(sql, "(SELECT max(CAST(version AS DECIMAL(20, 0))) AS version FROM ");
    sql_own(sql, "migrations");
    sql_raw(sql, " WHERE state <> 'pending' AND component = ");
    sql_string(sql, note->component);
    if (but != NULL)
    {
        sql_raw(sql, " AND version <> ");
        sql_string(sql, but->version);
    }
    sql_raw(sql, ") AS newest");
}

static void
pair_settle(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note);
    sql_raw(sql, "; INSERT INTO ");
    rows_table(sql, note);
    sql_raw(sql, " (version, dirty) SELECT newest.version, false FROM ");
    newest_add(sql, note, NULL);
    sql_raw(sql, " WHERE newest.version IS NOT NULL");
}

static void
pair_write(SqlText *sql, const ForeignNote *note, bool dirty)
{
    rows_delete(sql, note);
    sql_raw(sql, "; INSERT INTO ");
    rows_table(sql, note);
    sql_raw(sql, " (version, dirty) VALUES (");
    sql_string(sql, foreign_number(note->migration->version));
    if (dirty)
        sql_raw(sql, ", true)");
    else
        sql_raw(sql, ", false)");
}

/* Asking the history each time is a third of what a small migration costs. */
void
pair_applied(SqlText *sql, const ForeignNote *note)
{
    if (note->newest)
        pair_write(sql, note, false);
    else
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
    pair_write(sql, note, true);
}

/* On the way to the version before it, or to none, which is -1. */
void
pair_undoing(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note);
    sql_raw(sql, "; INSERT INTO ");
    rows_table(sql, note);
    sql_raw(sql, " (version, dirty) SELECT coalesce(newest.version, -1), true FROM ");
    newest_add(sql, note, note->migration);
}

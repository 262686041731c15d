/*
 * Atlas: atlas_schema_revisions, a row for each file with its line of atlas.sum and how
 * many of its statements are done. Where one stopped midway, Atlas goes on behind them
 * if the texts of those are still the same. A baseline row stands for all before it.
 *
 * The table is in a schema of its own, or, for whoever connects to one schema, in that.
 */
#include <string.h>

#include "base/digest.h"
#include "base/version.h"
#include "core/foreign/rows.h"

/* FNV-1 of "atlas_migrate_execute", 32 bits. */
#define LOCK_KEY "2686470616"

/* What its type says: how the version came to count as applied. */
#define TYPE_BASELINE "1"
#define TYPE_EXECUTED 2

/* MySQL has it by its name. */
int
atlas_mysql_locks(Mem *mem, const ForeignPlace *place, const char *keys[FOREIGN_LOCKS])
{
    (void)mem;
    (void)place;
    keys[0] = "atlas_migrate_execute";
    return 1;
}

int
atlas_history_locks(Mem *mem, const ForeignPlace *place,
                    const char *keys[FOREIGN_LOCKS])
{
    (void)mem;
    (void)place;
    keys[0] = LOCK_KEY;
    return 1;
}

bool
atlas_history_holds(const ForeignRow *row, const Migration *migration)
{
    int order = strcmp(migration->version, row->version);

    return order == 0 || (order < 0 && strcmp(row->kind, TYPE_BASELINE) == 0);
}

bool
atlas_history_newer(const ForeignRow *row, const Migration *migration)
{
    return !migration->shortcut && strcmp(row->version, migration->version) > 0;
}

static const Section *
forward(const Migration *migration)
{
    return migration_section(migration, PHASE_UP, false);
}

static int
statements_total(const Migration *migration)
{
    const Section *section = forward(migration);

    return section == NULL ? 0 : section->statements.count;
}

/* What is only said to be applied was not looked into. */
static bool
is_counted(const Migration *migration)
{
    return forward(migration) == NULL || forward(migration)->parsed;
}

/* Over the texts of all statements up to this one. */
static void
hash_next(Digest *digest, const Statement *statement, char base64[DIGEST_BASE64])
{
    const char *text = statement->sql.text;

    digest_add(digest, text, strlen(text));
    digest_add(digest, ";", 1);
    digest_so_far(digest, base64);
}

static void
hashes_add(SqlText *sql, const ForeignNote *note)
{
    MEM_SCOPE(scope, NULL);
    const Section *section = forward(note->migration);
    Digest *digest = digest_begin(scope);
    Buf list = buf_begin(scope);
    char base64[DIGEST_BASE64];

    buf_add(&list, "[");
    for (int i = 0; i < note->done; i++)
    {
        hash_next(digest, &section->statements.items[i], base64);
        buf_format(&list, "%s\"h1:%s\"", i == 0 ? "" : ", ", base64);
    }
    buf_add(&list, "]");
    sql_string(sql, list.text);
}

static void
hashes_or_null(SqlText *sql, const ForeignNote *note, int done)
{
    if (done < statements_total(note->migration))
        hashes_add(sql, note);
    else
        sql_raw(sql, "NULL");
}

static void
duration_add(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "1000000 * ");
    rows_age(sql, note);
}

static void
version_is(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "version = ");
    sql_string(sql, note->migration->version);
}

/* What kind of row it is stays: one may stand for all before it. */
static void
revision_renew(SqlText *sql, const ForeignNote *note, int done)
{
    sql_raw(sql, "UPDATE ");
    rows_table(sql, note);
    if (is_counted(note->migration))
    {
        sql_raw(sql, " SET applied = ");
        sql_int(sql, done);
        sql_raw(sql, ", total = ");
        sql_int(sql, statements_total(note->migration));
    }
    else
        sql_raw(sql, " SET applied = total");
    sql_raw(sql, ", execution_time = ");
    duration_add(sql, note);
    sql_raw(sql, ", error = NULL, error_stmt = NULL, hash = ");
    sql_string(sql, note->migration->checksum);
    sql_raw(sql, ", partial_hashes = ");
    hashes_or_null(sql, note, done);
    sql_raw(sql, ", operator_version = ");
    sql_string(sql, "pgstride v" PGSTRIDE_VERSION);
    sql_raw(sql, " WHERE ");
    version_is(sql, note);
    if (done == 0) /* what is done of it stays said while an attempt begins anew */
        sql_raw(sql, " AND applied = 0");
}

/* As far as it is: `done` of its statements. */
static void
revision_put(SqlText *sql, const ForeignNote *note, int done)
{
    const Migration *migration = note->migration;

    revision_renew(sql, note, done);
    sql_raw(sql, "; INSERT INTO ");
    rows_table(sql, note);
    sql_raw(sql, " (version, description, type, applied, total, executed_at, "
                 "execution_time, hash, partial_hashes, operator_version) SELECT ");
    sql_string(sql, migration->version);
    sql_raw(sql, ", ");
    sql_string(sql, migration->name);
    sql_raw(sql, ", ");
    sql_int(sql, TYPE_EXECUTED);
    sql_raw(sql, ", ");
    sql_int(sql, done);
    sql_raw(sql, ", ");
    sql_int(sql, statements_total(migration));
    sql_raw(sql, ", ");
    sql_now(sql);
    sql_raw(sql, ", ");
    duration_add(sql, note);
    sql_raw(sql, ", ");
    sql_string(sql, migration->checksum);
    sql_raw(sql, ", ");
    hashes_or_null(sql, note, done);
    sql_raw(sql, ", ");
    sql_string(sql, "pgstride v" PGSTRIDE_VERSION);
    rows_unless(sql, note);
    version_is(sql, note);
    sql_raw(sql, ")");
}

void
atlas_history_applied(SqlText *sql, const ForeignNote *note)
{
    revision_put(sql, note, statements_total(note->migration));
}

void
atlas_history_begun(SqlText *sql, const ForeignNote *note)
{
    revision_put(sql, note, note->done);
}

/* Until a statement of it succeeds, or it begins anew. */
void
atlas_history_failed(SqlText *sql, const ForeignNote *note)
{
    MEM_SCOPE(scope, NULL);

    sql_raw(sql, "UPDATE ");
    rows_table(sql, note);
    sql_raw(sql, " SET error = ");
    sql_string(sql, note->error);
    sql_raw(sql, ", error_stmt = ");
    sql_string(sql, note->statement == NULL ? NULL
                                            : mem_text(scope, "%s;", note->statement));
    sql_raw(sql, " WHERE ");
    version_is(sql, note);
}

void
atlas_history_undone(SqlText *sql, const ForeignNote *note)
{
    rows_take_version(sql, note);
}

/* --- where Atlas stopped midway -------------------------------------------------- */

void
atlas_history_midway(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql,
            "SELECT applied AS done, total, error, partial_hashes AS hashes FROM ");
    rows_table(sql, note);
    sql_raw(sql, " WHERE ");
    version_is(sql, note);
}

/* Goes to the next text of a list of JSON; NULL: there is none. */
static const char *
list_next(const char *at)
{
    return at == NULL ? NULL : strchr(at, '"');
}

/* Atlas goes on behind what is done only where its texts are what they were. */
int
atlas_history_changed(const ForeignMidway *midway)
{
    MEM_SCOPE(scope, NULL);
    const Section *section = forward(midway->migration);
    Digest *digest = digest_begin(scope);
    const char *hash = list_next(midway->hashes);

    for (int i = 0; i < midway->done; i++)
    {
        char base64[DIGEST_BASE64];

        if (hash == NULL || i >= statements_total(midway->migration))
            return i + 1;
        hash_next(digest, &section->statements.items[i], base64);
        hash += strncmp(hash, "\"h1:", 4) == 0 ? 4 : 1;
        if (strncmp(hash, base64, strlen(base64)) != 0)
            return i + 1;
        hash = list_next(hash + strlen(base64) + 1);
    }
    return 0;
}

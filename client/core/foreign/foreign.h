/*
 * Histories of other runners: the tables in which they keep what they have applied.
 *
 * Their readers go on reading them: a readiness check, a start-up, a pipeline that
 * still calls the old tool. So pgstride reads the rows of a folder's own runner, and
 * writes them as that runner would, in the transaction of its own record. Every runner
 * is a row of the table in foreign.c for each engine, and one file beside it.
 */
#ifndef PGSTRIDE_CORE_FOREIGN_H
#define PGSTRIDE_CORE_FOREIGN_H

#include "model/migration.h"
#include "model/sqltext.h"

/* One row as it stands there; what a runner does not keep is NULL. */
typedef struct ForeignRow
{
    char *version;
    char *name;
    char *kind; /* Flyway: "SQL", "BASELINE" */
    char *checksum;
    bool applied;
    bool failed; /* that runner refuses to go on over it */
} ForeignRow;

typedef struct ForeignRows
{
    ForeignRow *items;
    int count;
} ForeignRows;

/* What a row is written about. */
typedef struct ForeignNote
{
    const Migration *migration;
    const char *schema;    /* that the table is in */
    const char *component; /* of our own history, whose row is there by now */
} ForeignNote;

/* The most locks that one runner is known to take. */
#define FOREIGN_LOCKS 2

typedef struct Foreign
{
    const char *layout; /* a row of core/layouts/ */
    const char *engine;
    const char *schema; /* NULL: the first of the search path */
    const char *table;
    const char *columns; /* in their order: else it is somebody else's table */
    const char *query;   /* the stored query that gives its rows as ForeignRow */
    bool sums_count;     /* it refuses to go on where a checksum is another */

    /* Makes the table, as the runner does on first use. */
    void (*make)(SqlText *sql, const char *schema);
    /* The advisory locks that keep the runner away; how many. NULL: it takes none. */
    int (*locks)(const char *schema, const char *database, int64_t keys[FOREIGN_LOCKS]);
    /* Does the row say that this migration was applied? */
    bool (*holds)(const ForeignRow *row, const Migration *migration);
    /* Statements, without a semicolon behind the last; each can be said again. */
    void (*applied)(SqlText *sql, const ForeignNote *note);
    void (*undone)(SqlText *sql, const ForeignNote *note);
    /* What it would write once it knows that it was applied; NULL: nothing. */
    void (*adopted)(SqlText *sql, const ForeignNote *note);
    /* Before a migration that can stop midway; NULL: nothing is written then. */
    void (*begun)(SqlText *sql, const ForeignNote *note);
} Foreign;

/* The row for that layout and engine, or NULL: it keeps no history that we write. */
const Foreign *foreign_of(const char *layout, const char *engine);

/* The first row that says it was applied, or NULL. */
const ForeignRow *foreign_row(const Foreign *foreign, const ForeignRows *rows,
                              const Migration *migration);

/* Schema and table, for statements. */
QName foreign_name(const Foreign *foreign, const char *schema);

/* --- the runners: one file each ----------------------------------------------------
 */

#define FOREIGN_FUNCTIONS(runner)                                                      \
    void runner##_make(SqlText *sql, const char *schema);                              \
    int runner##_locks(const char *schema, const char *database,                       \
                       int64_t keys[FOREIGN_LOCKS]);                                   \
    bool runner##_holds(const ForeignRow *row, const Migration *migration);            \
    void runner##_applied(SqlText *sql, const ForeignNote *note);                      \
    void runner##_undone(SqlText *sql, const ForeignNote *note);                       \
    void runner##_begun(SqlText *sql, const ForeignNote *note);

FOREIGN_FUNCTIONS(popx)
FOREIGN_FUNCTIONS(pair)
FOREIGN_FUNCTIONS(dbmate)
FOREIGN_FUNCTIONS(goose)
FOREIGN_FUNCTIONS(flyway)
FOREIGN_FUNCTIONS(drizzle)
FOREIGN_FUNCTIONS(drizzle_folders)

#endif

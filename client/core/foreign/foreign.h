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

/* How far its runner came where it stopped in the middle of a migration. */
typedef struct ForeignMidway
{
    const Migration *migration;
    int64_t done; /* of its statements */
    int64_t total;
    char *error;  /* NULL: it was killed */
    char *hashes; /* of those that are done, as the runner keeps them; or NULL */
    int changed;  /* the first of those whose text is another now, from 1; 0: none */
} ForeignMidway;

/* Where the table is, or is to be. */
typedef struct ForeignPlace
{
    const char *schema;
    const char *database;
    const char *table;
} ForeignPlace;

/* What a row is written about. */
typedef struct ForeignNote
{
    const Migration *migration;
    const char *schema;    /* that the table is in; or NULL */
    const char *table;     /* as it is called now: while it is made, otherwise */
    const char *component; /* of our own history, whose row is there by now */
    int done;              /* of its statements, where it is under way */
    bool newest;           /* no version that is applied is known to be higher */
    const char *error;     /* where it failed: what was said, to which statement */
    const char *statement;
} ForeignNote;

/* The most locks that one runner is known to take. */
#define FOREIGN_LOCKS 2

typedef struct Foreign
{
    const char *layout; /* a row of core/layouts/ */
    const char *engine;
    const char *schema; /* NULL: where names without one are */
    const char *table;
    const char *columns; /* in their order: else it is somebody else's table; of one
                            that is only read, those that are asked for */
    const char *query;   /* the stored query that gives its rows as ForeignRow; that of
                            its name with _make makes the table, as the runner does */
    const char *old_columns; /* what its older releases made; or NULL */
    const char *old_query;   /* the rows of that; QUERY_renew makes it one of today */
    const char *renews;      /* ... by which, in words */
    bool replaces;           /* ... the old one gets another name */
    bool sums_count;         /* it refuses to go on where a checksum is another */
    bool covers;             /* a row may stand for other versions than its own, too */
    const char *writes;      /* what going up does to its table, as GRANT has it */

    /* The stored query that takes one of its locks where those are rows of its own
     * table; that of its name with _keep says that we go on, with _release gives it
     * back. NULL: foreign_lock. */
    const char *lock;
    const char *stays; /* of a lock whose holder was killed: how it ends; or NULL */
    /* The named locks that keep the runner away; how many. NULL: it takes none. */
    int (*locks)(Mem *mem, const ForeignPlace *place, const char *keys[FOREIGN_LOCKS]);
    /* Does the row say that this migration was applied? */
    bool (*holds)(const ForeignRow *row, const Migration *migration);
    /* Is its version higher than that one, which is refused behind it then? NULL: what
     * comes late is run, or the row alone is a reason to stop. */
    bool (*newer)(const ForeignRow *row, const Migration *migration);
    /* Statements, without a semicolon behind the last; each can be said again. NULL:
     * the table is only read. */
    void (*applied)(SqlText *sql, const ForeignNote *note);
    void (*undone)(SqlText *sql, const ForeignNote *note);
    /* What it would write once it knows that it was applied; NULL: nothing. */
    void (*adopted)(SqlText *sql, const ForeignNote *note);
    /* The row that stands for all up to a version, in a schema that was in use. */
    void (*based)(SqlText *sql, const ForeignNote *note, const Migrations *migrations);
    /* Gives a row of an older release what it lacks; NULL: it lacks nothing. */
    void (*renewed)(SqlText *sql, const ForeignNote *note);
    /* Before a migration that can stop midway, and again behind each of its steps;
     * NULL: nothing is written then. */
    void (*begun)(SqlText *sql, const ForeignNote *note);
    /* Behind one that did; NULL: nothing is written then. */
    void (*failed)(SqlText *sql, const ForeignNote *note);
    /* Before a statement on the way back that can stop midway; NULL: nothing is. */
    void (*undoing)(SqlText *sql, const ForeignNote *note);
    /* Asks how far it came: done, total, error, hashes; NULL: it does not keep that. */
    void (*midway)(SqlText *sql, const ForeignNote *note);
    int (*changed)(const ForeignMidway *midway);
} Foreign;

/* The row for that layout and engine, or NULL: it keeps no history that we write. A
 * runner with several places for its table has a row for each: the one made first. */
const Foreign *foreign_of(const char *layout, const char *engine);
/* The next row of the same runner and engine, or NULL. */
const Foreign *foreign_next(const Foreign *foreign);

/* Are these the columns of its table, or of the one that its older releases made? */
bool foreign_fits(const Foreign *foreign, const char *columns);
bool foreign_fits_old(const Foreign *foreign, const char *columns);

/* Row `index` of those for that engine, or NULL. */
const Foreign *foreign_at(const char *engine, int index);
/* Is the migration the very one that the row names? */
bool foreign_names(const Foreign *foreign, const ForeignRow *row,
                   const Migration *migration);

/* The first row that says it was applied, or NULL. */
const ForeignRow *foreign_row(const Foreign *foreign, const ForeignRows *rows,
                              const Migration *migration);

/* A number without zeros before it, however long it is. */
const char *foreign_number(const char *version);

/* --- the runners: one file each -------------------------------------------------- */

#define FOREIGN_FUNCTIONS(runner)                                                      \
    bool runner##_holds(const ForeignRow *row, const Migration *migration);            \
    void runner##_applied(SqlText *sql, const ForeignNote *note);                      \
    void runner##_undone(SqlText *sql, const ForeignNote *note);

FOREIGN_FUNCTIONS(popx)
FOREIGN_FUNCTIONS(pair)
FOREIGN_FUNCTIONS(dbmate)
FOREIGN_FUNCTIONS(goose)
FOREIGN_FUNCTIONS(flyway)
FOREIGN_FUNCTIONS(drizzle)
FOREIGN_FUNCTIONS(drizzle_folders)
FOREIGN_FUNCTIONS(atlas_history)

bool sqitch_registry_holds(const ForeignRow *row, const Migration *migration);

#define FOREIGN_LOCK(runner)                                                           \
    int runner##_locks(Mem *mem, const ForeignPlace *place,                            \
                       const char *keys[FOREIGN_LOCKS]);

FOREIGN_LOCK(pair)
FOREIGN_LOCK(pair_mysql)
FOREIGN_LOCK(pair_cockroach)
FOREIGN_LOCK(goose)
FOREIGN_LOCK(atlas_history)
FOREIGN_LOCK(atlas_mysql)
FOREIGN_LOCK(flyway)
FOREIGN_LOCK(flyway_mysql)
FOREIGN_LOCK(flyway_cockroach)
FOREIGN_LOCK(sqitch_registry)
FOREIGN_LOCK(sqitch_mysql)

bool goose_newer(const ForeignRow *row, const Migration *migration);
bool flyway_newer(const ForeignRow *row, const Migration *migration);
bool atlas_history_newer(const ForeignRow *row, const Migration *migration);
void pair_begun(SqlText *sql, const ForeignNote *note);
void pair_undoing(SqlText *sql, const ForeignNote *note);
void atlas_history_begun(SqlText *sql, const ForeignNote *note);
void atlas_history_failed(SqlText *sql, const ForeignNote *note);
void atlas_history_midway(SqlText *sql, const ForeignNote *note);
int atlas_history_changed(const ForeignMidway *midway);
void flyway_based(SqlText *sql, const ForeignNote *note, const Migrations *migrations);
void flyway_failed(SqlText *sql, const ForeignNote *note);
void drizzle_folders_renewed(SqlText *sql, const ForeignNote *note);
void drizzle_folders_timed(SqlText *sql, const ForeignNote *note);

#endif

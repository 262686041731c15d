/*
 * Layouts: from the files of a folder to the migrations in it.
 *
 * Every layout is a row of the table in layout.c: one file beside it that knows how its
 * runner names, orders and cuts files. The rest of pgstride sees only Migrations, and
 * in them what the runner would have done: the order, the transactions, the checksums.
 */
#ifndef PGSTRIDE_CORE_LAYOUT_H
#define PGSTRIDE_CORE_LAYOUT_H

#include "base/err.h"
#include "core/config/target.h"
#include "model/migration.h"
#include "model/target.h"

typedef struct LayoutRequest
{
    const SourceFiles *files;
    const char *engine;             /* "postgres" */
    const char *layout;             /* --layout; NULL or "auto": found out */
    const Environment *environment; /* what ${NAME} stands for; NULL: nothing */
    const char *history_table;      /* --history-table; or NULL */
    const Target *target;           /* what golang-migrate is told there; or NULL */
} LayoutRequest;

/*
 * The migrations for one engine, in the order they run; those of a native folder that
 * have no part for it are marked skipped. Texts are copies, so `files` may go. Errors
 * name file and line: ERR_USAGE for what is wrong in a file, ERR_REFUSED for a folder
 * that is none of ours or of several runners, with all that do not fit.
 */
bool layout_read(Mem *mem, const LayoutRequest *request, Migrations *migrations,
                 Err *err);

/* What a reader of folders does with a file: names are relative to the folder. */
typedef enum Wanted
{
    WANTED_NOT,
    WANTED_LISTED, /* its name alone: a migration that is a program */
    WANTED_READ
} Wanted;
Wanted layout_wants(const char *name);

/* --- the layouts ----------------------------------------------------------------- */

typedef struct Layout
{
    const char *name;    /* what --layout takes, and status says */
    const char *runner;  /* whose it is: "golang-migrate" */
    bool verbatim;       /* not rewritten unless somebody says so */
    bool late_runs;      /* its runner applies versions that come late */
    bool lost_ignored;   /* ... and asks for no file of what was applied */
    bool strays_refused; /* ... and fails at an SQL file that is named otherwise */
    bool several;        /* ... and can be given several folders, read as one */
    bool named;          /* the names of files alone say that they are its own */
    bool listed;         /* a file of its own lists those that run */
    const char *form;    /* how a file that runs is told: "is named V1__name.sql" */
    const char *back;    /* as in Migration: where a way back is written */

    /* NULL: only files named *.sql at the top of the folder. */
    bool (*wants)(const char *name);
    /* Is the folder surely its own? NULL: only when it is asked for. */
    bool (*claims)(const SourceFiles *files);
    bool (*fits)(const SourceFile *file);
    bool (*read)(Mem *mem, const LayoutRequest *request, Migrations *migrations,
                 Err *err);
} Layout;

/* The row of that name, or NULL. */
const Layout *layout_named(const char *name);

#define LAYOUT_FUNCTIONS(name)                                                         \
    bool name##_wants(const char *file);                                               \
    bool name##_claims(const SourceFiles *files);                                      \
    bool name##_fits(const SourceFile *file);                                          \
    bool name##_read(Mem *mem, const LayoutRequest *request, Migrations *migrations,   \
                     Err *err);

LAYOUT_FUNCTIONS(atlas)
LAYOUT_FUNCTIONS(dbmate)
LAYOUT_FUNCTIONS(drizzle)
LAYOUT_FUNCTIONS(drizzle_folders)
LAYOUT_FUNCTIONS(flyway)
LAYOUT_FUNCTIONS(goose)
LAYOUT_FUNCTIONS(native)
LAYOUT_FUNCTIONS(pair)
LAYOUT_FUNCTIONS(plain)
LAYOUT_FUNCTIONS(popx)
LAYOUT_FUNCTIONS(sqitch)

#endif

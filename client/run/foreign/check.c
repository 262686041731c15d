/* Do the history of a folder's own runner, ours, and the folder say the same? */
#include <string.h>

#include "run/foreign/foreign.h"
#include "run/history/history.h"

static bool
checksum_refused(const ForeignRow *row, const Migration *migration, Err *err)
{
    err_at(err, ERR_REFUSED, migration->file, 0,
           "Migration checksum mismatch for migration version %s", migration->version);
    err_detail(err, "-> Applied to database : %s", row->checksum);
    err_detail(err, "-> Resolved locally    : %s", migration->checksum);
    return err_hint(err,
                    "Put the old text back and write a new migration for what is new; "
                    "or, if the database is right as the file is now: pgstride mark %s",
                    migration->version);
}

/* Flyway refuses to start over it, although the text is the same. */
static bool
description_refused(const ForeignRow *row, const Migration *migration, Err *err)
{
    err_at(err, ERR_REFUSED, migration->file, 0,
           "Migration description mismatch for migration version %s",
           migration->version);
    err_detail(err, "-> Applied to database : %s", row->name);
    err_detail(err, "-> Resolved locally    : %s", migration->name);
    return err_hint(err,
                    "Give the file its old name; or, if it is only called otherwise "
                    "now: pgstride mark %s",
                    migration->version);
}

/* A text that is another may be another migration of that version. */
static bool
row_agrees(const ForeignRow *row, const Migration *migration, Err *err)
{
    if (row->checksum == NULL || migration->checksum == NULL)
        return true;
    if (strcmp(row->checksum, migration->checksum) != 0)
        return checksum_refused(row, migration, err);
    return row->name == NULL || strcmp(row->name, migration->name) == 0 ||
           description_refused(row, migration, err);
}

static bool
lost_refused(const Run *run, const Migration *migration, Err *err)
{
    /* Where versions are names, it has to be said that they are. */
    const char *how = run->migrations.project == NULL ? "" : " --layout=sqitch";

    err_at(err, ERR_REFUSED, migration->file, 0,
           "%s is applied, and %s does not have it in %s any more", migration->label,
           foreign_runner(run), run->foreign->table);
    return err_hint(
        err,
        "Where it was taken back: pgstride mark %s --pending%s. Where it is "
        "applied: pgstride mark %s%s.",
        migration->version, how, migration->version, how);
}

/* What we have applied is in no table that is only read. */
static bool
is_our_own(const Run *run, const Migration *migration)
{
    const MigrationRecord *record =
        history_migration(&run->history, migration->version);

    return run->foreign->applied == NULL && strcmp(record->how, "adopt") != 0;
}

static bool
migration_agrees(const Run *run, const Migration *migration, Err *err)
{
    State state = history_state(&run->history, migration->version);
    const ForeignRow *row = foreign_row(run->foreign, &run->foreign_rows, migration);

    if (migration->skipped || migration->repeatable || state != STATE_CONTRACTED)
        return true;
    if (row == NULL)
        return run->foreign_apart || is_our_own(run, migration) ||
               lost_refused(run, migration, err);
    /* A BASELINE row is of many, and has no sum. */
    return !run->foreign->sums_count || row_agrees(row, migration, err);
}

/* --- rows without a file --------------------------------------------------------- */

typedef struct Lost
{
    const char *layout;
    const char *format;
} Lost;

/* The runners that refuse to go on, in their words; the others do not ask. */
static const Lost lost_words[] = {
    {"flyway", "Detected applied migration not resolved locally: %s"},
    {"pair", "no migration found for version %s"},
    {"sqitch", "Cannot find this change in sqitch.plan: %s"},
};

bool
foreign_resolved(const Run *run, const ForeignRow *row)
{
    for (int i = 0; i < run->migrations.count; i++)
        if (foreign_names(run->foreign, row, &run->migrations.items[i]))
            return true;
    return false;
}

/* Newer than every file: what a newer release has applied is passed over by Flyway. */
static bool
is_future(const Run *run, const ForeignRow *row)
{
    char baseline[] = "BASELINE";
    const ForeignRow upto = {.version = row->version, .kind = baseline};

    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];

        if (!migration->repeatable && !migration->shortcut &&
            !run->foreign->holds(&upto, migration))
            return false;
    }
    return true;
}

const ForeignRow *
foreign_newer(const Run *run, const Migration *migration)
{
    const Foreign *foreign = run->foreign;
    bool read = foreign != NULL && !run->foreign_apart && foreign->newer != NULL;

    for (int i = 0; read && i < run->foreign_rows.count; i++)
    {
        const ForeignRow *row = &run->foreign_rows.items[i];

        if (row->applied && row->version != NULL && !foreign_resolved(run, row) &&
            foreign->newer(row, migration))
            return row;
    }
    return NULL;
}

/* Of another project that shares the registry. */
static bool
is_elsewhere(const Run *run, const ForeignRow *row)
{
    return run->migrations.project != NULL &&
           strcmp(row->kind, run->migrations.project) != 0;
}

static bool
row_may_be_lost(const Run *run, const ForeignRow *row)
{
    bool flyway = run->foreign->sums_count;

    return !row->applied || foreign_resolved(run, row) || is_elsewhere(run, row) ||
           (flyway && (strcmp(row->kind, "BASELINE") == 0 ||
                       (row->version != NULL && is_future(run, row))));
}

static bool
rows_resolved(const Run *run, const Lost *lost, Err *err)
{
    for (int i = 0; i < run->foreign_rows.count; i++)
    {
        const ForeignRow *row = &run->foreign_rows.items[i];

        if (row_may_be_lost(run, row))
            continue;
        err_set(err, ERR_REFUSED, lost->format,
                row->version == NULL || run->migrations.project != NULL ? row->name
                                                                        : row->version);
        return err_hint(err, "Bring its file back, --dir may point to another folder; "
                             "or, if it may be missing: --ignore-migration-patterns "
                             "'*:missing'");
    }
    return true;
}

static bool
none_is_lost(const Run *run, Err *err)
{
    if (run->settings->ignore_missing || run->migrations.lost_ignored)
        return true;
    for (int i = 0; i < LENGTH(lost_words); i++)
        if (strcmp(lost_words[i].layout, run->foreign->layout) == 0)
            return rows_resolved(run, &lost_words[i], err);
    return true;
}

/* --- all of it ------------------------------------------------------------------- */

/* An imported history lives on alone, and only who asks is told that the other went on.
 */
static bool
check_apart(Run *run, Err *err)
{
    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        bool there = foreign_row(run->foreign, &run->foreign_rows, migration) != NULL;

        if (!there || history_kept(&run->history, migration->version) ||
            strcmp(run->settings->verb, "validate") != 0)
            continue;
        err_at(err, ERR_REFUSED, migration->file, 0,
               "%s went on since its history was imported: it has applied %s",
               foreign_runner(run), migration->label);
        return err_hint(err, "Take over what is new: pgstride adopt --mode=import. And "
                             "let only one of them migrate from then on.");
    }
    return true;
}

bool
foreign_check_strange(const Run *run, Err *err)
{
    if (!run->foreign_strange || run->foreign_based)
        return true;
    err_set(err, ERR_REFUSED,
            "Found non-empty schema(s) \"%s\" but no schema history table",
            run->foreign_schema);
    return err_hint(err,
                    "Say what is there: pgstride baseline VERSION; or let %s's "
                    "baselineOnMigrate and baselineVersion say it "
                    "(FLYWAY_BASELINE_ON_MIGRATE=true). To run all: --history=own.",
                    foreign_runner(run));
}

bool
foreign_check(Run *run, Err *err)
{
    bool midway = false;

    if (!foreign_check_stopped(run, NULL, err) || !foreign_check_strange(run, err))
        return false;
    if (run->foreign == NULL || !run->foreign_here)
        return true;
    if (run->foreign_apart && !run->settings->imports)
        return check_apart(run, err);
    if (!none_is_lost(run, err))
        return false;
    for (int i = 0; i < run->foreign_rows.count; i++)
        midway = midway || run->foreign_rows.items[i].failed;
    for (int i = 0; i < run->migrations.count && !midway; i++)
        if (!migration_agrees(run, &run->migrations.items[i], err))
            return false;
    return true;
}

/*
 * Whose folder is it, where its files are named as those of two runners are? The
 * histories in the database tell: what one of them has applied of this folder, another
 * would run again, and what we run without its table it would run again itself.
 */
#include <string.h>

#include "core/layouts/history_table.h"
#include "core/layouts/layout.h"
#include "run/foreign/foreign.h"
#include "run/history/history.h"

typedef struct Twin
{
    const char *folder; /* as its files are read */
    const char *runner; /* whose they may be all the same */
    bool (*maybe)(const Migration *migration);
    bool reads_others; /* the files of which that is not so, too */
    bool through; /* it ran them as files of that layout, into a table of its own */
} Twin;

/* dbmate's files have both ways. */
static bool
goes_back(const Migration *migration)
{
    for (int i = 0; i < migration->section_count; i++)
        if (migration->sections[i].down)
            return true;
    return false;
}

static bool
is_split(const Migration *migration)
{
    const char *file = migration->file;
    size_t length = strlen(file);

    return (length > 7 && strcmp(file + length - 7, ".up.sql") == 0) ||
           (length > 9 && strcmp(file + length - 9, ".down.sql") == 0);
}

static bool
is_any(const Migration *migration)
{
    return migration != NULL;
}

/* clang-format off */
static const Twin twins[] = {
    {"native", "dbmate", goes_back, true,  false},
    {"native", "pair",   is_split,  false, false},
    {"pair",   "popx",   is_split,  true,  false},
    {"popx",   "pair",   is_split,  true,  false},
    {"pair",   "atlas",  is_any,    true,  true},
    {"goose",  "atlas",  is_any,    true,  true},
    {"flyway", "atlas",  is_any,    true,  true},
    {"native", "atlas",  is_any,    true,  true}, /* dbmate's */
};
/* clang-format on */

/* What both histories say of the folder. */
typedef struct Tally
{
    int theirs;
    int ours;
    int both;               /* ... and ours by having run or adopted it */
    int missing;            /* ours alone: its table was not written */
    const Migration *again; /* the last that is theirs alone: we would run it again */
    bool empty;             /* there is no row in its table at all */
    bool whole;             /* its runner runs every file here: none has phases */
} Tally;

static bool
may_be(const Run *run, const Twin *twin)
{
    if (run->migrations.layout == NULL ||
        strcmp(run->migrations.layout, twin->folder) != 0 ||
        foreign_of(twin->runner, run->caps->engine) == NULL ||
        (twin->through && !run->migrations.sealed))
        return false;
    for (int i = 0; i < run->migrations.count; i++)
        if (twin->maybe(&run->migrations.items[i]))
            return true;
    return false;
}

/* Its table, if it is here and looks as it should; the rows of it. */
static bool
twin_look(const Run *run, Mem *mem, const Twin *twin, Run *as, Err *err)
{
    const LayoutRequest request = {.engine = run->caps->engine,
                                   .environment = run->settings->environment,
                                   .target = &run->settings->target};

    *as = *run;
    as->migrations = (Migrations){.layout = twin->runner};
    as->foreign_rows = (ForeignRows){0};
    return history_table_read(mem, &request, layout_named(twin->runner),
                              &as->migrations, err) &&
           foreign_find(as, err) &&
           (!as->foreign_here || foreign_rows_read(as, mem, err));
}

/* V1_2__of_us is 1.2, "of us", to one and 1_2, "of_us", to the other. */
static bool
words_same(const char *one, const char *other)
{
    static const char between[] = "_. ";

    while (*one != '\0' && *other != '\0' &&
           (*one == *other ||
            (strchr(between, *one) != NULL && strchr(between, *other) != NULL)))
    {
        one++;
        other++;
    }
    return *one == *other;
}

/* Versions alone are not enough where it runs folders of its own beside this one. */
static bool
ran_through(const ForeignRows *rows, const Migration *migration)
{
    for (int i = 0; i < rows->count; i++)
        if (words_same(rows->items[i].version, migration->version) &&
            words_same(rows->items[i].name, migration->name))
            return true;
    return false;
}

static bool
is_theirs(const Run *as, const Twin *twin, const Migration *migration)
{
    return twin->through
               ? ran_through(&as->foreign_rows, migration)
               : foreign_row(as->foreign, &as->foreign_rows, migration) != NULL;
}

static Tally
tally_make(const Run *run, const Run *as, const Twin *twin, const History *history)
{
    Tally tally = {.empty = as->foreign_rows.count == 0, .whole = true};

    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        const MigrationRecord *record = history_migration(history, migration->version);
        bool ours = history_state(history, migration->version) == STATE_CONTRACTED;
        bool theirs = is_theirs(as, twin, migration);

        tally.theirs += theirs;
        tally.ours += ours;
        tally.both +=
            ours && theirs &&
            (strcmp(record->how, "run") == 0 || strcmp(record->how, "adopt") == 0);
        tally.missing += ours && !theirs;
        if (theirs && !ours)
            tally.again = migration;
        tally.whole = tally.whole && !migration_phased(migration) &&
                      (twin->reads_others || twin->maybe(migration));
    }
    return tally;
}

static bool
whose_hint(const Twin *twin, const Tally *tally, const char *runner, Err *err)
{
    if (!tally->whole)
        return err_hint(
            err,
            tally->ours == 0
                ? "Some files here only pgstride reads. To leave %s behind: pgstride "
                  "baseline VERSION --layout=%s, of the last that it has applied, and "
                  "that layout in the configuration. Else give those files a folder, "
                  "and a component, of their own."
                : "Some files here only pgstride reads. To leave %s behind: "
                  "--layout=%s, here and in the configuration; its table stays as it "
                  "is. Else give those files a folder, and a component, of their own.",
            runner, twin->folder);
    if (tally->ours == 0)
        return err_hint(
            err,
            "Its files do not say whose they are. To go on in the history "
            "of %s: pgstride adopt --from=%s, and it is known from then on. "
            "If they never were %s's: --layout=%s, here and in the "
            "configuration.",
            runner, twin->runner, runner, twin->folder);
    return err_hint(err,
                    "Its files do not say whose they are, and the two histories "
                    "differ. To go on in that of %s: --layout=%s, here and in the "
                    "configuration. To leave it behind: --layout=%s.",
                    runner, twin->runner, twin->folder);
}

/* Of what we took back its table says the same as of what it has applied since. */
static bool
through_hint(const Run *run, const Twin *twin, const Tally *tally, const char *runner,
             Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *version = tally->again->version;
    const char *back = run->history.exists
                           ? mem_text(scope,
                                      " (where pgstride took %s back: only "
                                      "--layout=%s)",
                                      version, twin->folder)
                           : "";

    return err_hint(err,
                    "%s ran them through a ?format= of its own, and its table cannot "
                    "be shared so. To leave it behind: pgstride baseline %s "
                    "--layout=%s%s; it learns nothing of what runs from then on, so "
                    "let only one of them migrate.",
                    runner, version, twin->folder, back);
}

static bool
whose_refused(const Run *run, const Twin *twin, const Tally *tally, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *runner = layout_named(twin->runner)->runner;
    const char *ours = tally->ours == 0 ? "none" : mem_text(scope, "%d", tally->ours);

    err_set(err, ERR_REFUSED,
            "%s has applied %d of the %d migrations in this folder, and pgstride %s",
            runner, tally->theirs, run->migrations.count, ours);
    return twin->through ? through_hint(run, twin, tally, runner, err)
                         : whose_hint(twin, tally, runner, err);
}

/* Level with ours, it is shared, and goes on being so; anything else is asked. */
static bool
twin_decide(Run *run, const Twin *twin, const Run *as, const char **whose, Err *err)
{
    if (!history_skim(run, err))
        return false;

    const Tally tally = tally_make(run, as, twin, &run->history);

    if (twin->through)
        return tally.again == NULL || run->settings->examines ||
               whose_refused(run, twin, &tally, err);
    if ((tally.theirs == 0 && !tally.empty) || history_imported(&run->history))
        return true;
    if (tally.both > 0 && tally.missing == 0 && tally.whole)
        *whose = twin->runner;
    return *whose != NULL || run->settings->examines ||
           whose_refused(run, twin, &tally, err);
}

bool
foreign_whose(Run *run, const char **whose, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Settings *settings = run->settings;
    bool said = settings->layout != NULL && strcmp(settings->layout, "auto") != 0;

    *whose = NULL;
    if (said || settings->own_history || run->foreign_here)
        return true;
    for (int i = 0; i < LENGTH(twins) && *whose == NULL; i++)
    {
        Run as;

        if (!may_be(run, &twins[i]))
            continue;
        if (!twin_look(run, scope, &twins[i], &as, err) ||
            (as.foreign_here && !twin_decide(run, &twins[i], &as, whose, err)))
            return false;
    }
    return true;
}

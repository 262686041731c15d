#include <string.h>

#include "core/files/version.h"
#include "run/folder/check.h"
#include "run/foreign/foreign.h"
#include "run/history/history.h"
#include "run/verbs/migrate.h"

/* One decree, and the report that it fills. */
typedef struct Decree
{
    Run *run;
    const char *how; /* "force", "baseline", "mark" */
    Mem *mem;        /* of the report */
    Report *report;
} Decree;

static bool
mark_one(const Decree *decree, const Migration *migration, State state, Err *err)
{
    Run *run = decree->run;
    MEM_SCOPE(scope, run->mem);
    SqlText text = record_mark(scope, run, migration, decree->how, state);
    Moved moved = {.migration = migration,
                   .from = history_state(&run->history, migration->version),
                   .to = state};

    if (!history_write(run, "mark", &text, 1, err))
        return false;
    report_moved(decree->report, decree->mem, &moved);
    return true;
}

static bool
decree_forces(const Decree *decree)
{
    return strcmp(decree->how, "force") == 0;
}

static bool
mark_folder(const Decree *decree, const Migration *last, Err *err)
{
    const Run *run = decree->run;

    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        State now = history_state(&run->history, migration->version);
        bool upto = strcmp(migration->sort_key, last->sort_key) <= 0;
        State wanted = upto ? STATE_CONTRACTED : STATE_PENDING;
        bool known = history_migration(&run->history, migration->version) != NULL;
        bool right = now == wanted && known == upto;

        if (migration->skipped || right || (!decree_forces(decree) && (!upto || known)))
            continue;
        if (!mark_one(decree, migration, wanted, err))
            return false;
    }
    return true;
}

/* A version that the history knows and the folder does not. */
static Migration *
migration_of_record(Mem *mem, const MigrationRecord *record)
{
    Migration *gone = mem_new(mem, Migration);

    *gone = (Migration){.version = mem_copy(mem, record->version),
                        .name = mem_copy(mem, record->name),
                        .file = mem_copy(mem, record->file),
                        .label = mem_text(mem, "%s_%s", record->version, record->name)};
    return gone;
}

static bool
mark_missing(const Decree *decree, const Migration *last, Err *err)
{
    Run *run = decree->run;

    for (int i = 0; i < run->history.migration_count; i++)
    {
        const MigrationRecord *record = &run->history.migrations[i];

        if (check_find(run, record->version) != NULL ||
            version_compare(record->version, last->version) <= 0)
            continue;
        if (!mark_one(decree, migration_of_record(decree->mem, record), STATE_PENDING,
                      err))
            return false;
    }
    return true;
}

/*
 * force V: everything up to V is contracted, everything above pending, and what was
 * left half done is forgotten. baseline V: the same for what the history does not know
 * yet, and what is above stays as it is.
 */
static bool
mark_upto(const Decree *decree, const Migration *last, Err *err)
{
    return mark_folder(decree, last, err) &&
           (!decree_forces(decree) || mark_missing(decree, last, err));
}

/* Where our own history needs no change, that of another runner may. */
static bool
mark_settle(Run *run, const Migration *migration, State state, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText text = sql_begin(scope, run->caps);

    sql_raw(&text, "SELECT 1");
    foreign_note_state(&text, run, migration, state);
    return run->foreign == NULL || history_write(run, "mark", &text, 1, err);
}

/* force -1: as if nothing had ever been applied. */
static bool
mark_none(const Decree *decree, Err *err)
{
    static const Migration before_all = {.version = ""};
    Run *run = decree->run;

    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        bool known = history_migration(&run->history, migration->version) != NULL;

        if (known ? !mark_one(decree, migration, STATE_PENDING, err)
                  : !mark_settle(run, migration, STATE_PENDING, err))
            return false;
    }
    return mark_missing(decree, &before_all, err);
}

/* What has no file any more can only be forgotten. */
static const Migration *
mark_gone(const Decree *decree, const Marking *marking, const char *version)
{
    const History *history = &decree->run->history;
    const MigrationRecord *record = history_migration(history, version);

    return strcmp(marking->how, "mark") == 0 && marking->state == STATE_PENDING &&
                   record != NULL && check_find(decree->run, version) == NULL
               ? migration_of_record(decree->mem, record)
               : NULL;
}

/* It ran here, as its file is now: how it is taken back stays known. */
static bool
mark_knows(const Decree *decree, const Migration *migration, State state)
{
    Run *run = decree->run;

    return state == STATE_CONTRACTED &&
           history_state(&run->history, migration->version) == state &&
           !history_undoing(&run->history, migration->version) &&
           check_unchanged(run, migration);
}

static bool
mark_named(const Decree *decree, const Migration *migration, State state, Err *err)
{
    return mark_knows(decree, migration, state)
               ? mark_settle(decree->run, migration, state, err)
               : mark_one(decree, migration, state, err);
}

/* They were recorded when the run was opened; what does not agree is told now. */
static bool
mark_adopted(Run *run, Mem *mem, Report *report, Err *err)
{
    for (int i = 0; i < run->adopted.count; i++)
    {
        const Moved moved = {.migration = run->adopted.items[i],
                             .from = STATE_PENDING,
                             .to = STATE_CONTRACTED};

        report_moved(report, mem, &moved);
    }
    return foreign_check(run, err);
}

static bool
mark_all(const Decree *decree, const Marking *marking, Err *err)
{
    Run *run = decree->run;
    bool named_only = strcmp(marking->how, "mark") == 0;

    for (int i = 0; i < run->settings->version_count; i++)
    {
        const Migration *found = mark_gone(decree, marking, run->settings->versions[i]);

        if (decree_forces(decree) && strcmp(run->settings->versions[i], "-1") == 0)
            return mark_none(decree, err);
        if (found == NULL &&
            !version_find(&run->migrations, run->settings->versions[i], &found, err))
            return false;
        if (named_only ? !mark_named(decree, found, marking->state, err)
                       : !mark_upto(decree, found, err))
            return false;
        if (decree_forces(decree) && !mark_settle(run, found, STATE_CONTRACTED, err))
            return false;
    }
    return true;
}

bool
run_mark(Run *run, const Marking *marking, Mem *mem, Report *report, Err *err)
{
    const Decree decree = {run, marking->how, mem, report};
    const char *said = foreign_said(run, mem);

    if (strcmp(marking->how, "adopt") == 0)
        return mark_adopted(run, mem, report, err);
    if (!mark_all(&decree, marking, err) || !history_read(run, err))
        return false;
    if (strcmp(said, foreign_said(run, mem)) != 0)
        report->leveled = mem_copy(mem, run->foreign->table);
    return true;
}

#include <string.h>

#include "core/version.h"
#include "run/check.h"
#include "run/history.h"
#include "run/migrate.h"

static bool
mark_one(Run *run, const Migration *migration, const char *how, State state,
         Report *report, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    State from = history_state(&run->history, migration->version);
    SqlText text = record_mark(scope, run, migration, how, state);
    Moved moved = {.migration = migration, .from = from, .to = state};

    if (!history_write(run, "mark", &text, 1, err))
        return false;
    report_moved(report, run->mem, &moved);
    return true;
}

static bool
mark_folder(Run *run, const Marking *marking, const Migration *last, Report *report,
            Err *err)
{
    bool force = strcmp(marking->how, "force") == 0;

    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        State now = history_state(&run->history, migration->version);
        bool upto = strcmp(migration->sort_key, last->sort_key) <= 0;
        State wanted = upto ? STATE_CONTRACTED : STATE_PENDING;
        bool known = history_migration(&run->history, migration->version) != NULL;

        if (migration->skipped || (now == wanted && known == upto) ||
            (!force && (!upto || known)))
            continue;
        if (!mark_one(run, migration, marking->how, wanted, report, err))
            return false;
    }
    return true;
}

/* Versions that the history knows and the folder does not: no file stands for them. */
static bool
mark_missing(Run *run, const Migration *last, Report *report, Err *err)
{
    for (int i = 0; i < run->history.migration_count; i++)
    {
        const MigrationRecord *record = &run->history.migrations[i];
        Migration *gone = mem_new(run->mem, Migration);

        if (check_find(run, record->version) != NULL ||
            version_compare(record->version, last->version) <= 0)
            continue;
        *gone = (Migration){
            .version = mem_copy(run->mem, record->version),
            .name = mem_copy(run->mem, record->name),
            .file = mem_copy(run->mem, record->file),
            .label = mem_text(run->mem, "%s_%s", record->version, record->name)};
        if (!mark_one(run, gone, "force", STATE_PENDING, report, err))
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
mark_upto(Run *run, const Marking *marking, const Migration *last, Report *report,
          Err *err)
{
    return mark_folder(run, marking, last, report, err) &&
           (strcmp(marking->how, "force") != 0 || mark_missing(run, last, report, err));
}

bool
run_mark(Run *run, const Marking *marking, Mem *mem, Report *report, Err *err)
{
    const Settings *settings = run->settings;
    bool named_only = strcmp(marking->how, "mark") == 0;

    (void)mem;
    for (int i = 0; i < settings->version_count; i++)
    {
        const Migration *found = NULL;

        if (!version_find(&run->migrations, settings->versions[i], &found, err))
            return false;
        if (named_only ? !mark_one(run, found, "mark", marking->state, report, err)
                       : !mark_upto(run, marking, found, report, err))
            return false;
    }
    return history_read(run, err);
}

#include "core/version.h"
#include "run/check.h"
#include "run/history.h"
#include "run/migrate.h"
#include "run/verbs.h"

#include <string.h>

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

/*
 * force V: everything up to V is contracted, everything above pending. baseline V: the
 * same for what the history does not know yet, and what is above stays as it is.
 */
static bool
mark_upto(Run *run, const Marking *marking, const Migration *last, Report *report,
          Err *err)
{
    bool force = strcmp(marking->how, "force") == 0;

    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        State now = history_state(&run->history, migration->version);
        bool upto = version_compare(migration->version, last->version) <= 0;
        State wanted = upto ? STATE_CONTRACTED : STATE_PENDING;
        bool known = history_migration(&run->history, migration->version) != NULL;

        if ((now == wanted && known == upto) || (!force && (!upto || known)))
            continue;
        if (!mark_one(run, migration, marking->how, wanted, report, err))
            return false;
    }
    return true;
}

bool
run_mark(Run *run, const Marking *marking, Mem *mem, Report *report, Err *err)
{
    const Settings *settings = run->settings;
    bool named_only = strcmp(marking->how, "mark") == 0;

    (void)mem;
    if (settings->version_count == 0)
        return err_set(err, ERR_USAGE, "%s needs a version", marking->how) ||
               err_hint(err, "pgstride status lists them.");
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

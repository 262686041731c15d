#include "run/migrate.h"

#include <string.h>

#include "core/phase.h"
#include "core/version.h"
#include "run/check.h"
#include "run/open.h"
#include "run/planning.h"

typedef LIST(Migration *) Choice;

static State
state_of(const Run *run, const Migration *migration)
{
    return history_state(&run->history, migration->version);
}

/* The migration a person named; ERR_USAGE when there is none, or several. */
static bool
choose_named(Run *run, const char *wanted, Migration **found, Err *err)
{
    const Migration *match = NULL;

    if (!version_find(&run->migrations, wanted, &match, err))
        return false;
    *found = &run->migrations.items[match - run->migrations.items];
    return true;
}

static bool
is_named(Run *run, const Migration *migration)
{
    const Settings *settings = run->settings;
    Err ignored = {0};
    Migration *named;

    for (int i = 0; i < settings->version_count; i++)
    {
        if (choose_named(run, settings->versions[i], &named, &ignored) &&
            named == migration)
            return true;
        err_clear(&ignored);
    }
    return settings->version_count == 0;
}

static bool
choose_names_exist(Run *run, Err *err)
{
    const Settings *settings = run->settings;
    Migration *named;

    for (int i = 0; i < settings->version_count; i++)
        if (!choose_named(run, settings->versions[i], &named, err))
            return false;
    return settings->to == NULL || choose_named(run, settings->to, &named, err);
}

/* Parsed before anything runs: a typo in the last file must not wait for the first. */
static bool
choose_parsed(Run *run, const Chosen *chosen, Err *err)
{
    for (int i = 0; i < chosen->count; i++)
        if (!run_parse(run, chosen->items[i], err))
            return false;
    return true;
}

static bool
overlap_refused(const Migration *open, const Migration *next, const QName *table,
                Err *err)
{
    MEM_SCOPE(scope, NULL);

    return err_at(err, ERR_REFUSED, next->file, 0,
                  "%s touches \"%s\", which %s has not contracted yet", next->label,
                  qname_show(scope, table), open->label) ||
           err_hint(err,
                    "Contract it first: pgstride contract %s. Or, if they do not get "
                    "in each other's way: --allow-overlap.",
                    open->version);
}

/* Against every migration that stays expanded meanwhile: before this run, or by it. */
static bool
choose_apart(Run *run, const Chosen *chosen, Err *err)
{
    bool contracts = run->settings->through == PHASE_CONTRACT;

    for (int i = 0; i < chosen->count && !run->settings->allow_overlap; i++)
        for (int j = 0; j < run->migrations.count; j++)
        {
            Migration *open = &run->migrations.items[j];
            State state = state_of(run, open);
            bool waits = state == STATE_EXPANDED || state == STATE_BACKFILLED;
            bool will_wait = false;

            for (int k = 0; k < i; k++)
                will_wait = will_wait || (chosen->items[k] == open && !contracts &&
                                          migration_shape(open) == SHAPE_PHASED);
            if (open == chosen->items[i] || (!waits && !will_wait))
                continue;
            if (!run_parse(run, open, err))
                return false;

            const QName *table = plan_overlap(open, chosen->items[i]);

            if (table != NULL)
                return overlap_refused(open, chosen->items[i], table, err);
        }
    return true;
}

bool
choose_up(Run *run, Mem *mem, Chosen *chosen, Err *err)
{
    const Settings *settings = run->settings;
    Migration *last = NULL;
    Choice choice = {0};

    if (!choose_names_exist(run, err))
        return false;
    if (settings->to != NULL && !choose_named(run, settings->to, &last, err))
        return false;
    for (int i = 0; i < run->migrations.count; i++)
    {
        Migration *migration = &run->migrations.items[i];
        State goal = phase_goal(migration, settings->through);

        if (settings->steps > 0 && choice.count == settings->steps)
            break;
        if (!migration->skipped && state_of(run, migration) < goal &&
            is_named(run, migration))
            *list_add(mem, &choice) = migration;
        if (migration == last)
            break;
    }
    *chosen = (Chosen){choice.items, choice.count};
    return choose_parsed(run, chosen, err) && choose_apart(run, chosen, err);
}

bool
choose_contract(Run *run, Mem *mem, Chosen *chosen, Err *err)
{
    const Settings *settings = run->settings;
    Choice choice = {0};

    if (!choose_names_exist(run, err))
        return false;
    for (int i = 0; i < run->migrations.count; i++)
    {
        Migration *migration = &run->migrations.items[i];
        bool waits = state_of(run, migration) == STATE_BACKFILLED;

        if (settings->version_count > 0 ? is_named(run, migration) : waits)
            *list_add(mem, &choice) = migration;
    }
    *chosen = (Chosen){choice.items, choice.count};
    if (settings->version_count > 0 || choice.count <= 1)
        return choose_parsed(run, chosen, err);
    err_set(err, ERR_USAGE, "%d migrations wait for contract: say which", choice.count);
    for (int i = 0; i < choice.count; i++)
        err_detail(err, "%s", choice.items[i]->label);
    return err_hint(err, "pgstride contract %s", choice.items[0]->version);
}

bool
choose_down(Run *run, Mem *mem, Chosen *chosen, Err *err)
{
    const Settings *settings = run->settings;
    int most = settings->steps > 0 ? settings->steps : 1;
    Choice choice = {0};

    if (!choose_names_exist(run, err))
        return false;
    /* The history stands in applied order; the folder may not. */
    for (int i = run->history.migration_count - 1; i >= 0; i--)
    {
        const MigrationRecord *record = &run->history.migrations[i];
        Migration *migration = check_find(run, record->version);

        if (!history_kept(&run->history, record->version))
            continue;
        if (settings->version_count == 0 && choice.count == most)
            break;
        if (migration == NULL && settings->version_count == 0)
            return err_set(err, ERR_REFUSED, "the file of %s is gone: %s",
                           record->version, record->file) ||
                   err_hint(err, "Bring it back: it says how the migration is undone.");
        if (migration != NULL && is_named(run, migration))
            *list_add(mem, &choice) = migration;
    }
    *chosen = (Chosen){choice.items, choice.count};
    return choose_parsed(run, chosen, err);
}

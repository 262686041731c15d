#include "run/verbs/migrate.h"

#include <string.h>

#include "core/files/version.h"
#include "core/plan/phase.h"
#include "run/connect/open.h"
#include "run/facts/planning.h"
#include "run/folder/check.h"
#include "run/foreign/foreign.h"

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

typedef bool Parse(Run *run, Migration *migration, Err *err);

/* Parsed before anything runs: a typo in the last file must not wait for the first. */
static bool
choose_parsed(Run *run, const Chosen *chosen, Parse *parse, Err *err)
{
    for (int i = 0; i < chosen->count; i++)
        if (!parse(run, chosen->items[i], err))
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

/* A batch written by hand has no trigger beside it: once no row is left, all is done.
 */
static bool
only_repeats(const Migration *migration)
{
    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &migration->sections[i];

        if (!section->down && !section->options.repeat)
            return false;
    }
    return true;
}

/* Will it stand expanded while chosen[at] runs: since an earlier run, or by this one?
 */
static bool
stays_open(Run *run, const Chosen *chosen, int at, const Migration *open)
{
    State state = state_of(run, open);
    bool contracts = run->settings->through == PHASE_CONTRACT;

    for (int i = 0; i < at; i++)
        if (chosen->items[i] == open)
            return !contracts && migration_shape(open) == SHAPE_PHASED &&
                   !only_repeats(open);
    return state == STATE_EXPANDED || state == STATE_BACKFILLED;
}

static bool
choose_beside(Run *run, const Chosen *chosen, int at, Migration *open, Err *err)
{
    if (open == chosen->items[at] || !stays_open(run, chosen, at, open))
        return true;
    if (!run_parse(run, open, err))
        return false;

    const QName *table = plan_overlap(open, chosen->items[at]);

    return table == NULL || overlap_refused(open, chosen->items[at], table, err);
}

/* Those that may be found open: of a folder of a thousand, few. */
static Choice
choose_open(Run *run, Mem *mem)
{
    Choice open = {0};

    for (int i = 0; i < run->migrations.count; i++)
    {
        Migration *migration = &run->migrations.items[i];
        State state = state_of(run, migration);

        if (state == STATE_EXPANDED || state == STATE_BACKFILLED ||
            migration_shape(migration) == SHAPE_PHASED)
            *list_add(mem, &open) = migration;
    }
    return open;
}

static bool
choose_apart(Run *run, const Chosen *chosen, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Choice open = choose_open(run, scope);

    for (int i = 0; i < chosen->count && !run->settings->allow_overlap; i++)
        for (int j = 0; j < open.count; j++)
            if (!choose_beside(run, chosen, i, open.items[j], err))
                return false;
    return true;
}

static bool
undoing_refused(const Migration *migration, Err *err)
{
    err_set(err, ERR_REFUSED, "the way down of %s was begun and not finished",
            migration->label);
    return err_hint(err, "Finish it first: pgstride down %s", migration->version);
}

/* One that is half way down may still be said to be up: nothing goes on over it. */
static bool
choose_forward(Run *run, const Chosen *chosen, Err *err)
{
    for (int i = 0; i < run->migrations.count; i++)
        if (history_undoing(&run->history, run->migrations.items[i].version))
            return undoing_refused(&run->migrations.items[i], err);
    return choose_parsed(run, chosen, run_parse, err);
}

bool
choose_up(Run *run, Mem *mem, Chosen *chosen, Err *err)
{
    const Settings *settings = run->settings;
    Migration *last = NULL;
    Choice choice = {0};

    if (!check_engine(run, err) || !check_folder(run, err) || !check_order(run, err) ||
        !choose_names_exist(run, err))
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
    return choose_forward(run, chosen, err) && choose_apart(run, chosen, err);
}

/* "-1" is before the first. */
static bool
goto_end(Run *run, Migration **last, Err *err)
{
    const char *wanted = run->settings->versions[0];

    *last = NULL;
    return strcmp(wanted, "-1") == 0 || choose_named(run, wanted, last, err);
}

static bool
goto_up(Run *run, Mem *mem, const Migration *last, Chosen *chosen, Err *err)
{
    Choice choice = {0};

    for (int i = 0; last != NULL && &run->migrations.items[i] <= last; i++)
    {
        Migration *migration = &run->migrations.items[i];

        if (!migration->skipped &&
            state_of(run, migration) < phase_goal(migration, PHASE_BACKFILL))
            *list_add(mem, &choice) = migration;
    }
    *chosen = (Chosen){choice.items, choice.count};
    return (choice.count == 0 || check_order(run, err)) &&
           choose_forward(run, chosen, err) && choose_apart(run, chosen, err);
}

static bool
goto_down(Run *run, Mem *mem, const Migration *last, Chosen *chosen, Err *err)
{
    Choice choice = {0};

    for (int i = run->history.migration_count - 1; i >= 0; i--)
    {
        const char *version = run->history.migrations[i].version;
        Migration *migration = check_find(run, version);

        if (history_kept(&run->history, version) && migration != NULL &&
            (last == NULL || migration > last))
            *list_add(mem, &choice) = migration;
    }
    *chosen = (Chosen){choice.items, choice.count};
    return choose_parsed(run, chosen, run_parse_back, err);
}

bool
choose_goto(Run *run, Mem *mem, Route *route, Err *err)
{
    Migration *last = NULL;

    return check_folder(run, err) && goto_end(run, &last, err) &&
           goto_up(run, mem, last, &route->up, err) &&
           goto_down(run, mem, last, &route->down, err);
}

/* Named and contracted already: nothing to do, and no error. */
static bool
contract_takes(Run *run, Migration *migration, bool *takes, Err *err)
{
    State state = state_of(run, migration);
    bool named = run->settings->version_count > 0;
    const Transition *move;

    *takes = named ? is_named(run, migration) && state != STATE_CONTRACTED
                   : state == STATE_BACKFILLED;
    return !*takes || phase_move(migration, state, VERB_CONTRACT, &move, err);
}

static bool
contract_ambiguous(const Chosen *chosen, Err *err)
{
    err_set(err, ERR_USAGE, "%d migrations wait for contract: say which",
            chosen->count);
    for (int i = 0; i < chosen->count; i++)
        err_detail(err, "%s", chosen->items[i]->label);
    return err_hint(err, "pgstride contract %s", chosen->items[0]->version);
}

bool
choose_contract(Run *run, Mem *mem, Chosen *chosen, Err *err)
{
    Choice choice = {0};

    if (!check_folder(run, err) || !choose_names_exist(run, err))
        return false;
    for (int i = 0; i < run->migrations.count; i++)
    {
        Migration *migration = &run->migrations.items[i];
        bool takes = false;

        if (!contract_takes(run, migration, &takes, err))
            return false;
        if (takes)
            *list_add(mem, &choice) = migration;
    }
    *chosen = (Chosen){choice.items, choice.count};
    if (run->settings->version_count == 0 && choice.count > 1)
        return contract_ambiguous(chosen, err);
    return choose_forward(run, chosen, err);
}

static bool
gone_refused(const MigrationRecord *record, Err *err)
{
    err_set(err, ERR_REFUSED, "the file of %s is gone: %s", record->version,
            record->file);
    return err_hint(err, "Bring it back: it says how the migration is undone.");
}

/* What nobody can say of the database is nothing to build an undo on. */
static bool
choose_clean(Run *run, const Chosen *chosen, Err *err)
{
    for (int i = 0; i < chosen->count; i++)
        if (!history_undoing(&run->history, chosen->items[i]->version) &&
            !planning_clean(run, chosen->items[i], err))
            return false;
    return true;
}

bool
choose_down(Run *run, Mem *mem, Chosen *chosen, Err *err)
{
    const Settings *settings = run->settings;
    int most = settings->steps > 0 ? settings->steps : 1;
    Choice choice = {0};

    if (!choose_names_exist(run, err) || !foreign_check(run, err))
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
            return gone_refused(record, err);
        if (migration != NULL && is_named(run, migration))
            *list_add(mem, &choice) = migration;
    }
    *chosen = (Chosen){choice.items, choice.count};
    return choose_parsed(run, chosen, run_parse_back, err) &&
           choose_clean(run, chosen, err);
}

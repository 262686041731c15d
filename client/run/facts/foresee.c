#include "run/facts/foresee.h"

#include <string.h>

#include "core/plan/dependents.h"
#include "core/plan/down.h"
#include "core/plan/overlay.h"
#include "core/plan/phase.h"
#include "run/connect/open.h"
#include "run/engines/engines.h"
#include "run/facts/gather.h"
#include "run/facts/planning.h"
#include "run/folder/check.h"
#include "run/foreign/foreign.h"

/* --- facts of everything that is named ------------------------------------------- */

typedef struct Union
{
    LIST(QName) tables;
    LIST(const char *) functions;
    LIST(const char *) types;
} Union;

static bool
is_among(const char *const *words, int count, const char *word)
{
    for (int i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

static void
union_add(Mem *mem, Union *all, const Needs *needs)
{
    for (int i = 0; i < needs->table_count; i++)
    {
        bool known = false;

        for (int j = 0; j < all->tables.count && !known; j++)
            known = qname_equal(&all->tables.items[j], &needs->tables[i]);
        if (!known)
            *list_add(mem, &all->tables) = needs->tables[i];
    }
    for (int i = 0; i < needs->function_count; i++)
        if (!is_among(all->functions.items, all->functions.count, needs->functions[i]))
            *list_add(mem, &all->functions) = needs->functions[i];
    for (int i = 0; i < needs->type_count; i++)
        if (!is_among(all->types.items, all->types.count, needs->types[i]))
            *list_add(mem, &all->types) = needs->types[i];
}

/* What is done already is not done again, whoever did it. */
static void
plan_tell_midway(const Run *run, Mem *mem, Plan *plan)
{
    char *next = foreign_midway_next(run, mem, plan->migration);
    const char **notes = mem_array(mem, const char *, plan->note_count + 1);

    if (next == NULL)
        return;
    for (int i = 0; i < plan->note_count; i++)
        notes[i + 1] = plan->notes[i];
    notes[0] = next;
    plan->notes = notes;
    plan->note_count++;
}

typedef struct Foresight
{
    Run *run;
    Needs *needs_up; /* of each migration */
    Needs *needs_down;
    Overlay *overlay;
} Foresight;

/* One look at the catalog for all of them. */
static bool
foresee_gather(Foresight *foresight, Mem *mem, const Route *route, Facts *facts,
               Err *err)
{
    Union all = {0};
    Run *run = foresight->run;

    for (int i = 0; i < route->up.count; i++)
    {
        if (!run_parse(run, route->up.items[i], err) ||
            !plan_needs(mem, route->up.items[i], &foresight->needs_up[i], err))
            return false;
        union_add(mem, &all, &foresight->needs_up[i]);
    }
    for (int i = 0; i < route->down.count; i++)
    {
        if (!run_parse_back(run, route->down.items[i], err) ||
            !down_needs(mem, route->down.items[i], &run->history,
                        &foresight->needs_down[i], err))
            return false;
        union_add(mem, &all, &foresight->needs_down[i]);
    }

    const Needs together = {.tables = all.tables.items,
                            .table_count = all.tables.count,
                            .functions = all.functions.items,
                            .function_count = all.functions.count,
                            .types = all.types.items,
                            .type_count = all.types.count};

    return gather_facts(run, mem, &together, facts, err);
}

/* --- one after the other --------------------------------------------------------- */

/* A kept part that is not what the file says now is for `up` to refuse, as dirty. */
static bool
plan_is_dirty(Run *run, const Plan *plan)
{
    bool dirty = false;

    for (Phase phase = 0; phase < PHASE_COUNT && !dirty; phase++)
    {
        const PhaseRecord *record =
            history_phase(&run->history, plan->migration->version, phase);
        Err ignored = {0};

        dirty = record != NULL && !record->done &&
                !planning_dirty(run, plan, phase, &ignored);
        err_clear(&ignored);
    }
    return dirty;
}

/* What a migration before it does, nobody can read: it is planned when that is done. */
static bool
plan_deferred(const Foresight *foresight, Mem *mem, const Migration *migration,
              Plan *plan, Err *err)
{
    const char *by = overlay_clouded(foresight->overlay);
    const char **notes = mem_array(mem, const char *, 1);

    if (by == NULL || err->kind != ERR_REFUSED)
        return false;
    notes[0] = mem_text(mem, "planned when %s is done, which may change this: %s", by,
                        err->text);
    *plan = (Plan){.migration = migration, .notes = notes, .note_count = 1};
    err_clear(err);
    return true;
}

static bool
foresee_forward(const Foresight *foresight, Mem *mem, const Route *route, int at,
                Plan *plan, Err *err)
{
    Run *run = foresight->run;
    Migration *migration = route->up.items[at];
    Facts *facts = mem_new(mem, Facts);

    overlay_facts(foresight->overlay, mem, &foresight->needs_up[at], facts);
    if (!planning_on(run, mem, migration, facts, plan, err))
        return plan_deferred(foresight, mem, migration, plan, err);
    plan->state = history_state(&run->history, migration->version);
    plan_tell_midway(run, mem, plan);
    if (plan_is_dirty(run, plan))
        return true;
    return overlay_go_on(foresight->overlay, plan, &run->history,
                         phase_goal(migration, run->settings->through), err);
}

/* Is it taken down before, on the same way? */
static bool
goes_before(const Route *route, int at, const Migration *other)
{
    for (int i = 0; i <= at; i++)
        if (route->down.items[i] == other)
            return true;
    return false;
}

/* Nothing that stays, and came later, may stand on what goes. */
static bool
foresee_dependents(Run *run, const Route *route, int at, const Plan *plan, Err *err)
{
    const History *history = &run->history;
    const char *version = plan->migration->version;
    const MigrationRecord *gone = history_migration(history, version);

    for (int i = 0; i < history->migration_count; i++)
    {
        const MigrationRecord *record = &history->migrations[i];
        Migration *later = check_find(run, record->version);

        if (gone == NULL || record->applied_order <= gone->applied_order ||
            later == NULL || !history_kept(history, record->version) ||
            goes_before(route, at, later))
            continue;
        if (!run_parse(run, later, err) ||
            !dependents_check(plan, later, history_state(history, record->version),
                              err))
            return false;
    }
    return true;
}

static bool
foresee_back(const Foresight *foresight, Mem *mem, const Route *route, int at,
             Plan *plan, Err *err)
{
    Run *run = foresight->run;
    Migration *migration = route->down.items[at];
    Facts *facts = mem_new(mem, Facts);

    overlay_facts(foresight->overlay, mem, &foresight->needs_down[at], facts);
    if (!planning_down_on(run, mem, migration, facts, plan, err))
        return plan_deferred(foresight, mem, migration, plan, err);
    plan->state = history_state(&run->history, migration->version);
    if (!foresee_dependents(run, route, at, plan, err))
        return false;
    return overlay_go_on(foresight->overlay, plan, &run->history, STATE_CONTRACTED,
                         err) ||
           err_in(err, "the way down of %s", migration->label);
}

typedef bool (*Foresee)(const Foresight *foresight, Mem *mem, const Route *route,
                        int at, Plan *plan, Err *err);

/* A folder of a thousand migrations must not keep a thousand plans. */
static bool
foresee_each(const Foresight *foresight, Mem *mem, const Route *route, bool back,
             Plans *plans, Err *err)
{
    Foresee one = back ? foresee_back : foresee_forward;
    int count = back ? route->down.count : route->up.count;

    for (int i = 0; i < count; i++)
    {
        MEM_SCOPE(scope, mem);
        Mem *owner = plans == NULL ? scope : mem;
        Plan *plan = mem_new(owner, Plan);

        if (!one(foresight, owner, route, i, plan, err))
            return false;
        if (plans != NULL)
            plans->items[plans->count++] = plan;
    }
    return true;
}

/* --- engines whose effects nobody can lay over facts ----------------------------- */

/* Each on the facts of today, and then tried where nothing is changed by it. */
static bool
foresee_plain(Run *run, Mem *mem, const Route *route, Plans *plans, Err *err)
{
    const Engine *engine = engine_of(run);
    int count = route->up.count + route->down.count;
    Plans all = {.items = mem_array(mem, Plan *, count + 1)};

    for (int i = 0; i < count; i++)
    {
        bool back = i >= route->up.count;
        Migration *migration =
            back ? route->down.items[i - route->up.count] : route->up.items[i];
        Plan *plan = mem_new(mem, Plan);

        if (!(back
                  ? planning_down(run, mem, migration, plan, err)
                  : planning_make(run, mem, migration, mem_new(mem, Facts), plan, err)))
            return false;
        plan->state = history_state(&run->history, migration->version);
        if (!back)
            plan_tell_midway(run, mem, plan);
        all.items[all.count++] = plan;
    }
    if (plans != NULL)
        *plans = all;
    return engine->rehearse == NULL || engine->rehearse(run, &all, err);
}

bool
foresee(Run *run, Mem *mem, const Route *route, Plans *plans, Err *err)
{
    int count = route->up.count + route->down.count;
    Foresight foresight = {.run = run,
                           .needs_up = mem_array(mem, Needs, count + 1),
                           .needs_down = mem_array(mem, Needs, count + 1)};
    Facts *facts = mem_new(mem, Facts);

    if (count == 0)
        return true;
    if (run->caps->plain_path)
        return foresee_plain(run, mem, route, plans, err);
    if (!foresee_gather(&foresight, mem, route, facts, err))
        return false;
    foresight.overlay = overlay_begin(mem, facts);
    if (plans != NULL)
        plans->items = mem_array(mem, Plan *, count + 1);
    return foresee_each(&foresight, mem, route, false, plans, err) &&
           foresee_each(&foresight, mem, route, true, plans, err);
}

#include "run/foresee.h"

#include <string.h>

#include "core/overlay.h"
#include "core/phase.h"
#include "run/elsewhere.h"
#include "run/gather.h"
#include "run/open.h"
#include "run/planning.h"

/* --- facts of everything that is named -------------------------------------------- */

typedef struct Union
{
    LIST(QName) tables;
    LIST(const char *) functions;
} Union;

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
    {
        bool known = false;

        for (int j = 0; j < all->functions.count && !known; j++)
            known = strcmp(all->functions.items[j], needs->functions[i]) == 0;
        if (!known)
            *list_add(mem, &all->functions) = needs->functions[i];
    }
}

/* One look at the catalog for all of them; needs[i] are those of chosen[i]. */
static bool
foresee_gather(Run *run, Mem *mem, const Chosen *chosen, Needs *needs, Facts *facts,
               Err *err)
{
    Union all = {0};

    for (int i = 0; i < chosen->count; i++)
    {
        if (!run_parse(run, chosen->items[i], err) ||
            !plan_needs(mem, chosen->items[i], &needs[i], err))
            return false;
        union_add(mem, &all, &needs[i]);
    }

    const Needs together = {.tables = all.tables.items,
                            .table_count = all.tables.count,
                            .functions = all.functions.items,
                            .function_count = all.functions.count};

    return gather_facts(run, mem, &together, facts, err);
}

/* --- one after the other -----------------------------------------------------------
 */

typedef struct Foresight
{
    Run *run;
    const Chosen *chosen;
    const Needs *needs; /* of each */
    Overlay *overlay;
} Foresight;

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
plan_deferred(const Foresight *foresight, Mem *mem, int at, Plan *plan, Err *err)
{
    const char *by = overlay_clouded(foresight->overlay);
    const char **notes = mem_array(mem, const char *, 1);

    if (by == NULL || err->kind != ERR_REFUSED)
        return false;
    notes[0] = mem_text(mem, "planned when %s is done, which may change this: %s", by,
                        err->text);
    *plan = (Plan){
        .migration = foresight->chosen->items[at], .notes = notes, .note_count = 1};
    err_clear(err);
    return true;
}

static bool
foresee_one(const Foresight *foresight, Mem *mem, int at, Plan *plan, Err *err)
{
    Run *run = foresight->run;
    Migration *migration = foresight->chosen->items[at];
    Facts *facts = mem_new(mem, Facts);

    overlay_facts(foresight->overlay, mem, &foresight->needs[at], facts);
    if (!planning_on(run, mem, migration, facts, plan, err))
        return plan_deferred(foresight, mem, at, plan, err);
    plan->state = history_state(&run->history, migration->version);
    if (plan_is_dirty(run, plan))
        return true;
    if (!overlay_check(foresight->overlay, plan, &run->history, err))
        return false;
    overlay_apply(foresight->overlay, plan, &run->history,
                  phase_goal(migration, run->settings->through));
    return true;
}

static bool
foresight_begin(Run *run, Mem *mem, const Chosen *chosen, Foresight *foresight,
                Err *err)
{
    Needs *needs = mem_array(mem, Needs, chosen->count + 1);
    Facts *facts = mem_new(mem, Facts);

    if (!elsewhere_apart(run, chosen->items, chosen->count, err) ||
        !foresee_gather(run, mem, chosen, needs, facts, err))
        return false;
    *foresight = (Foresight){.run = run,
                             .chosen = chosen,
                             .needs = needs,
                             .overlay = overlay_begin(mem, facts)};
    return true;
}

bool
foresee_up(Run *run, Mem *mem, const Chosen *chosen, Plans *plans, Err *err)
{
    Foresight foresight;

    if (!foresight_begin(run, mem, chosen, &foresight, err))
        return false;
    plans->items = mem_array(mem, Plan *, chosen->count + 1);
    for (int i = 0; i < chosen->count; i++)
    {
        Plan *plan = mem_new(mem, Plan);

        if (!foresee_one(&foresight, mem, i, plan, err))
            return false;
        plans->items[plans->count++] = plan;
    }
    return true;
}

/* A folder of a thousand migrations must not keep a thousand plans. */
bool
foresee_faults(Run *run, Mem *mem, const Chosen *chosen, Err *err)
{
    MEM_SCOPE(scope, mem);
    Foresight foresight;

    if (!foresight_begin(run, scope, chosen, &foresight, err))
        return false;
    for (int i = 0; i < chosen->count; i++)
    {
        MEM_SCOPE(each, scope);
        Plan plan;

        if (!foresee_one(&foresight, each, i, &plan, err))
            return false;
    }
    return true;
}

/* --- the verbs ---------------------------------------------------------------------
 */

static bool
foresee_plain(Run *run, Verb verb, Mem *mem, const Chosen *chosen, Plans *plans,
              Err *err)
{
    plans->items = mem_array(mem, Plan *, chosen->count + 1);
    for (int i = 0; i < chosen->count; i++)
    {
        Plan *plan = mem_new(mem, Plan);
        Facts *facts = mem_new(mem, Facts);
        bool good = verb == VERB_DOWN
                        ? planning_down(run, mem, chosen->items[i], plan, err)
                        : planning_make(run, mem, chosen->items[i], facts, plan, err);

        if (!good)
            return false;
        plan->state = history_state(&run->history, chosen->items[i]->version);
        plans->items[plans->count++] = plan;
    }
    return true;
}

/* The same gathering and deciding as the verb itself, and then nothing. */
bool
run_plan(Run *run, Verb verb, Mem *mem, Plans *plans, Err *err)
{
    static bool (*const choose[VERB_COUNT])(Run *, Mem *, Chosen *,
                                            Err *) = {[VERB_UP] = choose_up,
                                                      [VERB_CONTRACT] = choose_contract,
                                                      [VERB_DOWN] = choose_down};
    Chosen chosen;

    if (!choose[verb](run, mem, &chosen, err))
        return false;
    return verb == VERB_UP ? foresee_up(run, mem, &chosen, plans, err)
                           : foresee_plain(run, verb, mem, &chosen, plans, err);
}

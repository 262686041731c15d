#include "core/plan.h"

#include <string.h>

#include "core/draft.h"
#include "core/estimate.h"
#include "core/phase_steps.h"
#include "core/plan_about.h"
#include "core/sql/sql.h"
#include "core/swap.h"

/* Phases in the order they run. */
static const Phase phase_order[] = {PHASE_UP, PHASE_EXPAND, PHASE_BACKFILL,
                                    PHASE_CONTRACT};

bool
plan_backfills(Mem *mem, const Migration *migration, Backfill **fills, int *count,
               Err *err)
{
    LIST(Backfill) list = {0};

    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &migration->sections[i];

        for (int j = 0; j < section->statements.count; j++)
        {
            const Statement *statement = &section->statements.items[j];
            BackfillSource source = {.migration = migration,
                                     .section = section,
                                     .statement = statement,
                                     .number = list.count + 1};

            if (section->phase != PHASE_BACKFILL || section->down ||
                !statement_is_backfill(statement))
                continue;
            if (!backfill_read(mem, &source, list_add(mem, &list), err))
                return false;
        }
    }
    *fills = list.items;
    *count = list.count;
    return true;
}

/* Adds a relation once; names that no relation has are left out. */
static void
needs_table(Mem *mem, Needs *needs, const QName *name)
{
    if (name->name == NULL || name->name[0] == '\0')
        return;
    for (int i = 0; i < needs->table_count; i++)
        if (qname_equal(&needs->tables[i], name))
            return;

    QName *grown = mem_array(mem, QName, needs->table_count + 1);

    if (needs->table_count > 0)
        memcpy(grown, needs->tables, sizeof(QName) * (size_t)needs->table_count);
    grown[needs->table_count++] = *name;
    needs->tables = grown;
}

bool
plan_needs(Mem *mem, const Migration *migration, Needs *needs, Err *err)
{
    LIST(const char *) functions = {0};
    Backfill *fills;
    int fill_count;

    for (int i = 0; i < migration->section_count; i++)
        for (int j = 0; j < migration->sections[i].statements.count; j++)
        {
            const Statement *statement = &migration->sections[i].statements.items[j];

            for (int k = 0; k < statement->act_count; k++)
            {
                needs_table(mem, needs, &statement->acts[k].relation);
                needs_table(mem, needs, &statement->acts[k].other);
            }
        }
    if (!plan_backfills(mem, migration, &fills, &fill_count, err))
        return false;
    for (int i = 0; i < fill_count; i++)
    {
        needs_table(mem, needs, &fills[i].table);
        for (int j = 0; j < fills[i].function_count; j++)
            *list_add(mem, &functions) = fills[i].functions[j];
    }
    needs->functions = functions.items;
    needs->function_count = functions.count;
    return true;
}

/* Numbers for people run through; those for the history begin again in every phase. */
static void
plan_number(Draft *draft, Plan *plan)
{
    int ordinal = 0;

    plan->steps = draft->steps.items;
    plan->step_count = draft->steps.count;
    for (int i = 0; i < plan->step_count; i++)
    {
        Step *step = &plan->steps[i];
        bool last = i + 1 == plan->step_count || step[1].phase != step->phase;

        ordinal = i > 0 && step[-1].phase == step->phase ? ordinal + 1 : 1;
        step->number = i + 1;
        step->ordinal = ordinal;
        step->last = last;
    }
    for (int i = 0; i < plan->step_count; i++)
        plan->steps[i].completes =
            plan->steps[plan->step_count - 1].phase != PHASE_CONTRACT &&
            plan->steps[i].last && i + 1 == plan->step_count;
}

bool
plan_make(Mem *mem, const PlanRequest *request, Plan *plan, Err *err)
{
    Draft draft = {.mem = mem, .request = request};
    const Migration *migration = request->migration;

    *plan = (Plan){.migration = migration, .caps = request->caps};
    if (!plan_backfills(mem, migration, &draft.fills.items, &draft.fills.count, err))
        return false;
    for (int i = 0; i < draft.fills.count; i++)
        if (!backfill_resolve(mem, migration, request->facts, &draft.fills.items[i],
                              err))
            return false;
    for (int i = 0; i < LENGTH(phase_order); i++)
    {
        draft.phase = phase_order[i];
        if (!phase_steps(&draft, err))
            return err_in(err, "%s", migration->label);
        draft_close(&draft);
    }
    plan_number(&draft, plan);
    plan->notes = draft.notes.items;
    plan->note_count = draft.notes.count;
    swap_names(mem, plan);
    plan_about(mem, request->facts, plan);
    for (int i = 0; i < plan->step_count; i++)
        estimate_step(request->facts, &plan->steps[i]);
    return true;
}

static const QName *
statement_overlap(const Migration *open, const Statement *statement)
{
    for (int i = 0; i < statement->act_count; i++)
        if (migration_touches(open, &statement->acts[i].relation))
            return &statement->acts[i].relation;
    return NULL;
}

const QName *
plan_overlap(const Migration *open, const Migration *next)
{
    const QName *shared = NULL;

    for (int i = 0; i < next->section_count; i++)
        for (int j = 0; shared == NULL && j < next->sections[i].statements.count; j++)
            shared = statement_overlap(open, &next->sections[i].statements.items[j]);
    return shared;
}

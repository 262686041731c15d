#include "core/plan/plan.h"

#include <string.h>

#include "core/plan/domains.h"
#include "core/plan/draft.h"
#include "core/plan/eligible.h"
#include "core/plan/estimate.h"
#include "core/plan/exceptions.h"
#include "core/plan/phase_steps.h"
#include "core/plan/plain.h"
#include "core/plan/plan_take.h"
#include "core/plan/room.h"
#include "core/plan/settle.h"
#include "core/plan/swap.h"
#include "core/sql/actions.h"
#include "core/sql/sql.h"

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
                !(section->options.repeat || statement_is_backfill(statement)))
                continue;
            if (!backfill_read(mem, &source, list_add(mem, &list), err))
                return false;
        }
    }
    *fills = list.items;
    *count = list.count;
    return true;
}

typedef struct Wanted
{
    LIST(QName) tables;
    LIST(const char *) functions;
    LIST(const char *) types;
} Wanted;

/* Each relation once; an act that has none asks for none. */
static void
want_table(Mem *mem, Wanted *wanted, const QName *name)
{
    if (name->name == NULL || name->name[0] == '\0')
        return;
    for (int i = 0; i < wanted->tables.count; i++)
        if (qname_equal(&wanted->tables.items[i], name))
            return;
    *list_add(mem, &wanted->tables) = *name;
}

static void
want_type(Mem *mem, Wanted *wanted, const char *type)
{
    for (int i = 0; type != NULL && i < wanted->types.count; i++)
        if (strcmp(wanted->types.items[i], type) == 0)
            return;
    if (type != NULL)
        *list_add(mem, &wanted->types) = type;
}

static void
want_section(Mem *mem, Wanted *wanted, const Section *section)
{
    for (int i = 0; i < section->statements.count; i++)
        for (int j = 0; j < section->statements.items[i].act_count; j++)
        {
            const Act *act = &section->statements.items[i].acts[j];

            want_table(mem, wanted, &act->relation);
            want_table(mem, wanted, &act->other);
            want_type(mem, wanted, act_asks_type(act));
        }
}

bool
plan_needs(Mem *mem, const Migration *migration, Needs *needs, Err *err)
{
    Wanted wanted = {0};
    Backfill *fills;
    int count;

    for (int i = 0; i < migration->section_count; i++)
        want_section(mem, &wanted, &migration->sections[i]);
    if (!plan_backfills(mem, migration, &fills, &count, err))
        return false;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < fills[i].function_count; j++)
            *list_add(mem, &wanted.functions) = fills[i].functions[j];
    *needs = (Needs){.tables = wanted.tables.items,
                     .table_count = wanted.tables.count,
                     .functions = wanted.functions.items,
                     .function_count = wanted.functions.count,
                     .types = wanted.types.items,
                     .type_count = wanted.types.count};
    return true;
}

void
needs_add(Mem *mem, Needs *needs, const Statements *statements)
{
    Section section = {.statements = *statements};
    Wanted wanted = {0};

    for (int i = 0; i < needs->table_count; i++)
        *list_add(mem, &wanted.tables) = needs->tables[i];
    want_section(mem, &wanted, &section);
    needs->tables = wanted.tables.items;
    needs->table_count = wanted.tables.count;
}

/* The first that is heard of a relation settles it. */
static void
made_by(const Act *act, Needs *needs, bool *heard)
{
    for (int i = 0; i < needs->table_count; i++)
    {
        const QName *name = &needs->tables[i];

        if (heard[i] ||
            !(qname_equal(&act->relation, name) || qname_equal(&act->other, name)))
            continue;
        heard[i] = true;
        needs->made[i] = act_creates(act, name);
    }
}

void
needs_made(Mem *mem, const Migration *migration, Needs *needs)
{
    MEM_SCOPE(scope, mem);
    bool *heard = mem_array(scope, bool, needs->table_count + 1);

    needs->made = mem_array(mem, bool, needs->table_count + 1);
    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &migration->sections[i];
        bool first = section->phase == PHASE_UP || section->phase == PHASE_EXPAND;

        if (section->down || !first)
            continue;
        for (int j = 0; j < section->statements.count; j++)
            for (int k = 0; k < section->statements.items[j].act_count; k++)
                made_by(&section->statements.items[j].acts[k], needs, heard);
    }
}

bool
plan_make(Mem *mem, const PlanRequest *asked, Plan *plan, Err *err)
{
    PlanRequest *request = mem_new(mem, PlanRequest);
    const Migration *migration;
    Draft draft;

    *request = *asked;
    *plan = (Plan){.migration = asked->migration, .caps = asked->caps};
    if (asked->caps->plain_path)
        return plain_plan(mem, request, plan, err);
    if (!migration_settle(mem, asked, &migration, err))
        return false;
    request->migration = migration;
    draft_begin(&draft, mem, request);
    if (!plan_backfills(mem, migration, &draft.fills.items, &draft.fills.count, err))
        return false;
    for (int i = 0; i < draft.fills.count; i++)
        if (!backfill_resolve(mem, migration, request->facts, &draft.fills.items[i],
                              err))
            return false;
    if (!eligible_check(request, draft.fills.items, draft.fills.count, err))
        return false;
    for (int i = 0; i < LENGTH(phase_order); i++)
    {
        draft.phase = phase_order[i];
        if (!phase_steps(&draft, err))
            return false;
        draft_close(&draft);
    }
    exceptions_note(&draft);
    plan_take(&draft, plan);
    for (int i = 0; i < plan->step_count; i++)
        estimate_step(request->facts, &plan->steps[i]);
    return room_check(mem, request, plan, err);
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

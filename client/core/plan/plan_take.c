#include "core/plan/plan_take.h"

#include "base/buf.h"
#include "base/units.h"
#include "core/plan/phase_steps.h"
#include "core/plan/swap.h"

/* Says nothing about none. */
static void
about_count(Buf *buf, int count, const char *one, const char *many)
{
    if (count > 0)
        buf_format(buf, ", %d %s", count, count == 1 ? one : many);
}

static const char *
table_about(Mem *mem, const TableFact *table)
{
    MEM_SCOPE(scope, mem);
    Buf buf = buf_begin(mem);
    int triggers = 0;

    if (table->rows < 0)
        return qname_show(mem, &table->asked);
    for (int i = 0; i < table->trigger_count; i++)
        triggers += !table->triggers[i].ours;
    buf_format(&buf, "%s (%s rows", qname_show(scope, &table->asked),
               count_show(scope, table->rows));
    if (table->total_bytes >= 0)
        buf_format(&buf, ", %s", bytes_show(scope, table->total_bytes));
    if (table->total_bytes >= 0 && table->index_count > 0)
        buf_format(&buf, " with %d %s", table->index_count,
                   table->index_count == 1 ? "index" : "indexes");
    else
        about_count(&buf, table->index_count, "index", "indexes");
    about_count(&buf, triggers, "user trigger", "user triggers");
    about_count(&buf, (int)table->leaves, "partition", "partitions");
    if (table->has_children && table->leaves == 0)
        buf_add(&buf, ", with children");
    buf_add(&buf, ")");
    return buf.text;
}

static void
plan_about(Mem *mem, const Facts *facts, Plan *plan)
{
    LIST(const char *) about = {0};

    for (int i = 0; i < facts->table_count; i++)
        if (facts->tables[i].exists &&
            migration_touches(plan->migration, &facts->tables[i].asked))
            *list_add(mem, &about) = table_about(mem, &facts->tables[i]);
    plan->about = about.items;
    plan->about_count = about.count;
}

void
plan_take(const Draft *draft, Plan *plan)
{
    draft_number(draft, plan);
    for (int i = 0; i < plan->step_count; i++)
        plan->steps[i].completes =
            i + 1 == plan->step_count && plan->steps[i].phase != PHASE_CONTRACT;
    plan->notes = draft->notes.items;
    plan->note_count = draft->notes.count;
    swap_names(draft->mem, plan);
    plan_about(draft->mem, draft->request->facts, plan);
}

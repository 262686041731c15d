#include "cli/print/print_plan.h"

#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "cli/print/plan_table.h"
#include "cli/text.h"

/* "12,400,000 rows · about 9 min · WAL 5.8 GB · table alone grows to 2.7 GB" */
static void
print_estimate(Out *out, const PlanTable *table, const Step *step)
{
    MEM_SCOPE(scope, NULL);
    Buf buf = buf_begin(scope);

    if (step->work != WORK_BATCHES || step->rows < 0)
        return;
    buf_add(&buf, text_count(scope, step->rows, "row"));
    if (step->estimate_ms > 0)
        buf_format(&buf, " · about %s", duration_show(scope, step->estimate_ms));
    if (step->wal_bytes > 0)
        buf_format(&buf, " · WAL %s", bytes_show(scope, step->wal_bytes));
    if (step->grows_to > 0)
        buf_format(&buf, " · table alone grows to %s",
                   bytes_show(scope, step->grows_to));
    plan_table_below(out, table, buf.text);
}

/* Said only where it is not the one table that the heading names. */
static void
print_locks(Out *out, const PlanTable *table, const Step *step)
{
    MEM_SCOPE(scope, NULL);
    Buf buf = buf_begin(scope);

    if (step->lock_count < 2)
        return;
    for (int i = 0; i < step->lock_count; i++)
        buf_format(&buf, "%s%s on %s", i == 0 ? "locks " : ", ",
                   lock_mode_sql(step->locks[i].mode),
                   qname_show(scope, &step->locks[i].relation));
    plan_table_below(out, table, buf.text);
}

static void
print_exact(Out *out, const Step *step)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < step->sql_count; i++)
    {
        TextLines lines = text_wrap(scope, step->sql[i].text, 0);

        for (int j = 0; j < lines.count; j++)
            out_print(out, "%*s%s %s%s\n", PLAN_NUMBER_WIDTH, "", j == 0 ? ">" : " ",
                      lines.items[j], j + 1 == lines.count ? ";" : "");
    }
}

static void
print_step(Out *out, const PlanView *view, const PlanTable *table, const Step *step)
{
    MEM_SCOPE(scope, NULL);

    plan_table_step(out, table, view, step);
    print_estimate(out, table, step);
    print_locks(out, table, step);
    if (step->probe.asks != NULL && !step->probe.blame)
        plan_table_below(out, table,
                         mem_text(scope, "first asks the rows: %s", step->probe.asks));
    for (int i = 0; i < step->note_count; i++)
        plan_table_below(out, table, mem_text(scope, "· %s", step->notes[i]));
    if (view->exact)
        print_exact(out, step);
}

/* Which statement of the engineer's the last steps were made from. */
static void
print_stands_for(Out *out, const PlanTable *table, const Plan *plan, int last)
{
    MEM_SCOPE(scope, NULL);
    const Step *step = &plan->steps[last];
    int first = last;

    if (step->stands_for == NULL ||
        (last + 1 < plan->step_count && step[1].stands_for != NULL &&
         strcmp(step[1].stands_for, step->stands_for) == 0))
        return;
    while (first > 0 && plan->steps[first - 1].stands_for != NULL &&
           strcmp(plan->steps[first - 1].stands_for, step->stands_for) == 0)
        first--;

    char *which = first == last ? mem_text(scope, "step %d stands", step->number)
                                : mem_text(scope, "steps %d–%d stand",
                                           plan->steps[first].number, step->number);

    plan_table_below(
        out, table,
        mem_text(scope, "%s for: %s", which, text_one_line(scope, step->stands_for)));
}

char *
plan_vanishing(Mem *mem, const Plan *plan)
{
    Buf buf = buf_begin(mem);

    if (plan->vanishing_count == 0)
        return NULL;
    for (int i = 0; i < plan->vanishing_count; i++)
        buf_format(&buf, "%s%s",
                   i == 0                           ? ""
                   : i + 1 == plan->vanishing_count ? " and "
                                                    : ", ",
                   plan->vanishing[i]);
    return mem_text(mem, "the name%s %s", plan->vanishing_count == 1 ? "" : "s",
                    buf.text);
}

/* What stands between the plan and a phase that it does not run. */
static const char *
phase_awaits(Mem *mem, const PlanView *view, const Plan *plan, const Step *step)
{
    const char *names = plan_vanishing(mem, plan);
    bool forward = view->verb == VERB_UP || view->verb == VERB_GOTO;
    Phase through = view->settings->through;

    if (!forward || step->undoes || step->phase == PHASE_UP || step->phase <= through)
        return "";
    if (step->phase == PHASE_BACKFILL)
        return "   later: pgstride up";
    return names == NULL
               ? ""
               : mem_text(mem, "   when no code uses %s any more: pgstride contract",
                          names);
}

/* The phase, and on the first one's line the names of the columns. */
static void
print_phase(Out *out, const PlanView *view, const PlanTable *table, const Plan *plan,
            const Step *step)
{
    MEM_SCOPE(scope, NULL);
    bool first = step == plan->steps || plan_step_over(plan, step - 1);
    char *text = mem_text(scope, "  %s%s", step_phase(step),
                          phase_awaits(scope, view, plan, step));

    if (first && !table->stacked)
        out_print(out, "%s  %s  %s%s\n",
                  text_pad(scope, text, PLAN_NUMBER_WIDTH + table->sql),
                  text_pad(scope, "lock", table->lock),
                  step->undoes ? "work" : text_pad(scope, "work", table->work),
                  step->undoes ? "" : "  undo");
    else
        out_print(out, "%s\n", text);
}

/* A phase that is over is one line; before contract nobody asks any more. */
static void
print_over(Out *out, const PlanView *view, const Plan *plan, int i)
{
    bool last =
        i + 1 == plan->step_count || plan->steps[i + 1].phase != plan->steps[i].phase;

    if (last && view->verb != VERB_CONTRACT)
        out_print(out, "  %-8s   done\n", phase_name(plan->steps[i].phase));
}

/* Above the first step that it is about. */
static void
print_window(Out *out, const PlanTable *table, const Plan *plan, int i)
{
    MEM_SCOPE(scope, NULL);
    const char *window = plan->steps[i].window;
    const char *before = i == 0 ? NULL : plan->steps[i - 1].window;

    if (window != NULL && (before == NULL || strcmp(window, before) != 0))
        plan_table_below(out, table, mem_text(scope, "from here on only %s:", window));
    if (window == NULL && before != NULL)
        plan_table_below(out, table, "from here on at any hour:");
}

static void
print_steps(Out *out, const PlanView *view, const PlanTable *table, const Plan *plan)
{
    for (int i = 0; i < plan->step_count; i++)
    {
        const Step *step = &plan->steps[i];

        if (plan_step_over(plan, step))
        {
            print_over(out, view, plan, i);
            continue;
        }
        if (i == 0 || step->phase != step[-1].phase)
            print_phase(out, view, table, plan, step);
        print_window(out, table, plan, i);
        print_step(out, view, table, step);
        if (!step->undoes)
            print_stands_for(out, table, plan, i);
    }
}

static void
print_note(Out *out, const PlanTable *table, const char *note, bool first)
{
    MEM_SCOPE(scope, NULL);

    if (first)
        out_print(out, "  to know\n");
    plan_table_below(out, table, mem_text(scope, "· %s", note));
}

static void
print_migration(Out *out, const PlanView *view, const PlanTable *table,
                const Plan *plan)
{
    const char *label = plan->migration->label;

    out_print(out, "%s%s%s\n", label, plan->about_count > 0 ? "  " : "",
              plan->about_count > 0 ? plan->about[0] : "");
    for (int i = 1; i < plan->about_count; i++)
        out_print(out, "%*s  %s\n", utf8_width(label), "", plan->about[i]);
    out_print(out, "\n");
    print_steps(out, view, table, plan);
    if (plan->step_count == 0 && plan->note_count == 0)
        out_print(out, "  no statements: it is only recorded\n");
    for (int i = 0; i < plan->note_count; i++)
        print_note(out, table, plan->notes[i], i == 0);
    out_print(out, "\n");
}

static bool
plan_goes_back(const Plan *plan)
{
    return plan->step_count > 0 && plan->steps[0].undoes;
}

/* "2 migrations pending, 1 migration to take back" */
static const char *
plans_counted(Mem *mem, const PlanView *view)
{
    const Plans *plans = view->plans;
    int back = 0;
    Buf buf = buf_begin(mem);

    for (int i = 0; i < plans->count; i++)
        back += plan_goes_back(plans->items[i]);
    if (back < plans->count)
        buf_format(&buf, "%s %s%s", text_count(mem, plans->count - back, "migration"),
                   view->verb == VERB_CONTRACT ? "to contract" : "pending",
                   back > 0 ? ", " : "");
    if (back > 0)
        buf_format(&buf, "%s to take back", text_count(mem, back, "migration"));
    return buf.text;
}

void
print_plan(Out *out, const PlanView *view)
{
    MEM_SCOPE(scope, NULL);
    PlanTable table;

    out_measure(out);
    table = plan_table_measure(scope, out, view);
    out_print(out, "%s · %s · stall budget %s\n\n", view->database,
              plans_counted(scope, view),
              duration_show(scope, (double)view->settings->max_stall));
    for (int i = 0; i < view->plans->count; i++)
        print_migration(out, view, &table, view->plans->items[i]);
}

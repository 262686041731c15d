#include "cli/print/print_plan.h"

#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "cli/text.h"

/* Before the SQL of a step: "   1  ". */
#define NUMBER_WIDTH 6

/* Beside less than this, SQL is not readable: the columns go below it. */
#define SQL_WIDTH_LEAST 36

/* On a pipe: longer SQL pushes its columns to the right, alone. */
#define SQL_WIDTH_PIPE 80

/* How wide the columns are; the last one ends the line. */
typedef struct Layout
{
    int sql;
    int lock;
    int work;
    bool stacked; /* columns below the SQL */
    bool wrapped; /* SQL is broken to fit */
} Layout;

/* One line of the table: what, and what it means for others. */
typedef struct Row
{
    const char *sql;
    const char *lock;
    const char *work;
    const char *undo;
} Row;

/* The phase was run before: its steps are in the plan, and nothing is done about them.
 */
static bool
step_over(const Plan *plan, const Step *step)
{
    static const State reached[PHASE_COUNT] = {
        [PHASE_UP] = STATE_CONTRACTED,
        [PHASE_EXPAND] = STATE_EXPANDED,
        [PHASE_BACKFILL] = STATE_BACKFILLED,
        [PHASE_CONTRACT] = STATE_CONTRACTED,
    };

    return !step->undoes && plan->state >= reached[step->phase];
}

static int
larger(int a, int b)
{
    return a > b ? a : b;
}

/* Steps that never make the application wait still lock something, against each other.
 */
static const char *
lock_text(Mem *mem, const PlanView *view, const Step *step)
{
    LockMode strongest = LOCK_NONE;

    for (int i = 0; i < step->lock_count; i++)
        if (step->locks[i].mode > strongest)
            strongest = step->locks[i].mode;
    if (strongest != LOCK_NONE)
        return lock_mode_sql(strongest);
    switch (step->kind)
    {
    case STEP_BACKFILL:
    {
        Millis said = step->backfill->section->options.batch_time;
        Millis batch = said == 0 || view->settings->batch_time_flag
                           ? view->settings->batch_time
                           : said;

        return mem_text(mem, "row locks, ≤ %s", duration_show(mem, (double)batch));
    }
    case STEP_INDEX_BUILD:
    case STEP_INDEX_DROP:
    case STEP_REINDEX:
    case STEP_VALIDATE:
    case STEP_ANALYZE:
        return lock_mode_sql(LOCK_SHARE_UPDATE_EXCLUSIVE);
    default:
        return "–";
    }
}

/* "scan 4.2 s": what takes time says how long, about. */
static const char *
work_text(Mem *mem, const Step *step)
{
    if (step->manner != NULL)
        return step->manner;
    if (step->work == WORK_BATCHES || step->estimate_ms < 1000)
        return work_name(step->work);
    return mem_text(mem, "%s %s", work_name(step->work),
                    duration_show(mem, step->estimate_ms));
}

static const char *
undo_text(const Step *step)
{
    if (step->undoes)
        return "";
    return step->undo_show == NULL ? "–" : step->undo_show;
}

/* The lines that stand for a step, each on one line; what is sent where it has none. */
static TextLines
step_lines(Mem *mem, const Step *step)
{
    LIST(char *) lines = {0};

    for (int i = 0; i < step->show_count; i++)
        if (step->shows[i] != NULL)
            *list_add(mem, &lines) = text_one_line(mem, step->shows[i]);
    for (int i = 0; lines.count == i && i < step->sql_count; i++)
        *list_add(mem, &lines) = text_one_line(mem, step->sql[i].text);
    if (lines.count == 0)
        *list_add(mem, &lines) = mem_copy(mem, step->title);
    return (TextLines){lines.items, lines.count};
}

/* As wide as the widest cell of every column. */
static int
columns_measure(Mem *mem, const Out *out, const PlanView *view, Layout *layout)
{
    int undo = 4;

    for (int i = 0; i < view->plans->count; i++)
        for (int j = 0; j < view->plans->items[i]->step_count; j++)
        {
            const Step *step = &view->plans->items[i]->steps[j];
            const char *lock = out_text(out, mem, lock_text(mem, view, step));

            if (step_over(view->plans->items[i], step))
                continue;
            layout->lock = larger(layout->lock, utf8_width(lock));
            layout->work = larger(layout->work, utf8_width(work_text(mem, step)));
            layout->sql =
                larger(layout->sql, utf8_width(step_lines(mem, step).items[0]));
            undo = larger(undo, utf8_width(undo_text(step)));
        }
    return undo;
}

/* The widest of every column decides; then it has to fit the terminal. */
static Layout
layout_measure(Mem *mem, const Out *out, const PlanView *view)
{
    Layout layout = {.lock = 4, .work = 4, .sql = SQL_WIDTH_LEAST};
    int undo = columns_measure(mem, out, view, &layout);
    int room = SQL_WIDTH_PIPE;

    layout.wrapped = out->width > 0;
    if (layout.wrapped)
        room = out->width - NUMBER_WIDTH - layout.lock - layout.work - undo - 6;
    if (room < SQL_WIDTH_LEAST)
        return (Layout){
            .sql = out->width - NUMBER_WIDTH, .stacked = true, .wrapped = true};
    if (layout.sql > room)
        layout.sql = room;
    return layout;
}

/* What stands beside the SQL: `left` fills the columns before it. */
static void
print_cells(Out *out, const Layout *layout, const char *left, const Row *row)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, "%s  %s  %s%s%s\n", text_pad(scope, left, layout->sql),
              text_pad(scope, out_text(out, scope, row->lock), layout->lock),
              row->undo[0] == '\0' ? row->work
                                   : text_pad(scope, row->work, layout->work),
              row->undo[0] == '\0' ? "" : "  ", row->undo);
}

/* A row of the table, its SQL broken over as many lines as it needs; SQL that may not
 * be broken and is too long has its columns on the next line. */
static void
print_row(Out *out, const Layout *layout, const char *number, const Row *row)
{
    MEM_SCOPE(scope, NULL);
    const char *sql = out_text(out, scope, row->sql);
    TextLines lines = text_wrap(scope, sql, layout->wrapped ? layout->sql : 0);
    bool beside = row->lock != NULL && !layout->stacked;
    bool fits = utf8_width(lines.items[0]) <= layout->sql;

    for (int i = 0; i < lines.count; i++)
    {
        out_print(out, "%s", text_pad(scope, i == 0 ? number : "", NUMBER_WIDTH));
        if (i == 0 && beside && fits)
            print_cells(out, layout, lines.items[i], row);
        else
            out_print(out, "%s\n", lines.items[i]);
    }
    if (beside && !fits)
    {
        out_print(out, "%*s", NUMBER_WIDTH, "");
        print_cells(out, layout, "", row);
    }
    if (layout->stacked && row->lock != NULL)
        out_print(out, "%*s· %s · %s%s%s\n", NUMBER_WIDTH, "", row->lock, row->work,
                  row->undo[0] == '\0' ? "" : " · undo: ", row->undo);
}

/* A line below a step, indented under its SQL: it has the whole width. */
static void
print_below(Out *out, const Layout *layout, const char *text)
{
    Layout whole = *layout;
    Row row = {.sql = text};

    if (layout->wrapped)
        whole.sql = out->width - NUMBER_WIDTH;
    print_row(out, &whole, "", &row);
}

/* "12,400,000 rows · about 9 min · WAL 5.8 GB · table alone grows to 2.7 GB" */
static void
print_estimate(Out *out, const Layout *layout, const Step *step)
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
    print_below(out, layout, buf.text);
}

/* Said only where it is not the one table that the heading names. */
static void
print_locks(Out *out, const Layout *layout, const Step *step)
{
    MEM_SCOPE(scope, NULL);
    Buf buf = buf_begin(scope);

    if (step->lock_count < 2)
        return;
    for (int i = 0; i < step->lock_count; i++)
        buf_format(&buf, "%s%s on %s", i == 0 ? "locks " : ", ",
                   lock_mode_sql(step->locks[i].mode),
                   qname_show(scope, &step->locks[i].relation));
    print_below(out, layout, buf.text);
}

static void
print_exact(Out *out, const Step *step)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < step->sql_count; i++)
    {
        TextLines lines = text_wrap(scope, step->sql[i].text, 0);

        for (int j = 0; j < lines.count; j++)
            out_print(out, "%*s%s %s%s\n", NUMBER_WIDTH, "", j == 0 ? ">" : " ",
                      lines.items[j], j + 1 == lines.count ? ";" : "");
    }
}

static void
print_step(Out *out, const PlanView *view, const Layout *layout, const Step *step)
{
    MEM_SCOPE(scope, NULL);
    TextLines lines = step_lines(scope, step);
    Row row = {.sql = lines.items[0],
               .lock = lock_text(scope, view, step),
               .work = work_text(scope, step),
               .undo = undo_text(step)};

    print_row(out, layout, mem_text(scope, "%4d  ", step->number), &row);
    for (int i = 1; i < lines.count; i++)
        print_below(out, layout, lines.items[i]);
    print_estimate(out, layout, step);
    print_locks(out, layout, step);
    if (step->probe.asks != NULL && !step->probe.blame)
        print_below(out, layout,
                    mem_text(scope, "first asks the rows: %s", step->probe.asks));
    for (int i = 0; i < step->note_count; i++)
        print_below(out, layout, mem_text(scope, "· %s", step->notes[i]));
    if (view->exact)
        print_exact(out, step);
}

/* Which statement of the engineer's the last steps were made from. */
static void
print_stands_for(Out *out, const Layout *layout, const Plan *plan, int last)
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

    print_below(
        out, layout,
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
print_phase(Out *out, const PlanView *view, const Layout *layout, const Plan *plan,
            const Step *step)
{
    MEM_SCOPE(scope, NULL);
    bool first = step == plan->steps || step_over(plan, step - 1);
    char *text = mem_text(scope, "  %s%s", step_phase(step),
                          phase_awaits(scope, view, plan, step));

    if (first && !layout->stacked)
        out_print(out, "%s  %s  %s%s\n",
                  text_pad(scope, text, NUMBER_WIDTH + layout->sql),
                  text_pad(scope, "lock", layout->lock),
                  step->undoes ? "work" : text_pad(scope, "work", layout->work),
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
print_window(Out *out, const Layout *layout, const Plan *plan, int i)
{
    MEM_SCOPE(scope, NULL);
    const char *window = plan->steps[i].window;
    const char *before = i == 0 ? NULL : plan->steps[i - 1].window;

    if (window != NULL && (before == NULL || strcmp(window, before) != 0))
        print_below(out, layout, mem_text(scope, "from here on only %s:", window));
    if (window == NULL && before != NULL)
        print_below(out, layout, "from here on at any hour:");
}

static void
print_steps(Out *out, const PlanView *view, const Layout *layout, const Plan *plan)
{
    for (int i = 0; i < plan->step_count; i++)
    {
        const Step *step = &plan->steps[i];

        if (step_over(plan, step))
        {
            print_over(out, view, plan, i);
            continue;
        }
        if (i == 0 || step->phase != step[-1].phase)
            print_phase(out, view, layout, plan, step);
        print_window(out, layout, plan, i);
        print_step(out, view, layout, step);
        if (!step->undoes)
            print_stands_for(out, layout, plan, i);
    }
}

static void
print_note(Out *out, const Layout *layout, const char *note, bool first)
{
    MEM_SCOPE(scope, NULL);

    if (first)
        out_print(out, "  to know\n");
    print_below(out, layout, mem_text(scope, "· %s", note));
}

static void
print_migration(Out *out, const PlanView *view, const Layout *layout, const Plan *plan)
{
    const char *label = plan->migration->label;

    out_print(out, "%s%s%s\n", label, plan->about_count > 0 ? "  " : "",
              plan->about_count > 0 ? plan->about[0] : "");
    for (int i = 1; i < plan->about_count; i++)
        out_print(out, "%*s  %s\n", utf8_width(label), "", plan->about[i]);
    out_print(out, "\n");
    print_steps(out, view, layout, plan);
    if (plan->step_count == 0 && plan->note_count == 0)
        out_print(out, "  no statements: it is only recorded\n");
    for (int i = 0; i < plan->note_count; i++)
        print_note(out, layout, plan->notes[i], i == 0);
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
    Layout layout;

    out_measure(out);
    layout = layout_measure(scope, out, view);
    out_print(out, "%s · %s · stall budget %s\n\n", view->database,
              plans_counted(scope, view),
              duration_show(scope, (double)view->settings->max_stall));
    for (int i = 0; i < view->plans->count; i++)
        print_migration(out, view, &layout, view->plans->items[i]);
}

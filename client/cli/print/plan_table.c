#include "cli/print/plan_table.h"

#include "base/units.h"
#include "cli/text.h"

/* Beside less than this, SQL is not readable: the columns go below it. */
#define SQL_WIDTH_LEAST 36

/* On a pipe: longer SQL pushes its columns to the right, alone. */
#define SQL_WIDTH_PIPE 80

/* One line of the table: what, and what it means for others. */
typedef struct Row
{
    const char *sql;
    const char *lock;
    const char *work;
    const char *undo;
} Row;

bool
plan_step_over(const Plan *plan, const Step *step)
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
columns_measure(Mem *mem, const Out *out, const PlanView *view, PlanTable *table)
{
    int undo = 4;

    for (int i = 0; i < view->plans->count; i++)
        for (int j = 0; j < view->plans->items[i]->step_count; j++)
        {
            const Step *step = &view->plans->items[i]->steps[j];
            const char *lock = out_text(out, mem, lock_text(mem, view, step));

            if (plan_step_over(view->plans->items[i], step))
                continue;
            table->lock = larger(table->lock, utf8_width(lock));
            table->work = larger(table->work, utf8_width(work_text(mem, step)));
            table->sql = larger(table->sql, utf8_width(step_lines(mem, step).items[0]));
            undo = larger(undo, utf8_width(undo_text(step)));
        }
    return undo;
}

PlanTable
plan_table_measure(Mem *mem, const Out *out, const PlanView *view)
{
    PlanTable table = {.lock = 4, .work = 4, .sql = SQL_WIDTH_LEAST};
    int undo = columns_measure(mem, out, view, &table);
    int room = SQL_WIDTH_PIPE;

    table.wrapped = out->width > 0;
    if (table.wrapped)
        room = out->width - PLAN_NUMBER_WIDTH - table.lock - table.work - undo - 6;
    if (room < SQL_WIDTH_LEAST)
        return (PlanTable){
            .sql = out->width - PLAN_NUMBER_WIDTH, .stacked = true, .wrapped = true};
    if (table.sql > room)
        table.sql = room;
    return table;
}

/* What stands beside the SQL: `left` fills the columns before it. */
static void
print_cells(Out *out, const PlanTable *table, const char *left, const Row *row)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, "%s  %s  %s%s%s\n", text_pad(scope, left, table->sql),
              text_pad(scope, out_text(out, scope, row->lock), table->lock),
              row->undo[0] == '\0' ? row->work
                                   : text_pad(scope, row->work, table->work),
              row->undo[0] == '\0' ? "" : "  ", row->undo);
}

/* A row of the table, its SQL broken over as many lines as it needs; SQL that may not
 * be broken and is too long has its columns on the next line. */
static void
print_row(Out *out, const PlanTable *table, const char *number, const Row *row)
{
    MEM_SCOPE(scope, NULL);
    const char *sql = out_text(out, scope, row->sql);
    TextLines lines = text_wrap(scope, sql, table->wrapped ? table->sql : 0);
    bool beside = row->lock != NULL && !table->stacked;
    bool fits = utf8_width(lines.items[0]) <= table->sql;

    for (int i = 0; i < lines.count; i++)
    {
        out_print(out, "%s", text_pad(scope, i == 0 ? number : "", PLAN_NUMBER_WIDTH));
        if (i == 0 && beside && fits)
            print_cells(out, table, lines.items[i], row);
        else
            out_print(out, "%s\n", lines.items[i]);
    }
    if (beside && !fits)
    {
        out_print(out, "%*s", PLAN_NUMBER_WIDTH, "");
        print_cells(out, table, "", row);
    }
    if (table->stacked && row->lock != NULL)
        out_print(out, "%*s· %s · %s%s%s\n", PLAN_NUMBER_WIDTH, "", row->lock,
                  row->work, row->undo[0] == '\0' ? "" : " · undo: ", row->undo);
}

void
plan_table_below(Out *out, const PlanTable *table, const char *text)
{
    PlanTable whole = *table;
    Row row = {.sql = text};

    if (table->wrapped)
        whole.sql = out->width - PLAN_NUMBER_WIDTH;
    print_row(out, &whole, "", &row);
}

void
plan_table_step(Out *out, const PlanTable *table, const PlanView *view,
                const Step *step)
{
    MEM_SCOPE(scope, NULL);
    TextLines lines = step_lines(scope, step);
    Row row = {.sql = lines.items[0],
               .lock = lock_text(scope, view, step),
               .work = work_text(scope, step),
               .undo = undo_text(step)};

    print_row(out, table, mem_text(scope, "%4d  ", step->number), &row);
    for (int i = 1; i < lines.count; i++)
        plan_table_below(out, table, lines.items[i]);
}

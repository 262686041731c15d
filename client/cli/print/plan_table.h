/* The table of a plan: what stands in the cells of a step, and how wide its columns
 * are. */
#ifndef PGSTRIDE_CLI_PLAN_TABLE_H
#define PGSTRIDE_CLI_PLAN_TABLE_H

#include "cli/print/print_plan.h"

/* Before the SQL of a step: "   1  ". */
#define PLAN_NUMBER_WIDTH 6

/* How wide the columns are; the last one ends the line. */
typedef struct PlanTable
{
    int sql;
    int lock;
    int work;
    bool stacked; /* columns below the SQL */
    bool wrapped; /* SQL is broken to fit */
} PlanTable;

/* The widest of every column decides; then it has to fit the terminal. */
PlanTable plan_table_measure(Mem *mem, const Out *out, const PlanView *view);

/* What is done, and what it means for others. */
void plan_table_step(Out *out, const PlanTable *table, const PlanView *view,
                     const Step *step);

/* A line below a step, indented under its SQL: it has the whole width. */
void plan_table_below(Out *out, const PlanTable *table, const char *text);

/* The phase was run before: its steps are in the plan, and nothing is done about them.
 */
bool plan_step_over(const Plan *plan, const Step *step);

#endif

/*
 * --format table: the results as lines of cells with tabs between, a heading first: for
 * eyes, for cut and for spreadsheets. What --format json tells by key, in columns.
 */
#ifndef PGSTRIDE_CLI_TABLE_H
#define PGSTRIDE_CLI_TABLE_H

#include <jansson.h>

#include "cli/print/print_plan.h"

/* One line a migration that moved; report_json made the object, which goes. */
void table_of_report(Out *out, json_t *report);

/* One line a step. */
void table_of_plan(Out *out, const PlanView *view);

/* One line an event; history_json made the object, which goes. */
void table_of_history(Out *out, json_t *history);

#endif

/*
 * A plan for people and for programs: every step with its lock, its work and its undo.
 *
 * On a terminal the columns fit its width, or stand below the SQL where it is narrow;
 * on a pipe SQL is never broken.
 */
#ifndef PGSTRIDE_CLI_PRINT_PLAN_H
#define PGSTRIDE_CLI_PRINT_PLAN_H

#include <jansson.h>

#include "cli/out.h"
#include "run/verbs.h"

typedef struct PlanView
{
    const Plans *plans;
    Verb verb;
    const Settings *settings;
    const char *database; /* "shop on PostgreSQL 15.20" */
    bool exact;           /* also every statement as it is sent */
} PlanView;

void print_plan(Out *out, const PlanView *view);
json_t *plan_json(const PlanView *view);

/* "no code uses the name a any more": for the heading of contract, and for the report.
 * NULL when no name vanishes. */
char *plan_vanishing(Mem *mem, const Plan *plan);

#endif

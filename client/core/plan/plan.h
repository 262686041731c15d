/*
 * From statements to steps: the same migration and the same facts give the same plan.
 *
 * plan_needs says what core has to know, run gathers it, plan_make decides. Nothing
 * here touches a database; `plan` prints what plan_make returns and `up` runs it.
 */
#ifndef PGSTRIDE_CORE_PLAN_H
#define PGSTRIDE_CORE_PLAN_H

#include "base/err.h"
#include "model/facts.h"
#include "model/history.h"
#include "model/step.h"

typedef struct PlanRequest
{
    const Migration *migration; /* its statements are parsed */
    const char *component;      /* two of them may have a migration of that label */
    const Facts *facts;
    const History *history; /* what is begun is finished as it was begun; NULL: none */
    const Caps *caps;
    Safe safe;
    Millis max_stall; /* what the command line, the environment or the default says */
    Millis batch_time;
    bool max_stall_flag; /* ... and it was a flag: a section's own option does not count
                          */
    bool batch_time_flag;
    const char *window; /* NULL: any hour */
    bool window_flag;
} PlanRequest;

/* Every relation and function that the migration's statements name. */
bool plan_needs(Mem *mem, const Migration *migration, Needs *needs, Err *err);

/* The same of further statements, added to what is needed already. */
void needs_add(Mem *mem, Needs *needs, const Statements *statements);

/*
 * Of a migration of which nothing has run: marks what it makes itself, before it names
 * that otherwise. Where there is one already, the statement that makes it fails, and
 * nothing behind it is reached: nobody has to ask.
 */
void needs_made(Mem *mem, const Migration *migration, Needs *needs);

/*
 * All steps of all phases. Errors, with file and line: ERR_REFUSED for a hazard without
 * recipe or `allow:`, ERR_USAGE for what no section may hold.
 */
bool plan_make(Mem *mem, const PlanRequest *request, Plan *plan, Err *err);

/* The backfills of the migration, in order, with their sync resolved. */
bool plan_backfills(Mem *mem, const Migration *migration, Backfill **fills, int *count,
                    Err *err);

/* The name both migrations touch, or NULL; for refusing a migration over an open one.
 */
const QName *plan_overlap(const Migration *open, const Migration *next);

#endif

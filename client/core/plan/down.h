/*
 * The way back: a plan that takes a migration down, phase by phase, newest first.
 *
 * A phase is undone by the file's own section; where there is none, by the undo that
 * each of its steps left in the history. Every way back is found before the first one
 * runs.
 */
#ifndef PGSTRIDE_CORE_DOWN_H
#define PGSTRIDE_CORE_DOWN_H

#include "core/plan/plan.h"
#include "model/history.h"

/* Every relation that the migration names, and that its undos name. */
bool down_needs(Mem *mem, const Migration *migration, const History *history,
                Needs *needs, Err *err);

/* ERR_REFUSED when a step that ran has no way back, or contract has no section for it.
 */
bool down_plan(Mem *mem, const PlanRequest *request, const History *history, Plan *plan,
               Err *err);

#endif

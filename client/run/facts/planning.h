/* From a migration to its plan, on fresh facts: gather, then let core decide. */
#ifndef PGSTRIDE_RUN_PLANNING_H
#define PGSTRIDE_RUN_PLANNING_H

#include "core/plan/plan.h"
#include "run/run.h"

/* The plan of all its phases, as the database is now. */
bool planning_make(Run *run, Mem *mem, Migration *migration, Facts *facts, Plan *plan,
                   Err *err);

/* The same on facts that were gathered, or foreseen, before. */
bool planning_on(Run *run, Mem *mem, const Migration *migration, const Facts *facts,
                 Plan *plan, Err *err);

/* Fills in the tables and columns that a step planned on lean facts may have meant. */
void planning_names(Run *run, Mem *mem, Step *step);

/* The plan that takes it down, from its sections and what the history keeps. */
bool planning_down(Run *run, Mem *mem, Migration *migration, Plan *plan, Err *err);
bool planning_down_on(Run *run, Mem *mem, const Migration *migration,
                      const Facts *facts, Plan *plan, Err *err);

/* Some steps of the phase are done, the phase is not. */
bool planning_partial(const Run *run, const Migration *migration, Phase phase);

/* The first step that is done, and is not what the plan would do; step NULL: the plan
 * has none. False: there is no such. */
bool planning_differs(Run *run, const Plan *plan, Phase phase,
                      const StepRecord **record, const Step **step);

/* A kept part of the phase must be what the plan would do again: ERR_DIRTY if not. */
bool planning_dirty(Run *run, const Plan *plan, Phase phase, Err *err);

/*
 * False with ERR_DIRTY when what is half done of it is not what its file says. What
 * cannot be planned, for want of rights or of a good file, is not called dirty.
 */
bool planning_clean(Run *run, Migration *migration, Err *err);

#endif

/* What a verb would do, without doing it: every migration planned on the catalog as the
 * ones before it will leave it. */
#ifndef PGSTRIDE_RUN_FORESEE_H
#define PGSTRIDE_RUN_FORESEE_H

#include "run/migrate.h"

/* The plans of `up`. Errors are those of planning, and of statements that would not
 * find what they name. What builds on something that only the server can tell of (DO, a
 * function) is planned when that is done: its plan has one note and no steps. */
bool foresee_up(Run *run, Mem *mem, const Chosen *chosen, Plans *plans, Err *err);

/* The same, only to know of its errors before anything runs. */
bool foresee_faults(Run *run, Mem *mem, const Chosen *chosen, Err *err);

#endif

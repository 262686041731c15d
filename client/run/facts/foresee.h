/* What a verb would do, without doing it: every migration planned on the catalog as the
 * ones before it will leave it. */
#ifndef PGSTRIDE_RUN_FORESEE_H
#define PGSTRIDE_RUN_FORESEE_H

#include "run/verbs/migrate.h"

/*
 * The plans of the whole route, in order; plans NULL: only whether there are any.
 * Errors are those of planning, of undos that are not known, and of statements that
 * would not find what they name. What builds on something that only the server can tell
 * of (DO, a function) is planned when that is done: its plan has one note and no steps.
 */
bool foresee(Run *run, Mem *mem, const Route *route, Plans *plans, Err *err);

#endif

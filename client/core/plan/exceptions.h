/*
 * The exceptions to the promise (design §17), named in the plan where they apply: what
 * no migration can spare its application, so that nobody is surprised by it.
 */
#ifndef PGSTRIDE_CORE_EXCEPTIONS_H
#define PGSTRIDE_CORE_EXCEPTIONS_H

#include "core/plan/draft.h"

/* To the plan, a line each, when its steps are drafted. */
void exceptions_note(Draft *draft);

/* To the open step, which is that backfill. */
void exceptions_of_fill(Draft *draft, const Backfill *fill);

#endif

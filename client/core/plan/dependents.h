/*
 * A migration that is taken down takes away what it made: does one that was applied
 * later, and stays, stand on that?
 *
 * Indexes and constraints on a column go silently with it, so nobody else would say.
 */
#ifndef PGSTRIDE_CORE_DEPENDENTS_H
#define PGSTRIDE_CORE_DEPENDENTS_H

#include "base/err.h"
#include "model/step.h"

/* `state` of the later migration: until it is contracted its sync trigger reads what
 * its backfills read. ERR_REFUSED at the place in the later migration. */
bool dependents_check(const Plan *down, const Migration *later, State state, Err *err);

#endif

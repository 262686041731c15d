/*
 * Can, and may, pgstride do that to these tables? Asked before anything runs, because
 * half way is a bad place to learn that a role lacks a right.
 */
#ifndef PGSTRIDE_CORE_ELIGIBLE_H
#define PGSTRIDE_CORE_ELIGIBLE_H

#include "core/plan/plan.h"

/*
 * Of every statement of the migration, ways back aside, and of its backfills. Tables
 * that do not exist yet are nobody's. Errors with file and line: ERR_REFUSED for what
 * cannot be swept, ERR_CONNECT for a right that is missing (hint: who can give it).
 */
bool eligible_check(const PlanRequest *request, const Backfill *fills, int count,
                    Err *err);

/* The same of a backfill that the plan makes up. */
bool eligible_fill(const Facts *facts, const Backfill *fill, Err *err);

#endif

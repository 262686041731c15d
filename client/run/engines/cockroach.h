/*
 * How CockroachDB is acted on.
 *
 * A schema change is a job of the cluster that commits by itself: the journal says
 * started, the statement is sent, the journal says done (cockroach_steps.c). All other
 * statements commit with their record. A backfill goes by the primary key
 * (cockroach_fill.c). The runner lock is leased, and every wait here keeps it.
 */
#ifndef PGSTRIDE_RUN_ENGINES_COCKROACH_H
#define PGSTRIDE_RUN_ENGINES_COCKROACH_H

#include "run/connect/runner.h"
#include "run/engines/engines.h"

/* Errors as of PostgreSQL's, and "the table has no primary key". */
bool cockroach_gather(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err);

bool cockroach_step(Run *run, const Step *step, Cost *cost, Progress *progress,
                    Err *err);
bool cockroach_fill(Run *run, const Step *step, Cost *cost, Progress *progress,
                    Err *err);

/* BEGIN, the fence, these texts, COMMIT; the reply has their rows from index 2 on. */
bool cockroach_commit(Run *run, Mem *mem, const SqlText *texts, int count, Reply *reply,
                      Err *err);

#endif

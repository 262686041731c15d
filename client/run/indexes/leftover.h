/*
 * What a build that was interrupted leaves behind: an index that is invalid, may still
 * reject rows, and costs every write.
 */
#ifndef PGSTRIDE_RUN_LEFTOVER_H
#define PGSTRIDE_RUN_LEFTOVER_H

#include "run/run.h"

/* How long cleaning up may wait for others after a failure: it is not what was asked.
 */
#define LEFTOVER_PATIENCE_MS 10000

/* Drops that index (its name as the server quotes it), concurrently. */
bool leftover_drop(Run *run, const Step *step, const char *name, Millis patience,
                   Cost *cost, Err *err);

/* The same after a failure whose error stays: what cannot go is a warning. */
void leftover_drop_after(Run *run, const Step *step, const char *name, Cost *cost);

/* Drops the _ccnew and _ccold that a STEP_REINDEX has left: of the table or index that
 * step->index names, of its schema, or of the database. */
void leftover_mend_reindex(Run *run, const Step *step, Cost *cost);

#endif

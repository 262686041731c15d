/*
 * CREATE and DROP INDEX CONCURRENTLY under supervision.
 *
 * Whatever an interrupted run left is found by name and mended: a valid index is kept,
 * an invalid one dropped and built again, one that a live backend builds is waited for.
 */
#ifndef PGSTRIDE_RUN_INDEX_H
#define PGSTRIDE_RUN_INDEX_H

#include "run/run.h"

/* Journals the step itself. ERR_REFUSED: another index has that name, or duplicates are
 * in the way; ERR_BUSY: somebody it waits for outlasts the patience. */
bool index_run(Run *run, const Step *step, Cost *cost, Err *err);

#endif

/*
 * CREATE INDEX, DROP INDEX and REINDEX, CONCURRENTLY and under supervision.
 *
 * Whatever an interrupted run left is found by name and mended: a valid index is kept,
 * an invalid one dropped and built again, one that a live backend builds is waited for.
 */
#ifndef PGSTRIDE_RUN_INDEX_H
#define PGSTRIDE_RUN_INDEX_H

#include "run/run.h"

/*
 * Journals the step itself. Errors: ERR_REFUSED (another relation has that name, or
 * this server corrupts indexes), ERR_SQL (duplicates: detail says which key), ERR_BUSY
 * (somebody it waits for outlasts the patience), ERR_STOPPED, ERR_LOST. After all but
 * the last the leftover is dropped, or a warning says that it could not be.
 */
bool index_run(Run *run, const Step *step, Cost *cost, Err *err);

/* REINDEX CONCURRENTLY of whatever; what it or an earlier one has left is dropped. */
bool reindex_run(Run *run, const Step *step, Cost *cost, Err *err);

#endif

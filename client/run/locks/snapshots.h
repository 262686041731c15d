/*
 * Snapshots older than the last batch of a backfill.
 *
 * A transaction that has one would, after the swap, read rows as they were before it:
 * unfilled, under the name that now means filled. A new snapshot is never older.
 */
#ifndef PGSTRIDE_RUN_SNAPSHOTS_H
#define PGSTRIDE_RUN_SNAPSHOTS_H

#include "run/run.h"

/* Waits until nobody has one. ERR_BUSY when patience is over (detail: who has the
 * oldest), ERR_STOPPED. */
bool snapshots_await(Run *run, const Migration *migration, Err *err);

#endif

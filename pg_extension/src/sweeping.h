/*
 * Which rows a sweep of this backend is writing right now.
 *
 * A sweep gives its rows the values that the sync trigger of its backfill would only
 * compute again, so that trigger lets them pass. Nobody else's writes may: the mark is
 * good for one table and one trigger, in the (sub)transaction that set it, and only for
 * what the sweep's own statement writes, not for what triggers write from within it.
 */
#ifndef PGSTRIDE_SERVER_SWEEPING_H
#define PGSTRIDE_SERVER_SWEEPING_H

/* Around each statement of a sweep; `trigger` is the name of its backfill's. An error
 * in between ends it too. */
extern void sweeping_begin(Oid relation, const char *trigger);
extern void sweeping_end(void);

/* Whether the row that fires this trigger is the sweep's own. */
extern bool sweeping_row(Oid relation, const char *trigger);

#endif

/* Where sync triggers come into a plan and go out of it. */
#ifndef PGSTRIDE_CORE_SYNC_STEP_H
#define PGSTRIDE_CORE_SYNC_STEP_H

#include "core/plan/draft.h"
#include "core/sync/sync.h"

/* Whether a backfill of the migration has a sync. */
bool sync_wanted(const Draft *draft);

/* At the end of expand: every table's trigger, in the transaction that made its column
 * where that is still open. */
bool sync_draft(Draft *draft, Err *err);

/* Into the open step of contract: the trigger of that table goes; nothing where none
 * is. */
void sync_drop_draft(Draft *draft, const QName *table);

#endif

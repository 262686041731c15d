/*
 * What keeps old and new columns level on engines without online recipes: the dialect's
 * triggers (core/sql/dialect.h), as steps.
 */
#ifndef PGSTRIDE_CORE_PLAIN_LEVEL_H
#define PGSTRIDE_CORE_PLAIN_LEVEL_H

#include "core/plan/draft.h"
#include "core/sql/dialect.h"

/* Settles Backfill.sync: forward where this file's expand adds what is assigned, unless
 * its author says. */
void plain_sync(const Migration *migration, Backfill *fill);

/* None for a backfill without sync. back: it is only dropped, and nothing is refused.
 */
bool plain_level(const Draft *draft, const Backfill *fill, bool back, LevelSql *level,
                 Err *err);

/* At the end of expand; in its own transaction where there is one. */
bool plain_level_make(Draft *draft, Err *err);

#endif

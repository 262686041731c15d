/* The way back of what an act takes away or changes: as the catalog has it now. */
#ifndef PGSTRIDE_CORE_UNDO_RESTORE_H
#define PGSTRIDE_CORE_UNDO_RESTORE_H

#include "core/plan/draft.h"
#include "model/statement.h"

/*
 * Adds the statements that put it back: index, constraint, NOT NULL, trigger, view,
 * type, schema or owner. False where data would be lost or only its author knows.
 * Written plainly: when they are run, recipes make them safe.
 */
bool undo_restore(Draft *draft, const Act *act);

/* Is there such a way for acts of that kind, and must the catalog tell it? */
bool undo_restore_asks(const Act *act);

#endif

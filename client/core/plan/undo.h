/* The way back of an act, derived from what it made and what the catalog said before.
 */
#ifndef PGSTRIDE_CORE_UNDO_H
#define PGSTRIDE_CORE_UNDO_H

#include "core/plan/draft.h"
#include "model/statement.h"

/*
 * Adds the act's undo to the open step, or marks the step irreversible. An act whose
 * way back only its author knows (a function replaced, rows changed) adds a note
 * instead.
 */
void undo_add(Draft *draft, const Act *act);

/* The act alone tells its way back, or that there is none: no catalog has to. */
bool undo_in_text(const Migration *migration, const Act *act, const Caps *caps);

#endif

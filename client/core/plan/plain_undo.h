/* Ways back that need nothing but the statement: what it made is dropped or renamed. */
#ifndef PGSTRIDE_CORE_PLAIN_UNDO_H
#define PGSTRIDE_CORE_PLAIN_UNDO_H

#include "core/plan/draft.h"

/* To the open step; what has none is irreversible, or known to a down section only. */
void plain_undo(Draft *draft, const Act *act);

#endif

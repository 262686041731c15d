/*
 * The little that must be known before a file runs as it stands: which of its relations
 * there are, and whom their foreign keys lock besides. What a recipe needs, an
 * estimate, or a way back that only the catalog tells, nobody asks then.
 */
#ifndef PGSTRIDE_CORE_LEAN_H
#define PGSTRIDE_CORE_LEAN_H

#include "core/plan/plan.h"

/*
 * True, with what is needed, where no statement of the way up is done otherwise than it
 * is written, and its way back stands in the file or in the statement itself.
 */
bool lean_needs(Mem *mem, const Migration *migration, const Caps *caps, Safe safe,
                Needs *needs);

#endif

/*
 * The catalog as it will be when migrations that are still pending have run.
 *
 * `up` plans every migration on what the ones before it have made; `plan` can only
 * foresee that, by laying the effects of each plan's own statements over the facts: the
 * statements are read like a user's, so recipes and sync triggers need no words of
 * their own here. What cannot be read (DO, functions, extensions) clouds the overlay:
 * from there on nothing is wrong merely because the facts lack it.
 */
#ifndef PGSTRIDE_CORE_OVERLAY_H
#define PGSTRIDE_CORE_OVERLAY_H

#include "base/err.h"
#include "model/facts.h"
#include "model/history.h"
#include "model/step.h"

typedef struct Overlay Overlay;

/* Over the live facts of everything that any of the migrations names. */
Overlay *overlay_begin(Mem *mem, const Facts *live);

/* What a migration would be told if it asked then. The facts stay as they are when the
 * overlay goes on. */
void overlay_facts(const Overlay *overlay, Mem *mem, const Needs *needs, Facts *facts);

/*
 * Lays the steps of the plan that have not run yet, up to that state of its migration.
 * Would every statement of the plan find what it names, and nothing in its place? All
 * phases are tried, in order; those behind that state on a copy. ERR_REFUSED with file
 * and line, and the name that was probably meant: then the overlay is of no more use.
 * Steps that ran already are passed over.
 */
bool overlay_go_on(Overlay *overlay, const Plan *plan, const History *history,
                   State goal, Err *err);

/* The migration since which not everything can be foreseen; NULL: none. */
const char *overlay_clouded(const Overlay *overlay);

#endif

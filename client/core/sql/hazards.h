/*
 * What is dangerous on a live database, why, and what pgstride does about it.
 *
 * Names are stable: `allow:NAME:"reason"` in migration files refers to them.
 */
#ifndef PGSTRIDE_CORE_HAZARDS_H
#define PGSTRIDE_CORE_HAZARDS_H

#include "model/caps.h"
#include "model/phase.h"
#include "model/statement.h"

typedef struct Hazard
{
    const char *id;     /* "set-not-null" */
    const char *why;    /* "reads the whole table while nobody can use it" */
    const char *recipe; /* the recipe that makes it safe, or NULL */
    const char *cure;   /* what its author can write instead: a sentence */
} Hazard;

/*
 * The hazard of an act in a phase on that server, or NULL. Pure data: that the table is
 * new (act_on_new_table) or small is the planner's to say.
 */
const Hazard *hazard_of(const Act *act, Phase phase, const Caps *caps);

/* For `allow:`: the row by name, or NULL; and row `index`, NULL behind the last. */
const Hazard *hazard_named(const char *id);
const Hazard *hazard_row(int index);

#endif

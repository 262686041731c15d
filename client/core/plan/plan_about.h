/* The tables that a plan touches, each on a line for people. */
#ifndef PGSTRIDE_CORE_PLAN_ABOUT_H
#define PGSTRIDE_CORE_PLAN_ABOUT_H

#include "model/facts.h"
#include "model/step.h"

/* "identities (12,400,000 rows, 2.1 GB with 3 indexes, 1 user trigger)"; tables that do
 * not exist yet are left out. */
void plan_about(Mem *mem, const Facts *facts, Plan *plan);

#endif

/* What was drafted, as the plan: its steps, its notes, the names that vanish, and the
 * tables that it is about. */
#ifndef PGSTRIDE_CORE_PLAN_TAKE_H
#define PGSTRIDE_CORE_PLAN_TAKE_H

#include "core/plan/draft.h"

void plan_take(const Draft *draft, Plan *plan);

#endif

/*
 * Will a backfill or an index fit on the server's disk? Refused where it is known that
 * it will not; where nobody can know, the plan says what it needs, and how to look.
 */
#ifndef PGSTRIDE_CORE_ROOM_H
#define PGSTRIDE_CORE_ROOM_H

#include "core/plan/plan.h"

/* Of every backfill and index that is not done yet; its steps have their estimates. */
bool room_check(Mem *mem, const PlanRequest *request, Plan *plan, Err *err);

#endif

/*
 * Several things said in one statement, taken apart where one of them is made safe.
 *
 * A recipe stands for one act. So an ALTER TABLE that does more is read as the
 * statements that its author could have written instead; what needs no recipe stays
 * together.
 */
#ifndef PGSTRIDE_CORE_CROWD_H
#define PGSTRIDE_CORE_CROWD_H

#include "core/plan/plan.h"

/* The request's migration with its crowds taken apart; itself where there is none. */
bool crowds_part(Mem *mem, const PlanRequest *request, const Migration **parted,
                 Err *err);

#endif

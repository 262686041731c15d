/*
 * A migration as its plan reads it: what only the catalog knows of its statements is
 * said in them, and several things said in one statement are taken apart where one of
 * them is made safe.
 *
 * A recipe stands for one act. So an ALTER TABLE that does more is read as the
 * statements that its author could have written instead; what needs no recipe stays
 * together.
 */
#ifndef PGSTRIDE_CORE_SETTLE_H
#define PGSTRIDE_CORE_SETTLE_H

#include "core/plan/plan.h"

bool migration_settle(Mem *mem, const PlanRequest *request, const Migration **settled,
                      Err *err);

#endif

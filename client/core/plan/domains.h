/*
 * New columns whose type is a domain: only the catalog knows that it is one, and what
 * it asks of the rows.
 */
#ifndef PGSTRIDE_CORE_DOMAINS_H
#define PGSTRIDE_CORE_DOMAINS_H

#include "core/plan/plan.h"

/* The type of a column that this act adds, where it might be a domain; or NULL. */
const char *act_asks_type(const Act *act);

/* The same acts, each ADD COLUMN of a domain that costs rows called so. */
void domains_mark(Mem *mem, const PlanRequest *request, Statement *statement);

#endif

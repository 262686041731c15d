/* Somebody in our way: how old, who it is for people, and what can be done about it. */
#ifndef PGSTRIDE_CORE_HOLDER_H
#define PGSTRIDE_CORE_HOLDER_H

#include "model/lock.h"

/* A statement that is not older than this many budgets is expected to pass by. */
#define HOLDER_PASSES 20.0

/* Older than the budget, for all we know. */
bool holder_is_old(const Holder *holder, double budget_ms);

/* Old, but a running statement of moderate age: it ends by itself before long. */
bool holder_is_passing(const Holder *holder, double budget_ms);

/* pid 8123 app_report@10.0.0.7 "nightly": idle in transaction for 4 min (SELECT …) */
char *holder_show(Mem *mem, const Holder *holder);

/* One sentence: how its end can be brought about, by people. */
char *holder_advice(Mem *mem, const Holder *holder);

#endif

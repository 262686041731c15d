/*
 * What only folder and history together say: which repeatable migrations run again, and
 * which migrations a shortcut stands for.
 */
#ifndef PGSTRIDE_RUN_SETTLE_H
#define PGSTRIDE_RUN_SETTLE_H

#include "run/run.h"

/* A repeatable one whose text has changed is as if it had never run. Before the history
 * is indexed. */
void settle_repeatables(Run *run, Mem *mem, History *history);

/* In a database without any of them the last shortcut runs, and those before it never
 * do; in any other, shortcuts are passed over. */
void settle_shortcuts(Run *run, const History *history);

#endif

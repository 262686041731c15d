/*
 * What a run is opened with: its folder, the server that answers, and, for one that
 * writes, the lock, the fence and the history, in the order in which they are true.
 * run_open itself is in run/verbs.h.
 */
#ifndef PGSTRIDE_RUN_OPEN_H
#define PGSTRIDE_RUN_OPEN_H

#include "run/run.h"

/* Parses the statements of that migration, once: to go up, or to come back down, too.
 */
bool run_parse(Run *run, Migration *migration, Err *err);
bool run_parse_back(Run *run, Migration *migration, Err *err);

#endif

/* One look from outside, for people and for programs. */
#ifndef PGSTRIDE_CLI_PRINT_WATCH_H
#define PGSTRIDE_CLI_PRINT_WATCH_H

#include <jansson.h>

#include "cli/out.h"
#include "model/event.h"
#include "model/watch.h"

/* A block of lines; on a terminal none is wider than it. How many lines it took. */
int print_watch(Out *out, const Sight *sight);

json_t *watch_json(const Sight *sight);

/* The same of one run alone, and how far it is. */
json_t *watch_run_json(const WatchRun *run);
Progress watch_run_progress(const WatchRun *run);

#endif

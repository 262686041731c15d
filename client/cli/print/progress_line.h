/* The lines of a migration's progress, as text; where and how often is not theirs. */
#ifndef PGSTRIDE_CLI_PROGRESS_LINE_H
#define PGSTRIDE_CLI_PROGRESS_LINE_H

#include "cli/out.h"
#include "model/event.h"

/* "backfill  2  identities": what every line of a step begins with. */
char *line_step(Mem *mem, const Step *step);

/* BEFORE and "57 %  7.1 M of 12.4 M   24,300 rows/s   3 min 38 s left"; where lines
 * live, with the longest bar between them that leaves room for both. */
char *line_progress(Mem *mem, const Out *out, const char *before,
                    const Progress *progress);

/* "batch 98 ms · HOT 81 % · WAL 3.2 GB" */
char *line_batch(Mem *mem, const Progress *progress);

/* "2 tries   held 3.0 ms   largest stall 4.0 ms" */
char *line_cost(Mem *mem, const Cost *cost);

/* "12,400,000 rows in 8 min 51 s   HOT 82 %   set aside 0   largest stall 11 ms" */
char *line_filled(Mem *mem, const Progress *progress, const Cost *cost);

/* "waiting for identities, 14 tries in 6.2 s, 0 ms queued"; of what waits for
 * transactions: "CREATE INDEX i  waiting for old snapshots, 0 of 1 gone, for 6.2 s" */
char *line_waiting(Mem *mem, const Event *event);

/* "held by pid 8123 app@10.0.0.7 "nightly": idle in transaction for 4 min (SELECT…)";
 * NULL when nobody is seen. */
char *line_holder(Mem *mem, const Look *look);

#endif

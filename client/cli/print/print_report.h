/* What moved, what to deploy now, what to type next. */
#ifndef PGSTRIDE_CLI_PRINT_REPORT_H
#define PGSTRIDE_CLI_PRINT_REPORT_H

#include <jansson.h>

#include "cli/out.h"
#include "run/verbs.h"

/* `complete`: nothing failed. Lines that scripts look for stand alone. */
void print_report(Out *out, Verb verb, const Report *report, bool complete);

/* For force, baseline and mark: what the history says now. */
void print_recorded(Out *out, const Report *report);

json_t *report_json(const Report *report);

#endif

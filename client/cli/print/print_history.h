/* The audit trail, for the reviewer who reads it a year later. */
#ifndef PGSTRIDE_CLI_PRINT_HISTORY_H
#define PGSTRIDE_CLI_PRINT_HISTORY_H

#include <jansson.h>

#include "cli/out.h"
#include "run/verbs.h"

void print_history(Out *out, const HistoryLines *lines);
json_t *history_json(const HistoryLines *lines);

#endif

/*
 * status in the three forms people and programs already read: the text of the runners
 * they know, popx's table, JSON.
 */
#ifndef PGSTRIDE_CLI_PRINT_STATUS_H
#define PGSTRIDE_CLI_PRINT_STATUS_H

#include <jansson.h>

#include "cli/out.h"
#include "run/verbs.h"

/* Lines that are grepped for stand alone: what else there is to say goes below them. */
void print_status(Out *out, const Status *status);

/* Version, Name, Status in columns of tabs, to the byte as popx prints them. */
void print_status_table(Out *out, const Status *status);

json_t *status_json(const Status *status);

/* The array of popx: state, version, name, content, content_down. */
json_t *status_popx(const Status *status);

#endif

/* From what was typed to what run is told: the target, the folder, the limits. */
#ifndef PGSTRIDE_CLI_SETTINGS_H
#define PGSTRIDE_CLI_SETTINGS_H

#include "cli/invocation.h"

/* The process's own, for whoever reads addresses or placeholders. */
extern const Environment settings_environment;

/* Fills call->settings. ERR_USAGE: no target, two targets, one that cannot be read. */
bool settings_fill(Invocation *call, Err *err);

/* A database is named, wherever that can be done; validate works without. The component
 * is chosen. */
bool settings_has_target(const Invocation *call);

#endif

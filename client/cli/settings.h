/* From what was typed to what run is told: the target, the folder, the limits. */
#ifndef PGSTRIDE_CLI_SETTINGS_H
#define PGSTRIDE_CLI_SETTINGS_H

#include "cli/invocation.h"

/* The process's own, for whoever reads addresses or placeholders. */
extern const Environment settings_environment;

/* What ${NAME} in the files of another runner stands for: a variable first, then the
 * last configuration file that has a value for it, as that runner has it. */
const Environment *settings_filed_environment(Mem *mem, const Options *options);

/* Fills call->settings. ERR_USAGE: no target, two targets, one that cannot be read. */
bool settings_fill(Invocation *call, Err *err);

/* A database is named, wherever that can be done; validate works without. The component
 * is chosen. */
bool settings_has_target(const Invocation *call);

#endif

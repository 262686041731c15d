/* Flags that make no sense together, or beside a version: one row and one sentence
 * each.
 */
#ifndef PGSTRIDE_CLI_CLASHES_H
#define PGSTRIDE_CLI_CLASHES_H

#include "cli/commands.h"

/* Of the command line alone: what a configuration says for every command is no clash.
 * ERR_USAGE. */
bool clashes_refuse(const Options *options, const CommandLine *line, Err *err);

#endif

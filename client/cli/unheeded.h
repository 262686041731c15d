/* Flags that say nothing on an engine: told, and not refused, since one configuration
 * may serve several. */
#ifndef PGSTRIDE_CLI_UNHEEDED_H
#define PGSTRIDE_CLI_UNHEEDED_H

#include "cli/options.h"
#include "model/event.h"

/* One note for each that was given on the command line. */
void unheeded_tell(const Options *options, const char *engine, Observer *observer);

#endif

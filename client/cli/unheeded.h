/* Flags that say nothing on an engine, and what an address says besides that is not
 * honoured: told, and not refused, since one configuration may serve several. */
#ifndef PGSTRIDE_CLI_UNHEEDED_H
#define PGSTRIDE_CLI_UNHEEDED_H

#include "cli/options.h"
#include "model/event.h"
#include "model/target.h"

/* One note for each that was given. */
void unheeded_tell(const Options *options, const Target *target, Observer *observer);

#endif

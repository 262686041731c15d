/*
 * What a run is at, written down once a second for whoever watches from elsewhere.
 *
 * Best effort: nothing waits for it and nothing is decided by it.
 */
#ifndef PGSTRIDE_RUN_PULSE_H
#define PGSTRIDE_RUN_PULSE_H

#include "run/run.h"

void pulse_see(Run *run, const Event *event);

#endif

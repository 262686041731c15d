/* Meeting the server extension: asked once when a run connects, and when it reconnects.
 */
#ifndef PGSTRIDE_RUN_EXTENSION_H
#define PGSTRIDE_RUN_EXTENSION_H

#include "run/run.h"

/*
 * Asks the watcher, notes the answer in run->caps, and warns where the extension is
 * there and cannot be used; who examines is not warned, but finds it in
 * run->extension_trouble. Costs nothing where there is none. Only a lost connection is
 * an error.
 */
bool extension_meet(Run *run, Err *err);

#endif

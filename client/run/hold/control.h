/*
 * What operators tell a run from elsewhere: pause, resume, new limits.
 *
 * They write to a row of its own, which runs only read, so that nobody's open
 * transaction blocks a batch.
 */
#ifndef PGSTRIDE_RUN_CONTROL_H
#define PGSTRIDE_RUN_CONTROL_H

#include "model/control.h"
#include "run/run.h"

/* What was said last; nothing where pgstride's tables are not here yet. */
bool control_read(Run *run, Mem *mem, Control *control, Err *err);

#endif

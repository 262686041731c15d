/*
 * May the run go on? Asked before every step and between two batches.
 *
 * While an operator has paused it, it does nothing: the process and its connections
 * stay, the runner lock is given back, so that another verb can have its turn. Before
 * it goes on it takes the lock again and looks whether the fence is still its own.
 */
#ifndef PGSTRIDE_RUN_HOLD_H
#define PGSTRIDE_RUN_HOLD_H

#include "run/run.h"

/*
 * Returns when it may go on, at once or much later; *held says whether it was kept.
 * ERR_STOPPED: asked to stop, told not to wait (--no-wait), or another run has taken
 * over meanwhile. Also hears of new limits: run->orders.
 */
bool hold_heed(Run *run, const Step *step, bool *held, Err *err);

/* The step's window has closed: whoever has several batches in flight lets them land.
 * Asks the clock and nobody else. */
bool hold_is_due(Run *run, const Step *step);

#endif

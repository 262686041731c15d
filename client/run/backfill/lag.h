/*
 * How far the replicas that were named with --standby are behind, where they alone know
 * it (Caps.replicas_apart): every batch writes the time into its record of progress,
 * and what of it has arrived there tells to the microsecond what no status does.
 */
#ifndef PGSTRIDE_RUN_LAG_H
#define PGSTRIDE_RUN_LAG_H

#include "model/pressure.h"
#include "run/run.h"

/* The worst of them, into SIGNAL_LAG. One that does not answer is behind for as long as
 * it is silent. Errors: ERR_LOST, ERR_SQL of the database itself. */
bool lag_sample(Run *run, const Step *step, Pressure *pressure, Err *err);

#endif

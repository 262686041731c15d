/*
 * A backfill, act by act: the sweep in batches, the revisits, the verification.
 *
 * Why it meets every row once and loses none is argued in run/backfill/sweep.md.
 */
#ifndef PGSTRIDE_RUN_BACKFILL_H
#define PGSTRIDE_RUN_BACKFILL_H

#include "run/run.h"

/*
 * Goes on from the step's progress rows, or makes them. ERR_STOPPED comes within one
 * batch; ERR_BUSY when a row stays locked past the patience (detail: who holds it);
 * ERR_REFUSED when a batch would repeat rows, or another run has taken over; ERR_SQL
 * when rows cannot take their value (detail: which, and why; all others are filled). A
 * connection that is lost is recovered here, as long as batches are made in between.
 */
bool backfill_run(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err);

#endif

/*
 * The gate: what must be true before contract. Changes nothing.
 *
 * The refusal says which condition fails, how far it is, and who stands in the way.
 */
#ifndef PGSTRIDE_RUN_GATE_H
#define PGSTRIDE_RUN_GATE_H

#include "run/run.h"

/* Errors: ERR_REFUSED (not verified, rows left, trigger off, twins, too early),
 * ERR_BUSY when an older snapshot outlasts the patience. */
bool gate_check(Run *run, const Plan *plan, const Facts *facts, Err *err);

/* Backfills are verified, and it is time: all there is to ask on a plain path. */
bool plain_gate(Run *run, const Plan *plan, const Facts *facts, Err *err);

bool postgres_gate(Run *run, const Plan *plan, const Facts *facts, Err *err);

#endif

/*
 * Contract: the proof beforehand, then everything that old code would notice in one
 * short transaction.
 *
 * First the proof of every table (core/plan/proof.h), then, in the order they were
 * written, the statements; those of one table commit together with the end of its sync
 * trigger.
 */
#ifndef PGSTRIDE_CORE_SWAP_H
#define PGSTRIDE_CORE_SWAP_H

#include "core/plan/draft.h"

/* Adds the steps of contract. */
bool swap_draft(Draft *draft, Err *err);

/* Fills the names that vanish with contract, and those that change their meaning. */
void swap_names(Mem *mem, Plan *plan);

#endif

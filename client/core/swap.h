/*
 * Contract: the proof beforehand, then everything that old code would notice in one
 * short transaction.
 *
 * The proof is one CHECK a table: every column that becomes NOT NULL is not, and no row
 * is left undone. It is validated while everybody works, holds from then on, and is
 * dropped in the transaction that uses it, so that nothing can slip in between.
 */
#ifndef PGSTRIDE_CORE_SWAP_H
#define PGSTRIDE_CORE_SWAP_H

#include "core/draft.h"

/* Adds the steps of contract. */
bool swap_draft(Draft *draft, Err *err);

/* Fills the names that vanish with contract, and those that change their meaning. */
void swap_names(Mem *mem, Plan *plan);

/* The name of the proof on that table: 63 bytes at most, the same in every run. */
const char *swap_proof_name(Mem *mem, const QName *table);

#endif

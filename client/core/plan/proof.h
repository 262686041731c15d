/*
 * What contract must prove of a table before it changes it.
 *
 * One CHECK a table: every column that becomes NOT NULL is not, and no row is left
 * undone. It is validated while everybody works, holds from then on, and is dropped in
 * the transaction that uses it, so that nothing can slip in between. A condition that
 * may answer otherwise tomorrow can be no CHECK: that one is only looked at.
 */
#ifndef PGSTRIDE_CORE_PROOF_H
#define PGSTRIDE_CORE_PROOF_H

#include "core/plan/draft.h"

typedef struct Proof
{
    QName table; /* as the first statement that needs it wrote it */
    LIST(SqlParsed) checks;
    LIST(SqlParsed) looks;      /* conditions that no CHECK can hold */
    const Statement *statement; /* the first that asked for it */
    int swap;                   /* place of the step that opens the swap; -1: not yet */
} Proof;

typedef struct Proofs
{
    LIST(Proof) of;
} Proofs;

/*
 * Everything that contract has to prove, a table at a time. ERR_REFUSED for SET NOT
 * NULL of a column that does not exist before contract.
 */
bool proofs_find(Draft *draft, const Section *section, Proofs *proofs, Err *err);

/* The proof of that table, or NULL. */
Proof *proof_of(const Draft *draft, const Proofs *proofs, const QName *table);

/* The statement is a single SET NOT NULL: the swap begins with these. */
const Act *statement_not_null(const Statement *statement);

/* ADD CONSTRAINT ... NOT VALID, and its DROP; only where there are checks. */
SqlParsed proof_add_sql(const Draft *draft, const Proof *proof);
SqlParsed proof_drop_sql(const Draft *draft, const Proof *proof);

/* Whether rows break the proof, and which. */
Probe proof_probe(const Draft *draft, const Proof *proof);

/* The name of the CHECK on that table: 63 bytes at most, the same in every run. */
const char *proof_name(Mem *mem, const QName *table);

#endif

/* From the sections of one phase to steps: hazards met, recipes used, transactions cut.
 */
#ifndef PGSTRIDE_CORE_PHASE_STEPS_H
#define PGSTRIDE_CORE_PHASE_STEPS_H

#include "core/plan/draft.h"

/* Adds the steps of draft->phase. Errors name file and line. */
bool phase_steps(Draft *draft, Err *err);

/* One statement as written, or by its recipe; for contract too. */
bool statement_draft(Draft *draft, const Statement *statement, Err *err);

/* A sweep of its own, and the statistics of what it filled. */
void fill_draft(Draft *draft, const Backfill *fill);

/* UPDATE or DELETE: what a backfill section batches. */
bool statement_is_backfill(const Statement *statement);

/* Whether any statement of the migration names that relation. */
bool migration_touches(const Migration *migration, const QName *relation);

#endif

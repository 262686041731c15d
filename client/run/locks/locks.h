/*
 * A step's transaction, tried under the stall budget: look, decide, try, rest.
 *
 * core/lock_policy decides, core/lock_message says it, this sends it and meters what it
 * costs others. Between two tries nothing is held. Deed and record commit together, and
 * do not wait for the disk: see run_settle.
 */
#ifndef PGSTRIDE_RUN_LOCKS_H
#define PGSTRIDE_RUN_LOCKS_H

#include "model/sqltext.h"
#include "run/run.h"

typedef struct StepTry
{
    const Step *step;
    const SqlText *records; /* of the history, committed with the deed */
    int record_count;
    const SqlText *released; /* tells what it cost, where the records tell the rest */
} StepTry;

/*
 * On success the step and its records are committed, and cost says what that took.
 * Errors: ERR_BUSY when patience is over (detail: who is in the way), ERR_REFUSED when
 * the statements alone take longer than the budget, or another run has taken over,
 * ERR_STOPPED, ERR_SQL when a statement failed (detail: its line); after all of these
 * nothing of the try is in the database. ERR_LOST: unknown, ask the history.
 */
bool step_try_locked(Run *run, const StepTry *what, Cost *cost, Err *err);

#endif

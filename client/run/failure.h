/* What failed, told so that the author of the file finds the place and knows what
 * stays.
 */
#ifndef PGSTRIDE_RUN_FAILURE_H
#define PGSTRIDE_RUN_FAILURE_H

#include "run/run.h"

/*
 * Fills err from the reply: the server's message; as detail the offending line of
 * statement `index` of the step with a caret below the place, and what the server
 * added; file and line of the statement; as hint the name that was probably meant.
 * Always false.
 */
bool failure_explain(const Step *step, int index, const Reply *reply, Err *err);

/* What became of a step, as far as we were told. */
typedef enum Fate
{
    FATE_NOT_DONE,
    FATE_DONE,   /* committed */
    FATE_UNKNOWN /* the connection died on the way */
} Fate;

/* The statement of the file that failed, as it stands there; NULL: it is none of them.
 */
const Statement *failure_statement(const Step *step, Err *err);

/*
 * Adds to the err of a step: which statement of the file, what is left in the database,
 * what to do next. Always false.
 */
bool failure_of_step(const Plan *plan, const Step *step, Fate fate, Err *err);

/* ERR_DIRTY with the sentence that scripts look for; details are the caller's. */
bool failure_dirty(const Migration *migration, Err *err);

#endif

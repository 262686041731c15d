/* A statement that the server refused, told so that its author finds the place. */
#ifndef PGSTRIDE_RUN_FAILURE_H
#define PGSTRIDE_RUN_FAILURE_H

#include "db/driver.h"
#include "model/step.h"

/*
 * Fills err from the reply: the server's message; as detail the offending line of
 * statement `index` of the step with a caret below the place, and what the server
 * added; file and line of the statement. Always false.
 */
bool failure_explain(const Step *step, int index, const Reply *reply, Err *err);

#endif

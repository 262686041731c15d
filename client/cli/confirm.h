/* The one question that pgstride asks. */
#ifndef PGSTRIDE_CLI_CONFIRM_H
#define PGSTRIDE_CLI_CONFIRM_H

#include <stdio.h>

#include "cli/out.h"

/*
 * Asks until the answer is yes or no. ERR_UNCONFIRMED on no, at the end of the input,
 * and when a signal comes: then nothing has been run.
 */
bool confirm_plan(Out *out, FILE *in, Err *err);

/* The same with a question of one's own. */
bool confirm(Out *out, FILE *in, const char *question, Err *err);

#endif

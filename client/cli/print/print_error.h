/* How a command that failed says so: once, at the end, and only here. */
#ifndef PGSTRIDE_CLI_PRINT_ERROR_H
#define PGSTRIDE_CLI_PRINT_ERROR_H

#include "cli/invocation.h"

/*
 * "Error: TEXT" alone on its line, then detail and hint, indented; on standard error.
 * With --format json the error object on standard output, unless a result stands there.
 */
void print_error(Invocation *call, const Err *err);

/* The text form. */
void print_error_text(Out *out, const Err *err);

#endif

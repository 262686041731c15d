/* pgstride's own tables: made on first use, upgraded by a newer pgstride. */
#ifndef PGSTRIDE_RUN_BOOKKEEPING_H
#define PGSTRIDE_RUN_BOOKKEEPING_H

#include "run/run.h"

/* Errors: ERR_REFUSED when a newer pgstride made them, ERR_CONNECT without the right.
 */
bool bookkeeping_make(Run *run, Err *err);

#endif

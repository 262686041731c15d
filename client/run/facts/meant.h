/* "Did you mean", where only the whole catalog can tell what was meant. */
#ifndef PGSTRIDE_RUN_FACTS_MEANT_H
#define PGSTRIDE_RUN_FACTS_MEANT_H

#include "run/run.h"

/* Gives an error about a table that is not there the name of one that is, as a hint;
 * leaves every other error as it is. Returns false, as whoever failed does. */
bool table_meant(Run *run, Err *err);

#endif

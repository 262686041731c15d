/*
 * The migrations of other components in this database: a table that one of them has
 * expanded and not contracted carries its sync trigger, and is left alone.
 */
#ifndef PGSTRIDE_RUN_ELSEWHERE_H
#define PGSTRIDE_RUN_ELSEWHERE_H

#include "run/run.h"

/* ERR_REFUSED names both migrations and the table; --allow-overlap asks for nothing. */
bool elsewhere_apart(Run *run, Migration *const *chosen, int count, Err *err);

#endif

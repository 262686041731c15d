/* Where in a statement the server stumbled, for people. */
#ifndef PGSTRIDE_CORE_POINT_H
#define PGSTRIDE_CORE_POINT_H

#include "base/mem.h"

/*
 * The line of sql that holds the 1-based character `position`, and a caret below it;
 * the first line without a caret when the position is not known (0).
 */
char *point_show(Mem *mem, const char *sql, int position);

/* How many lines below its first the position is; 0 when it is not known. */
int point_line(const char *sql, int position);

#endif

/* A stored query about a history, for one that is called otherwise or is elsewhere. */
#ifndef PGSTRIDE_CORE_FOREIGN_NAMED_H
#define PGSTRIDE_CORE_FOREIGN_NAMED_H

#include "core/foreign/foreign.h"

/* The text of a query as it is stored, which names the table of `usual`, about `called`
 * instead: its row but for the table's name or schema. */
char *foreign_named(Mem *mem, const char *text, const Foreign *usual,
                    const Foreign *called, const Caps *caps);

#endif

/*
 * What a runner calls the table of its history, where it has been told another name: by
 * its own variable, by a parameter of the address, or by --history-table. Whoever
 * passed that over would run everything once more.
 */
#ifndef PGSTRIDE_CORE_HISTORY_TABLE_H
#define PGSTRIDE_CORE_HISTORY_TABLE_H

#include "core/layouts/layout.h"

/* Errors: ERR_REFUSED, for a name that would have to be quoted. */
bool history_table_read(Mem *mem, const LayoutRequest *request, const Layout *layout,
                        Migrations *migrations, Err *err);

#endif

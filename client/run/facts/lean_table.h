/* Of a table that is named in a file which runs as it stands: where it is, and whom its
 * foreign keys lock besides. */
#ifndef PGSTRIDE_RUN_LEAN_TABLE_H
#define PGSTRIDE_RUN_LEAN_TABLE_H

#include "model/facts.h"
#include "run/run.h"

/* A row of tables_there.sql. */
typedef struct LeanRow
{
    const Rows *rows;
    int at;
    bool keys; /* its foreign keys are wanted, too */
} LeanRow;

bool lean_table(Run *run, Mem *mem, const LeanRow *row, TableFact *table, Err *err);

#endif

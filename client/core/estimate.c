#include "core/estimate.h"

/*
 * Measured on PostgreSQL 15, 2 cores, a table with a uuid key and 3 indexes: a sweep
 * wrote 2.7 bytes of WAL per byte of table, left it 1.33 times as large and, with a
 * sync trigger and one of the user's, filled 60,000 rows a second; a validation read
 * 400 MB and an index build 80 MB a second. They say "about" on the screen; `up` shows
 * the truth as it goes.
 */
#define WAL_PER_HEAP_BYTE 2.7
#define GROWTH 1.33
#define FILLED_ROWS_PER_SECOND 60000.0
#define SCANNED_BYTES_PER_SECOND 400e6
#define BUILT_BYTES_PER_SECOND 80e6

void
estimate_step(const Facts *facts, Step *step)
{
    const TableFact *table =
        step->table.name == NULL ? NULL : facts_table(facts, &step->table);

    if (table == NULL || !table->exists)
        return;
    step->rows = table->rows;
    switch (step->work)
    {
    case WORK_BATCHES:
        step->wal_bytes = (int64_t)((double)table->heap_bytes * WAL_PER_HEAP_BYTE);
        step->grows_to = (int64_t)((double)table->heap_bytes * GROWTH);
        step->estimate_ms = (double)table->rows / FILLED_ROWS_PER_SECOND * 1000;
        return;
    case WORK_SCAN:
        step->estimate_ms = (double)table->heap_bytes / SCANNED_BYTES_PER_SECOND * 1000;
        return;
    case WORK_BUILD:
    case WORK_REWRITE:
        step->estimate_ms = (double)table->heap_bytes / BUILT_BYTES_PER_SECOND * 1000;
        return;
    case WORK_FAST:
    case WORK_COUNT:
        return;
    }
}

#include "core/plan/estimate.h"

#include <string.h>

#include "core/sql/sql.h"

/*
 * Measured on PostgreSQL 15, 2 cores, a table with a uuid key and 3 indexes: a sweep
 * wrote 2.7 bytes of WAL per byte of table, left it 1.33 times as large and, with a
 * sync trigger and one of the user's, filled 60,000 rows a second; a validation read
 * 400 MB and an index build 80 MB a second. Where no row can be updated in place it
 * wrote 4.6 bytes and left twice as much, indexes included. They say "about" on the
 * screen; `up` shows the truth as it goes.
 */
#define WAL_PER_HEAP_BYTE 2.7
#define GROWTH 0.33
#define WAL_PER_HEAP_BYTE_MOVED 4.6
#define GROWTH_MOVED 1.13
#define WAL_PER_HEAP_BYTE_DELETED 1.2
#define FILLED_ROWS_PER_SECOND 60000.0
#define SCANNED_BYTES_PER_SECOND 400e6
#define BUILT_BYTES_PER_SECOND 80e6

/* Of an index tuple besides its keys, the pages it does not fill, and what a build
 * takes beside the index it makes: it sorts on the same disk. */
#define INDEX_TUPLE_BYTES 16
#define INDEX_FILL 0.9
#define INDEX_ROOM 1.5

/* No row of it stays in its place: an index reads what is assigned, or the server
 * cannot sweep in passes. */
static bool
rows_move(const Facts *facts, const TableFact *table, const Backfill *fill)
{
    for (int i = 0; i < fill->assignment_count; i++)
    {
        const ColumnFact *column = table_column(table, fill->assignments[i].target);

        for (int k = 0; column != NULL && k < table->index_count; k++)
            if (fact_mentions(table->indexes[k].mentions, column->number))
                return true;
    }
    return facts->caps != NULL && !facts->caps->tid_range_scan;
}

static void
estimate_batches(const Facts *facts, const TableFact *table, Step *step)
{
    double heap = (double)table->heap_bytes;
    double wal = WAL_PER_HEAP_BYTE;
    double growth = GROWTH;

    if (step->backfill != NULL && step->backfill->repeat)
    {
        step->rows = -1; /* how many it means is its own business */
        return;
    }
    if (step->backfill != NULL && step->backfill->is_delete)
    {
        wal = WAL_PER_HEAP_BYTE_DELETED;
        growth = 0;
    }
    else if (step->backfill != NULL && rows_move(facts, table, step->backfill))
    {
        wal = WAL_PER_HEAP_BYTE_MOVED;
        growth = GROWTH_MOVED;
    }
    step->wal_bytes = (int64_t)(heap * wal);
    step->grows_to = growth > 0 ? (int64_t)(heap * (1 + growth)) : -1;
    step->grows_by = (int64_t)((double)table->total_bytes * growth);
    step->estimate_ms = (double)table->rows / FILLED_ROWS_PER_SECOND * 1000;
}

/* Keys as wide as the table's columns are on the average. How many rows a partial index
 * has, how large one of another kind is, and how full another tablespace, nobody has
 * told us. */
static void
estimate_index(const TableFact *table, Step *step)
{
    MEM_SCOPE(scope, NULL);
    IndexShape shape;

    if (table->rows <= 0 || table->column_count == 0 ||
        !sql_index_shape(scope, step->sql[0].text, &shape) ||
        shape.where.text != NULL || !shape.btree || shape.elsewhere)
        return;

    double row = (double)table->heap_bytes / (double)table->rows;
    double keys = row * shape.key_count / table->column_count;
    double bytes = (double)table->rows * (INDEX_TUPLE_BYTES + keys) / INDEX_FILL;

    step->wal_bytes = (int64_t)bytes;
    step->grows_by = (int64_t)(bytes * INDEX_ROOM);
}

void
estimate_step(const Facts *facts, Step *step)
{
    const TableFact *table =
        step->table.name == NULL ? NULL : facts_table(facts, &step->table);

    if (table == NULL || !table->exists || facts->lean)
        return;
    step->rows = table->rows;
    switch (step->work)
    {
    case WORK_BATCHES:
        estimate_batches(facts, table, step);
        return;
    case WORK_SCAN:
        step->estimate_ms = (double)table->heap_bytes / SCANNED_BYTES_PER_SECOND * 1000;
        return;
    case WORK_BUILD:
        if (step->kind == STEP_INDEX_BUILD)
            estimate_index(table, step);
        /* fall through */
    case WORK_REWRITE:
        step->estimate_ms = (double)table->heap_bytes / BUILT_BYTES_PER_SECOND * 1000;
        return;
    case WORK_FAST:
    case WORK_COUNT:
        return;
    }
}

#include <string.h>

#include "run/backfill/fill.h"

#define BLOCKS_FIRST 512
#define BLOCKS_MOST 16384
#define SLOW_MS 200
#define QUICK_MS 50
#define STATEMENT_MS 60000

/* A value that cannot be computed makes the question itself fail. */
static bool
question_poisoned(const Err *err)
{
    static const char *const classes[] = {"21", "22", "P0"};

    for (int i = 0; err->kind == ERR_SQL && i < LENGTH(classes); i++)
        if (strncmp(err->sqlstate, classes[i], 2) == 0)
            return true;
    return false;
}

static bool
blocks_ask(Fill *fill, const Leaf *leaf, BlockRange blocks, int64_t *rows_left,
           Err *err)
{
    MEM_SCOPE(scope, fill->mem);
    BatchJob job = fill_job(fill, leaf);
    const BatchLimits limits = {.lock_ms = leaf_lock_ms(leaf),
                                .statement_ms = STATEMENT_MS};
    SqlText times = batch_limits(scope, fill->run->caps, limits);
    SqlText left = batch_left(scope, &job, blocks);
    const Ask asks[] = {{.label = "begin", .sql = "BEGIN READ ONLY"},
                        {.label = "batch_limits", .sql = sql_done(&times)},
                        {.label = "verify", .sql = sql_done(&left)},
                        {.label = "commit", .sql = "COMMIT"}};
    Reply reply;

    if (!db_script(scope, fill->run->worker, asks, LENGTH(asks), &reply, err))
        return false;
    *rows_left = rows_int(&reply.rows[2], 0, "rows_left");
    return true;
}

/* Reading takes no lock on rows: others have the table. */
static bool
question_barred(const Err *err)
{
    return err->kind == ERR_BUSY && strcmp(err->sqlstate, "55P03") == 0;
}

/* Asks as soon as nobody has the table locked. */
static bool
blocks_ask_patiently(Fill *fill, const Leaf *leaf, BlockRange blocks,
                     int64_t *rows_left, Err *err)
{
    double barred_since = 0;

    while (!blocks_ask(fill, leaf, blocks, rows_left, err))
    {
        if (!question_barred(err))
            return false;
        err_clear(err);
        if (!fill_barred(fill, leaf, &barred_since, err))
            return false;
    }
    return true;
}

/* One range: how many rows are left in it, or that it must be asked in smaller parts.
 */
static bool
range_verify(Fill *fill, const Leaf *leaf, BlockRange range, int64_t *rows_left,
             bool *smaller, Err *err)
{
    *smaller = false;
    if (blocks_ask_patiently(fill, leaf, range, rows_left, err))
        return true;
    if (strcmp(err->sqlstate, "57014") != 0 && !question_poisoned(err))
        return false;
    *smaller = err->kind == ERR_BUSY || range.to - range.from > 1;
    *rows_left = 1;
    err_clear(err);
    return !*smaller || fill_rest(fill, 0, NULL, err);
}

bool
verify_leaf(Fill *fill, Leaf *leaf, Blocks *left, int64_t *rows_left, Err *err)
{
    bool ranges = fill->run->caps->tid_range_scan;
    int64_t most = ranges ? BLOCKS_MOST : fill->limits.blocks_most;
    int64_t width = BLOCKS_FIRST;
    int64_t at = 0;

    *left = (Blocks){0};
    *rows_left = 0;
    while (at < leaf->blocks)
    {
        int64_t end = at + width < leaf->blocks ? at + width : leaf->blocks;
        double began = clock_now(fill->run->clock);
        bool smaller;
        int64_t found;

        if (!range_verify(fill, leaf, (BlockRange){at, end}, &found, &smaller, err))
            return false;

        double took = clock_now(fill->run->clock) - began;

        if (smaller || took > SLOW_MS)
            width = width / 2 > 1 ? width / 2 : 1;
        else if (took < QUICK_MS && width < most)
            width *= 2;
        if (smaller)
            continue;
        if (found > 0)
            blocks_add(fill->mem, left, (BlockRange){at, end});
        *rows_left += found;
        at = end;
        fill_tell(fill, "verifying", at);
        if (!fill_rest(fill, 0, NULL, err))
            return false;
    }
    return true;
}

#include <inttypes.h>

#include "base/units.h"
#include "run/backfill/fill.h"
#include "run/tell.h"

/* Places taken at once: fewer than the subtransactions that a session remembers. */
#define PLACES_AT_ONCE 60
#define TRIES_MOST 20

/* So many are told of as they are met; all of them are kept. */
#define TOLD_MOST 10

/* Going over the rows of one block that holds some which cannot take their value. */
typedef struct Hunt
{
    Fill *fill;
    Leaf *leaf;
    int64_t block;
    int from; /* places below are done */
    bool over;
    double barred_since;
} Hunt;

/* The rows stay as they are, the block is come back to. */
static void
hunt_skip(Hunt *hunt)
{
    blocks_add(hunt->fill->mem, &hunt->leaf->skipped,
               (BlockRange){hunt->block, hunt->block + 1});
    hunt->over = true;
}

static void
hunt_tell(const Hunt *hunt, const BatchReport *report)
{
    Fill *fill = hunt->fill;

    if (report->set_aside == 0 || fill->told_aside >= TOLD_MOST)
        return;
    tell_note(fill->run, EVENT_WARNING, "a row of \"%s\" is set aside: %s%s",
              hunt->leaf->shown, report->why,
              ++fill->told_aside == TOLD_MOST ? " (further ones are kept, not told)"
                                              : "");
}

static void
hunt_done(Hunt *hunt, const BatchReport *report)
{
    Fill *fill = hunt->fill;

    fill_count(fill, report);
    hunt->leaf->rows_done += report->rows;
    hunt->leaf->set_aside += report->set_aside;
    fill->progress->set_aside += report->set_aside;
    hunt_tell(hunt, report);
    if (report->passed > 0)
        hunt_skip(hunt);
    hunt->from += PLACES_AT_ONCE;
    hunt->over = hunt->over || report->beyond == 0;
}

static bool
hunt_end(Hunt *hunt, const BatchReport *report, Err *err)
{
    Fill *fill = hunt->fill;

    fill->gauge.pressure.value[SIGNAL_WAITERS] = (double)report->waiters;
    if (report->end != BATCH_BARRED)
        hunt->barred_since = 0;
    switch (report->end)
    {
    case BATCH_DONE:
        hunt_done(hunt, report);
        return true;
    case BATCH_LOCKED:
        hunt_skip(hunt);
        return true;
    case BATCH_BARRED:
        return fill_barred(fill, hunt->leaf, &hunt->barred_since, err);
    case BATCH_REPLACED:
        hunt->over = hunt->leaf->replaced = true;
        return true;
    default:
        return fill_rest(fill, fill->limits.batch_ms, NULL, err);
    }
}

/* The next places of the block, each row by itself. */
static bool
hunt_places(Hunt *hunt, BatchReport *report, Err *err)
{
    MEM_SCOPE(scope, hunt->fill->mem);
    const Leaf *leaf = hunt->leaf;
    const BatchJob job = fill_job(hunt->fill, leaf);
    const BatchRows rows = {.block = hunt->block,
                            .from = hunt->from,
                            .to = hunt->from + PLACES_AT_ONCE,
                            .key = leaf->key,
                            .key_count = leaf->key_count};
    Blocks more = blocks_copy(scope, &leaf->skipped);

    blocks_add(scope, &more, (BlockRange){hunt->block, hunt->block + 1});

    const Batch batch = {.rows = &rows,
                         .position = leaf->rest.from,
                         .skipped = blocks_show(scope, &leaf->skipped),
                         .skipped_if_passed = blocks_show(scope, &more)};
    const BatchOrder order = {.job = &job,
                              .batch = &batch,
                              .filenode = leaf->filenode,
                              .lock_ms = leaf_lock_ms(leaf),
                              .stall_ms = hunt->fill->stall_ms,
                              .texts = scope};

    return batch_run(hunt->fill->run, &order, report, err) &&
           hunt_end(hunt, report, err);
}

bool
poison_set_aside(Fill *fill, Leaf *leaf, int64_t block, Err *err)
{
    Hunt hunt = {.fill = fill, .leaf = leaf, .block = block, .from = 1};

    for (int tries = 0; !hunt.over; tries++)
    {
        BatchReport report;

        if (tries == TRIES_MOST)
            return err_set(err, ERR_BUSY,
                           "block %" PRId64 " of \"%s\" was cancelled %d times", block,
                           leaf->shown, TRIES_MOST);
        if (!hunt_places(&hunt, &report, err))
            return false;
        if (report.end == BATCH_DONE || report.end == BATCH_BARRED)
            tries = 0;
        if (!fill_pace(fill, leaf, -1, err))
            return false;
    }
    return true;
}

bool
poison_forget(Fill *fill, Leaf *leaf, Err *err)
{
    MEM_SCOPE(scope, fill->mem);
    BatchJob job = fill_job(fill, leaf);
    SqlText text = batch_unpoison(scope, &job);

    fill->progress->set_aside -= leaf->set_aside;
    leaf->set_aside = 0;
    return batch_write(fill->run, "batch_unpoison", &text, err);
}

#include <inttypes.h>

#include "base/fault.h"
#include "base/units.h"
#include "run/backfill/fill.h"

#define REST_FIRST_MS 50
#define REST_MOST_MS 1000
#define CANCELLED_MOST 20

/* Coming back to the skipped blocks of one table. */
typedef struct Revisit
{
    Fill *fill;
    Leaf *leaf;
    double moved_ms; /* when one was last done */
    Millis rest;
    int64_t width; /* blocks at once; smaller where somebody is in the way */
    int64_t at;    /* blocks below were visited in this round */
    bool moved;    /* something was done in this round */
    Mem *blame;
    char *blocker;
    char *advice;
} Revisit;

/* The first skipped range that this round has not visited, at most `width` wide. */
static bool
revisit_pick(const Revisit *visit, BlockRange *piece)
{
    for (int i = 0; i < visit->leaf->skipped.count; i++)
    {
        *piece = visit->leaf->skipped.items[i];
        if (piece->to <= visit->at)
            continue;
        if (piece->from < visit->at)
            piece->from = visit->at;
        if (piece->to - piece->from > visit->width)
            piece->to = piece->from + visit->width;
        return true;
    }
    return false;
}

static bool
piece_done(Revisit *visit, BlockRange piece, const BatchReport *report)
{
    Fill *fill = visit->fill;

    if (report->passed == 0)
    {
        blocks_remove(fill->mem, &visit->leaf->skipped, piece);
        visit->moved = true;
        visit->width *= 2;
    }
    visit->moved = visit->moved || report->rows > 0;
    visit->leaf->rows_done += report->rows;
    fill_count(fill, report);
    return report->passed == 0;
}

/*
 * Poison: down to one block, which is then taken row by row. A batch that was refused
 * for any other reason leaves its blocks for the next round, in smaller pieces.
 */
static bool
piece_poisoned(Revisit *visit, BlockRange piece, Err *err)
{
    Leaf *leaf = visit->leaf;

    err_clear(err);
    if (piece.to - piece.from > 1)
    {
        visit->width = (piece.to - piece.from) / 2;
        visit->moved = true;
        return true;
    }
    visit->at = piece.to;
    blocks_remove(visit->fill->mem, &leaf->skipped, piece);
    if (!poison_set_aside(visit->fill, leaf, piece.from, err))
        return false;
    visit->moved = visit->moved || !blocks_have(&leaf->skipped, piece.from);
    return true;
}

static bool
piece_take(Revisit *visit, BlockRange piece, bool skip_locked, BatchReport *report,
           Err *err)
{
    Fill *fill = visit->fill;
    Leaf *leaf = visit->leaf;
    MEM_SCOPE(scope, fill->mem);
    Blocks fewer = blocks_copy(scope, &leaf->skipped);
    BatchJob job = fill_job(fill, leaf);

    blocks_remove(scope, &fewer, piece);

    const Batch batch = {.blocks = piece,
                         .pass = {.rows = 0},
                         .skip_locked = skip_locked,
                         .position = leaf->rest.to,
                         .skipped = blocks_show(scope, &fewer),
                         .skipped_if_passed = blocks_show(scope, &leaf->skipped)};
    const BatchOrder order = {.job = &job,
                              .batch = &batch,
                              .filenode = leaf->filenode,
                              .lock_ms = leaf_lock_ms(leaf),
                              .stall_ms = fill->stall_ms,
                              .texts = visit->blame,
                              .blame = !skip_locked};

    return batch_run(fill->run, &order, report, err);
}

/* One piece, leaving whatever others have. */
static bool
revisit_piece(Revisit *visit, BlockRange piece, Err *err)
{
    Fill *fill = visit->fill;
    BatchReport report;

    if (!piece_take(visit, piece, true, &report, err))
        return report.end == BATCH_POISONED && piece_poisoned(visit, piece, err);
    if (report.end == BATCH_REPLACED)
        visit->leaf->replaced = true;
    if (report.end != BATCH_DONE || !piece_done(visit, piece, &report))
    {
        int64_t half = (piece.to - piece.from) / 2;

        visit->width = half > 1 ? half : 1;
    }
    visit->at = piece.to;
    fill->gauge.pressure.value[SIGNAL_WAITERS] = (double)report.waiters;
    fill->progress->skipped_blocks = blocks_total(&visit->leaf->skipped);
    fill_tell(fill, "revisiting", visit->leaf->rest.to);
    return fill_pace(fill, visit->leaf, -1, err);
}

/* Waiting for the row itself, for a moment, is how the server tells whose it is. */
static bool
revisit_blame(Revisit *visit, Err *err)
{
    BlockRange piece;
    BatchReport report;

    mem_scope_end(&visit->blame);
    visit->blame = mem_scope_begin(visit->fill->mem);
    visit->at = 0;
    if (!revisit_pick(visit, &piece))
        return true;
    if (!piece_take(visit, piece, false, &report, err))
        return report.end == BATCH_POISONED && piece_poisoned(visit, piece, err);
    if (report.end == BATCH_DONE)
        piece_done(visit, piece, &report);
    visit->blocker = report.blocker;
    visit->advice = report.advice;
    return true;
}

static bool
revisit_gave_up(const Revisit *visit, double waited_ms, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const Blocks *skipped = &visit->leaf->skipped;

    err_set(err, ERR_BUSY,
            "rows in %" PRId64 " block%s of \"%s\" were locked by others for %s",
            blocks_total(skipped), blocks_total(skipped) == 1 ? "" : "s",
            visit->leaf->shown, duration_show(scope, waited_ms));
    if (visit->blocker != NULL)
        err_detail(err, "held by %s", visit->blocker);
    err_hint(err, "%s",
             visit->advice == NULL ? "Run it again when they are done: all other rows "
                                     "are filled."
                                   : visit->advice);
    return false;
}

/* A round in which nothing moved: who is it, and how long do we wait for them? */
static bool
revisit_wait(Revisit *visit, Err *err)
{
    MEM_SCOPE(scope, visit->fill->mem);
    Fill *fill = visit->fill;
    double now = clock_now(fill->run->clock);
    double patience = (double)fill->run->settings->lock_patience;

    if (!revisit_blame(visit, err))
        return false;
    if (now - visit->moved_ms > patience && visit->leaf->skipped.count > 0)
        return revisit_gave_up(visit, now - visit->moved_ms, err);

    const char *why =
        visit->blocker == NULL
            ? mem_text(scope, "others have rows of %" PRId64 " skipped blocks locked",
                       blocks_total(&visit->leaf->skipped))
            : mem_text(scope, "a skipped row is held by %s", visit->blocker);

    if (!fill_rest(fill, (double)visit->rest, why, err))
        return false;
    visit->rest = visit->rest * 2 < REST_MOST_MS ? visit->rest * 2 : REST_MOST_MS;
    return true;
}

bool
revisit_leaf(Fill *fill, Leaf *leaf, Err *err)
{
    Revisit visit = {.fill = fill,
                     .leaf = leaf,
                     .moved_ms = clock_now(fill->run->clock),
                     .rest = REST_FIRST_MS,
                     .width = fill->limits.blocks_most};
    bool good = true;

    if (leaf->skipped.count > 0)
        fault_point(FAULT_sweep_revisit);
    while (good && leaf->skipped.count > 0 && !leaf->replaced)
    {
        BlockRange piece;

        visit.at = 0;
        visit.moved = false;
        while (good && !leaf->replaced && revisit_pick(&visit, &piece))
            good = revisit_piece(&visit, piece, err);
        if (visit.moved)
        {
            visit.moved_ms = clock_now(fill->run->clock);
            visit.rest = REST_FIRST_MS;
        }
        else if (good && !leaf->replaced)
            good = revisit_wait(&visit, err);
    }
    mem_scope_end(&visit.blame);
    return good;
}

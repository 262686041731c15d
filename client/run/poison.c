#include <inttypes.h>

#include "base/units.h"
#include "run/fill.h"
#include "run/tell.h"

/* Every place that the low byte of a row's offset can tell apart. */
#define PLACES 256
#define TRIES_MOST 20

/* The search for the rows of one block that cannot take their value. */
typedef struct Hunt
{
    Fill *fill;
    Leaf *leaf;
    int64_t block;
} Hunt;

static bool
hunt_note(Hunt *hunt, const Pass *place, const char *why, Err *err)
{
    Fill *fill = hunt->fill;
    MEM_SCOPE(scope, fill->mem);
    BatchJob job = fill_job(fill, hunt->leaf);
    const BatchPoison poison = {.block = hunt->block,
                                .place = *place,
                                .key = hunt->leaf->key,
                                .key_count = hunt->leaf->key_count,
                                .why = why};
    SqlText text = batch_poison(scope, &job, &poison);

    fill->progress->set_aside++;
    tell_note(fill->run, EVENT_WARNING, "a row of \"%s\" is set aside: %s",
              hunt->leaf->shown, why);
    return batch_write(fill->run, "batch_poison", &text, err);
}

/* Rows that others have are come back to; whatever else stops us is tried again. */
static bool
hunt_end(Hunt *hunt, const BatchReport *report, bool *over, Err *err)
{
    Fill *fill = hunt->fill;

    switch (report->end)
    {
    case BATCH_DONE:
        *over = true;
        fill_count(fill, report);
        if (report->passed == 0)
            return true;
        break;
    case BATCH_LOCKED:
        *over = true;
        break;
    case BATCH_REPLACED:
        *over = hunt->leaf->replaced = true;
        return true;
    default:
        return fill_rest(fill, fill->limits.batch_ms, NULL, err);
    }
    blocks_add(fill->mem, &hunt->leaf->skipped,
               (BlockRange){hunt->block, hunt->block + 1});
    return true;
}

/* err says what happened where the batch ended otherwise than in its report. */
static bool
hunt_places(Hunt *hunt, Pass place, bool *poisoned, Err *err)
{
    MEM_SCOPE(scope, hunt->fill->mem);
    BatchJob job = fill_job(hunt->fill, hunt->leaf);
    const char *skipped = blocks_show(scope, &hunt->leaf->skipped);
    const Batch batch = {.blocks = {hunt->block, hunt->block + 1},
                         .pass = place,
                         .skip_locked = true,
                         .position = hunt->leaf->rest.from,
                         .skipped = skipped,
                         .skipped_if_passed = skipped};
    const BatchOrder order = {.job = &job,
                              .batch = &batch,
                              .filenode = hunt->leaf->filenode,
                              .lock_ms = leaf_lock_ms(hunt->leaf),
                              .stall_ms = hunt->fill->stall_ms};
    bool over = false;

    for (int tries = 0; !over && tries < TRIES_MOST; tries++)
    {
        BatchReport report;

        if (!batch_run(hunt->fill->run, &order, &report, err))
            return *poisoned = report.end == BATCH_POISONED, false;
        if (!hunt_end(hunt, &report, &over, err))
            return false;
    }
    return over ||
           err_set(err, ERR_BUSY, "block %" PRId64 " of \"%s\" was cancelled %d times",
                   hunt->block, hunt->leaf->shown, TRIES_MOST);
}

/* By halves, so that a block of good rows and one bad one takes a dozen batches. */
static bool
hunt_halves(Hunt *hunt, Pass place, Err *err)
{
    bool poisoned = false;

    if (hunt->leaf->replaced || hunt_places(hunt, place, &poisoned, err))
        return true;
    if (!poisoned)
        return false;
    if (place.to - place.from == 1)
    {
        MEM_SCOPE(scope, NULL);
        const char *why = mem_copy(scope, err->text);

        err_clear(err);
        return hunt_note(hunt, &place, why, err);
    }

    int middle = (place.from + place.to) / 2;

    err_clear(err);
    return hunt_halves(hunt, (Pass){place.modulus, place.from, middle}, err) &&
           hunt_halves(hunt, (Pass){place.modulus, middle, place.to}, err);
}

bool
poison_set_aside(Fill *fill, Leaf *leaf, int64_t block, Err *err)
{
    Hunt hunt = {.fill = fill, .leaf = leaf, .block = block};

    return hunt_halves(&hunt, (Pass){.modulus = PLACES, .to = PLACES}, err);
}

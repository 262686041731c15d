/*
 * The parts of one table that several workers sweep at once, each a range of blocks
 * with a progress row of its own.
 *
 * A part is never moved, only cut: what it says of its blocks stays true, so another
 * number of workers can go on from the parts that a killed run left.
 */
#ifndef PGSTRIDE_CORE_PARTS_H
#define PGSTRIDE_CORE_PARTS_H

#include "core/backfill/blocks.h"

typedef struct Part
{
    int64_t number;  /* 0 is there always, and is all that remains in the end */
    BlockRange rest; /* blocks still to be swept: position and end */
    Blocks skipped;  /* below the position */
} Part;

typedef struct Parts
{
    Part *items;
    int count;
    int room;
} Parts;

/* Is so much left of a part that half of it is worth a worker of its own? */
bool part_is_large(BlockRange rest);

/* Cuts the largest in half until every worker has one, or they are too small to cut. */
void parts_share(Mem *mem, Parts *parts, int workers);

/* The blocks to come back to, of all parts. */
Blocks parts_skipped(Mem *mem, const Parts *parts);

#endif

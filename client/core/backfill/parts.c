#include "core/backfill/parts.h"

/* Half a part should still be a few batches, or a worker is not worth its connection.
 */
#define HALF_LEAST 64

static int64_t
part_width(const Part *part)
{
    return part->rest.to - part->rest.from;
}

bool
part_is_large(BlockRange rest)
{
    return rest.to - rest.from >= 2 * HALF_LEAST;
}

static int
parts_open(const Parts *parts)
{
    int open = 0;

    for (int i = 0; i < parts->count; i++)
        open += part_width(&parts->items[i]) > 0;
    return open;
}

static Part *
parts_largest(const Parts *parts)
{
    Part *largest = &parts->items[0];

    for (int i = 1; i < parts->count; i++)
        if (part_width(&parts->items[i]) > part_width(largest))
            largest = &parts->items[i];
    return largest;
}

static int64_t
parts_next_number(const Parts *parts)
{
    int64_t number = 0;

    for (int i = 0; i < parts->count; i++)
        if (parts->items[i].number >= number)
            number = parts->items[i].number + 1;
    return number;
}

void
parts_share(Mem *mem, Parts *parts, int workers)
{
    while (parts_open(parts) < workers)
    {
        Part *largest = parts_largest(parts);
        int64_t middle = (largest->rest.from + largest->rest.to) / 2;
        Part upper = {.number = parts_next_number(parts),
                      .rest = {middle, largest->rest.to}};

        if (!part_is_large(largest->rest))
            return;
        largest->rest.to = middle;
        *list_add(mem, parts) = upper;
    }
}

Blocks
parts_skipped(Mem *mem, const Parts *parts)
{
    Blocks all = {0};

    for (int i = 0; i < parts->count; i++)
        for (int k = 0; k < parts->items[i].skipped.count; k++)
            blocks_add(mem, &all, parts->items[i].skipped.items[k]);
    return all;
}

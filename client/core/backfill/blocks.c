#include "core/backfill/blocks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

typedef struct Place
{
    int low;
    int high; /* exclusive */
} Place;

/* Puts `count` ranges where others were; nothing is copied, so that a set that changes
 * ten thousand times takes no more memory than its ranges. */
static void
splice(Mem *mem, Blocks *set, Place at, const BlockRange *ranges, int count)
{
    int low = at.low;
    int high = at.high;

    for (; high - low < count; high++)
    {
        list_reserve(mem, (void **)&set->items, &set->room, set->count,
                     sizeof(BlockRange));
        memmove(&set->items[high + 1], &set->items[high],
                sizeof(BlockRange) * (size_t)(set->count - high));
        set->count++;
    }
    for (int i = 0; i < count; i++)
        set->items[low + i] = ranges[i];
    memmove(&set->items[low + count], &set->items[high],
            sizeof(BlockRange) * (size_t)(set->count - high));
    set->count -= high - low - count;
}

/* What touches the new range melts into it. */
void
blocks_add(Mem *mem, Blocks *set, BlockRange range)
{
    int low = 0;

    if (range.from >= range.to)
        return;
    while (low < set->count && set->items[low].to < range.from)
        low++;

    int high = low;

    for (; high < set->count && set->items[high].from <= range.to; high++)
    {
        BlockRange old = set->items[high];

        range.from = old.from < range.from ? old.from : range.from;
        range.to = old.to > range.to ? old.to : range.to;
    }
    splice(mem, set, (Place){low, high}, &range, 1);
}

void
blocks_remove(Mem *mem, Blocks *set, BlockRange range)
{
    BlockRange rest[2];
    int count = 0;
    int low = 0;

    if (range.from >= range.to)
        return;
    while (low < set->count && set->items[low].to <= range.from)
        low++;

    int high = low;

    while (high < set->count && set->items[high].from < range.to)
        high++;
    if (low == high)
        return;
    if (set->items[low].from < range.from)
        rest[count++] = (BlockRange){set->items[low].from, range.from};
    if (set->items[high - 1].to > range.to)
        rest[count++] = (BlockRange){range.to, set->items[high - 1].to};
    splice(mem, set, (Place){low, high}, rest, count);
}

Blocks
blocks_copy(Mem *mem, const Blocks *set)
{
    Blocks copy = {0};

    for (int i = 0; i < set->count; i++)
        *list_add(mem, &copy) = set->items[i];
    return copy;
}

int64_t
blocks_total(const Blocks *set)
{
    int64_t total = 0;

    for (int i = 0; i < set->count; i++)
        total += set->items[i].to - set->items[i].from;
    return total;
}

bool
blocks_have(const Blocks *set, int64_t block)
{
    for (int i = 0; i < set->count; i++)
        if (set->items[i].from <= block && block < set->items[i].to)
            return true;
    return false;
}

char *
blocks_show(Mem *mem, const Blocks *set)
{
    Buf text = buf_begin(mem);

    buf_add(&text, "{");
    for (int i = 0; i < set->count; i++)
        buf_format(&text, "%s[%" PRId64 ",%" PRId64 ")", i > 0 ? "," : "",
                   set->items[i].from, set->items[i].to);
    buf_add(&text, "}");
    return text.text;
}

static bool
number_read(const char **text, int64_t *number)
{
    char *end;

    errno = 0;
    if (**text < '0' || **text > '9')
        return false;
    *number = strtoll(*text, &end, 10);
    *text = end;
    return errno == 0;
}

/* One [from,to); `text` is moved behind it. */
static bool
range_read(const char **text, BlockRange *range)
{
    return *(*text)++ == '[' && number_read(text, &range->from) && *(*text)++ == ',' &&
           number_read(text, &range->to) && *(*text)++ == ')' &&
           range->from < range->to;
}

bool
blocks_read(Mem *mem, const char *text, Blocks *set)
{
    BlockRange range;

    *set = (Blocks){0};
    if (*text++ != '{')
        return false;
    while (*text != '}')
    {
        if (set->count > 0 && *text++ != ',')
            return false;
        if (!range_read(&text, &range))
            return false;
        blocks_add(mem, set, range);
    }
    return text[1] == '\0';
}

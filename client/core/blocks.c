#include "core/blocks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"

static void
append(Mem *mem, Blocks *set, BlockRange range)
{
    if (range.from < range.to)
        *list_add(mem, set) = range;
}

/* What touches the new range melts into it; the rest keeps its order. */
void
blocks_add(Mem *mem, Blocks *set, BlockRange range)
{
    Blocks sum = {0};
    bool placed = range.from >= range.to;

    for (int i = 0; i < set->count; i++)
    {
        BlockRange old = set->items[i];
        bool touches = !placed && old.from <= range.to && range.from <= old.to;

        if (touches)
        {
            range.from = old.from < range.from ? old.from : range.from;
            range.to = old.to > range.to ? old.to : range.to;
            continue;
        }
        if (!placed && range.to < old.from)
        {
            append(mem, &sum, range);
            placed = true;
        }
        append(mem, &sum, old);
    }
    if (!placed)
        append(mem, &sum, range);
    *set = sum;
}

void
blocks_remove(Mem *mem, Blocks *set, BlockRange range)
{
    Blocks rest = {0};

    if (range.from >= range.to)
        return;
    for (int i = 0; i < set->count; i++)
    {
        BlockRange old = set->items[i];
        BlockRange below = {old.from, old.to < range.from ? old.to : range.from};
        BlockRange above = {old.from > range.to ? old.from : range.to, old.to};

        append(mem, &rest, below);
        append(mem, &rest, above);
    }
    *set = rest;
}

Blocks
blocks_copy(Mem *mem, const Blocks *set)
{
    Blocks copy = {0};

    for (int i = 0; i < set->count; i++)
        append(mem, &copy, set->items[i]);
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

void
blocks_cut(Mem *mem, Blocks *set, int64_t end)
{
    blocks_remove(mem, set, (BlockRange){end, INT64_MAX});
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

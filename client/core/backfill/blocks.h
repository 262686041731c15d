/*
 * Sets of blocks of a table, as ascending ranges [from, to) that never touch.
 *
 * Block numbers are all that a backfill carries from one transaction to the next. The
 * text form is that of int8multirange, for servers that have that type and those that
 * do not: {[3,7),[12,13)}.
 */
#ifndef PGSTRIDE_CORE_BLOCKS_H
#define PGSTRIDE_CORE_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

typedef struct BlockRange
{
    int64_t from;
    int64_t to; /* exclusive */
} BlockRange;

typedef struct Blocks
{
    BlockRange *items;
    int count;
    int room;
} Blocks;

void blocks_add(Mem *mem, Blocks *set, BlockRange range);
void blocks_remove(Mem *mem, Blocks *set, BlockRange range);
Blocks blocks_copy(Mem *mem, const Blocks *set);
int64_t blocks_total(const Blocks *set);
bool blocks_have(const Blocks *set, int64_t block);

char *blocks_show(Mem *mem, const Blocks *set);
/* False for text that blocks_show does not write. */
bool blocks_read(Mem *mem, const char *text, Blocks *set);

#endif

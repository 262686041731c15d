/*
 * How fast to go: blocks per batch and the rest between batches, from pressure.
 *
 * Pure: the same sample always gives the same answer. The size grows by addition and
 * shrinks by multiplication, so that a server in trouble is left alone at once and
 * tried again gently. Whoever rests says why.
 */
#ifndef PGSTRIDE_CORE_THROTTLE_H
#define PGSTRIDE_CORE_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/backfill/limits.h"

typedef struct Throttle
{
    int64_t blocks;   /* per batch */
    double rest_ms;   /* before the next one; 0: none */
    bool hold;        /* no batch at all until another sample allows it */
    char reason[224]; /* of the rest; empty: none */
} Throttle;

Throttle throttle_start(const Limits *limits);

/* After a batch that took batch_ms; < 0: there was none, only the rest is decided. */
Throttle throttle_next(Throttle last, const Pressure *pressure, const Limits *limits,
                       double batch_ms);

/* A batch was cut short because it took too long or made others wait. */
Throttle throttle_shrink(Throttle last);

#endif

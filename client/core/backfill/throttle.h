/*
 * How fast to go: blocks per batch, and the share of the time that batches may take,
 * from pressure.
 *
 * Pure: the same sample always gives the same answer. Size and share grow by addition
 * and shrink by multiplication, so that a server in trouble is left alone at once and
 * tried again gently. A small share is made of short batches: whoever meets one waits
 * for its rows, for the processor and for its WAL no longer than it lasts. Whoever
 * rests says why.
 */
#ifndef PGSTRIDE_CORE_THROTTLE_H
#define PGSTRIDE_CORE_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/backfill/limits.h"

typedef struct Throttle
{
    int64_t blocks;   /* per batch */
    double share;     /* of the time that batches take; 1: all of it */
    double rest_ms;   /* before the next one, whatever its share; 0: none */
    bool hold;        /* no batch at all until another sample allows it */
    char reason[224]; /* of the rest; empty: none */
} Throttle;

Throttle throttle_start(const Limits *limits);

/* After a batch that took batch_ms; < 0: there was none, only the rest is decided. */
Throttle throttle_next(Throttle last, const Pressure *pressure, const Limits *limits,
                       double batch_ms);

/* Rests are wanted between its batches. */
bool throttle_slows(const Throttle *throttle);

/* What a batch aims at: less where it has but a share of the time. */
double throttle_aim_ms(const Throttle *throttle, const Limits *limits);

/* The same where the server rests by itself between its batches: to begin and to end
 * one costs little, so the batches are short, and so are the rests. */
double throttle_sweep_ms(const Throttle *throttle, const Limits *limits);

/* The rest that follows work of worked_ms, between which there were rests already. */
double throttle_rest_ms(const Throttle *throttle, double worked_ms, double rested_ms);

/* A batch was cut short because it took too long or made others wait. */
Throttle throttle_shrink(Throttle last);

#endif

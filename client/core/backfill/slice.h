/*
 * The text of one slice: a CALL by which the server sweeps for a while by itself, many
 * batches, each with its row of progress and behind the same guard as ours.
 *
 * Pure; client/run/backfill/batch.c sends it. Every statement that the server runs for
 * us is in the text, so that it does what our own batches would.
 */
#ifndef PGSTRIDE_CORE_SLICE_H
#define PGSTRIDE_CORE_SLICE_H

#include "core/backfill/batch.h"

typedef struct Slice
{
    BlockRange rest;
    const char *skipped;      /* blocks to revisit, as text */
    const char *sync_trigger; /* computes what the slice assigns; or NULL */
    bool in_place;            /* no index reads what is assigned: passes are of use */
    double batch_ms;          /* a transaction aims at no more */
    double slice_ms;          /* and the call at no more */
    double share;             /* of it that transactions may take; it rests else */
} Slice;

/* How every transaction of it begins. */
typedef struct SliceTerms
{
    BatchLimits limits;
    int64_t filenode; /* that the block numbers belong to */
    SqlText guard;    /* a query that gives true */
} SliceTerms;

/* Gives skipped, position, ended, rows, hot, passed, wal_bytes, batches, yields,
 * longest_ms, waited_ms and rested_ms. */
SqlText slice_call(Mem *mem, const BatchJob *job, const Slice *slice,
                   const SliceTerms *terms);

#endif

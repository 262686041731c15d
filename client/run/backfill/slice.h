/*
 * One slice of a sweep that the server makes by itself, and what follows from how it
 * ended. What it could not do is ours to do, batch by batch.
 */
#ifndef PGSTRIDE_RUN_SLICE_H
#define PGSTRIDE_RUN_SLICE_H

#include "run/backfill/fill.h"

/* What the row of progress says that a slice writes and we do not. */
typedef struct Told
{
    int64_t position;
    char *skipped;
    int64_t rows_done;
    int64_t hot_rows;
    int64_t wal_bytes;
} Told;

typedef struct SliceTurn
{
    Fill *fill;
    Leaf *leaf;  /* the worker's part of it */
    Told told;   /* as of the last slice that answered */
    bool heard;  /* told is the truth: no batch of ours came after */
    int answers; /* slices that were answered */
    double barred_since;
    int64_t done_elsewhere;
} SliceTurn;

typedef enum SliceEnd
{
    SLICE_ON,    /* the next one */
    SLICE_WAITS, /* the next one, when an older snapshot has ended */
    SLICE_ASIDE  /* the next blocks are ours to do */
} SliceEnd;

/* The server can, and this is a backfill that it knows. */
bool slice_is_offered(const Fill *fill);

/* The slice to ask for now. */
bool slice_next(Mem *mem, SliceTurn *turn, Slice *slice, Err *err);

/* False: the backfill cannot go on. */
bool slice_end(SliceTurn *turn, const BatchReport *report, SliceEnd *end, Err *err);

#endif

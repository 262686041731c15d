/*
 * The hands that sweep one table: what each is at, what it sends, and what follows from
 * the answer. sweep.c keeps them all busy.
 */
#ifndef PGSTRIDE_RUN_HAND_H
#define PGSTRIDE_RUN_HAND_H

#include "run/backfill/slice.h"
#include "run/backfill/turn.h"

/*
 * Several workers sweep a table on one event loop: the hands of one crew. A hand has a
 * connection, a part of the table with a progress row of its own, and a batch under way
 * or an answer to be dealt with. Whatever takes its time (a rest, a pause, a hunt for
 * rows that cannot be filled) waits until no other hand has a batch in flight, because
 * nobody would commit it meanwhile and its rows would stay locked.
 */
typedef enum HandState
{
    HAND_FREE,   /* asks what comes next */
    HAND_AGAIN,  /* tries the same range once more */
    HAND_FLIES,  /* its batch is under way */
    HAND_LANDED, /* its answer is long to deal with */
    HAND_WAITS,  /* an older snapshot still sees its rows */
    HAND_DONE
} HandState;

typedef struct Hand
{
    HandState state;
    double waited_at_ms; /* when it last waited for an older snapshot; 0: never */
    Db *db;
    Leaf leaf;   /* a copy: its own part, position and skipped blocks */
    bool slices; /* the server sweeps for it; else its own batches, in `sweep` */
    Sweep sweep;
    Turn turn;
    SliceTurn slice_turn;
    Mem *mem; /* of the batch under way */
    BatchJob job;
    Batch batch;
    Slice slice;
    BatchOrder order;
    Flight *flight;
    BatchReport report;
} Hand;

typedef struct Crew
{
    Fill *fill;
    Leaf *leaf;
    bool by_server; /* the extension sweeps, and we do what it could not */
    Db *worker;     /* the run's own, while others have its seat */
    int workers;    /* as many as were wanted; `count` where so many have a part */
    Hand *hands;
    int count;
    int next_part;
    int64_t horizon; /* as seen at horizon_ms */
    double horizon_ms;
    bool together; /* nobody begins a batch until all have landed */
    double together_ms;
} Crew;

/* The next part that nobody has; false: there is none. */
bool hand_take_part(Crew *crew, Hand *hand);

/* All that a batch is sent with goes by run->worker: whoever's turn it is sits there.
 */
void hand_sits(Crew *crew, const Hand *hand);

/* A free hand decides what to do. */
bool hand_next(Crew *crew, Hand *hand, Err *err);
bool hand_send(Crew *crew, Hand *hand, Err *err);

/* What follows from an answer. */
bool hand_settle(Crew *crew, Hand *hand, Err *err);

int crew_flying(const Crew *crew);

/* One is done, and another has so much left that they could share it. */
bool crew_is_uneven(const Crew *crew);

#endif

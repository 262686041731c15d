/*
 * What may follow what: the table of transitions (design §4), read by one function.
 *
 * A migration moves one edge at a time; an edge runs one phase. Which edges a migration
 * has depends on its shape: one with only `up`, or with nothing after expand, is
 * finished by `up`; any other waits, backfilled, for `contract`.
 */
#ifndef PGSTRIDE_CORE_PHASE_H
#define PGSTRIDE_CORE_PHASE_H

#include "base/err.h"
#include "model/migration.h"

typedef enum Shape
{
    SHAPE_WHOLE,  /* only `up` */
    SHAPE_EXPAND, /* expand and nothing after it: nothing is left to contract */
    SHAPE_PHASED, /* with a backfill or a contract */
    SHAPE_COUNT
} Shape;

typedef struct Transition
{
    State from;
    Verb verb;
    State to;
    Phase phase;     /* whose sections run; for VERB_DOWN the first to be undone */
    unsigned shapes; /* 1 << Shape of the migrations that have this edge */
    bool needs_down_contract; /* only where the file says how to undo contract */
    const char *meaning;      /* what is true afterwards */
} Transition;

Shape migration_shape(const Migration *migration);

/* The edge that `verb` takes from here; ERR_REFUSED when there is none. */
bool phase_move(const Migration *migration, State from, Verb verb,
                const Transition **move, Err *err);

/* Where `up` is to leave the migration: `through` is PHASE_CONTRACT for
 * `up --through contract`, PHASE_EXPAND or PHASE_BACKFILL otherwise. */
State phase_goal(const Migration *migration, Phase through);

/* The same table as lines for the manual: pending  -- up -->  expanded  meaning. */
char *phase_diagram(Mem *mem);

#endif

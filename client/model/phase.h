/* The words for where a migration is: sections of its file, states, verbs. */
#ifndef PGSTRIDE_MODEL_PHASE_H
#define PGSTRIDE_MODEL_PHASE_H

#include <stdbool.h>

typedef enum Phase
{
    PHASE_UP, /* a file without phases has this one */
    PHASE_EXPAND,
    PHASE_BACKFILL,
    PHASE_CONTRACT,
    PHASE_COUNT
} Phase;

typedef enum State
{
    STATE_PENDING,
    STATE_EXPANDED,
    STATE_BACKFILLED,
    STATE_CONTRACTED, /* nothing is left to do: also a migration with only `up` */
    STATE_COUNT
} State;

typedef enum Verb
{
    VERB_UP,
    VERB_CONTRACT,
    VERB_DOWN,
    VERB_GOTO, /* up to a version, then down what is above it */
    VERB_COUNT
} Verb;

const char *phase_name(Phase phase); /* "expand" */
const char *state_name(State state); /* "expanded" */
const char *verb_name(Verb verb);    /* "up" */

/* By name; false when it is none. */
bool state_read(const char *name, State *state);

#endif

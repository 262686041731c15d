#include "model/phase.h"

#include <string.h>

/* clang-format off */
static const char *const phase_names[PHASE_COUNT] = {
    [PHASE_UP]       = "up",
    [PHASE_EXPAND]   = "expand",
    [PHASE_BACKFILL] = "backfill",
    [PHASE_CONTRACT] = "contract",
};
static const char *const state_names[STATE_COUNT] = {
    [STATE_PENDING]    = "pending",
    [STATE_EXPANDED]   = "expanded",
    [STATE_BACKFILLED] = "backfilled",
    [STATE_CONTRACTED] = "contracted",
};
static const char *const verb_names[VERB_COUNT] = {
    [VERB_UP]       = "up",
    [VERB_CONTRACT] = "contract",
    [VERB_DOWN]     = "down",
    [VERB_GOTO]     = "goto",
};
/* clang-format on */

const char *
phase_name(Phase phase)
{
    return phase_names[phase];
}

const char *
state_name(State state)
{
    return state_names[state];
}

const char *
verb_name(Verb verb)
{
    return verb_names[verb];
}

static bool
name_find(const char *name, const char *const *names, int count, int *index)
{
    for (*index = 0; *index < count; (*index)++)
    {
        if (strcmp(name, names[*index]) == 0)
            return true;
    }
    return false;
}

bool
state_read(const char *name, State *state)
{
    int index;
    bool found = name_find(name, state_names, STATE_COUNT, &index);

    if (found)
        *state = (State)index;
    return found;
}

#include "model/history.h"

#include <string.h>

const MigrationRecord *
history_migration(const History *history, const char *version)
{
    for (int i = 0; i < history->migration_count; i++)
        if (strcmp(history->migrations[i].version, version) == 0)
            return &history->migrations[i];
    return NULL;
}

const PhaseRecord *
history_phase(const History *history, const char *version, Phase phase)
{
    for (int i = 0; i < history->phase_count; i++)
        if (strcmp(history->phases[i].version, version) == 0 &&
            strcmp(history->phases[i].phase, phase_name(phase)) == 0)
            return &history->phases[i];
    return NULL;
}

const StepRecord *
history_step(const History *history, const char *version, Phase phase, int ordinal)
{
    for (int i = 0; i < history->step_count; i++)
        if (history->steps[i].number == ordinal &&
            strcmp(history->steps[i].version, version) == 0 &&
            strcmp(history->steps[i].phase, phase_name(phase)) == 0)
            return &history->steps[i];
    return NULL;
}

const StepRecord *
history_of_step(const History *history, const Step *step)
{
    for (int i = 0; i < history->step_count; i++)
        if (history->steps[i].number == step->ordinal &&
            strcmp(history->steps[i].version, step->migration->version) == 0 &&
            strcmp(history->steps[i].phase, step_phase(step)) == 0)
            return &history->steps[i];
    return NULL;
}

bool
history_undoing(const History *history, const char *version)
{
    for (int i = 0; i < history->step_count; i++)
        for (Phase phase = 0; phase < PHASE_COUNT; phase++)
            if (strcmp(history->steps[i].version, version) == 0 &&
                strcmp(history->steps[i].phase,
                       step_phase(&(Step){.phase = phase, .undoes = true})) == 0)
                return true;
    return false;
}

bool
history_kept(const History *history, const char *version)
{
    for (int i = 0; i < history->step_count; i++)
        if (strcmp(history->steps[i].version, version) == 0)
            return true;
    return history_state(history, version) != STATE_PENDING;
}

State
history_state(const History *history, const char *version)
{
    const MigrationRecord *record = history_migration(history, version);
    State state = STATE_PENDING;

    if (record != NULL)
        state_read(record->state, &state);
    return state;
}

#include "model/history.h"

#include <string.h>

/* --- records of one version ------------------------------------------------------ */

typedef enum RecordKind
{
    RECORD_MIGRATION,
    RECORD_PHASE,
    RECORD_STEP,
    RECORD_KIND_COUNT
} RecordKind;

/* Chains of records whose versions hash alike, in the order of the history. */
struct HistoryIndex
{
    uint32_t mask;
    int room[RECORD_KIND_COUNT]; /* of the array of records */
    int next_room[RECORD_KIND_COUNT];
    int *first[RECORD_KIND_COUNT]; /* by hash; -1: none */
    int *next[RECORD_KIND_COUNT];  /* by record; -1: it is the last */
};

static int
record_count(const History *history, RecordKind kind)
{
    const int counts[] = {history->migration_count, history->phase_count,
                          history->step_count};

    return counts[kind];
}

static const char *
record_version(const History *history, RecordKind kind, int at)
{
    if (kind == RECORD_MIGRATION)
        return history->migrations[at].version;
    return kind == RECORD_PHASE ? history->phases[at].version
                                : history->steps[at].version;
}

static uint32_t
version_hash(const char *version)
{
    uint32_t hash = 2166136261u;

    for (; *version != '\0'; version++)
        hash = (hash ^ (unsigned char)*version) * 16777619u;
    return hash;
}

static void
index_kind(Mem *mem, HistoryIndex *index, const History *history, RecordKind kind)
{
    int count = record_count(history, kind);

    index->room[kind] = count;
    index->next_room[kind] = count;
    index->first[kind] = mem_array(mem, int, index->mask + 1);
    index->next[kind] = mem_array(mem, int, count + 1);
    for (uint32_t i = 0; i <= index->mask; i++)
        index->first[kind][i] = -1;
    for (int i = count - 1; i >= 0; i--)
    {
        const char *version = record_version(history, kind, i);
        int *first = &index->first[kind][version_hash(version) & index->mask];

        index->next[kind][i] = *first;
        *first = i;
    }
}

void
history_index(Mem *mem, History *history)
{
    HistoryIndex *index = mem_new(mem, HistoryIndex);

    index->mask = 63;
    while (index->mask < (uint32_t)history->migration_count)
        index->mask = index->mask * 2 + 1;
    for (RecordKind kind = 0; kind < RECORD_KIND_COUNT; kind++)
        index_kind(index, index, history, kind);
    history->index = index;
}

/* One more record of that kind: the slot for it, made known to the index. */
static void *
record_add(Mem *mem, History *history, RecordKind kind, const char *version)
{
    HistoryIndex *index = history->index;
    const struct
    {
        void **items;
        int *count;
        size_t size;
    } lists[] = {
        {(void **)&history->migrations, &history->migration_count,
         sizeof(MigrationRecord)},
        {(void **)&history->phases, &history->phase_count, sizeof(PhaseRecord)},
        {(void **)&history->steps, &history->step_count, sizeof(StepRecord)},
    };
    int at = *lists[kind].count;
    int *link = &index->first[kind][version_hash(version) & index->mask];

    list_reserve(mem, lists[kind].items, &index->room[kind], at, lists[kind].size);
    list_reserve(index, (void **)&index->next[kind], &index->next_room[kind], at,
                 sizeof(int));
    while (*link >= 0)
        link = &index->next[kind][*link];
    *link = at;
    index->next[kind][at] = -1;
    ++*lists[kind].count;
    return (char *)*lists[kind].items + lists[kind].size * (size_t)at;
}

void
history_add(Mem *mem, History *history, const MigrationRecord *migration,
            const PhaseRecord *phase, const StepRecord *step)
{
    if ((uint32_t)history->migration_count > history->index->mask)
    {
        TALLOC_FREE(history->index);
        history_index(mem, history);
    }

    MigrationRecord *added =
        record_add(mem, history, RECORD_MIGRATION, migration->version);
    int64_t last = added == history->migrations ? 0 : added[-1].applied_order;

    *added = *migration;
    added->applied_order = last + 1;
    *(PhaseRecord *)record_add(mem, history, RECORD_PHASE, phase->version) = *phase;
    *(StepRecord *)record_add(mem, history, RECORD_STEP, step->version) = *step;
}

/* The first at or behind `at` that is of that version; -1: none. */
static int
record_from(const History *history, RecordKind kind, const char *version, int at)
{
    const HistoryIndex *index = history->index;
    int count = record_count(history, kind);

    while (at >= 0 && at < count &&
           strcmp(record_version(history, kind, at), version) != 0)
        at = index == NULL ? at + 1 : index->next[kind][at];
    return at < count ? at : -1;
}

static int
record_first(const History *history, RecordKind kind, const char *version)
{
    const HistoryIndex *index = history->index;
    int at =
        index == NULL ? 0 : index->first[kind][version_hash(version) & index->mask];

    return record_from(history, kind, version, at);
}

static int
record_next(const History *history, RecordKind kind, const char *version, int at)
{
    const HistoryIndex *index = history->index;

    return record_from(history, kind, version,
                       index == NULL ? at + 1 : index->next[kind][at]);
}

#define EACH_RECORD(i, history, kind, version)                                         \
    (int i = record_first((history), (kind), (version)); i >= 0;                       \
     i = record_next((history), (kind), (version), i))

bool
history_has(const History *history, const char *version)
{
    for (RecordKind kind = 0; kind < RECORD_KIND_COUNT; kind++)
        if (record_first(history, kind, version) >= 0)
            return true;
    return false;
}

/* --- questions ------------------------------------------------------------------- */

const MigrationRecord *
history_migration(const History *history, const char *version)
{
    int at = record_first(history, RECORD_MIGRATION, version);

    return at < 0 ? NULL : &history->migrations[at];
}

const PhaseRecord *
history_phase(const History *history, const char *version, Phase phase)
{
    for
        EACH_RECORD(i, history, RECORD_PHASE, version)
    if (strcmp(history->phases[i].phase, phase_name(phase)) == 0)
        return &history->phases[i];
    return NULL;
}

static const StepRecord *
step_find(const History *history, const char *version, const char *phase, int ordinal)
{
    for
        EACH_RECORD(i, history, RECORD_STEP, version)
    if (history->steps[i].number == ordinal &&
        strcmp(history->steps[i].phase, phase) == 0)
        return &history->steps[i];
    return NULL;
}

const StepRecord *
history_step(const History *history, const char *version, Phase phase, int ordinal)
{
    return step_find(history, version, phase_name(phase), ordinal);
}

const StepRecord *
history_of_step(const History *history, const Step *step)
{
    return step_find(history, step->migration->version, step_phase(step),
                     step->ordinal);
}

bool
history_undoing(const History *history, const char *version)
{
    for
        EACH_RECORD(i, history, RECORD_STEP, version)
    for (Phase phase = 0; phase < PHASE_COUNT; phase++)
        if (strcmp(history->steps[i].phase,
                   step_phase(&(Step){.phase = phase, .undoes = true})) == 0)
            return true;
    return false;
}

bool
history_kept(const History *history, const char *version)
{
    return record_first(history, RECORD_STEP, version) >= 0 ||
           history_state(history, version) != STATE_PENDING;
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

bool
history_imported(const History *history)
{
    for (int i = 0; i < history->migration_count; i++)
        if (strcmp(history->migrations[i].how, "import") == 0)
            return true;
    return false;
}

/* What the history says: rows of pgstride's own tables, as nouns. */
#ifndef PGSTRIDE_MODEL_HISTORY_H
#define PGSTRIDE_MODEL_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "model/phase.h"
#include "model/step.h"

/* One step that ran, or was started and not heard of again. */
typedef struct StepRecord
{
    char *version;
    char *phase;
    int64_t number;
    char *kind;
    char *title;
    char *hash;
    bool done; /* false: started outside a transaction, outcome unknown */
    char *sql;
    char *undo; /* NULL: no way back is known; empty: nothing to take back */
} StepRecord;

typedef struct PhaseRecord
{
    char *version;
    char *phase;
    char *exact; /* checksums of the text that ran; NULL for baseline, mark, force */
    char *normal;
    bool done;
} PhaseRecord;

typedef struct MigrationRecord
{
    char *version;
    char *name;
    char *file;
    char *state; /* state_name() */
    char *how;   /* "run", "baseline", "mark", "force", "adopt" */
    int64_t applied_order;
    char *applied_at; /* when it reached its state: "2026-11-02 10:30:00" in UTC */
    bool failed;      /* the last attempt failed or was killed midway */
    char *error;      /* of that attempt */
} MigrationRecord;

/* Where a backfill stands. Block numbers, never row addresses, cross a transaction. */
typedef struct BackfillRecord
{
    char *version;
    int64_t number;
    char *leaf;        /* name of the table really swept */
    int64_t position;  /* every block below it was met */
    int64_t end_block; /* N, read after the trigger was committed */
    bool verified;
    int64_t last_xid; /* 64-bit transaction id of the last batch that changed rows */
} BackfillRecord;

/* Where each version's records stand; see history_index. */
typedef struct HistoryIndex HistoryIndex;

typedef struct History
{
    bool exists;            /* pgstride's tables are there */
    bool skimmed;           /* steps of what is complete were not read */
    int64_t schema_version; /* of those tables */
    MigrationRecord *migrations;
    int migration_count;
    PhaseRecord *phases;
    int phase_count;
    StepRecord *steps;
    int step_count;
    BackfillRecord *backfills;
    int backfill_count;
    HistoryIndex *index; /* NULL: records are searched one by one */
} History;

/* So that asking for one version costs the same however long the history is. To be
 * made again whenever migrations, phases or steps have changed. */
void history_index(Mem *mem, History *history);

/* Of a version that it knows nothing of, behind all others; the index is kept. */
bool history_has(const History *history, const char *version);
void history_add(Mem *mem, History *history, const MigrationRecord *migration,
                 const PhaseRecord *phase, const StepRecord *step);

const MigrationRecord *history_migration(const History *history, const char *version);
const PhaseRecord *history_phase(const History *history, const char *version,
                                 Phase phase);
const StepRecord *history_step(const History *history, const char *version, Phase phase,
                               int ordinal);
/* The record of that very step, of a deed or of an undo. */
const StepRecord *history_of_step(const History *history, const Step *step);
/* Its way down was begun, and not finished: there is no way but down. */
bool history_undoing(const History *history, const char *version);
/* Something of it is in the database: a state, or steps that are done. */
bool history_kept(const History *history, const char *version);
State history_state(const History *history, const char *version);
/* The table of another runner was copied once, and is its own business since then. */
bool history_imported(const History *history);

#endif

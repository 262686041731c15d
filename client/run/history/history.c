#include "run/history/history.h"

#include <string.h>

#include "base/fault.h"
#include "run/connect/runner.h"
#include "run/folder/settle.h"
#include "run/foreign/foreign.h"

/* clang-format off */
static const Column migration_columns[] = {
    COLUMN(TEXT, MigrationRecord, version),  COLUMN(TEXT, MigrationRecord, name),
    COLUMN(TEXT, MigrationRecord, file),     COLUMN(TEXT, MigrationRecord, state),
    COLUMN(TEXT, MigrationRecord, how),      COLUMN(INT64, MigrationRecord, applied_order),
    COLUMN(TEXT, MigrationRecord, applied_at), COLUMN(BOOL, MigrationRecord, failed),
    COLUMN(TEXT_OR_NULL, MigrationRecord, error),
};

static const Column phase_columns[] = {
    COLUMN(TEXT, PhaseRecord, version),       COLUMN(TEXT, PhaseRecord, phase),
    COLUMN(TEXT_OR_NULL, PhaseRecord, exact), COLUMN(TEXT_OR_NULL, PhaseRecord, normal),
    COLUMN(BOOL, PhaseRecord, done),
};

static const Column step_columns[] = {
    COLUMN(TEXT, StepRecord, version), COLUMN(TEXT, StepRecord, phase),
    COLUMN(INT64, StepRecord, number), COLUMN(TEXT, StepRecord, kind),
    COLUMN(TEXT, StepRecord, title),   COLUMN(TEXT, StepRecord, hash),
    COLUMN(BOOL, StepRecord, done),    COLUMN(TEXT, StepRecord, sql),
    COLUMN(TEXT_OR_NULL, StepRecord, undo),
};

static const Column backfill_columns[] = {
    COLUMN(TEXT, BackfillRecord, version),    COLUMN(INT64, BackfillRecord, number),
    COLUMN(TEXT, BackfillRecord, leaf),       COLUMN(INT64, BackfillRecord, position),
    COLUMN(INT64, BackfillRecord, end_block), COLUMN(BOOL, BackfillRecord, verified),
    COLUMN(INT64, BackfillRecord, last_xid),
};

typedef struct HistoryPart
{
    const char *label;
    const char *open; /* of what is not complete, where the engine knows that question */
    const Column *columns;
    int column_count;
    size_t size;
    size_t items;
    size_t count;
} HistoryPart;

#define PART(label, open, columns, Type, list, number)                                   \
    {label, open, columns, LENGTH(columns), sizeof(Type), offsetof(History, list),       \
     offsetof(History, number)}

static const HistoryPart history_parts[] = {
    PART("history_migrations", NULL, migration_columns, MigrationRecord, migrations, migration_count),
    PART("history_phases", NULL, phase_columns, PhaseRecord, phases, phase_count),
    PART("history_steps", "history_steps_open", step_columns, StepRecord, steps, step_count),
    PART("history_backfills", NULL, backfill_columns, BackfillRecord, backfills, backfill_count),
};
/* clang-format on */

/* Of one version, or of all (NULL). */
static bool
part_read(Run *run, const HistoryPart *part, Mem *mem, const char *version,
          History *history, Err *err)
{
    MEM_SCOPE(scope, mem);
    bool open = history->skimmed && part->open != NULL &&
                run->driver->query(run->watcher, part->open) != NULL;
    char *base = (char *)history;
    Rows rows;

    return db_query(scope, run->watcher, open ? part->open : part->label,
                    ARGS(run->settings->component, version), &rows, err) &&
           rows_decode(mem, &rows, part->columns, part->column_count, part->size,
                       (void **)(base + part->items), (int *)(base + part->count), err);
}

static bool
parts_read(Run *run, Mem *mem, const char *version, History *history, Err *err)
{
    for (int i = 0; history->exists && i < LENGTH(history_parts); i++)
        if (!part_read(run, &history_parts[i], mem, version, history, err))
            return err_in(err, "while reading the history");
    return true;
}

static bool
history_gather(Run *run, Mem *mem, History *history, Err *err)
{
    MEM_SCOPE(scope, mem);
    Rows rows;

    if (!db_query(scope, run->watcher, "bookkeeping_exists", NO_ARGS, &rows, err))
        return false;
    history->exists = rows_bool(&rows, 0, "here");
    if (history->exists && !rows_bool(&rows, 0, "readable"))
        return err_set(err, ERR_CONNECT, "permission denied for schema pgstride") ||
               err_hint(err,
                        "Ask its owner: GRANT USAGE ON SCHEMA pgstride, and SELECT "
                        "ON ALL TABLES IN SCHEMA pgstride, to this role.");
    if (!parts_read(run, mem, NULL, history, err) ||
        !foreign_read(run, mem, history, err))
        return false;
    settle_repeatables(run, mem, history);
    history_index(mem, history);
    foreign_overlay(run, mem, history);
    TALLOC_FREE(history->index); /* there may be more records now */
    history_index(mem, history);
    settle_shortcuts(run, history);
    return true;
}

/* Read after every phase, so what was remembered before is let go. */
static bool
history_remember(Run *run, bool skims, Err *err)
{
    Mem *fresh = mem_scope_begin(run->mem);
    History history = {.skimmed = skims};

    if (!history_gather(run, fresh, &history, err))
    {
        run->foreign_rows = (ForeignRows){0};
        mem_scope_end(&fresh);
        return false;
    }
    if (run->remembered != NULL)
        mem_scope_end(&run->remembered);
    run->history = history;
    run->remembered = fresh;
    return true;
}

bool
history_read(Run *run, Err *err)
{
    return history_remember(run, false, err);
}

bool
history_skim(Run *run, Err *err)
{
    return history_remember(run, true, err);
}

/* Each record begins with the version that it is of. */
static bool
record_is_of(const char *record, const char *version)
{
    return strcmp(*(char *const *)(const void *)record, version) == 0;
}

static char *
record_copy(char *to, const char *records, int count, size_t size)
{
    if (count > 0)
        memcpy(to, records, size * (size_t)count);
    return to + size * (size_t)count;
}

/* The records of that version anew, where the old ones stood, or behind all others. */
static void
part_splice(const HistoryPart *part, Mem *mem, const char *version, History *history,
            const History *news)
{
    size_t size = part->size;
    char **items = (char **)(void *)((char *)history + part->items);
    int *count = (int *)(void *)((char *)history + part->count);
    char *const *fresh =
        (char *const *)(const void *)((const char *)news + part->items);
    const int *fresh_count =
        (const int *)(const void *)((const char *)news + part->count);
    char *merged = mem_zeroed(mem, size * (size_t)(*count + *fresh_count), part->label);
    int at = 0;

    while (at < *count && !record_is_of(*items + size * (size_t)at, version))
        at++;

    char *to = record_copy(merged, *items, at, size);

    to = record_copy(to, *fresh, *fresh_count, size);
    for (; at < *count; at++)
        if (!record_is_of(*items + size * (size_t)at, version))
            to = record_copy(to, *items + size * (size_t)at, 1, size);
    TALLOC_FREE(*items);
    *items = merged;
    *count = (int)((size_t)(to - merged) / size);
}

bool
history_read_of(Run *run, const char *version, Err *err)
{
    History news = {.exists = true};

    if (run->remembered == NULL || !run->history.exists)
        return history_read(run, err);
    if (!parts_read(run, run->remembered, version, &news, err))
        return false;
    for (int i = 0; i < LENGTH(history_parts); i++)
        part_splice(&history_parts[i], run->remembered, version, &run->history, &news);
    TALLOC_FREE(run->history.index);
    history_index(run->remembered, &run->history);
    return true;
}

bool
history_learn(Run *run, const DeedRecord *deed)
{
    History *history = &run->history;
    MigrationRecord migration;
    PhaseRecord phase;
    StepRecord step;

    if (!history->exists || history->index == NULL || deed->begins == NULL ||
        !deed->step->last || deed->step->ordinal != 1 || deed->step->undoes ||
        history_has(history, deed->step->migration->version))
        return false;
    record_deed_rows(run->remembered, deed, &migration, &phase, &step);
    history_add(run->remembered, history, &migration, &phase, &step);
    return true;
}

/* The last step of an undo takes the phase's records away, its own among them. */
static bool
undone_for_good(const History *history, const Step *step)
{
    const char *version = step->migration->version;

    return step->undoes && step->last &&
           history_phase(history, version, step->phase) == NULL &&
           history_state(history, version) == step->left;
}

bool
history_step_done(Run *run, const Step *step, bool *done, Err *err)
{
    if (!history_read(run, err))
        return false;

    const StepRecord *record = history_of_step(&run->history, step);

    *done = (record != NULL && record->done) || undone_for_good(&run->history, step);
    return true;
}

/* One message, so that it is sent whole or not at all. */
bool
history_write(Run *run, const char *label, const SqlText *texts, int count, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText guard = runner_guard(scope, run);
    Ask *asks = mem_array(scope, Ask, count + 3);
    Reply reply;
    int sent = 0;

    asks[sent++] = (Ask){.label = "begin", .sql = caps_own(run->caps)->begin};
    asks[sent++] = (Ask){.label = "guard", .sql = sql_done(&guard)};
    for (int i = 0; i < count; i++)
        asks[sent++] = (Ask){.label = label, .sql = sql_done(&texts[i])};
    asks[sent++] = (Ask){.label = "commit", .sql = "COMMIT"};
    return db_script(scope, run->warden, asks, sent, &reply, err) ||
           err_in(err, "while writing the history");
}

bool
history_cost(Run *run, const Step *step, const Cost *cost, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    return db_query(scope, run->warden, "step_cost",
                    ARGS(run->settings->component, step->migration->version,
                         step_phase(step), mem_text(scope, "%d", step->ordinal),
                         mem_text(scope, "%d", cost->tries),
                         mem_text(scope, "%.3f", cost->queued_ms),
                         mem_text(scope, "%.3f", cost->held_ms),
                         mem_text(scope, "%.3f", cost->stall_ms),
                         mem_text(scope, "%.3f", cost->took_ms), run->id),
                    &rows, err);
}

bool
history_started(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText text = record_step_started(scope, run, step);

    if (!history_write(run, "step_started", &text, 1, err))
        return false;
    fault_point(FAULT_alone_started);
    return true;
}

bool
history_done(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText text = record_step(scope, run, step);

    return history_write(run, "step_done", &text, 1, err);
}

void
history_forget(Run *run, const Step *step)
{
    MEM_SCOPE(scope, run->mem);
    SqlText text = record_step_forgotten(scope, run, step);
    Err ignored = {0};

    history_write(run, "step_forgotten", &text, 1, &ignored);
    err_clear(&ignored);
}

bool
history_phase_begin(Run *run, const Migration *migration, Phase phase,
                    const Checksums *checksums, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText text = record_phase_begin(scope, run, migration, phase, checksums);

    return history_write(run, "phase_begin", &text, 1, err);
}

bool
history_phase_done(Run *run, const Migration *migration, Phase phase, bool complete,
                   Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText text = record_phase_done(scope, run, migration, phase, complete);

    if (!history_write(run, "phase_done", &text, 1, err))
        return false;
    fault_point(FAULT_phase_done);
    return true;
}

void
history_failed(Run *run, const Migration *migration, const Statement *statement,
               const char *why)
{
    MEM_SCOPE(scope, run->mem);
    SqlText text = record_failed(scope, run, migration, statement, why);
    Err ignored = {0};

    if (run->warden == NULL) /* the server went away and stayed away */
        return;
    history_write(run, "failed", &text, 1, &ignored);
    err_clear(&ignored);
}

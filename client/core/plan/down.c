#include "core/plan/down.h"

#include <string.h>

#include "core/plan/draft.h"
#include "core/plan/phase.h"
#include "core/plan/phase_steps.h"
#include "core/plan/plain.h"
#include "core/sql/actions.h"
#include "core/sql/sql.h"
#include "core/sync/sync_step.h"

/* Phases in the order they are undone, and where each leaves the migration. */
typedef struct Undoing
{
    Phase phase;
    State left;
} Undoing;

static const Undoing undoings[] = {
    {PHASE_CONTRACT, STATE_BACKFILLED},
    {PHASE_BACKFILL, STATE_EXPANDED},
    {PHASE_EXPAND, STATE_PENDING},
    {PHASE_UP, STATE_PENDING},
};

typedef struct Way
{
    const History *history;
    const Migration *migration;
    const Section *whole; /* `-- migrate:down` without a phase: for all of it */
    Draft *draft;
} Way;

/* The state that says that the phase is behind the migration. */
static const State state_beyond[PHASE_COUNT] = {
    [PHASE_UP] = STATE_CONTRACTED,
    [PHASE_EXPAND] = STATE_EXPANDED,
    [PHASE_BACKFILL] = STATE_BACKFILLED,
    [PHASE_CONTRACT] = STATE_CONTRACTED,
};

/* Recorded as done without having run here: force, baseline, mark. */
static bool
by_decree(const Way *way)
{
    const MigrationRecord *record =
        history_migration(way->history, way->migration->version);

    return record != NULL && strcmp(record->how, "run") != 0;
}

static bool
phase_begun(const Way *way, Phase phase)
{
    const char *version = way->migration->version;

    if (by_decree(way) && migration_section(way->migration, phase, false) != NULL &&
        history_state(way->history, version) >= state_beyond[phase])
        return true;

    for (int i = 0; i < way->history->step_count; i++)
        if (strcmp(way->history->steps[i].version, version) == 0 &&
            strcmp(way->history->steps[i].phase, phase_name(phase)) == 0)
            return true;
    return history_phase(way->history, version, phase) != NULL;
}

/* Does nobody but its author know the way back, or nobody at all? */
static bool
statement_stays(const Statement *statement)
{
    for (int i = 0; i < statement->act_count; i++)
    {
        UndoKind undo = action_rule(&statement->acts[i], NULL).undo;

        if (undo == UNDO_OWN || undo == UNDO_IRREVERSIBLE)
            return true;
    }
    return false;
}

/* Of the statements that were sent in the step, the one that stays; else the first. */
static const Statement *
step_statement(const Way *way, const StepRecord *record)
{
    const Statement *first = NULL;

    for (int i = 0; i < way->migration->section_count; i++)
    {
        const Section *section = &way->migration->sections[i];

        for (int j = 0; !section->down && j < section->statements.count; j++)
        {
            const Statement *statement = &section->statements.items[j];

            if (strcmp(phase_name(section->phase), record->phase) != 0 ||
                strstr(record->sql, statement->sql.text) == NULL)
                continue;
            if (statement_stays(statement))
                return statement;
            first = first == NULL ? statement : first;
        }
    }
    return first;
}

static bool
no_way_back(const Way *way, const StepRecord *record, Err *err)
{
    const Statement *statement = step_statement(way, record);
    bool whole = strcmp(record->phase, phase_name(PHASE_UP)) == 0;
    const char *back = way->migration->back;

    err_at(err, ERR_REFUSED,
           statement == NULL ? way->migration->file : statement->span.file,
           statement == NULL ? 0 : statement->span.line,
           "no way back is known for step %lld of %s of %s: %s",
           (long long)record->number, record->phase, way->migration->label,
           record->title);
    if (back != NULL && back[0] == '\0')
        return err_hint(err, "Take it back by hand, then: pgstride mark %s --pending",
                        way->migration->version);
    if (back != NULL)
        return err_hint(err, "Write it down %s; then: pgstride down", back);
    return err_hint(err, "Write it down in a section -- migrate:down%s%s",
                    whole ? "" : " ", whole ? "" : record->phase);
}

/* The undo texts of the phase's steps, the last step's first. */
static bool
undo_recorded(const Way *way, Phase phase, Buf *text, Err *err)
{
    for (int i = way->history->step_count - 1; i >= 0; i--)
    {
        const StepRecord *record = &way->history->steps[i];

        if (strcmp(record->version, way->migration->version) != 0 ||
            strcmp(record->phase, phase_name(phase)) != 0)
            continue;
        if (record->undo == NULL && record->done)
            return no_way_back(way, record, err);
        if (record->undo != NULL && record->undo[0] != '\0')
            buf_format(text, "%s;\n", record->undo);
    }
    return true;
}

static bool
decree_refused(const Way *way, Err *err)
{
    const MigrationRecord *record =
        history_migration(way->history, way->migration->version);

    err_at(err, ERR_REFUSED, way->migration->file, 0,
           "%s did not run here (%s): no way back is known, and it has no \"down\" "
           "section",
           way->migration->label, record->how);
    return err_hint(err, "To forget it and change nothing: pgstride mark %s --pending",
                    way->migration->version);
}

bool
down_needs(Mem *mem, const Migration *migration, const History *history, Needs *needs,
           Err *err)
{
    if (!plan_needs(mem, migration, needs, err))
        return false;
    for (int i = 0; i < history->step_count; i++)
    {
        const StepRecord *record = &history->steps[i];
        Section section = {.engine = migration->engine,
                           .text = record->undo,
                           .text_line = 1,
                           .file = "undo"};

        if (record->undo == NULL || strcmp(record->version, migration->version) != 0)
            continue;
        if (!sql_parse(mem, &section, &section.statements, err))
            return err_in(err, "in the undo that the history keeps");
        needs_add(mem, needs, &section.statements);
    }
    return true;
}

/* A section made of recorded undo texts, to be parsed like one from a file. */
static bool
undo_section(Way *way, Phase phase, const Section **section, Err *err)
{
    Mem *mem = way->draft->mem;
    Section *made = mem_new(mem, Section);
    Buf text = buf_begin(mem);

    if (by_decree(way))
        return decree_refused(way, err);
    if (!undo_recorded(way, phase, &text, err))
        return false;
    *made = (Section){.engine = way->migration->engine,
                      .phase = phase,
                      .down = true,
                      .text = text.text,
                      .text_line = 1,
                      .file = mem_text(mem, "undo of %s", way->migration->label)};
    if (!sql_parse(mem, made, &made->statements, err))
        return err_in(err, "in the undo that the history keeps");
    *section = made;
    return true;
}

/*
 * The trigger goes first, in the same transaction: it fills a column that the
 * statements behind it may drop.
 */
static bool
undo_triggers(Way *way, Phase phase, Err *err)
{
    Draft *draft = way->draft;

    if (draft->request->caps->plain_path)
        return phase != PHASE_EXPAND || plain_level_drop(draft, err);
    for (int i = 0; i < draft->fills.count && phase == PHASE_EXPAND; i++)
    {
        const Backfill *fill = &draft->fills.items[i];
        StepSeed seed = {.kind = STEP_TRANSACTION, .table = fill->table};

        if (fill->sync == SYNC_OFF || draft_table(draft, &fill->table) == NULL)
            continue;
        draft_step(draft, &seed);
        draft_lock(draft, &fill->table, LOCK_ACCESS_EXCLUSIVE, false);
        sync_drop_draft(draft, &fill->table);
    }
    return true;
}

/* A phase with nothing to undo still has its record to take back. */
static void
undo_nothing(Way *way)
{
    StepSeed seed = {.kind = STEP_TRANSACTION, .alone = true};

    draft_step(way->draft, &seed);
    draft_title(way->draft, "forget its progress");
}

static bool
phase_undo(Way *way, const Undoing *undoing, Err *err)
{
    Draft *draft = way->draft;
    const Section *own = migration_section(way->migration, undoing->phase, true);
    bool last = undoing->left == STATE_PENDING;
    int before = draft->steps.count;

    if (own == NULL && way->whole != NULL && undoing->phase != PHASE_UP)
        own = last ? way->whole : NULL;
    draft->phase = undoing->phase;
    draft->section = own;
    if (own == NULL && way->whole == NULL &&
        !undo_section(way, undoing->phase, &own, err))
        return false;
    draft->section = own;
    if ((own == NULL || own->parsed) && !undo_triggers(way, undoing->phase, err))
        return false;
    for (int i = 0; own != NULL && i < own->statements.count; i++)
        if (!statement_draft(draft, &own->statements.items[i], err))
            return false;
    draft_close(draft);
    if (draft->steps.count == before)
    {
        undo_nothing(way);
        draft_close(draft);
    }
    for (int i = before; i < draft->steps.count; i++)
    {
        draft->steps.items[i].undoes = true;
        draft->steps.items[i].left = undoing->left;
        draft->steps.items[i].undo_show = "–";
    }
    return true;
}

/* Since contract only the new shape was written, so what stands in the old one is
 * stale: a way back that was guessed would lose data without a word. */
static bool
contract_has_way(const Way *way, State state, Err *err)
{
    const Migration *migration = way->migration;
    bool written = migration_section(migration, PHASE_CONTRACT, false) != NULL;

    if (state != STATE_CONTRACTED || !phase_begun(way, PHASE_CONTRACT) ||
        way->whole != NULL ||
        migration_section(migration, PHASE_CONTRACT, true) != NULL)
        return true;
    err_at(err, ERR_REFUSED, migration->file, 0,
           "%s is contracted: the old shape is gone", migration->label);
    return err_hint(err, "Only a section -- migrate:down%s can bring it back.",
                    written ? " contract" : "");
}

/* What was written for another runner goes back as it is written, too: made safe it
 * would leave other names than that runner's. */
static Safe
back_safe(const Section *whole, Safe asked)
{
    return whole != NULL && whole->options.verbatim && asked != SAFE_REWRITE
               ? SAFE_OFF
               : SAFE_BACK;
}

bool
down_plan(Mem *mem, const PlanRequest *request, const History *history, Plan *plan,
          Err *err)
{
    PlanRequest back = *request;
    Draft draft;
    Way way = {.history = history,
               .migration = request->migration,
               .whole = migration_section(request->migration, PHASE_UP, true),
               .draft = &draft};
    State state = history_state(history, request->migration->version);

    back.safe = back_safe(way.whole, request->safe);
    draft_begin(&draft, mem, &back);
    *plan = (Plan){.migration = request->migration, .caps = request->caps};
    if (!plan_backfills(mem, request->migration, &draft.fills.items, &draft.fills.count,
                        err) ||
        !contract_has_way(&way, state, err))
        return false;
    for (int i = 0; i < LENGTH(undoings); i++)
        if (phase_begun(&way, undoings[i].phase) &&
            !phase_undo(&way, &undoings[i], err))
            return false;
    draft_number(&draft, plan);
    return true;
}

#include "core/plan/exceptions.h"

#include <string.h>

#include "base/units.h"
#include "core/sql/actions.h"

static void note(Draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Each line once, however many statements give rise to it. */
static void
note(Draft *draft, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *line = mem_vtext(draft->mem, format, args);
    va_end(args);
    for (int i = 0; i < draft->notes.count; i++)
        if (strcmp(draft->notes.items[i], line) == 0)
            return;
    *list_add(draft->mem, &draft->notes) = line;
}

/* --- code that does not name its columns ----------------------------------------- */

static bool
changes_shape(const Act *act)
{
    return action_adds_column(act->action) || act->action == ACTION_DROP_COLUMN ||
           act->action == ACTION_RENAME_COLUMN || act->action == ACTION_ALTER_TYPE;
}

/* A plan that was cached before is refused once, and a list that was not written down
 * means other columns. */
static void
note_shape(Draft *draft, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);

    if (table == NULL || !changes_shape(act))
        return;
    note(draft,
         "prepared SELECT * and RETURNING * of %s fail once when its columns change, "
         "and "
         "INSERT or COPY without a list of columns means other ones: name them",
         table->name.name);
    if (table->publications != NULL && action_adds_column(act->action))
        note(draft,
             "%s is published by %s: give subscribers the column %s before, or they "
             "stop at the first row",
             table->name.name, table->publications, act->column);
}

static void
note_section(Draft *draft, const Section *section)
{
    for (int i = 0; i < section->statements.count; i++)
        for (int j = 0; j < section->statements.items[i].act_count; j++)
            note_shape(draft, &section->statements.items[i].acts[j]);
}

/* --- what a backfill does beside filling ----------------------------------------- */

static bool
fires(const TriggerFact *trigger, const Backfill *fill)
{
    bool skip = fill->section != NULL && fill->section->options.triggers_skip;
    bool silent = strcmp(trigger->enabled, "D") == 0 ||
                  strcmp(trigger->enabled, skip ? "O" : "R") == 0;
    bool on = fill->is_delete ? trigger->on_delete : trigger->on_update;
    bool named = trigger->column_count == 0;

    for (int i = 0; i < trigger->column_count; i++)
        for (int j = 0; j < fill->assignment_count; j++)
            named =
                named || strcmp(trigger->columns[i], fill->assignments[j].target) == 0;
    return on && !trigger->ours && !silent && (named || fill->is_delete);
}

/* Would a row that this changes have to be looked for where others refer to it? */
static bool
key_is_asked(const Backfill *fill, const TableFact *table, const ConstraintFact *key)
{
    bool here = key->incoming || (key->refers != NULL && key->other.name != NULL &&
                                  qname_equal(&key->other, &table->name));
    bool changed = fill->is_delete;

    for (int i = 0; i < fill->assignment_count && key->incoming; i++)
    {
        const ColumnFact *column = table_column(table, fill->assignments[i].target);

        changed =
            changed || (column != NULL && fact_mentions(key->mentions, column->number));
    }
    return here && changed && strcmp(key->kind, "f") == 0;
}

static void
note_key(Draft *draft, const Backfill *fill, const TableFact *table,
         const ConstraintFact *key)
{
    MEM_SCOPE(scope, NULL);
    const char *other = key->incoming ? key->other.name : table->name.name;

    if (fill->is_delete && strstr(key->definition, "ON DELETE CASCADE") != NULL)
        draft_note(draft,
                   "deletes the rows of \"%s\" that refer to it as well, in the same "
                   "batch and not counted (\"%s\" ON DELETE CASCADE)",
                   other, key->name);
    else if (fill->is_delete && strstr(key->definition, "ON DELETE SET ") != NULL)
        draft_note(draft,
                   "writes the rows of \"%s\" that refer to it as well, in the same "
                   "batch and not counted (\"%s\")",
                   other, key->name);
    if (!key->indexed)
        draft_note(draft,
                   "\"%s\" has no index on (%s): for every row that goes it is read "
                   "whole, about %s rows; CREATE INDEX CONCURRENTLY there first",
                   other, key->refers, count_show(scope, key->referring_rows));
}

void
exceptions_of_fill(Draft *draft, const Backfill *fill)
{
    const TableFact *table = draft_table(draft, &fill->table);

    if (table == NULL)
        return;
    for (int i = 0; i < table->trigger_count; i++)
        if (fires(&table->triggers[i], fill))
            draft_note(draft, "fires trigger \"%s\"%s", table->triggers[i].name,
                       strcmp(table->triggers[i].enabled, "O") == 0
                           ? " (triggers:skip to avoid)"
                           : "");
    for (int i = 0; i < table->constraint_count; i++)
        if (key_is_asked(fill, table, &table->constraints[i]))
            note_key(draft, fill, table, &table->constraints[i]);
    draft_note(draft, "REPEATABLE READ transactions that write to a row which a batch "
                      "has changed meanwhile get 40001 and must be tried again");
}

/* --- standbys -------------------------------------------------------------------- */

static bool
locks_everybody_out(const Draft *draft)
{
    for (int i = 0; i < draft->steps.count; i++)
        for (int j = 0; j < draft->steps.items[i].lock_count; j++)
            if (draft->steps.items[i].locks[j].mode == LOCK_ACCESS_EXCLUSIVE)
                return true;
    return false;
}

/* Here such a lock comes when nobody uses the index any more. A standby, which knows
 * nothing of that wait, replays it over whoever reads there. */
static bool
drops_an_index(const Draft *draft)
{
    for (int i = 0; i < draft->steps.count; i++)
        if (draft->steps.items[i].kind == STEP_INDEX_DROP ||
            draft->steps.items[i].kind == STEP_REINDEX)
            return true;
    return false;
}

static void
note_standbys(Draft *draft)
{
    const Facts *facts = draft->request->facts;
    int64_t count = facts->standbys;

    if (count > 0 && drops_an_index(draft))
        note(draft,
             "%lld standby%s the ACCESS EXCLUSIVE lock that DROP INDEX and REINDEX "
             "CONCURRENTLY end with: a long query of that table there is cancelled, or "
             "holds the replay up, whatever --standby says",
             (long long)count, count == 1 ? " replays" : "s replay");
    if (!locks_everybody_out(draft))
        return;
    if (facts->standbys_watched > 0)
        note(
            draft,
            "readers of %d standby%s are looked at before every ACCESS EXCLUSIVE lock, "
            "and waited for; one that begins later is cancelled, or holds the replay "
            "up",
            facts->standbys_watched, facts->standbys_watched == 1 ? "" : "s");
    if (count > facts->standbys_watched)
        note(draft,
             "%lld standby%s ACCESS EXCLUSIVE locks: a long query there is cancelled, "
             "or holds the replay up (max_standby_streaming_delay); --standby URL has "
             "us wait for it",
             (long long)count, count == 1 ? " replays" : "s replay");
}

void
exceptions_note(Draft *draft)
{
    const Migration *migration = draft->request->migration;

    for (int i = 0; i < migration->section_count; i++)
        if (!migration->sections[i].down)
            note_section(draft, &migration->sections[i]);
    note_standbys(draft);
}

#include "core/plan/phase.h"

#include "base/buf.h"

enum
{
    WHOLE = 1 << SHAPE_WHOLE,
    EXPAND = 1 << SHAPE_EXPAND,
    PHASED = 1 << SHAPE_PHASED
};

/* clang-format off */
static const Transition transitions[] = {
    {STATE_PENDING,    VERB_UP,       STATE_EXPANDED,   PHASE_EXPAND,   PHASED, false,
     "old and new shape live side by side"},
    {STATE_EXPANDED,   VERB_UP,       STATE_BACKFILLED, PHASE_BACKFILL, PHASED, false,
     "every old row carries its new value"},
    {STATE_BACKFILLED, VERB_CONTRACT, STATE_CONTRACTED, PHASE_CONTRACT, PHASED, false,
     "only the new shape is left"},
    {STATE_PENDING,    VERB_UP,       STATE_CONTRACTED, PHASE_UP,       WHOLE,  false,
     "a migration without phases ran whole"},
    {STATE_PENDING,    VERB_UP,       STATE_CONTRACTED, PHASE_EXPAND,   EXPAND, false,
     "an expand with nothing to contract is finished"},
    {STATE_EXPANDED,   VERB_DOWN,     STATE_PENDING,    PHASE_EXPAND,   PHASED, false,
     "the old shape was never touched"},
    {STATE_BACKFILLED, VERB_DOWN,     STATE_PENDING,    PHASE_BACKFILL, PHASED, false,
     "the old shape was never touched"},
    {STATE_CONTRACTED, VERB_DOWN,     STATE_PENDING,    PHASE_CONTRACT, PHASED, true,
     "the file undid its contract"},
    {STATE_CONTRACTED, VERB_DOWN,     STATE_PENDING,    PHASE_UP,       WHOLE,  false,
     "undone by its own section, or by the undo of its steps"},
    {STATE_CONTRACTED, VERB_DOWN,     STATE_PENDING,    PHASE_EXPAND,   EXPAND, false,
     "undone by its own section, or by the undo of its steps"},
};
/* clang-format on */

Shape
migration_shape(const Migration *migration)
{
    if (!migration_phased(migration))
        return SHAPE_WHOLE;
    if (migration_section(migration, PHASE_BACKFILL, false) == NULL &&
        migration_section(migration, PHASE_CONTRACT, false) == NULL)
        return SHAPE_EXPAND;
    return SHAPE_PHASED;
}

/* A whole `down` undoes the contract as well. */
static bool
undoes_contract(const Migration *migration)
{
    return migration_section(migration, PHASE_CONTRACT, true) != NULL ||
           migration_section(migration, PHASE_UP, true) != NULL;
}

static const Transition *
transition_find(Shape shape, State from, Verb verb)
{
    for (int i = 0; i < LENGTH(transitions); i++)
    {
        const Transition *row = &transitions[i];

        if (row->from == from && row->verb == verb && (row->shapes & 1U << shape) != 0)
            return row;
    }
    return NULL;
}

bool
phase_move(const Migration *migration, State from, Verb verb, const Transition **move,
           Err *err)
{
    Shape shape = migration_shape(migration);
    const Transition *row = transition_find(shape, from, verb);

    *move = NULL;
    if (row == NULL)
    {
        err_set(err, ERR_REFUSED, "cannot %s a migration that is %s: %s",
                verb == VERB_DOWN ? "take down" : verb_name(verb), state_name(from),
                migration->label);
        if (verb == VERB_CONTRACT && transition_find(shape, from, VERB_UP) != NULL)
            err_hint(err, "Run it first: pgstride up %s.", migration->version);
        return false;
    }
    if (row->needs_down_contract && !undoes_contract(migration))
    {
        err_set(err, ERR_REFUSED,
                "cannot take down a migration that is contracted: %s has no "
                "\"down contract\" section",
                migration->label);
        return err_hint(err, "What contract dropped is in no file: write a section "
                             "\"-- migrate:down contract\", or go forward with a new "
                             "migration.");
    }
    *move = row;
    return true;
}

State
phase_goal(const Migration *migration, Phase through)
{
    if (migration_shape(migration) != SHAPE_PHASED || through == PHASE_CONTRACT)
        return STATE_CONTRACTED;
    return through == PHASE_EXPAND ? STATE_EXPANDED : STATE_BACKFILLED;
}

char *
phase_diagram(Mem *mem)
{
    Buf buf = buf_begin(mem);

    for (int i = 0; i < LENGTH(transitions); i++)
    {
        const Transition *row = &transitions[i];

        buf_format(&buf, "%-10s  -- %-8s -->  %-10s  %s%s\n", state_name(row->from),
                   verb_name(row->verb), state_name(row->to), row->meaning,
                   row->needs_down_contract ? " (by \"down contract\" only)" : "");
    }
    return buf.text;
}

#include "core/plan/lean.h"

#include "core/plan/domains.h"
#include "core/plan/undo.h"
#include "core/sql/actions.h"

typedef struct Leaning
{
    const Migration *migration;
    const Caps *caps;
    LIST(QName) tables;
    LIST(bool) keys; /* of each table */
    LIST(const char *) types;
} Leaning;

/* Who drops a foreign key, or what one hangs on, locks the table at its other end. */
static bool
act_asks_keys(const Act *act)
{
    return act->action == ACTION_DROP_CONSTRAINT || act->action == ACTION_DROP_COLUMN ||
           act->action == ACTION_ALTER_TYPE || act->action == ACTION_DROP_TABLE;
}

/* Done by a recipe also where nothing is rewritten. */
static bool
act_is_supervised(const Act *act)
{
    return act->action == ACTION_CREATE_INDEX_CONCURRENTLY ||
           act->action == ACTION_DROP_INDEX_CONCURRENTLY ||
           act->action == ACTION_DETACH_CONCURRENTLY ||
           act->action == ACTION_REINDEX_CONCURRENTLY;
}

static void
lean_table(Mem *mem, Leaning *leaning, const QName *name, bool keys)
{
    if (name->name == NULL || name->name[0] == '\0')
        return;
    for (int i = 0; i < leaning->tables.count; i++)
        if (qname_equal(&leaning->tables.items[i], name))
        {
            leaning->keys.items[i] = leaning->keys.items[i] || keys;
            return;
        }
    *list_add(mem, &leaning->tables) = *name;
    *list_add(mem, &leaning->keys) = keys;
}

static bool
lean_act(Mem *mem, Leaning *leaning, const Act *act)
{
    const Migration *migration = leaning->migration;
    const char *type = act_asks_type(act);

    if (act_is_supervised(act) ||
        (migration_section(migration, PHASE_UP, true) == NULL &&
         !undo_in_text(migration, act, leaning->caps)))
        return false;
    lean_table(mem, leaning, &act->relation, act_asks_keys(act));
    lean_table(mem, leaning, &act->other, false);
    if (type != NULL)
        *list_add(mem, &leaning->types) = type;
    return true;
}

static bool
lean_section(Mem *mem, Leaning *leaning, const Section *section)
{
    if (!section->options.verbatim || section->phase != PHASE_UP)
        return false;
    for (int i = 0; i < section->statements.count; i++)
        for (int j = 0; j < section->statements.items[i].act_count; j++)
            if (!lean_act(mem, leaning, &section->statements.items[i].acts[j]))
                return false;
    return true;
}

bool
lean_needs(Mem *mem, const Migration *migration, const Caps *caps, Safe safe,
           Needs *needs)
{
    Leaning leaning = {.migration = migration, .caps = caps};

    if (caps->plain_path || safe == SAFE_REWRITE)
        return false;
    for (int i = 0; i < migration->section_count; i++)
        if (!migration->sections[i].down &&
            !lean_section(mem, &leaning, &migration->sections[i]))
            return false;
    *needs = (Needs){.lean = true,
                     .tables = leaning.tables.items,
                     .table_count = leaning.tables.count,
                     .keys = leaning.keys.items,
                     .types = leaning.types.items,
                     .type_count = leaning.types.count};
    return true;
}

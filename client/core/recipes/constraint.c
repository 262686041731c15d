/* CHECK and FOREIGN KEY: in force for new rows at once, read through while all work. */
#include <string.h>

#include "core/plan/probe.h"
#include "core/recipes/parts.h"
#include "core/sql/constraint.h"

/* The step that adds the constraint NOT VALID; the caller adds locks and a probe. */
static bool
not_valid_step(Draft *draft, const Naming *naming, const char **name, Err *err)
{
    SqlParsed sql;

    if (!recipe_constraint_name(draft, naming, name, err) ||
        !sql_constraint_not_valid(draft->mem, naming->statement, *name, &sql, err))
        return false;
    recipe_step(draft, STEP_TRANSACTION, WORK_FAST, naming->recipe, naming->statement);
    recipe_add_parsed(draft, sql, mem_text(draft->mem, "ADD CONSTRAINT %s", *name));
    recipe_undo_constraint(draft, &naming->act->relation, *name);
    return true;
}

static void
validate_step(Draft *draft, const Naming *naming, const char *name)
{
    recipe_validate(draft, naming->statement, &naming->act->relation, name,
                    mem_text(draft->mem, "%s validated", name));
}

/*
 * A CHECK that is NOT VALID yet refuses every update of a row that violates it, even of
 * another column: so no such row may be there when it comes.
 */
bool
recipe_check(Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    const Naming naming = {.recipe = "check",
                           .statement = statement,
                           .act = act,
                           .columns = act->columns,
                           .column_count = act->column_count == 1 ? 1 : 0,
                           .label = "check"};
    const char *shown = mem_text(draft->mem, "CHECK (%s)", act->expression.text);
    const char *name;

    if (!not_valid_step(draft, &naming, &name, err))
        return false;
    draft_lock(draft, &act->relation, LOCK_ACCESS_EXCLUSIVE, false);
    draft->step.probe = probe_of_rows(draft, &act->relation, act->expression);
    draft->step.probe.asks = mem_text(draft->mem, "no row violates %s", shown);
    draft->step.probe.one =
        mem_text(draft->mem, "row of \"%s\" violates %s", act->relation.name, shown);
    draft->step.probe.many =
        mem_text(draft->mem, "rows of \"%s\" violate %s", act->relation.name, shown);
    validate_step(draft, &naming, name);
    return true;
}

/* --- foreign keys ---------------------------------------------------------------- */

/* The columns that the key points at: as written, else the primary key's. */
static bool
target_columns(Draft *draft, const Act *act, const char ***columns)
{
    const TableFact *parent = draft_table(draft, &act->other);
    IndexShape shape;

    *columns = act->other_columns;
    if (act->other_column_count > 0)
        return act->other_column_count == act->column_count;
    for (int i = 0; parent != NULL && i < parent->index_count; i++)
        if (parent->indexes[i].primary &&
            sql_index_shape(draft->mem, parent->indexes[i].definition, &shape) &&
            shape.key_count == act->column_count)
        {
            *columns = mem_array(draft->mem, const char *, shape.key_count);
            for (int j = 0; j < shape.key_count; j++)
                (*columns)[j] = shape.keys[j].column;
            return true;
        }
    return false;
}

static bool
index_serves(Draft *draft, const IndexFact *index, const Act *act)
{
    IndexShape shape;

    if (!index->valid || !sql_index_shape(draft->mem, index->definition, &shape) ||
        shape.where.text != NULL || shape.key_count < act->column_count)
        return false;
    for (int i = 0; i < act->column_count; i++)
    {
        bool found = false;

        for (int j = 0; j < act->column_count; j++)
            found = found || (shape.keys[j].column != NULL &&
                              strcmp(shape.keys[j].column, act->columns[i]) == 0);
        if (!found)
            return false;
    }
    return true;
}

/* One that this migration makes counts, too. */
static bool
migration_indexes(const Draft *draft, const Act *key)
{
    const Migration *migration = draft->request->migration;

    for (int i = 0; i < migration->section_count; i++)
        for (int j = 0; j < migration->sections[i].statements.count; j++)
        {
            const Act *act = &migration->sections[i].statements.items[j].acts[0];

            if ((act->action == ACTION_CREATE_INDEX ||
                 act->action == ACTION_CREATE_INDEX_CONCURRENTLY) &&
                qname_may_equal(&act->relation, &key->relation) &&
                act->column_count > 0 && strcmp(act->columns[0], key->columns[0]) == 0)
                return true;
        }
    return false;
}

static void
note_missing_index(Draft *draft, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);
    Buf columns = buf_begin(draft->mem);

    for (int i = 0; table != NULL && i < table->index_count; i++)
        if (index_serves(draft, &table->indexes[i], act))
            return;
    if (migration_indexes(draft, act))
        return;
    for (int i = 0; i < act->column_count; i++)
        buf_format(&columns, "%s%s", i == 0 ? "" : ", ", act->columns[i]);
    draft_note(draft,
               "no index on %s (%s): every DELETE and every change of a key in %s will "
               "read all of it",
               act->relation.name, columns.text, act->other.name);
}

/* Before 18 a partitioned table takes no foreign key NOT VALID. */
static bool
is_made_in_parts(const Draft *draft, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);

    return table != NULL && strcmp(table->kind, "p") == 0 &&
           draft->request->caps->version < 180000;
}

bool
recipe_foreign_key(Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    bool first_only = draft->request->caps->version < 120000;
    const Naming naming = {.recipe = "foreign-key",
                           .statement = statement,
                           .act = act,
                           .columns = act->columns,
                           .column_count = first_only ? 1 : act->column_count,
                           .label = "fkey"};
    Probe orphans = {0};
    const char *name;
    const char **columns;

    if (target_columns(draft, act, &columns))
        orphans = probe_of_orphans(draft, act, columns);
    if (is_made_in_parts(draft, act))
    {
        if (!recipe_foreign_parts(draft, &naming, &orphans, err))
            return false;
        note_missing_index(draft, act);
        return true;
    }
    if (!not_valid_step(draft, &naming, &name, err))
        return false;
    draft_lock(draft, &act->relation, LOCK_SHARE_ROW_EXCLUSIVE, false);
    draft_lock(draft, &act->other, LOCK_SHARE_ROW_EXCLUSIVE, true);
    draft->step.probe = orphans;
    note_missing_index(draft, act);
    validate_step(draft, &naming, name);
    return true;
}

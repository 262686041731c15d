#include "core/plan/twins.h"

#include <string.h>

#include "core/sql/sql.h"

typedef struct Pair
{
    const TableFact *table;
    const ColumnFact *old;
    const ColumnFact *new;
} Pair;

typedef struct Losing
{
    Mem *mem;
    LIST(const char *) lines;
} Losing;

static void
losing(Losing *list, const char *what, const char *name, const Pair *pair)
{
    *list_add(list->mem, &list->lines) =
        mem_text(list->mem, "%s%s%s%s of \"%s\" has no twin on \"%s\"", what,
                 name == NULL ? "" : " \"", name == NULL ? "" : name,
                 name == NULL ? "" : "\"", pair->old->name, pair->new->name);
}

static bool
same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* A valid index with the same definition, and the same service as replica identity. */
static bool
index_has_twin(const Pair *pair, const IndexFact *index)
{
    for (int i = 0; i < pair->table->index_count; i++)
    {
        const IndexFact *twin = &pair->table->indexes[i];

        if (twin != index && twin->valid && twin->ready &&
            fact_mentions(twin->mentions, pair->new->number) &&
            twin->replica_identity == index->replica_identity &&
            sql_same_index(index->definition, twin->definition, pair->old->name,
                           pair->new->name))
            return true;
    }
    return false;
}

/* The index behind a UNIQUE constraint counts as the constraint: it enforces the same.
 */
static void
indexes_missing(Losing *list, const Pair *pair)
{
    for (int i = 0; i < pair->table->index_count; i++)
    {
        const IndexFact *index = &pair->table->indexes[i];

        if (index->valid && fact_mentions(index->mentions, pair->old->number) &&
            !index_has_twin(pair, index))
            losing(list, index->primary ? "primary key" : "index", index->name.name,
                   pair);
    }
}

static bool
constraint_has_twin(const Pair *pair, const ConstraintFact *constraint)
{
    for (int i = 0; i < pair->table->constraint_count; i++)
    {
        const ConstraintFact *twin = &pair->table->constraints[i];

        if (twin != constraint && twin->valid >= constraint->valid &&
            strcmp(twin->kind, constraint->kind) == 0 &&
            fact_mentions(twin->mentions, pair->new->number) &&
            sql_same_constraint(constraint->definition, twin->definition,
                                pair->old->name, pair->new->name))
            return true;
    }
    return false;
}

/* Checks and foreign keys, and those of other tables that point at the old column. */
static void
constraints_missing(Losing *list, const Pair *pair)
{
    for (int i = 0; i < pair->table->constraint_count; i++)
    {
        const ConstraintFact *constraint = &pair->table->constraints[i];
        bool proof = strncmp(constraint->name, "pgstride_", 9) == 0;

        if (!fact_mentions(constraint->mentions, pair->old->number) || proof)
            continue;
        if (constraint->incoming)
            losing(list, "foreign key of another table", constraint->name, pair);
        else if (strchr("cf", constraint->kind[0]) != NULL &&
                 !constraint_has_twin(pair, constraint))
            losing(list, constraint->kind[0] == 'c' ? "check" : "foreign key",
                   constraint->name, pair);
    }
}

static bool
trigger_names(const TriggerFact *trigger, const char *column)
{
    for (int i = 0; i < trigger->column_count; i++)
        if (strcmp(trigger->columns[i], column) == 0)
            return true;
    return false;
}

/* UPDATE OF the old column: the server will not even let the column go. */
static void
triggers_missing(Losing *list, const Pair *pair)
{
    for (int i = 0; i < pair->table->trigger_count; i++)
    {
        const TriggerFact *trigger = &pair->table->triggers[i];

        if (trigger_names(trigger, pair->old->name))
            losing(list, "trigger", trigger->name, pair);
    }
}

static void
attributes_missing(Losing *list, const Pair *pair)
{
    const ColumnFact *old = pair->old;
    const ColumnFact *new = pair->new;

    if (old->default_sql != NULL &&
        (new->default_sql == NULL ||
         !sql_same_expression(old->default_sql, new->default_sql, old->name,
                              new->name)))
        losing(list, "the default", NULL, pair);
    if (old->identity && !new->identity)
        losing(list, "the identity", NULL, pair);
    if (old->grants != NULL && !same_text(old->grants, new->grants))
        losing(list, "the column grants", NULL, pair);
    if (old->in_statistics && !new->in_statistics)
        losing(list, "extended statistics", NULL, pair);
    if (old->published && !new->published)
        losing(list, "a publication's column list", NULL, pair);
    if (old->comment != NULL && !same_text(old->comment, new->comment))
        losing(list, "the comment", NULL, pair);
}

Losses
twins_missing(Mem *mem, const TableFact *table, const char *old_name,
              const char *new_name)
{
    Losing list = {.mem = mem};
    Pair pair = {.table = table,
                 .old = table_column(table, old_name),
                 .new = table_column(table, new_name)};

    if (pair.old != NULL && pair.new != NULL)
    {
        indexes_missing(&list, &pair);
        constraints_missing(&list, &pair);
        triggers_missing(&list, &pair);
        attributes_missing(&list, &pair);
    }
    return (Losses){list.lines.items, list.lines.count};
}

/* The RENAME that gives the dropped column's name to another one, or NULL. */
static const Act *
swap_of(const Section *section, const Act *dropped)
{
    for (int i = 0; i < section->statements.count; i++)
        for (int j = 0; j < section->statements.items[i].act_count; j++)
        {
            const Act *act = &section->statements.items[i].acts[j];

            if (act->action == ACTION_RENAME_COLUMN && act->new_name != NULL &&
                qname_equal(&act->relation, &dropped->relation) &&
                strcmp(act->new_name, dropped->column) == 0)
                return act;
        }
    return NULL;
}

static bool
twins_refused(const Section *section, const Losses *losses, Err *err)
{
    err_at(err, ERR_REFUSED, section->file, section->span.line,
           "contract is refused: %d thing%s on the old column would be lost",
           losses->count, losses->count == 1 ? "" : "s");
    for (int i = 0; i < losses->count; i++)
        err_detail(err, "%s", losses->items[i]);
    return err_hint(err,
                    "Make the twin on the new column first (an index may stand in the "
                    "backfill section), or accept the loss: "
                    "-- migrate:contract allow:lost-twin:\"reason\".");
}

bool
twins_check(Mem *mem, const Migration *migration, const Facts *facts, Err *err)
{
    const Section *section = migration_section(migration, PHASE_CONTRACT, false);

    if (section == NULL || section_allows(section, "lost-twin") != NULL)
        return true;
    for (int i = 0; i < section->statements.count; i++)
        for (int j = 0; j < section->statements.items[i].act_count; j++)
        {
            const Act *act = &section->statements.items[i].acts[j];
            const TableFact *table = facts_table(facts, &act->relation);
            const Act *swap =
                act->action == ACTION_DROP_COLUMN ? swap_of(section, act) : NULL;

            if (swap == NULL || table == NULL || !table->exists)
                continue;

            Losses losses = twins_missing(mem, table, act->column, swap->column);

            if (losses.count > 0)
                return twins_refused(section, &losses, err);
        }
    return true;
}

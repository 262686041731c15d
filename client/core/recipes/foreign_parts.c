/*
 * FOREIGN KEY of a partitioned table before PostgreSQL 18, which takes none NOT VALID.
 *
 * Every partition gets its own, NOT VALID and then validated; the table's own finds
 * them and reads nothing. Partitions come and go: what the history has of them is
 * planned again from there, in its place, and what is new follows. The table's own
 * locks out readers of the other table, too: the server takes back the triggers there
 * that the partitions' keys no longer need.
 */
#include <string.h>

#include "core/plan/probe.h"
#include "core/recipes/parts.h"
#include "core/sql/constraint.h"
#include "core/sql/sql.h"

#define RECIPE "foreign-key"

typedef struct ForeignParts
{
    Draft *draft;
    const Naming *naming;
    const TableFact *table;
    Probe orphans;
    const char *name;
    bool asked; /* a step asks all the rows */
    bool whole; /* the table's own is there */
} ForeignParts;

/* --- what is refused ------------------------------------------------------------- */

static bool
parts_stop(const ForeignParts *parts, const char *why, const char *part, Err *err)
{
    const Span *span = &parts->naming->statement->span;

    err_at(err, ERR_REFUSED, span->file, span->line,
           "\"%s\" is partitioned: before PostgreSQL 18 it takes no foreign key NOT "
           "VALID, and %s",
           parts->naming->act->relation.name, why);
    if (part != NULL)
        err_detail(err, "partition: %s", part);
    return err_hint(err, "Add the same foreign key to every partition first, in "
                         "statements of their own; then this one finds them and reads "
                         "nothing: allow:add-foreign-key:\"the partitions have it\".");
}

/* As a TreeFact tells it: the other table, and the columns. */
static const char *
key_signature(const ForeignParts *parts)
{
    const Act *act = parts->naming->act;
    const TableFact *other = draft_table(parts->draft, &act->other);
    Buf text = buf_begin(parts->draft->mem);

    buf_format(&text, "%lld ", other == NULL ? 0LL : (long long)other->oid);
    for (int i = 0; i < act->column_count; i++)
        buf_format(&text, "%s%s", i == 0 ? "" : ",", act->columns[i]);
    return text.text;
}

static bool
has_its_own(const TreeFact *part, const char *signature)
{
    for (int i = 0; i < part->foreign_key_count; i++)
        if (strcmp(part->foreign_keys[i], signature) == 0)
            return true;
    return false;
}

static bool
server_refuses(const ForeignParts *parts, Err *err)
{
    const TableFact *other = draft_table(parts->draft, &parts->naming->act->other);

    if (parts->draft->request->caps->version < 120000)
        return !parts_stop(parts, "before 12 its partitions are locked against all",
                           NULL, err);
    if (other != NULL && strcmp(other->kind, "p") == 0)
        return !parts_stop(parts, "the table that it points at is partitioned, too",
                           NULL, err);
    for (int i = 1; i < parts->table->tree_count; i++)
        if (strcmp(parts->table->tree[i].kind, "f") == 0)
            return !parts_stop(parts, "a foreign table takes none at all",
                               parts->table->tree[i].name.name, err);
    return false;
}

/* --- steps ----------------------------------------------------------------------- */

/* A partition may be gone by the time that it is taken back. */
static void
undo_part(Draft *draft, const QName *part, const char *name)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    sql_raw(&sql, "ALTER TABLE IF EXISTS ");
    sql_qname(&sql, part);
    sql_raw(&sql, " DROP CONSTRAINT IF EXISTS ");
    sql_ident(&sql, name);
    draft_undo(draft, (SqlParsed){.text = sql_done(&sql)}, "drop constraint");
}

/* All rows are asked once, before the first of them is locked; and of those that the
 * server refuses then. */
static void
part_step(ForeignParts *parts, const QName *part, bool validate, const char *text)
{
    Draft *draft = parts->draft;
    const StepSeed seed = {.kind = validate ? STEP_VALIDATE : STEP_TRANSACTION,
                           .work = validate ? WORK_SCAN : WORK_FAST,
                           .recipe = RECIPE,
                           .statement = parts->naming->statement,
                           .detail = text,
                           .table = *part,
                           .alone = true};
    const LockNeed lock = {.relation = *part, .mode = LOCK_SHARE_ROW_EXCLUSIVE};

    draft_step(draft, &seed);
    recipe_add_parsed(
        draft, (SqlParsed){.text = text},
        mem_text(draft->mem,
                 validate ? "%s of %s validated" : "ADD CONSTRAINT %s to %s",
                 parts->name, part->name));
    if (validate || !parts->asked)
        draft->step.probe = parts->orphans;
    parts->asked = true;
    if (validate)
    {
        draft->step.constraint = parts->name;
        draft->step.probe.blame = parts->orphans.sql.text != NULL;
    }
    else
    {
        draft_lock_found(draft, &lock, false);
        draft_lock(draft, &parts->naming->act->other, LOCK_SHARE_ROW_EXCLUSIVE, true);
        undo_part(draft, part, parts->name);
    }
    draft_close(draft);
}

static bool
part_steps(ForeignParts *parts, const TreeFact *part, Err *err)
{
    Draft *draft = parts->draft;
    SqlText validate = draft_alter(draft, &part->name);
    SqlParsed add;

    if (!sql_constraint_of_part(draft->mem, parts->naming->statement, parts->name,
                                &part->name, &add, err))
        return false;
    if (!recipe_drafted(parts->draft, RECIPE, add.text))
    {
        if (has_its_own(part, key_signature(parts)))
            return parts_stop(parts, "a partition has one like it already",
                              part->name.name, err);
        part_step(parts, &part->name, false, add.text);
    }
    sql_raw(&validate, " VALIDATE CONSTRAINT ");
    sql_ident(&validate, parts->name);
    if (!recipe_drafted(parts->draft, RECIPE, sql_done(&validate)))
        part_step(parts, &part->name, true, sql_done(&validate));
    return true;
}

/* --- what is begun --------------------------------------------------------------- */

static bool
recorded_steps(ForeignParts *parts, Err *err)
{
    Draft *draft = parts->draft;
    const History *history = draft->request->history;

    for (int i = 0; history != NULL && i < history->step_count; i++)
    {
        const StepRecord *record = &history->steps[i];
        const StepSeed seed = {.recipe = RECIPE,
                               .statement = parts->naming->statement,
                               .detail = record->sql};
        Section text = {.text = record->sql, .file = "the history", .text_line = 1};
        Statements statements;

        if (!draft_record_is(draft, record, &seed))
            continue;
        if (!sql_parse(draft->mem, &text, &statements, err))
            return err_in(err, "in the step that the history keeps");

        const Act *act = &statements.items[0].acts[0];

        parts->name = act->object;
        part_step(parts, &act->relation, act->action == ACTION_VALIDATE, record->sql);
    }
    return true;
}

/* --- the whole ------------------------------------------------------------------- */

static bool
whole_step(ForeignParts *parts, Err *err)
{
    Draft *draft = parts->draft;
    const Naming *naming = parts->naming;
    SqlParsed sql;

    if (!sql_constraint_named(draft->mem, naming->statement, parts->name, &sql, err))
        return false;
    recipe_step(draft, STEP_TRANSACTION, WORK_FAST, RECIPE, naming->statement);
    draft_lock(draft, &naming->act->relation, LOCK_SHARE_ROW_EXCLUSIVE, false);
    draft_lock(draft, &naming->act->other, LOCK_ACCESS_EXCLUSIVE, true);
    recipe_add_parsed(draft, sql,
                      mem_text(draft->mem, "ADD CONSTRAINT %s", parts->name));
    recipe_undo_constraint(draft, &naming->act->relation, parts->name);
    draft->step.probe = probe_of_parts(draft, &naming->act->relation, parts->name);
    draft_note(draft,
               "finds the partitions' own and reads nothing; %s is locked "
               "against readers, too, for that moment",
               naming->act->other.name);
    return true;
}

bool
recipe_foreign_parts(Draft *draft, const Naming *naming, const Probe *orphans, Err *err)
{
    ForeignParts parts = {.draft = draft,
                          .naming = naming,
                          .table = draft_table(draft, &naming->act->relation),
                          .orphans = *orphans,
                          .whole =
                              draft_record(draft, RECIPE, naming->statement) != NULL};

    draft_close(draft);
    if (server_refuses(&parts, err) || !recorded_steps(&parts, err) ||
        (parts.name == NULL &&
         !recipe_constraint_name(draft, naming, &parts.name, err)))
        return false;
    for (int i = 1; !parts.whole && i < parts.table->tree_count; i++)
        if (strcmp(parts.table->tree[i].kind, "r") == 0 &&
            !part_steps(&parts, &parts.table->tree[i], err))
            return false;
    return whole_step(&parts, err);
}

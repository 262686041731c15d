#include "core/recipes/recipe_index.h"

#include <string.h>

#include "core/plan/probe.h"
#include "core/plan/title.h"
#include "core/plan/undo.h"
#include "core/recipes/parts.h"
#include "core/sql/sql.h"

/* Duplicates are found before the build: it would find them at its end, and its invalid
 * leftover would reject rows until it is dropped. One that is whole is not built. */
static void
index_probe(Draft *draft, const Act *act, SqlParsed create)
{
    const TableFact *table = draft_table(draft, &act->relation);
    IndexShape shape;

    for (int i = 0; table != NULL && i < table->index_count; i++)
        if (strcmp(table->indexes[i].name.name, act->object) == 0 &&
            table->indexes[i].valid)
            return;
    if (act->unique && sql_index_shape(draft->mem, create.text, &shape))
        draft->step.probe = probe_of_duplicates(draft, &act->relation, &shape);
}

/* What stands for an index whose parts are built one by one. */
static void
index_shows_tree(Draft *draft, const Act *act, const TableFact *table, SqlParsed sql)
{
    const QName name = {(char *)act->relation.schema, (char *)act->object};
    IndexOn only = {.table = act->relation, .name = act->object, .only = true};
    const char *shown = qname_show(draft->mem, &name);
    SqlParsed parent;
    Err ignored = {0};

    draft_lock(draft, &act->relation, LOCK_SHARE, false);
    if (sql_index_on(draft->mem, sql.text, &only, &parent, &ignored))
        draft_show(draft, parent.text);
    err_clear(&ignored);
    draft_show(draft, mem_text(draft->mem,
                               "CREATE INDEX CONCURRENTLY ... on each of %lld "
                               "partitions, one after the other",
                               (long long)table->leaves));
    draft_show(draft,
               mem_text(draft->mem, "ALTER INDEX %s ATTACH PARTITION ... each", shown));
}

/* A partitioned table has no index of its own: the run finds its partitions. */
static const TableFact *
partitioned_table(const Draft *draft, const QName *name)
{
    const TableFact *table = draft_table(draft, name);

    return table != NULL && strcmp(table->kind, "p") == 0 ? table : NULL;
}

static void
index_shows(Draft *draft, const Act *act, SqlParsed sql)
{
    const TableFact *tree = partitioned_table(draft, &act->relation);
    const TableFact *dropped = draft_table(draft, &act->other);

    if (tree != NULL && !sql_index_only(sql.text))
        index_shows_tree(draft, act, tree, sql);
    else
        draft_show(draft, sql.text);
    if (dropped == NULL || strcmp(dropped->kind, "I") != 0)
        return;
    draft_lock(draft, &act->other, LOCK_ACCESS_EXCLUSIVE, false);
    draft_note(draft, "a partitioned index: it is dropped with all its parts in one "
                      "short transaction, which locks every partition");
}

/* An index built while everybody writes: the same statement, said CONCURRENTLY. */
bool
recipe_index(Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    bool build = act->action == ACTION_CREATE_INDEX ||
                 act->action == ACTION_CREATE_INDEX_CONCURRENTLY;
    const char *verb = build ? "CREATE INDEX" : "DROP INDEX";
    Act concurrent = *act;
    SqlParsed sql;

    concurrent.action =
        build ? ACTION_CREATE_INDEX_CONCURRENTLY : ACTION_DROP_INDEX_CONCURRENTLY;

    if (act->object == NULL)
        return err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
                      "an index built concurrently needs a name") ||
               err_hint(err, "Name it, so that a build that was interrupted is found "
                             "again: CREATE INDEX name ON ...");
    if (!sql_make_concurrent(draft->mem, statement, &sql, err))
        return false;
    recipe_step(draft, build ? STEP_INDEX_BUILD : STEP_INDEX_DROP,
                build ? WORK_BUILD : WORK_FAST, "concurrent-index", statement);
    draft->step.index =
        build ? (QName){act->relation.schema, (char *)act->object} : act->other;
    if (act->action == concurrent.action)
        draft->step.stands_for = NULL;
    draft_sql(draft, sql, mem_text(draft->mem, "%s %s", verb, act->object));
    index_shows(draft, act, sql);
    undo_add(draft, &concurrent);
    if (build)
        index_probe(draft, act, sql);
    return true;
}

/* What this server cannot rebuild concurrently, or NULL. */
static const char *
reindex_unknown(const Draft *draft, const Act *act)
{
    const TableFact *table =
        draft_table(draft, act->object != NULL ? &act->other : &act->relation);
    int version = draft->request->caps->version;

    if (version < 120000)
        return "REINDEX CONCURRENTLY came with PostgreSQL 12";
    if (version < 140000 && table != NULL && strchr("pI", table->kind[0]) != NULL)
        return "partitions cannot be reindexed concurrently all at once before "
               "PostgreSQL 14";
    return NULL;
}

/* The server passes over these with a warning that a pipeline would not see. */
static void
reindex_notes(Draft *draft, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);

    for (int i = 0; table != NULL && i < table->constraint_count; i++)
        if (strcmp(table->constraints[i].kind, "x") == 0)
            draft_note(draft,
                       "the index of the exclusion constraint \"%s\" stays as it is: "
                       "it cannot be rebuilt concurrently",
                       table->constraints[i].name);
}

/* The same REINDEX said CONCURRENTLY; by its name the leftovers are found, should it be
 * interrupted. */
bool
recipe_reindex(Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    const char *unknown = reindex_unknown(draft, act);
    bool written = act->action == ACTION_REINDEX_CONCURRENTLY;
    SqlParsed sql = statement->sql;

    if (unknown != NULL)
        return err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
                      "REINDEX is refused: %s", unknown) ||
               err_hint(err, "Build another index concurrently and drop the old one.");
    if (!written && !sql_make_concurrent(draft->mem, statement, &sql, err))
        return false;
    recipe_step(draft, STEP_REINDEX, WORK_BUILD, "concurrent-reindex", statement);
    if (written)
        draft->step.stands_for = NULL;
    draft->step.index = act->relation.name != NULL ? act->relation : act->other;
    draft_sql(draft, sql,
              act->relation.name != NULL || act->object != NULL ||
                      act->other.schema == NULL
                  ? act_title(draft->mem, statement, act)
                  : mem_text(draft->mem, "REINDEX SCHEMA %s", act->other.schema));
    draft_show(draft, sql.text);
    reindex_notes(draft, act);
    undo_add(draft, act);
    return true;
}

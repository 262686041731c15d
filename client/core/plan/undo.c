#include "core/plan/undo.h"

#include <string.h>

#include "core/plan/undo_restore.h"
#include "core/sql/actions.h"

static void
undo_text(Draft *draft, const SqlText *sql, const char *show)
{
    draft_undo(draft, (SqlParsed){.text = sql_done(sql)}, show);
}

/* DROP ... IF EXISTS of a relation that the act made, or of an index beside its table.
 */
static void
undo_drop_relation(Draft *draft, const Act *act)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);
    QName index = {act->relation.schema, (char *)act->object};

    switch (act->action)
    {
    case ACTION_CREATE_INDEX_CONCURRENTLY:
        sql_raw(&sql, "DROP INDEX CONCURRENTLY IF EXISTS ");
        sql_qname(&sql, &index);
        undo_text(draft, &sql, "drop index");
        return;
    case ACTION_CREATE_INDEX:
        sql_raw(&sql, "DROP INDEX IF EXISTS ");
        sql_qname(&sql, &index);
        undo_text(draft, &sql, "drop index");
        return;
    case ACTION_CREATE_MATVIEW:
        sql_raw(&sql, "DROP MATERIALIZED VIEW IF EXISTS ");
        sql_qname(&sql, &act->relation);
        undo_text(draft, &sql, "drop view");
        return;
    case ACTION_CREATE_PARTITION: /* `relation` is its parent */
        sql_raw(&sql, "DROP TABLE IF EXISTS ");
        sql_qname(&sql, &act->other);
        undo_text(draft, &sql, "drop partition");
        return;
    default:
        sql_raw(&sql, "DROP TABLE IF EXISTS ");
        sql_qname(&sql, &act->relation);
        undo_text(draft, &sql, "drop table");
    }
}

/* What the act made on its table goes: a column, a trigger or a constraint. */
static void
undo_drop_part(Draft *draft, const Act *act)
{
    SqlText sql = draft_alter(draft, &act->relation);

    if (act->action == ACTION_CREATE_TRIGGER)
    {
        sql = sql_begin(draft->mem, draft->request->caps);
        sql_raw(&sql, "DROP TRIGGER IF EXISTS ");
        sql_ident(&sql, act->object);
        sql_raw(&sql, " ON ");
        sql_qname(&sql, &act->relation);
        undo_text(draft, &sql, "drop trigger");
    }
    else if (action_adds_column(act->action))
    {
        sql_raw(&sql, " DROP COLUMN IF EXISTS ");
        sql_ident(&sql, act->column);
        undo_text(draft, &sql, "drop column");
    }
    else
    {
        sql_raw(&sql, " DROP CONSTRAINT IF EXISTS ");
        sql_ident(&sql, act->object);
        undo_text(draft, &sql, "drop constraint");
    }
}

/* A build that was interrupted leaves an invalid one, which is no index to keep. */
static bool
has_index(const TableFact *table, const char *name)
{
    for (int i = 0; table != NULL && name != NULL && i < table->index_count; i++)
        if (strcmp(table->indexes[i].name.name, name) == 0)
            return table->indexes[i].valid;
    return false;
}

/* It was found there: then it is not ours to drop. A concurrent build takes a valid
 * index of the same definition for its own, with IF NOT EXISTS or without. */
static bool
was_there(const Draft *draft, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);

    if (act->action == ACTION_CREATE_INDEX_CONCURRENTLY)
        return has_index(table, act->object);
    if (!act->if_exists)
        return false;
    if (act->action == ACTION_CREATE_INDEX)
        return has_index(table, act->object);
    if (act->action == ACTION_CREATE_PARTITION)
        return draft_table(draft, &act->other) != NULL;
    return action_adds_column(act->action) ? table_column(table, act->column) != NULL
                                           : table != NULL;
}

static bool
makes_index(const Act *act)
{
    return act->action == ACTION_CREATE_INDEX ||
           act->action == ACTION_CREATE_INDEX_CONCURRENTLY;
}

static bool
makes_relation(const Act *act)
{
    static const Action makers[] = {ACTION_CREATE_TABLE, ACTION_CREATE_TABLE_AS,
                                    ACTION_CREATE_PARTITION, ACTION_CREATE_MATVIEW};

    for (int i = 0; i < LENGTH(makers); i++)
        if (act->action == makers[i])
            return true;
    return false;
}

/* False where the server chose the name, so that nobody knows it now. */
static bool
undo_drop(Draft *draft, const Act *act)
{
    bool relation = makes_relation(act) || makes_index(act);
    bool named =
        makes_relation(act) || action_adds_column(act->action) || act->object != NULL;

    if (!named)
        return false;
    if (was_there(draft, act))
        return true;
    if (relation)
        undo_drop_relation(draft, act);
    else
        undo_drop_part(draft, act);
    return true;
}

/* ALTER INDEX new RENAME TO old, and the same of a table. */
static void
undo_rename_relation(Draft *draft, const Act *act)
{
    bool index = act->action == ACTION_RENAME_INDEX;
    const QName *old = index ? &act->other : &act->relation;
    QName renamed = {old->schema, (char *)act->new_name};
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    if (index)
        sql_raw(&sql, "ALTER INDEX ");
    else
        sql_raw(&sql, "ALTER TABLE ");
    sql_qname(&sql, &renamed);
    sql_raw(&sql, " RENAME TO ");
    sql_ident(&sql, old->name);
    undo_text(draft, &sql, "rename back");
}

static void
undo_rename_part(Draft *draft, const Act *act)
{
    bool column = act->action == ACTION_RENAME_COLUMN;
    SqlText sql = draft_alter(draft, &act->relation);

    if (column)
        sql_raw(&sql, " RENAME COLUMN ");
    else
        sql_raw(&sql, " RENAME CONSTRAINT ");
    sql_ident(&sql, act->new_name);
    sql_raw(&sql, " TO ");
    sql_ident(&sql, column ? act->column : act->object);
    undo_text(draft, &sql, "rename back");
}

static void
undo_rename(Draft *draft, const Act *act)
{
    if (act->action == ACTION_RENAME_COLUMN || act->action == ACTION_RENAME_CONSTRAINT)
        undo_rename_part(draft, act);
    else
        undo_rename_relation(draft, act);
}

/* The column's default as the catalog has it now: none, or the expression. */
static void
undo_default(Draft *draft, const Act *act)
{
    const ColumnFact *column =
        table_column(draft_table(draft, &act->relation), act->column);
    SqlText sql = draft_alter(draft, &act->relation);

    sql_raw(&sql, " ALTER COLUMN ");
    sql_ident(&sql, act->column);
    if (column == NULL || column->default_sql == NULL)
        sql_raw(&sql, " DROP DEFAULT");
    else
    {
        sql_raw(&sql, " SET DEFAULT ");
        sql_parsed(&sql, (SqlParsed){.text = column->default_sql});
    }
    undo_text(draft, &sql, "old default");
}

static bool
part_takes_nulls(const TreeFact *part, const char *column)
{
    for (int i = 0; i < part->not_null_count; i++)
        if (strcmp(part->not_null[i], column) == 0)
            return false;
    return true;
}

/*
 * From 18 on NOT NULL is a constraint. Giving a partition its part of a primary key
 * makes the one that it has from its parent its own as well, and then it stays when the
 * parent's goes. A partition may be gone by then.
 */
static void
undo_not_null_of_parts(Draft *draft, const TableFact *table, const char *column)
{
    bool stays = draft->request->caps->version >= 180000;

    for (int i = 1; stays && table != NULL && i < table->tree_count; i++)
    {
        const TreeFact *part = &table->tree[i];
        SqlText sql = sql_begin(draft->mem, draft->request->caps);

        if (strcmp(table->kind, "p") != 0 || strcmp(part->kind, "r") != 0 ||
            !part_takes_nulls(part, column))
            continue;
        sql_raw(&sql, "ALTER TABLE IF EXISTS ");
        sql_qname(&sql, &part->name);
        sql_raw(&sql, " ALTER COLUMN ");
        sql_ident(&sql, column);
        sql_raw(&sql, " DROP NOT NULL");
        undo_text(draft, &sql, "drop not null");
    }
}

/* Unless it was NOT NULL before. What is said first here is done last. */
static void
undo_not_null(Draft *draft, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);
    const ColumnFact *column = table_column(table, act->column);
    SqlText sql = draft_alter(draft, &act->relation);

    if (column != NULL && column->not_null)
        return;
    undo_not_null_of_parts(draft, table, act->column);
    sql_raw(&sql, " ALTER COLUMN ");
    sql_ident(&sql, act->column);
    sql_raw(&sql, " DROP NOT NULL");
    undo_text(draft, &sql, "drop not null");
}

static bool
sets_default(const Act *act)
{
    return act->action == ACTION_SET_DEFAULT || act->action == ACTION_DROP_DEFAULT;
}

bool
undo_in_text(const Migration *migration, const Act *act, const Caps *caps)
{
    if (act_on_new_table(migration, act) && !makes_relation(act))
        return true;
    switch (action_rule(act, caps).undo)
    {
    case UNDO_DROP:
        return makes_relation(act) || !act->if_exists;
    case UNDO_DROP_NOT_NULL:
        return false;
    case UNDO_CATALOG:
        return !sets_default(act) && !undo_restore_asks(act);
    default:
        return !undo_restore_asks(act);
    }
}

void
undo_add(Draft *draft, const Act *act)
{
    const Migration *migration = draft->request->migration;

    /* What is done to a new table goes with the table. */
    if (act_on_new_table(migration, act) && !makes_relation(act))
        return;
    /* The file has a way back, or more would have been asked. */
    if (draft->request->facts->lean &&
        !undo_in_text(migration, act, draft->request->caps))
    {
        draft->step.needs_down = true;
        return;
    }
    switch (action_rule(act, draft->request->caps).undo)
    {
    case UNDO_NOT_NEEDED:
        return;
    case UNDO_DROP:
        if (undo_drop(draft, act))
            return;
        break;
    case UNDO_RENAME_BACK:
        if (act->new_name == NULL)
            break;
        undo_rename(draft, act);
        return;
    case UNDO_DROP_NOT_NULL:
        undo_not_null(draft, act);
        return;
    case UNDO_CATALOG:
        if (!sets_default(act))
            break;
        undo_default(draft, act);
        return;
    case UNDO_IRREVERSIBLE:
        draft_irreversible(draft);
        return;
    case UNDO_SET_NOT_NULL:
    case UNDO_REBUILD:
    case UNDO_OWN:
        break;
    }
    draft->step.needs_down = draft->step.needs_down || !undo_restore(draft, act);
}

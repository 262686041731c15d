#include "core/plan/plain_undo.h"

#include "core/sql/actions.h"

static SqlText
undo_begin(const Draft *draft)
{
    return sql_begin(draft->mem, draft->request->caps);
}

static void
undo_end(Draft *draft, const SqlText *sql, const char *show)
{
    draft_undo(draft, (SqlParsed){.text = sql_done(sql)}, show);
}

static void
undo_index(Draft *draft, const Act *act)
{
    SqlText sql = undo_begin(draft);
    bool of_table = draft->request->caps->index_of_table;
    QName index = {of_table ? NULL : act->relation.schema, (char *)act->object};

    sql_raw(&sql, "DROP INDEX ");
    if (!of_table)
        sql_raw(&sql, "IF EXISTS ");
    sql_qname(&sql, &index);
    if (of_table)
    {
        sql_raw(&sql, " ON ");
        sql_qname(&sql, &act->relation);
    }
    undo_end(draft, &sql, "drop index");
}

static void
undo_column(Draft *draft, const Act *act)
{
    SqlText sql = draft_alter(draft, &act->relation);

    sql_raw(&sql, " DROP COLUMN ");
    sql_ident(&sql, act->column);
    undo_end(draft, &sql, "drop column");
}

static void
undo_table(Draft *draft, const Act *act)
{
    SqlText sql = undo_begin(draft);

    sql_raw(&sql, "DROP TABLE IF EXISTS ");
    sql_qname(&sql, &act->relation);
    undo_end(draft, &sql, "drop table");
}

static void
undo_view(Draft *draft, const Act *act)
{
    SqlText sql = undo_begin(draft);

    sql_raw(&sql, "DROP VIEW IF EXISTS ");
    sql_qname(&sql, &act->relation);
    undo_end(draft, &sql, "drop view");
}

static void
undo_trigger(Draft *draft, const Act *act)
{
    SqlText sql = undo_begin(draft);

    sql_raw(&sql, "DROP TRIGGER IF EXISTS ");
    sql_ident(&sql, act->object);
    undo_end(draft, &sql, "drop trigger");
}

static void
undo_rename_column(Draft *draft, const Act *act)
{
    SqlText sql = draft_alter(draft, &act->relation);

    sql_raw(&sql, " RENAME COLUMN ");
    sql_ident(&sql, act->new_name);
    sql_raw(&sql, " TO ");
    sql_ident(&sql, act->column);
    undo_end(draft, &sql, "rename back");
}

static void
undo_rename_table(Draft *draft, const Act *act)
{
    QName renamed = {act->relation.schema, (char *)act->new_name};
    SqlText sql = draft_alter(draft, &renamed);

    sql_raw(&sql, " RENAME TO ");
    sql_ident(&sql, act->relation.name);
    undo_end(draft, &sql, "rename back");
}

typedef void (*Undo)(Draft *draft, const Act *act);

static const Undo undos[ACTION_COUNT] = {
    [ACTION_CREATE_TABLE] = undo_table,
    [ACTION_CREATE_TABLE_AS] = undo_table,
    [ACTION_CREATE_VIEW] = undo_view,
    [ACTION_CREATE_INDEX] = undo_index,
    [ACTION_CREATE_TRIGGER] = undo_trigger,
    [ACTION_ADD_COLUMN] = undo_column,
    [ACTION_ADD_COLUMN_REQUIRED] = undo_column,
    [ACTION_ADD_COLUMN_CONSTRAINED] = undo_column,
    [ACTION_RENAME_COLUMN] = undo_rename_column,
    [ACTION_RENAME_TABLE] = undo_rename_table,
};

/* IF NOT EXISTS: whether it was there is not known once it has run. An index without a
 * name gets one from the server. */
static bool
undo_known(const Act *act)
{
    bool nameless = act->action == ACTION_CREATE_INDEX && act->object == NULL;

    return undos[act->action] != NULL && !act->if_exists && !nameless;
}

void
plain_undo(Draft *draft, const Act *act)
{
    UndoKind kind = action_rule(act, NULL).undo;

    if (kind == UNDO_NOT_NEEDED)
        return;
    if (undo_known(act))
        undos[act->action](draft, act);
    else if (kind == UNDO_IRREVERSIBLE)
        draft_irreversible(draft);
    else
        draft->step.needs_down = true;
}

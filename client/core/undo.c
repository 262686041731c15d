#include "core/undo.h"

#include <string.h>

#include "core/sql/actions.h"

/* ALTER TABLE name, to be continued. */
static SqlText
undo_alter(Draft *draft, const QName *table)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    sql_raw(&sql, "ALTER TABLE ");
    sql_qname(&sql, table);
    return sql;
}

static void
undo_text(Draft *draft, const SqlText *sql, const char *show)
{
    draft_undo(draft, (SqlParsed){sql_done(sql)}, show);
}

/* DROP TABLE, VIEW or INDEX: of an object in its table's schema. */
static void
undo_drop(Draft *draft, const Act *act)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    switch (act->action)
    {
    case ACTION_ADD_COLUMN:
    case ACTION_ADD_COLUMN_VOLATILE:
    case ACTION_ADD_COLUMN_STORED:
    case ACTION_ADD_COLUMN_REQUIRED:
    case ACTION_ADD_COLUMN_CONSTRAINED:
        sql = undo_alter(draft, &act->relation);
        sql_raw(&sql, " DROP COLUMN IF EXISTS ");
        sql_ident(&sql, act->column);
        undo_text(draft, &sql, "drop column");
        return;
    case ACTION_CREATE_TABLE:
    case ACTION_CREATE_TABLE_AS:
    case ACTION_CREATE_PARTITION:
        sql_raw(&sql, "DROP TABLE IF EXISTS ");
        sql_qname(&sql, &act->relation);
        undo_text(draft, &sql, "drop table");
        return;
    case ACTION_CREATE_VIEW:
        sql_raw(&sql, "DROP VIEW IF EXISTS ");
        sql_qname(&sql, &act->relation);
        undo_text(draft, &sql, "drop view");
        return;
    case ACTION_CREATE_INDEX:
        sql_raw(&sql, "DROP INDEX IF EXISTS ");
        sql_qname(&sql, &(QName){act->relation.schema, (char *)act->object});
        undo_text(draft, &sql, "drop index");
        return;
    default: /* a constraint */
        sql = undo_alter(draft, &act->relation);
        sql_raw(&sql, " DROP CONSTRAINT IF EXISTS ");
        sql_ident(&sql, act->object);
        undo_text(draft, &sql, "drop constraint");
    }
}

static void
undo_rename(Draft *draft, const Act *act)
{
    SqlText sql = undo_alter(draft, &act->relation);

    if (act->action == ACTION_RENAME_COLUMN)
    {
        sql_raw(&sql, " RENAME COLUMN ");
        sql_ident(&sql, act->new_name);
        sql_raw(&sql, " TO ");
        sql_ident(&sql, act->column);
    }
    else if (act->action == ACTION_RENAME_CONSTRAINT)
    {
        sql_raw(&sql, " RENAME CONSTRAINT ");
        sql_ident(&sql, act->new_name);
        sql_raw(&sql, " TO ");
        sql_ident(&sql, act->object);
    }
    else
    {
        sql = undo_alter(draft, &(QName){act->relation.schema, (char *)act->new_name});
        sql_raw(&sql, " RENAME TO ");
        sql_ident(&sql, act->relation.name);
    }
    undo_text(draft, &sql, "rename back");
}

/* The column's default as the catalog has it now: none, or the expression. */
static void
undo_default(Draft *draft, const Act *act)
{
    const ColumnFact *column =
        table_column(draft_table(draft, &act->relation), act->column);
    SqlText sql = undo_alter(draft, &act->relation);

    sql_raw(&sql, " ALTER COLUMN ");
    sql_ident(&sql, act->column);
    if (column == NULL || column->default_sql == NULL)
        sql_raw(&sql, " DROP DEFAULT");
    else
    {
        sql_raw(&sql, " SET DEFAULT ");
        sql_parsed(&sql, (SqlParsed){column->default_sql});
    }
    undo_text(draft, &sql, "old default");
}

static void
undo_not_null(Draft *draft, const Act *act)
{
    SqlText sql = undo_alter(draft, &act->relation);

    sql_raw(&sql, " ALTER COLUMN ");
    sql_ident(&sql, act->column);
    sql_raw(&sql, " DROP NOT NULL");
    undo_text(draft, &sql, "drop not null");
}

void
undo_add(Draft *draft, const Act *act)
{
    bool is_default =
        act->action == ACTION_SET_DEFAULT || act->action == ACTION_DROP_DEFAULT;
    bool unnamed = act->column == NULL && act->object == NULL;
    bool is_table =
        act->action == ACTION_CREATE_TABLE || act->action == ACTION_CREATE_TABLE_AS ||
        act->action == ACTION_CREATE_PARTITION || act->action == ACTION_CREATE_VIEW;

    switch (action_rule(act, draft->request->caps).undo)
    {
    case UNDO_NOT_NEEDED:
        return;
    case UNDO_DROP:
        if (unnamed && !is_table) /* the server chose the name */
            break;
        undo_drop(draft, act);
        return;
    case UNDO_RENAME_BACK:
        if (act->new_name == NULL)
            break;
        undo_rename(draft, act);
        return;
    case UNDO_DROP_NOT_NULL:
        undo_not_null(draft, act);
        return;
    case UNDO_CATALOG:
        if (!is_default)
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
    draft->step.needs_down = true;
}

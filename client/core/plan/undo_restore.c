#include "core/plan/undo_restore.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef bool (*Restore)(Draft *draft, const Act *act);

static bool
restore_text(Draft *draft, const SqlText *sql, const char *show)
{
    draft_undo(draft, (SqlParsed){.text = sql_done(sql)}, show);
    return true;
}

/* It was not there, so nothing is missed. */
static bool
nothing_lost(const Act *act)
{
    return act->if_exists;
}

/* --- relations ------------------------------------------------------------------- */

/* With what hangs on it by CASCADE, nobody knows how far it went. */
static bool
restore_made_again(Draft *draft, const Act *act, const QName *name, const char *show)
{
    const TableFact *relation = draft_table(draft, name);

    if (relation == NULL)
        return nothing_lost(act);
    if (relation->definition == NULL || act->cascade)
        return false;
    if (relation->definition[0] != '\0')
        draft_undo(draft, (SqlParsed){.text = relation->definition}, show);
    return true;
}

static bool
restore_index(Draft *draft, const Act *act)
{
    return restore_made_again(draft, act, &act->other, "index again");
}

static bool
restore_view(Draft *draft, const Act *act)
{
    return restore_made_again(draft, act, &act->relation, "view again");
}

/* One that replaces another may have taken columns from it. */
static bool
restore_no_view(Draft *draft, const Act *act)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    if (draft_table(draft, &act->relation) != NULL)
        return false;
    sql_raw(&sql, "DROP VIEW IF EXISTS ");
    sql_qname(&sql, &act->relation);
    return restore_text(draft, &sql, "drop view");
}

static bool
is_table(const TableFact *relation)
{
    return relation != NULL && strchr("rp", relation->kind[0]) != NULL;
}

static bool
restore_schema(Draft *draft, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    if (!is_table(table))
        return false;

    const QName moved = {act->other.name, table->name.name};

    sql_raw(&sql, "ALTER TABLE ");
    sql_qname(&sql, &moved);
    sql_raw(&sql, " SET SCHEMA ");
    sql_ident(&sql, table->name.schema);
    return restore_text(draft, &sql, "old schema");
}

static bool
restore_owner(Draft *draft, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);

    if (!is_table(table))
        return false;

    SqlText sql = draft_alter(draft, &act->relation);

    sql_raw(&sql, " OWNER TO ");
    sql_ident(&sql, table->owner);
    return restore_text(draft, &sql, "old owner");
}

/* --- columns --------------------------------------------------------------------- */

static const ColumnFact *
column_of(const Draft *draft, const Act *act)
{
    return table_column(draft_table(draft, &act->relation), act->column);
}

static SqlText
alter_column(const Draft *draft, const Act *act)
{
    SqlText sql = draft_alter(draft, &act->relation);

    sql_raw(&sql, " ALTER COLUMN ");
    sql_ident(&sql, act->column);
    return sql;
}

/* A column that is new with this migration goes with it. */
static bool
restore_not_null(Draft *draft, const Act *act)
{
    const ColumnFact *column = column_of(draft, act);
    SqlText sql = alter_column(draft, act);

    if (column == NULL || !column->not_null)
        return true;
    sql_raw(&sql, " SET NOT NULL");
    return restore_text(draft, &sql, "set not null");
}

/* --- types: back from a wider one nothing is lost; what does not fit is an error - */

static bool
starts_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* "character varying(40)" holds 40; without a limit as much as text. */
static long
length_limit(const char *type)
{
    const char *at = strchr(type, '(');

    return at == NULL ? LONG_MAX : strtol(at + 1, NULL, 10);
}

static bool
is_varying(const char *type)
{
    return strcmp(type, "text") == 0 || starts_with(type, "character varying") ||
           starts_with(type, "varchar");
}

/* smallint, integer, bigint: 1, 2, 3; anything else 0. */
static int
integer_rank(const char *type)
{
    static const char *const names[][2] = {
        {"smallint", "int2"}, {"integer", "int"}, {"bigint", "int8"}};

    for (int i = 0; i < LENGTH(names); i++)
        if (strcmp(type, names[i][0]) == 0 || strcmp(type, names[i][1]) == 0)
            return i + 1;
    return 0;
}

static bool
type_is_wider(const char *old, const char *wide)
{
    if (is_varying(old) && is_varying(wide))
        return strchr(old, '[') == NULL && strchr(wide, '[') == NULL &&
               length_limit(wide) >= length_limit(old);
    return integer_rank(old) > 0 && integer_rank(wide) >= integer_rank(old);
}

static bool
restore_type(Draft *draft, const Act *act)
{
    const ColumnFact *column = column_of(draft, act);
    SqlText sql = alter_column(draft, act);

    if (column == NULL || act->type == NULL || act->expression.text != NULL ||
        column->collation != NULL || !type_is_wider(column->type, act->type))
        return false;
    sql_raw(&sql, " TYPE ");
    sql_parsed(&sql, (SqlParsed){.text = column->type});
    return restore_text(draft, &sql, "old type");
}

/* --- constraints and triggers ---------------------------------------------------- */

static bool
restore_constraint(Draft *draft, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);
    SqlText sql = draft_alter(draft, &act->relation);

    if (act->cascade || act->object == NULL)
        return false;
    for (int i = 0; table != NULL && i < table->constraint_count; i++)
    {
        const ConstraintFact *constraint = &table->constraints[i];

        if (constraint->incoming || strcmp(constraint->name, act->object) != 0)
            continue;
        sql_raw(&sql, " ADD CONSTRAINT ");
        sql_ident(&sql, constraint->name);
        sql_raw(&sql, " ");
        sql_parsed(&sql, (SqlParsed){.text = constraint->definition});
        return constraint->definition[0] != '\0' &&
               restore_text(draft, &sql, "constraint again");
    }
    return nothing_lost(act);
}

static const TriggerFact *
trigger_of(const Draft *draft, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);

    for (int i = 0; table != NULL && act->object != NULL && i < table->trigger_count;
         i++)
        if (strcmp(table->triggers[i].name, act->object) == 0)
            return &table->triggers[i];
    return NULL;
}

/* Which sessions fire it, as it was. */
static SqlText
trigger_state(const Draft *draft, const Act *act, const TriggerFact *trigger)
{
    SqlText sql = draft_alter(draft, &act->relation);

    switch (trigger->enabled[0])
    {
    case 'A':
        sql_raw(&sql, " ENABLE ALWAYS TRIGGER ");
        break;
    case 'R':
        sql_raw(&sql, " ENABLE REPLICA TRIGGER ");
        break;
    case 'D':
        sql_raw(&sql, " DISABLE TRIGGER ");
        break;
    default:
        sql_raw(&sql, " ENABLE TRIGGER ");
    }
    sql_ident(&sql, trigger->name);
    return sql;
}

static bool
restore_trigger_name(Draft *draft, const Act *act)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    sql_raw(&sql, "ALTER TRIGGER ");
    sql_ident(&sql, act->new_name);
    sql_raw(&sql, " ON ");
    sql_qname(&sql, &act->relation);
    sql_raw(&sql, " RENAME TO ");
    sql_ident(&sql, act->object);
    return restore_text(draft, &sql, "rename back");
}

static bool
restore_trigger(Draft *draft, const Act *act)
{
    const TriggerFact *trigger = trigger_of(draft, act);

    if (act->new_name != NULL)
        return act->object != NULL && restore_trigger_name(draft, act);
    if (trigger == NULL)
        return nothing_lost(act);
    if (trigger->definition[0] == '\0' || act->cascade)
        return false;
    /* Undos run last to first: made again, and then its state. */
    if (trigger->enabled[0] != 'O')
    {
        SqlText state = trigger_state(draft, act, trigger);

        restore_text(draft, &state, "trigger again");
    }
    draft_undo(draft, (SqlParsed){.text = trigger->definition}, "trigger again");
    return true;
}

static bool
restore_toggle(Draft *draft, const Act *act)
{
    const TriggerFact *trigger = trigger_of(draft, act);

    if (trigger == NULL)
        return false;

    SqlText state = trigger_state(draft, act, trigger);

    return restore_text(draft, &state, "trigger as it was");
}

/* clang-format off */
static const Restore restores[ACTION_COUNT] = {
    [ACTION_DROP_INDEX]              = restore_index,
    [ACTION_DROP_INDEX_CONCURRENTLY] = restore_index,
    [ACTION_DROP_VIEW]               = restore_view,
    [ACTION_CREATE_VIEW]             = restore_no_view,
    [ACTION_SET_SCHEMA]              = restore_schema,
    [ACTION_OWNER]                   = restore_owner,
    [ACTION_DROP_NOT_NULL]           = restore_not_null,
    [ACTION_ALTER_TYPE]              = restore_type,
    [ACTION_DROP_CONSTRAINT]         = restore_constraint,
    [ACTION_DROP_TRIGGER]            = restore_trigger,
    [ACTION_TOGGLE_TRIGGER]          = restore_toggle,
};
/* clang-format on */

bool
undo_restore(Draft *draft, const Act *act)
{
    Restore restore = restores[act->action];

    return restore != NULL && restore(draft, act);
}

bool
undo_restore_asks(const Act *act)
{
    return restores[act->action] != NULL && act->action != ACTION_CREATE_VIEW;
}

/* ALTER TABLE, clause by clause. */
#include <string.h>

#include "core/sql/mysql/mysql.h"

typedef struct Clause
{
    const char *words;
    Action action;
    bool (*read)(MyCursor *cursor,
                 Act *act); /* NULL: nothing behind the words counts */
} Clause;

static bool
take_if(MyCursor *cursor)
{
    return my_take_all(cursor, "IF NOT EXISTS") || my_take_all(cursor, "IF EXISTS");
}

static bool
definition_ends(const MyCursor *cursor)
{
    return cursor->at >= cursor->count || my_sees_sign(cursor, ',') ||
           my_sees_sign(cursor, ')');
}

/* What ends a column's type and begins its attributes. */
static bool
type_ends(const MyCursor *cursor)
{
    static const char *const words[] = {
        "NOT",     "NULL",   "DEFAULT",    "AUTO_INCREMENT", "COMMENT", "COLLATE",
        "PRIMARY", "UNIQUE", "KEY",        "GENERATED",      "AS",      "FIRST",
        "AFTER",   "CHECK",  "REFERENCES", "INVISIBLE",      "VISIBLE", "ON"};

    for (int i = 0; i < LENGTH(words); i++)
        if (my_sees(cursor, words[i]))
            return true;
    return definition_ends(cursor);
}

/* DEFAULT value; one that is computed has no text of its own. */
static void
read_default_value(MyCursor *cursor, Act *act)
{
    static const char *const computed[] = {"NULL",      "CURRENT_TIMESTAMP", "NOW",
                                           "LOCALTIME", "LOCALTIMESTAMP",    "NEXT"};
    int from = cursor->at;
    bool literal = !my_sees_sign(cursor, '(');

    for (int i = 0; i < LENGTH(computed); i++)
        literal = literal && !my_sees(cursor, computed[i]);
    act->has_default = true;
    do
        if (my_sees_sign(cursor, '('))
        {
            literal = false;
            my_skip_parentheses(cursor);
        }
        else
            cursor->at++;
    while (!type_ends(cursor));
    act->expression.text = literal ? my_between(cursor, from, cursor->at) : NULL;
}

/* A column's definition behind its name. */
static void
read_definition(MyCursor *cursor, Act *act)
{
    int from = cursor->at;

    while (!type_ends(cursor))
        if (my_sees_sign(cursor, '('))
            my_skip_parentheses(cursor);
        else
            cursor->at++;
    act->type = my_between(cursor, from, cursor->at);
    while (!definition_ends(cursor))
    {
        act->not_null =
            act->not_null ||
            (my_sees(cursor, "NOT") && my_is(cursor->text, my_peek(cursor, 1), "NULL"));
        act->unique = act->unique || my_sees(cursor, "UNIQUE");
        if (my_take(cursor, "DEFAULT"))
            read_default_value(cursor, act);
        else if (my_sees_sign(cursor, '('))
            my_skip_parentheses(cursor);
        else
            cursor->at++;
    }
}

static bool
read_column(MyCursor *cursor, Act *act)
{
    act->if_exists = take_if(cursor);
    act->column = my_take_name(cursor);
    if (act->column == NULL)
        return false;
    read_definition(cursor, act);
    if (act->action == ACTION_ADD_COLUMN && act->not_null && !act->has_default)
        act->action = ACTION_ADD_COLUMN_REQUIRED;
    return true;
}

static bool
read_dropped(MyCursor *cursor, Act *act)
{
    act->if_exists = take_if(cursor);
    act->column = my_take_name(cursor);
    return act->column != NULL;
}

static bool
read_object(MyCursor *cursor, Act *act)
{
    act->if_exists = take_if(cursor);
    act->object = my_take_name(cursor);
    act->other = (QName){.name = (char *)act->object};
    return act->object != NULL;
}

/* a TO b */
static bool
read_column_rename(MyCursor *cursor, Act *act)
{
    act->if_exists = take_if(cursor);
    act->column = my_take_name(cursor);
    my_take(cursor, "TO");
    act->new_name = my_take_name(cursor);
    return act->new_name != NULL;
}

static bool
read_index_rename(MyCursor *cursor, Act *act)
{
    read_object(cursor, act);
    my_take(cursor, "TO");
    act->new_name = my_take_name(cursor);
    return act->new_name != NULL;
}

static bool
read_table_rename(MyCursor *cursor, Act *act)
{
    QName name;

    if (!my_take_qname(cursor, &name))
        return false;
    act->new_name = name.name;
    return true;
}

/* ALTER [COLUMN] c SET DEFAULT ..., DROP DEFAULT */
static bool
read_default(MyCursor *cursor, Act *act)
{
    act->column = my_take_name(cursor);
    act->action = my_take_all(cursor, "SET DEFAULT")    ? ACTION_SET_DEFAULT
                  : my_take_all(cursor, "DROP DEFAULT") ? ACTION_DROP_DEFAULT
                                                        : ACTION_SET_OPTIONS;
    return act->column != NULL;
}

/* [name] (columns), after the words that say which kind of key */
static bool
read_key(MyCursor *cursor, Act *act)
{
    LIST(const char *) columns = {0};

    act->if_exists = take_if(cursor);
    act->object = my_take_name(cursor);
    while (cursor->at < cursor->count && !my_sees_sign(cursor, '('))
        cursor->at++;
    if (act->action == ACTION_ADD_UNIQUE || act->action == ACTION_ADD_PRIMARY_KEY)
        act->expression.text = my_between(cursor, cursor->at, cursor->count);
    if (!my_take_sign(cursor, '('))
        return true;
    for (char *name; (name = my_take_name(cursor)) != NULL;)
    {
        *list_add(cursor->mem, &columns) = name;
        my_skip_parentheses(cursor);
        if (!my_take(cursor, "ASC"))
            my_take(cursor, "DESC");
        my_take_sign(cursor, ',');
    }
    my_take_sign(cursor, ')');
    act->columns = columns.items;
    act->column_count = columns.count;
    if (my_take(cursor, "REFERENCES"))
        my_take_qname(cursor, &act->other);
    return true;
}

/* clang-format off */
static const Clause clauses[] = {
    {"ADD PRIMARY KEY",    ACTION_ADD_PRIMARY_KEY, read_key},
    {"ADD UNIQUE INDEX",   ACTION_ADD_UNIQUE,      read_key},
    {"ADD UNIQUE KEY",     ACTION_ADD_UNIQUE,      read_key},
    {"ADD UNIQUE",         ACTION_ADD_UNIQUE,      read_key},
    {"ADD FULLTEXT INDEX", ACTION_CREATE_INDEX,    read_key},
    {"ADD FULLTEXT KEY",   ACTION_CREATE_INDEX,    read_key},
    {"ADD FULLTEXT",       ACTION_CREATE_INDEX,    read_key},
    {"ADD SPATIAL INDEX",  ACTION_CREATE_INDEX,    read_key},
    {"ADD SPATIAL",        ACTION_CREATE_INDEX,    read_key},
    {"ADD INDEX",          ACTION_CREATE_INDEX,    read_key},
    {"ADD KEY",            ACTION_CREATE_INDEX,    read_key},
    {"ADD FOREIGN KEY",    ACTION_ADD_FOREIGN_KEY, read_key},
    {"ADD CHECK",          ACTION_ADD_CHECK,       NULL},
    {"ADD PARTITION",      ACTION_CREATE_PARTITION, NULL},
    {"ADD SYSTEM",         ACTION_REWRITE_TABLE,   NULL},
    {"ADD PERIOD",         ACTION_OTHER,           NULL},
    {"ADD COLUMN",         ACTION_ADD_COLUMN,      read_column},
    {"ADD",                ACTION_ADD_COLUMN,      read_column},
    {"DROP PRIMARY KEY",   ACTION_DROP_CONSTRAINT, NULL},
    {"DROP FOREIGN KEY",   ACTION_DROP_CONSTRAINT, read_object},
    {"DROP CONSTRAINT",    ACTION_DROP_CONSTRAINT, read_object},
    {"DROP CHECK",         ACTION_DROP_CONSTRAINT, read_object},
    {"DROP INDEX",         ACTION_DROP_INDEX,      read_object},
    {"DROP KEY",           ACTION_DROP_INDEX,      read_object},
    {"DROP PARTITION",     ACTION_DROP_TABLE,      NULL},
    {"DROP COLUMN",        ACTION_DROP_COLUMN,     read_dropped},
    {"DROP",               ACTION_DROP_COLUMN,     read_dropped},
    {"MODIFY COLUMN",      ACTION_ALTER_TYPE,      read_column},
    {"MODIFY",             ACTION_ALTER_TYPE,      read_column},
    {"ALTER INDEX",        ACTION_SET_OPTIONS,     read_object},
    {"ALTER CHECK",        ACTION_ALTER_CONSTRAINT, read_object},
    {"ALTER CONSTRAINT",   ACTION_ALTER_CONSTRAINT, read_object},
    {"ALTER COLUMN",       ACTION_SET_DEFAULT,     read_default},
    {"ALTER",              ACTION_SET_DEFAULT,     read_default},
    {"RENAME COLUMN",      ACTION_RENAME_COLUMN,   read_column_rename},
    {"RENAME INDEX",       ACTION_RENAME_INDEX,    read_index_rename},
    {"RENAME KEY",         ACTION_RENAME_INDEX,    read_index_rename},
    {"RENAME TO",          ACTION_RENAME_TABLE,    read_table_rename},
    {"RENAME AS",          ACTION_RENAME_TABLE,    read_table_rename},
    {"RENAME",             ACTION_RENAME_TABLE,    read_table_rename},
    {"CONVERT TO",         ACTION_REWRITE_TABLE,   NULL},
    {"ORDER BY",           ACTION_REWRITE_TABLE,   NULL},
    {"ENGINE",             ACTION_REWRITE_TABLE,   NULL},
    {"FORCE",              ACTION_REWRITE_TABLE,   NULL},
    {"ROW_FORMAT",         ACTION_REWRITE_TABLE,   NULL},
    {"TRUNCATE PARTITION", ACTION_TRUNCATE,        NULL},
    {"COMMENT",            ACTION_COMMENT,         NULL},
    {"AUTO_INCREMENT",     ACTION_SET_OPTIONS,     NULL},
    {"DISCARD TABLESPACE", ACTION_DROP_TABLE,      NULL},
};

/* How the work is to be done, not what: the author's own choice of it. */
static const char *const manners[] = {"ALGORITHM", "LOCK", "NOWAIT", "WAIT"};
/* clang-format on */

/* CHANGE a b type: a rename and a new type, either of which may be none. */
static void
read_change(MyCursor *cursor, MyActs *acts, const QName *table)
{
    Act act = {.action = ACTION_ALTER_TYPE, .relation = *table};
    char *from;

    my_take(cursor, "COLUMN");
    act.if_exists = take_if(cursor);
    from = my_take_name(cursor);
    act.column = my_take_name(cursor);
    if (from == NULL || act.column == NULL)
        return;
    read_definition(cursor, &act);
    if (strcasecmp(from, act.column) != 0)
        *list_add(cursor->mem, acts) = (Act){.action = ACTION_RENAME_COLUMN,
                                             .relation = *table,
                                             .column = from,
                                             .new_name = act.column};
    *list_add(cursor->mem, acts) = act;
}

/* ADD [COLUMN] (a int, b int) */
static void
read_column_list(MyCursor *cursor, MyActs *acts, const QName *table)
{
    while (cursor->at < cursor->count)
    {
        Act act = {.action = ACTION_ADD_COLUMN, .relation = *table};

        if (!read_column(cursor, &act))
            return;
        *list_add(cursor->mem, acts) = act;
        if (!my_take_sign(cursor, ','))
            return;
    }
}

/* The name of a constraint stands before its kind. */
static const char *
take_constraint(MyCursor *cursor, bool *named)
{
    int from = cursor->at;
    char *name;

    *named = my_take_all(cursor, "ADD CONSTRAINT");
    if (!*named)
        return NULL;
    take_if(cursor);
    name = my_sees(cursor, "PRIMARY") || my_sees(cursor, "UNIQUE") ||
                   my_sees(cursor, "FOREIGN") || my_sees(cursor, "CHECK")
               ? NULL
               : my_take_name(cursor);
    /* From here it reads as if the name had not been there. */
    cursor->tokens[cursor->at - 1] = cursor->tokens[from];
    cursor->at--;
    return name;
}

static bool
is_manner(const MyCursor *cursor)
{
    for (int i = 0; i < LENGTH(manners); i++)
        if (my_sees(cursor, manners[i]))
            return true;
    return false;
}

static void
clause_read(MyCursor *cursor, MyActs *acts, const QName *table)
{
    bool named;
    const char *name = take_constraint(cursor, &named);
    Act act = {.action = ACTION_OTHER, .relation = *table};

    for (int i = 0; i < LENGTH(clauses); i++)
        if (my_take_all(cursor, clauses[i].words))
        {
            act.action = clauses[i].action;
            if (act.action == ACTION_ADD_COLUMN && my_take_sign(cursor, '('))
            {
                read_column_list(cursor, acts, table);
                return;
            }
            if (clauses[i].read != NULL && !clauses[i].read(cursor, &act))
                act.action = ACTION_OTHER;
            break;
        }
    act.unique = act.unique || act.action == ACTION_ADD_UNIQUE;
    if (name != NULL)
        act.object = name;
    *list_add(cursor->mem, acts) = act;
}

void
my_alter_table(MyCursor *cursor, MyActs *acts)
{
    QName table;
    bool if_table = take_if(cursor);

    if (!my_take_qname(cursor, &table))
        return;
    if (my_take(cursor, "WAIT"))
        cursor->at++;
    my_take(cursor, "NOWAIT");
    do
    {
        int first = acts->count;

        if (my_take(cursor, "CHANGE"))
            read_change(cursor, acts, &table);
        else if (!is_manner(cursor) && cursor->at < cursor->count)
            clause_read(cursor, acts, &table);
        for (; first < acts->count; first++)
            acts->items[first].if_table = if_table;
        my_skip_item(cursor);
    } while (my_take_sign(cursor, ','));
}

#include <string.h>

#include "core/sql/sqlite/lite.h"

/* A statement while it is read. */
typedef struct Reading
{
    Mem *mem;
    const LiteTokens *tokens;
    int at;
    Act *act;
    Statement *statement;
} Reading;

static bool
take(Reading *reading, const char *word)
{
    bool there = lite_is(reading->tokens, reading->at, word);

    reading->at += there;
    return there;
}

static bool
take_if(Reading *reading)
{
    if (!take(reading, "IF"))
        return false;
    take(reading, "NOT");
    take(reading, "EXISTS");
    return reading->act->if_exists = true;
}

static char *
take_name(Reading *reading)
{
    return lite_name(reading->mem, reading->tokens, reading->at++);
}

/* The schema is left out: there is one, main. */
static char *
take_qname(Reading *reading)
{
    char *name = take_name(reading);

    return take(reading, ".") ? take_name(reading) : name;
}

static void
act_is(Reading *reading, Action action)
{
    reading->act->action = action;
}

static SqlParsed
rest_of(Reading *reading)
{
    return (SqlParsed){.text = lite_slice(reading->mem, reading->tokens, reading->at,
                                          reading->tokens->count)};
}

/* --- CREATE and DROP ------------------------------------------------------------- */

static void
read_create_index(Reading *reading)
{
    act_is(reading, ACTION_CREATE_INDEX);
    take_if(reading);
    reading->act->object = take_qname(reading);
    if (take(reading, "ON"))
        reading->act->relation.name = take_name(reading);
    reading->act->expression = rest_of(reading);
}

static void
read_create_trigger(Reading *reading)
{
    act_is(reading, ACTION_CREATE_TRIGGER);
    take_if(reading);
    reading->act->object = take_qname(reading);
    while (reading->at < reading->tokens->count && !take(reading, "ON"))
        reading->at++;
    reading->act->relation.name = take_name(reading);
}

static void
read_create(Reading *reading)
{
    bool temporary = take(reading, "TEMP") || take(reading, "TEMPORARY");

    reading->act->unique = take(reading, "UNIQUE");
    take(reading, "VIRTUAL");
    if (take(reading, "INDEX"))
    {
        read_create_index(reading);
        return;
    }
    if (take(reading, "TRIGGER"))
    {
        read_create_trigger(reading);
        return;
    }

    bool view = take(reading, "VIEW");

    if (!view && !take(reading, "TABLE"))
        return;
    take_if(reading);
    reading->act->relation.name = take_qname(reading);
    act_is(reading, temporary ? ACTION_CREATE_TEMP
                    : view    ? ACTION_CREATE_VIEW
                    : lite_is(reading->tokens, reading->at, "AS")
                        ? ACTION_CREATE_TABLE_AS
                        : ACTION_CREATE_TABLE);
    reading->statement->session = temporary;
}

typedef struct Dropped
{
    const char *word;
    Action action;
    bool relation; /* it is one; else an object of one */
} Dropped;

static const Dropped droppeds[] = {
    {"TABLE", ACTION_DROP_TABLE, true},
    {"VIEW", ACTION_DROP_VIEW, true},
    {"INDEX", ACTION_DROP_INDEX, false},
    {"TRIGGER", ACTION_DROP_TRIGGER, false},
};

static void
read_drop(Reading *reading)
{
    for (int i = 0; i < LENGTH(droppeds); i++)
    {
        if (!take(reading, droppeds[i].word))
            continue;
        act_is(reading, droppeds[i].action);
        take_if(reading);
        if (droppeds[i].relation)
            reading->act->relation.name = take_qname(reading);
        else
            reading->act->object = take_qname(reading);
        return;
    }
}

/* --- ALTER TABLE ----------------------------------------------------------------- */

static void
read_add(Reading *reading)
{
    const LiteTokens *tokens = reading->tokens;

    if (lite_is(tokens, reading->at, "CONSTRAINT") ||
        lite_is(tokens, reading->at, "CHECK") ||
        lite_is(tokens, reading->at, "UNIQUE") ||
        lite_is(tokens, reading->at, "FOREIGN"))
    {
        reading->act->expression = rest_of(reading);
        if (take(reading, "CONSTRAINT"))
            reading->act->object = take_name(reading);
        act_is(reading, lite_is(tokens, reading->at, "FOREIGN") ? ACTION_ADD_FOREIGN_KEY
                        : lite_is(tokens, reading->at, "UNIQUE") ? ACTION_ADD_UNIQUE
                                                                 : ACTION_ADD_CHECK);
        return;
    }
    take(reading, "COLUMN");
    act_is(reading, ACTION_ADD_COLUMN);
    reading->act->column = take_name(reading);
    for (int i = reading->at; i < tokens->count; i++)
    {
        reading->act->not_null |=
            lite_is(tokens, i, "NOT") && lite_is(tokens, i + 1, "NULL");
        reading->act->has_default |= lite_is(tokens, i, "DEFAULT");
    }
}

static void
read_alter_column(Reading *reading)
{
    take(reading, "COLUMN");
    reading->act->column = take_name(reading);
    if (take(reading, "SET"))
    {
        if (take(reading, "NOT"))
            act_is(reading, ACTION_SET_NOT_NULL);
        else if (take(reading, "DEFAULT"))
            act_is(reading, ACTION_SET_DEFAULT);
        else if (take(reading, "DATA") && take(reading, "TYPE"))
            act_is(reading, ACTION_ALTER_TYPE);
    }
    else if (take(reading, "DROP"))
        act_is(reading,
               take(reading, "NOT") ? ACTION_DROP_NOT_NULL : ACTION_DROP_DEFAULT);
    else if (take(reading, "TYPE"))
        act_is(reading, ACTION_ALTER_TYPE);
    reading->act->expression = rest_of(reading);
    reading->act->type = reading->act->action == ACTION_ALTER_TYPE
                             ? reading->act->expression.text
                             : NULL;
}

static void
read_rename(Reading *reading)
{
    if (take(reading, "TO"))
    {
        act_is(reading, ACTION_RENAME_TABLE);
        reading->act->new_name = take_name(reading);
        return;
    }
    take(reading, "COLUMN");
    act_is(reading, ACTION_RENAME_COLUMN);
    reading->act->column = take_name(reading);
    if (take(reading, "TO"))
        reading->act->new_name = take_name(reading);
}

static void
read_alter(Reading *reading)
{
    if (!take(reading, "TABLE"))
        return;
    reading->act->relation.name = take_qname(reading);
    if (take(reading, "ADD"))
        read_add(reading);
    else if (take(reading, "ALTER"))
        read_alter_column(reading);
    else if (take(reading, "RENAME"))
        read_rename(reading);
    else if (take(reading, "DROP") && take(reading, "CONSTRAINT"))
    {
        act_is(reading, ACTION_DROP_CONSTRAINT);
        reading->act->object = take_name(reading);
    }
    else
    {
        take(reading, "COLUMN");
        act_is(reading, ACTION_DROP_COLUMN);
        reading->act->column = take_name(reading);
    }
}

/* --- the rest -------------------------------------------------------------------- */

static void
read_insert(Reading *reading)
{
    act_is(reading, ACTION_INSERT);
    if (take(reading, "OR"))
        reading->at++;
    if (take(reading, "INTO"))
        reading->act->relation.name = take_qname(reading);
}

static void
read_update(Reading *reading)
{
    act_is(reading, ACTION_UPDATE);
    if (take(reading, "OR"))
        reading->at++;
    reading->act->relation.name = take_qname(reading);
}

static void
read_delete(Reading *reading)
{
    act_is(reading, ACTION_DELETE);
    if (take(reading, "FROM"))
        reading->act->relation.name = take_qname(reading);
}

static void
read_select(Reading *reading)
{
    act_is(reading, ACTION_SELECT);
}

/* What it is for stands behind the last of its parentheses. */
static void
read_with(Reading *reading)
{
    const LiteTokens *tokens = reading->tokens;

    for (int at = reading->at; at < tokens->count;)
    {
        if (!lite_is(tokens, at, "("))
        {
            at++;
            continue;
        }
        at = reading->at = lite_behind(tokens, at);
        if (take(reading, "INSERT") || take(reading, "REPLACE"))
            read_insert(reading);
        else if (take(reading, "UPDATE"))
            read_update(reading);
        else if (take(reading, "DELETE"))
            read_delete(reading);
        else if (take(reading, "SELECT") || take(reading, "VALUES"))
            read_select(reading);
        else
            continue;
        return;
    }
}

static void
read_pragma(Reading *reading)
{
    act_is(reading, ACTION_SET);
}

static void
read_transaction(Reading *reading)
{
    act_is(reading, ACTION_TRANSACTION);
}

static void
read_analyze(Reading *reading)
{
    act_is(reading, ACTION_ANALYZE);
}

static void
read_vacuum(Reading *reading)
{
    act_is(reading, ACTION_VACUUM);
    reading->statement->alone = true;
    reading->statement->alone_why = "VACUUM";
}

typedef struct Reader
{
    const char *first;
    void (*read)(Reading *reading);
} Reader;

static const Reader readers[] = {
    {"CREATE", read_create},      {"DROP", read_drop},
    {"ALTER", read_alter},        {"INSERT", read_insert},
    {"REPLACE", read_insert},     {"UPDATE", read_update},
    {"DELETE", read_delete},      {"SELECT", read_select},
    {"VALUES", read_select},      {"EXPLAIN", read_select},
    {"WITH", read_with},          {"PRAGMA", read_pragma},
    {"ANALYZE", read_analyze},    {"REINDEX", read_analyze},
    {"VACUUM", read_vacuum},      {"BEGIN", read_transaction},
    {"COMMIT", read_transaction}, {"END", read_transaction},
};

void
lite_classify(Mem *mem, const LiteTokens *tokens, Statement *statement)
{
    Act *act = mem_new(mem, Act);
    Reading reading = {
        .mem = mem, .tokens = tokens, .act = act, .statement = statement};

    act->action = ACTION_OTHER;
    statement->acts = act;
    statement->act_count = 1;
    for (int i = 0; i < LENGTH(readers); i++)
        if (take(&reading, readers[i].first))
        {
            readers[i].read(&reading);
            return;
        }
}

/* A table's own CREATE TABLE, written anew where ALTER TABLE cannot. */
#include <string.h>

#include "core/sql/sqlite/lite.h"

/* A definition inside the parentheses: a column, or a constraint of the table. */
typedef struct Item
{
    int from;
    int end;
} Item;

typedef struct Making
{
    Mem *mem;
    LiteTokens tokens;
    const Act *act;
    int name; /* token of the table's name */
    int open; /* of the parenthesis */
    int close;
    LIST(Item) items;
} Making;

bool
lite_rebuilds(const Act *act)
{
    static const Action actions[] = {
        ACTION_SET_NOT_NULL, ACTION_DROP_NOT_NULL,   ACTION_ALTER_TYPE,
        ACTION_SET_DEFAULT,  ACTION_DROP_DEFAULT,    ACTION_ADD_CHECK,
        ACTION_ADD_UNIQUE,   ACTION_ADD_FOREIGN_KEY, ACTION_DROP_CONSTRAINT};

    for (int i = 0; i < LENGTH(actions); i++)
        if (act->action == actions[i])
            return true;
    return false;
}

const char *
lite_note(Mem *mem, const Statement *statement, const Facts *facts)
{
    const Act *act = &statement->acts[0];

    (void)mem;
    (void)facts;
    if (lite_rebuilds(act))
        return "makes the table again, in this transaction: rows, rowids, indexes, "
               "triggers, views and children stay, and are counted";
    if (act->action == ACTION_DROP_COLUMN)
        return "writes every row of the table again";
    return NULL;
}

static int
item_end(const LiteTokens *tokens, int at, int close)
{
    while (at < close && !lite_is(tokens, at, ","))
        at = lite_is(tokens, at, "(") ? lite_behind(tokens, at) : at + 1;
    return at;
}

static bool
making_begin(Making *making)
{
    const LiteTokens *tokens = &making->tokens;
    int at = 1;

    while (at < tokens->count && !lite_is(tokens, at, "TABLE"))
        at++;
    making->name = at + 1;
    if (lite_is(tokens, making->name + 1, "."))
        making->name += 2;
    making->open = making->name + 1;
    if (!lite_is(tokens, making->open, "("))
        return false;
    making->close = lite_behind(tokens, making->open) - 1;
    for (at = making->open + 1; at < making->close;)
    {
        int end = item_end(tokens, at, making->close);

        *list_add(making->mem, &making->items) = (Item){at, end};
        at = end + 1;
    }
    return true;
}

static bool
is_constraint_word(const LiteTokens *tokens, int at)
{
    static const char *const words[] = {
        "CONSTRAINT", "NOT",        "NULL",    "DEFAULT",   "CHECK", "UNIQUE",
        "PRIMARY",    "REFERENCES", "COLLATE", "GENERATED", "AS"};

    for (int i = 0; i < LENGTH(words); i++)
        if (lite_is(tokens, at, words[i]))
            return true;
    return false;
}

/* Behind the type's name, which may be none. */
static int
type_end(const Making *making, const Item *item)
{
    int at = item->from + 1;

    while (at < item->end && !is_constraint_word(&making->tokens, at))
        at = lite_is(&making->tokens, at, "(") ? lite_behind(&making->tokens, at)
                                               : at + 1;
    return at;
}

/* Where the clause that begins with that word stands in the item; -1: nowhere. */
static int
clause_find(const Making *making, const Item *item, const char *word)
{
    for (int at = item->from + 1; at < item->end;
         at = lite_is(&making->tokens, at, "(") ? lite_behind(&making->tokens, at)
                                                : at + 1)
        if (lite_is(&making->tokens, at, word))
            return at;
    return -1;
}

/* Behind it: the next clause, or the end of the item. */
static int
clause_end(const Making *making, const Item *item, int at)
{
    bool not_null = lite_is(&making->tokens, at, "NOT");

    at += not_null ? 2 : 1;
    while (at < item->end && !is_constraint_word(&making->tokens, at))
        at = lite_is(&making->tokens, at, "(") ? lite_behind(&making->tokens, at)
                                               : at + 1;
    return at;
}

static const char *
without(Making *making, const Item *item, const char *word)
{
    int at = clause_find(making, item, word);

    if (at < 0)
        return lite_slice(making->mem, &making->tokens, item->from, item->end);
    return mem_text(making->mem, "%s %s",
                    lite_slice(making->mem, &making->tokens, item->from, at),
                    lite_slice(making->mem, &making->tokens,
                               clause_end(making, item, at), item->end));
}

static const char *
column_altered(Making *making, const Item *item)
{
    const Act *act = making->act;
    const char *as_is = lite_slice(making->mem, &making->tokens, item->from, item->end);

    switch (act->action)
    {
    case ACTION_SET_NOT_NULL:
        return clause_find(making, item, "NOT") >= 0
                   ? as_is
                   : mem_text(making->mem, "%s NOT NULL", as_is);
    case ACTION_DROP_NOT_NULL:
        return without(making, item, "NOT");
    case ACTION_DROP_DEFAULT:
        return without(making, item, "DEFAULT");
    case ACTION_SET_DEFAULT:
        return mem_text(making->mem, "%s DEFAULT %s", without(making, item, "DEFAULT"),
                        act->expression.text);
    case ACTION_ALTER_TYPE:
        return mem_text(
            making->mem, "%s %s %s",
            lite_slice(making->mem, &making->tokens, item->from, item->from + 1),
            act->expression.text,
            lite_slice(making->mem, &making->tokens, type_end(making, item),
                       item->end));
    default:
        return as_is;
    }
}

static bool
item_named(const Making *making, const Item *item, bool constraint, const char *name)
{
    bool is_constraint = lite_is(&making->tokens, item->from, "CONSTRAINT");
    const char *own =
        lite_name(making->mem, &making->tokens, item->from + (constraint ? 1 : 0));

    return name != NULL && own != NULL && is_constraint == constraint &&
           strcasecmp(own, name) == 0;
}

static bool
making_refused(const Making *making, Err *err)
{
    const Act *act = making->act;
    bool column = act->column != NULL;

    return err_set(err, ERR_SQL, "no %s \"%s\" in table \"%s\"",
                   column ? "column" : "constraint", column ? act->column : act->object,
                   act->relation.name);
}

bool
lite_altered(Mem *mem, const char *create, const Act *act, const char *as,
             SqlParsed *sql, Err *err)
{
    Making making = {.mem = mem, .tokens = lite_tokens(mem, create), .act = act};
    Buf text = buf_begin(mem);
    bool named = act->action == ACTION_DROP_CONSTRAINT;
    bool drops = named || act->action == ACTION_DROP_COLUMN;
    bool adds = act->column == NULL && !drops;
    bool met = adds;
    int written = 0;

    if (!making_begin(&making))
        return err_set(err, ERR_SQL, "table \"%s\" cannot be made again",
                       act->relation.name);
    buf_format(&text, "CREATE TABLE %s (", as);
    for (int i = 0; i < making.items.count; i++)
    {
        const Item *item = &making.items.items[i];
        bool it = !adds &&
                  item_named(&making, item, named, named ? act->object : act->column);
        const char *separator = written > 0 ? ", " : "";

        met |= it;
        if (it && drops)
            continue;
        buf_format(&text, "%s%s", separator,
                   it ? column_altered(&making, item)
                      : lite_slice(mem, &making.tokens, item->from, item->end));
        written++;
    }
    if (adds)
        buf_format(&text, ", %s", act->expression.text);
    buf_format(&text, ")%s%s", making.close + 1 < making.tokens.count ? " " : "",
               lite_slice(mem, &making.tokens, making.close + 1, making.tokens.count));
    *sql = (SqlParsed){.text = text.text};
    return met || making_refused(&making, err);
}

#include <string.h>

#include "core/sql/sqlite/lite.h"
#include "core/sql/tokens.h"

/* An UPDATE or DELETE while it is taken apart. */
typedef struct Taking
{
    Mem *mem;
    const BackfillSource *source;
    LiteTokens tokens;
    Backfill *fill;
    int at;
} Taking;

static bool
object(const Taking *taking, int at, const char *what, const char *cure, Err *err)
{
    const Section *section = taking->source->section;
    int start = taking->source->statement->span.offset - section->text_offset;
    int offset = at < taking->tokens.count ? taking->tokens.items[at].start : 0;

    section_error(section, start + offset, err, "%s", what);
    return err_hint(err, "%s", cure);
}

typedef struct Foreign
{
    const char *word;
    const char *what;
    const char *cure;
} Foreign;

/* clang-format off */
static const Foreign foreigns[] = {
    {"LIMIT", "LIMIT has no place in a backfill: pgstride does the batching",
        "Leave out ORDER BY and LIMIT; keep the WHERE."},
    {"ORDER", "LIMIT has no place in a backfill: pgstride does the batching",
        "Leave out ORDER BY and LIMIT; keep the WHERE."},
    {"RETURNING", "RETURNING has no place in a backfill: nobody reads it", "Leave it out."},
    {"FROM", "UPDATE ... FROM has no place in a backfill: it is about the rows of one table",
        "Write the value as a subquery, and say sync:off."},
};
/* clang-format on */

/* The next of these at the level of the statement itself. */
static bool
stops_at(const LiteTokens *tokens, int at)
{
    if (lite_is(tokens, at, "WHERE"))
        return true;
    for (int i = 0; i < LENGTH(foreigns); i++)
        if (lite_is(tokens, at, foreigns[i].word))
            return true;
    return false;
}

/* Behind the expression that begins at `at`: a comma, a clause, or the end. */
static int
expression_end(const LiteTokens *tokens, int at)
{
    while (at < tokens->count && !lite_is(tokens, at, ",") && !stops_at(tokens, at))
        at = lite_is(tokens, at, "(") ? lite_behind(tokens, at) : at + 1;
    return at;
}

static bool
is_column(const LiteTokens *tokens, int at)
{
    LiteKind kind = tokens->items[at].kind;

    return (kind == LITE_WORD || kind == LITE_NAME) && !lite_is(tokens, at + 1, "(");
}

static bool
reads_clock(const LiteTokens *tokens, int at)
{
    static const char *const words[] = {"random", "randomblob", "CURRENT_TIMESTAMP",
                                        "CURRENT_DATE", "CURRENT_TIME"};

    for (int i = 0; i < LENGTH(words); i++)
        if (lite_is(tokens, at, words[i]))
            return true;
    return tokens->items[at].kind == LITE_STRING &&
           strncasecmp(tokens->text + tokens->items[at].start, "'now'", 5) == 0;
}

static void
expression_look(Taking *taking, int from, int end)
{
    for (int i = from; i < end; i++)
    {
        taking->fill->other_relations |= lite_is(&taking->tokens, i, "SELECT");
        taking->fill->is_volatile |= reads_clock(&taking->tokens, i);
    }
}

static bool
assignment_take(Taking *taking, Assignment *assignment, Err *err)
{
    const LiteTokens *tokens = &taking->tokens;
    LIST(const char *) sources = {0};
    int from;
    int end;

    assignment->target = lite_name(taking->mem, tokens, taking->at);
    if (assignment->target == NULL || !lite_is(tokens, taking->at + 1, "="))
        return object(taking, taking->at, "this is no \"column = value\"",
                      "Assign one column at a time.", err);
    from = taking->at + 2;
    end = expression_end(tokens, from);
    assignment->expression.text = lite_slice(taking->mem, tokens, from, end);
    for (int i = from; i < end; i++)
        if (is_column(tokens, i))
            *list_add(taking->mem, &sources) = lite_name(taking->mem, tokens, i);
    assignment->sources = sources.items;
    assignment->source_count = sources.count;
    if (end == from + 1 && is_column(tokens, from))
        assignment->plain_source = lite_name(taking->mem, tokens, from);
    expression_look(taking, from, end);
    taking->at = end;
    return true;
}

static bool
assignments_take(Taking *taking, Err *err)
{
    LIST(Assignment) list = {0};

    if (!lite_is(&taking->tokens, taking->at, "SET"))
        return object(taking, taking->at, "an alias has no place in a backfill",
                      "Name the table alone.", err);
    do
    {
        taking->at++;
        if (!assignment_take(taking, list_add(taking->mem, &list), err))
            return false;
    } while (lite_is(&taking->tokens, taking->at, ","));
    taking->fill->assignments = list.items;
    taking->fill->assignment_count = list.count;
    return true;
}

static bool
where_take(Taking *taking, Err *err)
{
    const LiteTokens *tokens = &taking->tokens;
    int from = taking->at + 1;
    int end = from;

    if (!lite_is(tokens, taking->at, "WHERE"))
        end = from = taking->at;
    else
        while (end < tokens->count && !stops_at(tokens, end))
            end = lite_is(tokens, end, "(") ? lite_behind(tokens, end) : end + 1;
    for (int i = 0; i < LENGTH(foreigns); i++)
        if (lite_is(tokens, end, foreigns[i].word))
            return object(taking, end, foreigns[i].what, foreigns[i].cure, err);
    if (end > from)
        taking->fill->where.text = lite_slice(taking->mem, tokens, from, end);
    return true;
}

static bool
volatile_refused(const Taking *taking, Err *err)
{
    return object(taking, 0,
                  "the value changes from one moment to the next, and no WHERE tells "
                  "which rows are done",
                  "Add a WHERE that is false of what is filled.", err);
}

bool
lite_read_fill(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err)
{
    const Statement *statement = source->statement;
    Taking taking = {.mem = mem,
                     .source = source,
                     .tokens = lite_tokens(mem, statement->sql.text),
                     .fill = fill,
                     .at = 1};
    bool is_delete = statement->acts[0].action == ACTION_DELETE;

    *fill = (Backfill){.number = source->number,
                       .table = statement->acts[0].relation,
                       .is_delete = is_delete,
                       .repeat = source->section->options.repeat,
                       .statement = statement,
                       .section = source->section};
    if (fill->repeat)
        return true;
    if (lite_is(&taking.tokens, 0, "WITH"))
        return object(
            &taking, 0,
            "WITH has no place in a backfill: it is about the rows of one table",
            "Write the value as a subquery, and say sync:off.", err);
    if (lite_is(&taking.tokens, taking.at, is_delete ? "FROM" : "OR"))
        taking.at += is_delete ? 1 : 2;
    taking.at += lite_is(&taking.tokens, taking.at + 1, ".") ? 3 : 1;
    if ((!is_delete && !assignments_take(&taking, err)) || !where_take(&taking, err))
        return false;
    return !fill->is_volatile || fill->where.text != NULL ||
           volatile_refused(&taking, err);
}

/*
 * An UPDATE or DELETE as a backfill: one table, assignments, WHERE. Which words of an
 * expression are columns is told apart from the words of the language around them, not
 * looked up: the catalog says later whether the table has them.
 */
#include <string.h>

#include "base/buf.h"
#include "core/sql/mysql/mysql.h"

typedef struct Names
{
    const char **items;
    int count;
    int room;
} Names;

/* A piece of the statement between two tokens, on its way to be understood. */
typedef struct Expression
{
    MyCursor *cursor;
    int from;
    int until;
    Names columns;
    Names functions;
    bool subquery;
    bool variable;
    char *over_new;
} Expression;

/* --- expressions ----------------------------------------------------------------- */

/* clang-format off */
/* Words that are never a bare column, wherever they stand. */
static const char *const reserved[] = {
    "AND", "OR", "NOT", "XOR", "DIV", "MOD", "IS", "NULL", "TRUE", "FALSE", "UNKNOWN", "IN", "LIKE", "RLIKE",
    "REGEXP", "BETWEEN", "ESCAPE", "SOUNDS", "MEMBER", "OF", "CASE", "WHEN", "THEN", "ELSE", "END", "INTERVAL",
    "BINARY", "EXISTS", "DEFAULT", "DISTINCT", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER",
    "LOCALTIME", "LOCALTIMESTAMP", "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP", "AS", "USING", "COLLATE", "AT", "FROM",
    "FOR", "BOTH", "LEADING", "TRAILING", "SEPARATOR", "ALL", "ANY", "SOME",
};
/* Those whose next word is a type, a character set, a collation. */
static const char *const before_other[] = {"AS", "USING", "COLLATE"};
static const char *const units[] = {
    "MICROSECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "SECOND_MICROSECOND",
    "MINUTE_MICROSECOND", "MINUTE_SECOND", "HOUR_MICROSECOND", "HOUR_SECOND", "HOUR_MINUTE", "DAY_MICROSECOND",
    "DAY_SECOND", "DAY_MINUTE", "DAY_HOUR", "YEAR_MONTH",
};
/* clang-format on */

static bool
is_one_of(const char *text, const MyToken *token, const char *const *words, int count)
{
    for (int i = 0; i < count; i++)
        if (my_is(text, token, words[i]))
            return true;
    return false;
}

static void
name_note(Mem *mem, Names *names, const char *name)
{
    for (int i = 0; i < names->count; i++)
        if (strcasecmp(names->items[i], name) == 0)
            return;
    *list_add(mem, names) = name;
}

static bool
token_is_sign(const MyCursor *cursor, int at, char sign)
{
    return at >= 0 && at < cursor->count && cursor->tokens[at].kind == MY_SIGN &&
           cursor->text[cursor->tokens[at].start] == sign;
}

/* A type, a character set or a collation. */
static bool
names_other(const Expression *expression, int at)
{
    const MyCursor *cursor = expression->cursor;

    return at > expression->from && is_one_of(cursor->text, &cursor->tokens[at - 1],
                                              before_other, LENGTH(before_other));
}

static bool
is_function(const Expression *expression, int at)
{
    const MyCursor *cursor = expression->cursor;

    return cursor->tokens[at].kind == MY_WORD && at + 1 < expression->until &&
           token_is_sign(cursor, at + 1, '(') && !names_other(expression, at) &&
           !is_one_of(cursor->text, &cursor->tokens[at], reserved, LENGTH(reserved));
}

/* INTERVAL 1 DAY: a unit is one only behind that word, a column may be called so. */
static bool
is_unit(const Expression *expression, int at)
{
    const MyCursor *cursor = expression->cursor;

    if (!is_one_of(cursor->text, &cursor->tokens[at], units, LENGTH(units)))
        return false;
    if (token_is_sign(cursor, at - 1, '(') && at >= 2 &&
        is_one_of(cursor->text, &cursor->tokens[at - 2],
                  (const char *const[]){"EXTRACT", "TIMESTAMPDIFF", "TIMESTAMPADD"}, 3))
        return true;
    for (int back = at - 1; back >= expression->from; back--)
        if (my_is(cursor->text, &cursor->tokens[back], "INTERVAL"))
            return true;
    return false;
}

static bool
is_column(const Expression *expression, int at)
{
    const MyCursor *cursor = expression->cursor;
    const MyToken *token = &cursor->tokens[at];
    bool last = at + 1 >= expression->until;

    if (token->kind == MY_NAME)
        return last || !token_is_sign(cursor, at + 1, '.');
    if (token->kind != MY_WORD ||
        is_one_of(cursor->text, token, reserved, LENGTH(reserved)))
        return false;
    if (names_other(expression, at))
        return false;
    if (!last && (token_is_sign(cursor, at + 1, '(') ||
                  token_is_sign(cursor, at + 1, '.') || token[1].kind == MY_STRING))
        return false;
    return !is_unit(expression, at);
}

/* The same text with NEW. before every column, in place of what qualified it. */
static void
text_over_new(const Expression *expression, Buf *out, int *copied, int at)
{
    const MyCursor *cursor = expression->cursor;
    int first = at;

    while (first - 2 >= expression->from && token_is_sign(cursor, first - 1, '.'))
        first -= 2;
    buf_bytes(out, cursor->text + *copied,
              (size_t)(cursor->tokens[first].start - *copied));
    buf_add(out, "NEW.");
    *copied = cursor->tokens[at].start;
}

static void
expression_read(Expression *expression)
{
    const MyCursor *cursor = expression->cursor;
    Mem *mem = cursor->mem;
    Buf over_new = buf_begin(mem);
    int copied = cursor->tokens[expression->from].start;

    for (int at = expression->from; at < expression->until; at++)
    {
        const MyToken *token = &cursor->tokens[at];

        expression->subquery =
            expression->subquery || my_is(cursor->text, token, "SELECT");
        expression->variable = expression->variable || token_is_sign(cursor, at, '@');
        if (is_function(expression, at))
            name_note(mem, &expression->functions, my_name(mem, cursor->text, token));
        else if (is_column(expression, at))
        {
            name_note(mem, &expression->columns, my_name(mem, cursor->text, token));
            text_over_new(expression, &over_new, &copied, at);
        }
    }
    buf_bytes(&over_new, cursor->text + copied,
              (size_t)(cursor->tokens[expression->until - 1].end - copied));
    expression->over_new = over_new.text;
}

/* --- the statement --------------------------------------------------------------- */

static bool
object(MyFault *fault, const char *message, const char *hint, const MyToken *at)
{
    *fault = (MyFault){message, hint, at->start};
    return false;
}

static bool
object_to_rest(const MyCursor *cursor, MyFault *fault)
{
    const MyToken *token = my_peek(cursor, 0);

    if (my_sees(cursor, "LIMIT") || my_sees(cursor, "ORDER"))
        return object(fault,
                      "LIMIT has no place in a backfill: pgstride does the batching",
                      "Leave out ORDER BY and LIMIT; keep the WHERE.", token);
    if (my_sees(cursor, "RETURNING"))
        return object(fault, "a backfill returns nothing", "Leave out RETURNING.",
                      token);
    return object(fault, "a backfill is an UPDATE or DELETE of one table",
                  "Say it with a subquery in place of a join or an alias, or batch it "
                  "yourself with repeat:true.",
                  token);
}

static bool
ends_item(const MyCursor *cursor)
{
    return cursor->at >= cursor->count || my_sees(cursor, "WHERE") ||
           my_sees(cursor, "LIMIT") || my_sees(cursor, "RETURNING") ||
           (my_sees(cursor, "ORDER") && my_is(cursor->text, my_peek(cursor, 1), "BY"));
}

/* Tokens of an expression, up to what ends it outside parentheses. */
static Expression
take_expression(MyCursor *cursor)
{
    Expression expression = {.cursor = cursor, .from = cursor->at};

    while (!ends_item(cursor) && !my_sees_sign(cursor, ','))
        if (my_sees_sign(cursor, '('))
            my_skip_parentheses(cursor);
        else
            cursor->at++;
    expression.until = cursor->at;
    if (expression.until > expression.from)
        expression_read(&expression);
    return expression;
}

static bool
expression_check(const Expression *expression, MyFault *fault)
{
    const MyCursor *cursor = expression->cursor;
    const MyToken *first = &cursor->tokens[expression->from];

    if (expression->until == expression->from)
        return object(fault, "something is missing here", "Write the expression.",
                      my_peek(cursor, 0));
    if (expression->variable)
        return object(fault, "a variable has no place in a backfill",
                      "Each batch may run in another session: write the value itself.",
                      first);
    return true;
}

static void
functions_add(Mem *mem, Names *all, const Expression *expression)
{
    for (int i = 0; i < expression->functions.count; i++)
        name_note(mem, all, expression->functions.items[i]);
}

/* a = expr, b = expr */
static bool
take_assignments(MyCursor *cursor, MyUpdate *update, Names *functions, MyFault *fault)
{
    LIST(MyAssignment) assignments = {0};

    do
    {
        MyAssignment *assignment = list_add(cursor->mem, &assignments);
        const MyToken *at = my_peek(cursor, 0);
        QName target;

        if (!my_take_qname(cursor, &target) || !my_take_sign(cursor, '='))
            return object(fault, "an assignment is column = value",
                          "Name one column before each \"=\".", at);

        Expression value = take_expression(cursor);

        if (!expression_check(&value, fault))
            return false;
        *assignment = (MyAssignment){
            .target = target.name,
            .value = my_between(cursor, value.from, value.until),
            .over_new = value.over_new,
            .columns = value.columns.items,
            .column_count = value.columns.count,
            .is_default = value.until == value.from + 1 &&
                          my_is(cursor->text, &cursor->tokens[value.from], "DEFAULT"),
        };
        if (value.until == value.from + 1 && value.columns.count == 1)
            assignment->plain = value.columns.items[0];
        update->subquery = update->subquery || value.subquery;
        functions_add(cursor->mem, functions, &value);
    } while (my_take_sign(cursor, ','));
    update->assignments = assignments.items;
    update->assignment_count = assignments.count;
    update->value_function_count = functions->count;
    return true;
}

/* One term of the WHERE: does it read what the backfill assigns? */
static bool
reads_target(const MyUpdate *update, const Expression *term)
{
    for (int i = 0; i < term->columns.count; i++)
        for (int j = 0; j < update->assignment_count; j++)
            if (strcasecmp(term->columns.items[i], update->assignments[j].target) == 0)
                return true;
    return false;
}

/* Words that give an AND beside them another meaning. */
static bool
joins_otherwise(const MyCursor *cursor)
{
    static const char *const words[] = {"OR", "XOR", "BETWEEN", "CASE"};

    return is_one_of(cursor->text, my_peek(cursor, 0), words, LENGTH(words)) ||
           my_sees_sign(cursor, '|');
}

/* One term between ANDs, where it reads nothing that is assigned. */
static void
scope_add(Buf *scope, Buf *over_new, const MyUpdate *update, Expression term)
{
    const char *between = scope->length > 0 ? " AND " : "";

    expression_read(&term);
    if (reads_target(update, &term))
        return;
    buf_format(scope, "%s(%s)", between,
               my_between(term.cursor, term.from, term.until));
    buf_format(over_new, "%s(%s)", between, term.over_new);
}

/* Which rows it is about, done or not. */
static void
where_scope(MyCursor cursor, const Expression *where, MyUpdate *update)
{
    Buf scope = buf_begin(cursor.mem);
    Buf over_new = buf_begin(cursor.mem);
    Expression term = {.cursor = &cursor, .from = where->from};

    for (cursor.at = term.from; cursor.at < where->until;)
    {
        if (joins_otherwise(&cursor))
            return;
        if (my_take(&cursor, "AND"))
        {
            term.until = cursor.at - 1;
            scope_add(&scope, &over_new, update, term);
            term.from = cursor.at;
        }
        else if (my_sees_sign(&cursor, '('))
            my_skip_parentheses(&cursor);
        else
            cursor.at++;
    }
    term.until = where->until;
    scope_add(&scope, &over_new, update, term);
    update->scope = scope.length > 0 ? scope.text : NULL;
    update->scope_over_new = scope.length > 0 ? over_new.text : NULL;
}

static bool
take_where(MyCursor *cursor, MyUpdate *update, Names *functions, MyFault *fault)
{
    if (!my_take(cursor, "WHERE"))
        return true;

    Expression where = take_expression(cursor);

    if (!expression_check(&where, fault))
        return false;
    update->where = my_between(cursor, where.from, where.until);
    update->where_over_new = where.over_new;
    where_scope(*cursor, &where, update);
    update->where_columns = where.columns.items;
    update->where_column_count = where.columns.count;
    update->subquery = update->subquery || where.subquery;
    functions_add(cursor->mem, functions, &where);
    return true;
}

bool
my_update_read(Mem *mem, const char *text, MyUpdate *update, MyFault *fault)
{
    MyPieces pieces;
    Names functions = {0};

    *update = (MyUpdate){0};
    if (!my_split(mem, text, &pieces, fault))
        return false;

    MyPiece none = {0};
    MyCursor cursor =
        my_cursor(mem, text, pieces.count == 1 ? &pieces.items[0] : &none);

    update->is_delete = my_take_all(&cursor, "DELETE FROM");
    if (!update->is_delete && !my_take(&cursor, "UPDATE"))
        return object_to_rest(&cursor, fault);
    if (!my_take_qname(&cursor, &update->table) ||
        (!update->is_delete && !my_take(&cursor, "SET")))
        return object_to_rest(&cursor, fault);
    if (!update->is_delete && !take_assignments(&cursor, update, &functions, fault))
        return false;
    if (!take_where(&cursor, update, &functions, fault))
        return false;
    update->functions = functions.items;
    update->function_count = functions.count;
    return cursor.at == cursor.count || object_to_rest(&cursor, fault);
}

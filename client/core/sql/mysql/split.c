/*
 * Statements: at the delimiter, which the file may change as the mysql client lets it,
 * and in the body of a routine, a trigger or an event only where the body is over.
 */
#include <ctype.h>
#include <string.h>

#include "core/sql/mysql/mysql.h"

typedef struct Splitter
{
    Mem *mem;
    MyLexer lexer;
    MyTokens tokens;     /* of the statement that is being read */
    const MyToken *last; /* the one before; NULL at its start */
    int depth;           /* of BEGIN, CASE, IF... that are open */
    bool compound;       /* it has a body, so that ";" may be inside */
} Splitter;

/* --- compound bodies ------------------------------------------------------------- */

/* Is this a statement whose body may hold others? Asked at every token until it is. */
static bool
is_compound(const char *text, const MyTokens *tokens)
{
    static const char *const kinds[] = {"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT",
                                        "PACKAGE"};
    const MyToken *last = &tokens->items[tokens->count - 1];
    int first = 0;

    while (first < tokens->count && tokens->items[first].kind == MY_CODE_OPEN)
        first++;
    if (first < tokens->count && my_is(text, &tokens->items[first], "BEGIN"))
        return my_is(text, last, "NOT");
    if (first == tokens->count || (!my_is(text, &tokens->items[first], "CREATE") &&
                                   !my_is(text, &tokens->items[first], "ALTER")))
        return false;
    for (int i = 0; i < LENGTH(kinds); i++)
        if (my_is(text, last, kinds[i]))
            return true;
    return false;
}

/* Where a statement of a body can begin. At depth 0 that is behind the head. */
static bool
statement_may_begin(const Splitter *splitter)
{
    static const char *const before[] = {"THEN",  "ELSE", "DO",
                                         "BEGIN", "LOOP", "REPEAT"};
    static const char *const heads[] = {"ROW", "DO"};
    const char *text = splitter->lexer.text;
    const MyToken *last = splitter->last;

    if (last->kind == MY_DELIMITER)
        return true;
    if (last->kind == MY_SIGN)
        return text[last->start] == ':' ||
               (splitter->depth == 0 && text[last->start] == ')');
    for (int i = 0; i < LENGTH(before); i++)
        if (my_is(text, last, before[i]))
            return true;
    for (int i = 0; i < LENGTH(heads) && splitter->depth == 0; i++)
        if (my_is(text, last, heads[i]))
            return true;
    return false;
}

/* A name behind a dot or an @ is no keyword, whatever it is called. */
static bool
is_named_so(const Splitter *splitter)
{
    char before = splitter->lexer.text[splitter->last->start];

    return splitter->last->kind == MY_SIGN && (before == '.' || before == '@');
}

/* BEGIN and CASE open wherever they stand, the others only as statements: IF and REPEAT
 * are functions too. END closes; END IF and the like are one. */
static void
body_count(Splitter *splitter, const MyToken *token)
{
    static const char *const openers[] = {"IF", "LOOP", "WHILE", "REPEAT", "FOR"};
    const char *text = splitter->lexer.text;

    if (splitter->last == NULL || is_named_so(splitter) ||
        my_is(text, splitter->last, "END"))
        return;
    if (my_is(text, token, "END"))
        splitter->depth -= splitter->depth > 0;
    else if (my_is(text, token, "BEGIN") || my_is(text, token, "CASE"))
        splitter->depth++;
    for (int i = 0; i < LENGTH(openers); i++)
        if (my_is(text, token, openers[i]) && statement_may_begin(splitter))
            splitter->depth++;
}

/* --- the file's delimiter -------------------------------------------------------- */

/* "DELIMITER //": a line of the client, never seen by a server. */
static bool
delimiter_read(Splitter *splitter, const MyToken *token, MyFault *fault)
{
    MyLexer *lexer = &splitter->lexer;
    const char *from = lexer->text + token->end;
    size_t line = strcspn(from, "\r\n");
    size_t blank = strspn(from, " \t");
    size_t length = strcspn(from + blank, " \t\r\n");

    if (blank + length > line || length == 0 || strchr("'\"`\\", from[blank]) != NULL)
    {
        *fault = (MyFault){"DELIMITER without a delimiter",
                           "Say it on the same line: DELIMITER //", token->start};
        return false;
    }
    lexer->delimiter = mem_slice(splitter->mem, from + blank, length);
    lexer->at = token->end + (int)line;
    return true;
}

/* --- all of it ------------------------------------------------------------------- */

static bool
piece_end(Splitter *splitter, MyPieces *pieces, MyFault *fault)
{
    MyLexer *lexer = &splitter->lexer;
    MyPiece piece = {splitter->tokens.items, splitter->tokens.count};

    if (piece.count > 0)
        *list_add(splitter->mem, pieces) = piece;
    if (piece.count > 0 && !my_mode_after(lexer->text, &piece, &lexer->mode))
    {
        *fault = (MyFault){"the SQL mode decides how the rest of the file is read",
                           "Write the modes as one list: SET sql_mode = '...'.",
                           piece.tokens[0].start};
        return false;
    }
    splitter->tokens = (MyTokens){0};
    splitter->last = NULL;
    splitter->depth = 0;
    splitter->compound = false;
    return true;
}

static void
token_keep(Splitter *splitter, const MyToken *token)
{
    if (splitter->compound && !splitter->lexer.in_code)
        body_count(splitter, token);
    *list_add(splitter->mem, &splitter->tokens) = *token;
    splitter->last = &splitter->tokens.items[splitter->tokens.count - 1];
    if (splitter->compound || !is_compound(splitter->lexer.text, &splitter->tokens))
        return;
    splitter->compound = true;
    /* BEGIN NOT ATOMIC is known by its second word only. */
    splitter->depth = my_is(splitter->lexer.text, token, "NOT");
}

/* Under another delimiter the semicolon is a sign like any other. */
static bool
ends_statement(const Splitter *splitter, const MyToken *token)
{
    return token->kind == MY_DELIMITER && !splitter->lexer.in_code &&
           (splitter->depth == 0 || strcmp(splitter->lexer.delimiter, ";") != 0);
}

static bool
open_refuse(const MyToken *token, const char *text, MyFault *fault)
{
    const char *what = token->kind == MY_STRING ? "the string is not closed"
                       : token->kind == MY_NAME ? "the name is not closed"
                                                : "the comment is not closed";

    (void)text;
    *fault = (MyFault){what, "Close it.", token->start};
    return false;
}

static bool
body_refuse(const Splitter *splitter, MyFault *fault)
{
    if (splitter->depth == 0 && !splitter->lexer.in_code)
        return true;
    *fault = (MyFault){splitter->lexer.in_code ? "the comment is not closed"
                                               : "the body has no END",
                       "If it is whole, put DELIMITER // before it, // behind it, and "
                       "DELIMITER ; on a line after that.",
                       splitter->tokens.items[0].start};
    return false;
}

bool
my_split(Mem *mem, const char *text, MyPieces *pieces, MyFault *fault)
{
    Splitter splitter = {.mem = mem, .lexer = my_lexer(text)};

    *pieces = (MyPieces){0};
    for (;;)
    {
        MyToken token = my_next(&splitter.lexer);

        if (token.open)
            return open_refuse(&token, text, fault);
        if (token.kind == MY_END)
            break;
        if (splitter.tokens.count == 0 && my_is(text, &token, "DELIMITER"))
        {
            if (!delimiter_read(&splitter, &token, fault))
                return false;
        }
        else if (ends_statement(&splitter, &token))
        {
            if (!piece_end(&splitter, pieces, fault))
                return false;
        }
        else
            token_keep(&splitter, &token);
    }
    return body_refuse(&splitter, fault) && piece_end(&splitter, pieces, fault);
}

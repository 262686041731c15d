/*
 * Tokens, by the rules that both servers were asked for: a "--" needs a blank behind
 * it, comments do not nest, those that servers run are code, quotes are doubled or
 * escaped.
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "core/sql/mysql/mysql.h"

MyLexer
my_lexer(const char *text)
{
    return (MyLexer){.text = text, .length = (int)strlen(text), .delimiter = ";"};
}

static bool
is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static bool
stands(const MyLexer *lexer, int at, const char *what)
{
    return strncmp(lexer->text + at, what, strlen(what)) == 0;
}

static bool
delimiter_stands(const MyLexer *lexer, int at)
{
    return strncasecmp(lexer->text + at, lexer->delimiter, strlen(lexer->delimiter)) ==
           0;
}

/* --- comments -------------------------------------------------------------------- */

static bool
line_comment_stands(const MyLexer *lexer, int at)
{
    if (!stands(lexer, at, "--"))
        return lexer->text[at] == '#';

    unsigned char behind = (unsigned char)lexer->text[at + 2];

    return behind <= ' ' || behind == 0x7f;
}

/* The length of the head that makes a comment code: "!", "M!" and a version. */
static int
code_head(const MyLexer *lexer, int at)
{
    int length = stands(lexer, at, "/*!") ? 3 : stands(lexer, at, "/*M!") ? 4 : 0;

    if (length > 0)
        length += (int)strspn(lexer->text + at + length, "0123456789");
    return length;
}

/* Behind the comment at `at`; at itself where none stands. */
static int
comment_end(const MyLexer *lexer, int at, bool *open)
{
    const char *end;

    if (line_comment_stands(lexer, at))
    {
        end = strchr(lexer->text + at, '\n');
        return end == NULL ? lexer->length : (int)(end - lexer->text) + 1;
    }
    if (!stands(lexer, at, "/*") || code_head(lexer, at) > 0)
        return at;
    end = strstr(lexer->text + at + 2, "*/");
    *open = end == NULL;
    return end == NULL ? lexer->length : (int)(end - lexer->text) + 2;
}

/* --- tokens ---------------------------------------------------------------------- */

static MyKind
quoted_kind(const MyLexer *lexer, int at)
{
    char quote = lexer->text[at];

    return quote == '`' || (quote == '"' && lexer->mode.ansi_quotes) ? MY_NAME
                                                                     : MY_STRING;
}

/* Behind the quote that closes the one at `at`: doubled ones are inside, and so is what
 * follows a backslash, but in a name. */
static int
quoted_end(const MyLexer *lexer, int at, bool *open)
{
    char quote = lexer->text[at];
    bool escapes = !lexer->mode.no_escapes && quoted_kind(lexer, at) == MY_STRING;

    for (at++; at < lexer->length; at++)
    {
        if (lexer->text[at] == '\\' && escapes && at + 1 < lexer->length)
            at++;
        else if (lexer->text[at] == quote && lexer->text[at + 1] == quote)
            at++;
        else if (lexer->text[at] == quote)
            return at + 1;
    }
    *open = true;
    return lexer->length;
}

/* A delimiter such as $$ is made of bytes that a name may hold too. */
static int
word_end(const MyLexer *lexer, int at)
{
    do
        at++;
    while (at < lexer->length && is_word_byte(lexer->text[at]) &&
           (lexer->delimiter[0] == ';' || !delimiter_stands(lexer, at)));
    return at;
}

static MyKind
word_kind(const char *text, int start, int end)
{
    for (int at = start; at < end; at++)
        if (!isdigit((unsigned char)text[at]))
            return MY_WORD;
    return MY_NUMBER;
}

static void
token_read(MyLexer *lexer, MyToken *token)
{
    const char *text = lexer->text;
    int at = lexer->at;

    token->kind = MY_SIGN;
    token->end = at + 1;
    if (delimiter_stands(lexer, at))
    {
        token->kind = MY_DELIMITER;
        token->end = at + (int)strlen(lexer->delimiter);
    }
    else if (strchr("'\"`", text[at]) != NULL)
    {
        token->kind = quoted_kind(lexer, at);
        token->end = quoted_end(lexer, at, &token->open);
    }
    else if (code_head(lexer, at) > 0)
    {
        token->kind = MY_CODE_OPEN;
        token->end = at + code_head(lexer, at);
        lexer->in_code = true;
    }
    else if (lexer->in_code && stands(lexer, at, "*/"))
    {
        token->kind = MY_CODE_CLOSE;
        token->end = at + 2;
        lexer->in_code = false;
    }
    else if (is_word_byte(text[at]))
    {
        token->end = word_end(lexer, at);
        token->kind = word_kind(text, at, token->end);
    }
}

MyToken
my_next_any(MyLexer *lexer)
{
    MyToken token = {.kind = MY_END};

    while (lexer->at < lexer->length && isspace((unsigned char)lexer->text[lexer->at]))
        lexer->at++;
    token.start = lexer->at;
    token.end = delimiter_stands(lexer, lexer->at)
                    ? lexer->at
                    : comment_end(lexer, lexer->at, &token.open);
    if (token.end > token.start)
        token.kind = MY_COMMENT;
    else if (token.start < lexer->length)
        token_read(lexer, &token);
    lexer->at = token.end;
    return token;
}

MyToken
my_next(MyLexer *lexer)
{
    MyToken token;

    do
        token = my_next_any(lexer);
    while (token.kind == MY_COMMENT && !token.open);
    return token;
}

/* Code that only servers run is code; a delimiter of the file's own changes nothing. */
SqlSpans
mysql_spans(Mem *mem, const char *text, size_t length)
{
    static const SqlPlace places[] = {
        [MY_NAME] = SQL_PLACE_NAME,
        [MY_STRING] = SQL_PLACE_STRING,
        [MY_COMMENT] = SQL_PLACE_BLOCK_COMMENT,
    };
    MyLexer lexer = {.text = text, .length = (int)length, .delimiter = ";"};
    LIST(SqlSpan) spans = {0};

    for (;;)
    {
        MyToken token = my_next_any(&lexer);
        SqlPlace place = token.kind < LENGTH(places) ? places[token.kind] : 0;

        if (token.kind == MY_END)
            return (SqlSpans){spans.items, spans.count};
        if (token.kind == MY_COMMENT && text[token.start] != '/')
            place = SQL_PLACE_LINE_COMMENT;
        if (place != SQL_PLACE_CODE)
            *list_add(mem, &spans) =
                (SqlSpan){place, (size_t)token.start, (size_t)(token.end - token.start),
                          token.open};
    }
}

bool
my_is(const char *text, const MyToken *token, const char *word)
{
    size_t length = strlen(word);

    return token->kind == MY_WORD && (size_t)(token->end - token->start) == length &&
           strncasecmp(text + token->start, word, length) == 0;
}

char *
my_name(Mem *mem, const char *text, const MyToken *token)
{
    Buf name = buf_begin(mem);
    bool quoted = token->kind != MY_WORD;

    if (!quoted)
        return mem_slice(mem, text + token->start, (size_t)(token->end - token->start));
    for (int at = token->start + 1; at < token->end - 1; at++)
    {
        buf_bytes(&name, text + at, 1);
        at += text[at] == text[token->start];
    }
    return name.text;
}

#include <ctype.h>
#include <string.h>

#include "base/digest.h"
#include "core/sql/sqlite/lite.h"

static bool
is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Behind the closing quote, which is doubled inside; -1: there is none. */
static int
behind_quote(const char *text, int at, char close)
{
    for (at++; text[at] != '\0'; at++)
    {
        if (text[at] != close)
            continue;
        if (close == ']' || text[at + 1] != close)
            return at + 1;
        at++;
    }
    return -1;
}

/* Behind the comment at `at`, or `at`; an open block comment ends with the text, as it
 * does for the library. */
static int
behind_comment(const char *text, int at)
{
    if (text[at] == '-' && text[at + 1] == '-')
        return at + (int)strcspn(text + at, "\n");
    if (text[at] != '/' || text[at + 1] != '*')
        return at;

    const char *end = strstr(text + at + 2, "*/");

    return end == NULL ? (int)strlen(text) : (int)(end + 2 - text);
}

static int
behind_space(const char *text, int at)
{
    return at + (int)strspn(text + at, " \t\r\n\f");
}

static int
behind_blanks(const char *text, int at)
{
    for (int end;; at = end)
    {
        at = behind_space(text, at);
        end = behind_comment(text, at);
        if (end == at)
            return at;
    }
}

static LiteKind
kind_at(const char *text, int at)
{
    char c = text[at];

    if (c == '\'' || ((c == 'x' || c == 'X') && text[at + 1] == '\''))
        return LITE_STRING;
    if (c == '"' || c == '`' || c == '[')
        return LITE_NAME;
    if (is_letter(c))
        return LITE_WORD;
    return isdigit((unsigned char)c) ? LITE_NUMBER : LITE_SIGN;
}

static int
token_end(const char *text, int at, LiteKind kind)
{
    switch (kind)
    {
    case LITE_STRING:
        return behind_quote(text, text[at] == '\'' ? at : at + 1, '\'');
    case LITE_NAME:
        return behind_quote(text, at, text[at] == '[' ? ']' : text[at]);
    case LITE_WORD:
        while (is_letter(text[at]) || isdigit((unsigned char)text[at]) ||
               text[at] == '$')
            at++;
        return at;
    case LITE_NUMBER:
        while (isalnum((unsigned char)text[at]) || text[at] == '.' || text[at] == '_')
            at++;
        return at;
    case LITE_SIGN:
        return at + 1;
    }
    return at + 1;
}

LiteTokens
lite_tokens(Mem *mem, const char *text)
{
    LiteTokens tokens = {.text = text, .open = -1};

    for (int at = behind_blanks(text, 0); text[at] != '\0';)
    {
        LiteKind kind = kind_at(text, at);
        int end = token_end(text, at, kind);

        if (end < 0)
        {
            tokens.open = at;
            return tokens;
        }
        *list_add(mem, &tokens) = (LiteToken){kind, at, end};
        at = behind_blanks(text, end);
    }
    return tokens;
}

SqlSpans
lite_spans(Mem *mem, const char *text, size_t length)
{
    static const SqlPlace places[] = {[LITE_NAME] = SQL_PLACE_NAME,
                                      [LITE_STRING] = SQL_PLACE_STRING,
                                      [LITE_SIGN] = 0};
    LIST(SqlSpan) spans = {0};

    for (int at = behind_space(text, 0); text[at] != '\0'; at = behind_space(text, at))
    {
        int end = behind_comment(text, at);
        LiteKind kind = kind_at(text, at);
        SqlPlace place = places[kind];

        if (end > at)
            place = text[at] == '-' ? SQL_PLACE_LINE_COMMENT : SQL_PLACE_BLOCK_COMMENT;
        else
            end = token_end(text, at, kind);

        bool open = end < 0;

        end = open ? (int)length : end;
        if (place != SQL_PLACE_CODE)
            *list_add(mem, &spans) =
                (SqlSpan){place, (size_t)at, (size_t)(end - at), open};
        at = end;
    }
    return (SqlSpans){spans.items, spans.count};
}

bool
lite_is(const LiteTokens *tokens, int at, const char *word)
{
    if (at < 0 || at >= tokens->count)
        return false;

    const LiteToken *token = &tokens->items[at];
    size_t length = strlen(word);

    return (token->kind == LITE_WORD || token->kind == LITE_SIGN) &&
           (size_t)(token->end - token->start) == length &&
           strncasecmp(tokens->text + token->start, word, length) == 0;
}

char *
lite_name(Mem *mem, const LiteTokens *tokens, int at)
{
    if (at < 0 || at >= tokens->count)
        return NULL;

    const LiteToken *token = &tokens->items[at];
    const char *from = tokens->text + token->start;

    if (token->kind == LITE_WORD)
        return mem_slice(mem, from, (size_t)(token->end - token->start));
    if (token->kind != LITE_NAME && token->kind != LITE_STRING)
        return NULL;

    char close = *from == '[' ? ']' : *from;
    char *name = mem_slice(mem, from + 1, (size_t)(token->end - token->start - 2));
    char *to = name;

    for (const char *c = name; *c != '\0'; c++)
    {
        *to++ = *c;
        if (*c == close && c[1] == close)
            c++;
    }
    *to = '\0';
    return name;
}

int
lite_behind(const LiteTokens *tokens, int at)
{
    int depth = 0;

    for (; at < tokens->count; at++)
    {
        depth += lite_is(tokens, at, "(");
        if (lite_is(tokens, at, ")") && --depth == 0)
            return at + 1;
    }
    return tokens->count;
}

char *
lite_slice(Mem *mem, const LiteTokens *tokens, int from, int end)
{
    if (from >= end)
        return mem_copy(mem, "");
    return mem_slice(mem, tokens->text + tokens->items[from].start,
                     (size_t)(tokens->items[end - 1].end - tokens->items[from].start));
}

bool
lite_digest(const char *text, char hex[65])
{
    MEM_SCOPE(scope, NULL);
    LiteTokens tokens = lite_tokens(scope, text);
    Digest *digest = digest_begin(scope);

    for (int i = 0; i < tokens.count; i++)
    {
        const LiteToken *token = &tokens.items[i];

        digest_add(digest, text + token->start, (size_t)(token->end - token->start));
        digest_add(digest, "", 1);
    }
    digest_end(digest, hex);
    return tokens.open < 0;
}

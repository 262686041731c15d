/*
 * MySQL's splitter: what it leaves out is white space, comments, delimiters and
 * DELIMITER lines, each read here a second time; what it gives, joined again under the
 * same delimiters, it splits as before.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "core/sql/mysql/mysql.h"
#include "fuzz/fuzz.h"

typedef struct Gaps
{
    Mem *mem;
    const char *text;
    int at;
    const char *delimiter;
} Gaps;

static bool
sees(const Gaps *gaps, const char *what)
{
    return strncasecmp(gaps->text + gaps->at, what, strlen(what)) == 0;
}

/* Behind white space and comments; true: it has moved. */
static bool
blank_pass(Gaps *gaps, int until)
{
    const char *from = gaps->text + gaps->at;
    const char *end = NULL;

    if (isspace((unsigned char)*from))
        end = from + 1;
    else if (*from == '#' || (strncmp(from, "--", 2) == 0 &&
                              ((unsigned char)from[2] <= ' ' || from[2] == 0x7f)))
        end = from + strcspn(from, "\n");
    else if (strncmp(from, "/*", 2) == 0)
        end = strstr(from + 2, "*/") + 2;
    if (end == NULL || end > gaps->text + until)
        return false;
    gaps->at = (int)(end - gaps->text);
    return true;
}

/* "DELIMITER //" gives the next statements their end. */
static void
delimiter_pass(Gaps *gaps)
{
    const char *line = gaps->text + gaps->at + strlen("DELIMITER");
    const char *from = line + strspn(line, " \t");
    size_t length = strcspn(from, " \t\r\n");

    PROMISE(gaps->text, sees(gaps, "DELIMITER"));
    PROMISE(gaps->text, length > 0);
    gaps->delimiter = mem_slice(gaps->mem, from, length);
    gaps->at = (int)(line - gaps->text + (ptrdiff_t)strcspn(line, "\r\n"));
}

/* Between statements: a delimiter first, unless none has begun. */
static void
gap_between(Gaps *gaps, int until, bool begun)
{
    while (gaps->at < until)
    {
        bool ends = sees(gaps, gaps->delimiter);

        if (!ends && blank_pass(gaps, until))
            continue;
        if (ends)
            gaps->at += (int)strlen(gaps->delimiter);
        else
        {
            PROMISE(gaps->text, !begun);
            delimiter_pass(gaps);
        }
        begun = false;
    }
    PROMISE(gaps->text, gaps->at == until);
    PROMISE(gaps->text, !begun || gaps->text[until] == '\0');
}

/* Nothing of it but strings and bodies holds what should have ended it. */
static void
delimiter_check(const Gaps *gaps, const MyPiece *piece)
{
    bool usual = gaps->delimiter[0] == ';';
    bool in_code = false;
    int first = 0;

    while (piece->tokens[first].kind == MY_CODE_OPEN && first < piece->count - 1)
        first++;

    bool body = my_is(gaps->text, &piece->tokens[first], "CREATE") ||
                my_is(gaps->text, &piece->tokens[first], "ALTER") ||
                my_is(gaps->text, &piece->tokens[first], "BEGIN");

    for (int i = 0; i < piece->count; i++)
    {
        const MyToken *token = &piece->tokens[i];

        in_code =
            (in_code || token->kind == MY_CODE_OPEN) && token->kind != MY_CODE_CLOSE;
        if (in_code || token->kind == MY_CODE_CLOSE || token->kind == MY_NAME ||
            token->kind == MY_STRING || (usual && body))
            continue;
        for (int at = token->start; at < token->end; at++)
            PROMISE(gaps->text, strncasecmp(gaps->text + at, gaps->delimiter,
                                            strlen(gaps->delimiter)) != 0);
    }
}

static void
piece_check(Gaps *gaps, const MyPiece *piece)
{
    PROMISE(gaps->text, piece->count > 0);
    for (int i = 0; i < piece->count; i++)
    {
        const MyToken *token = &piece->tokens[i];

        while (i > 0 && gaps->at < token->start)
            PROMISE(gaps->text, blank_pass(gaps, token->start));
        PROMISE(gaps->text, gaps->at == token->start && token->end > token->start);
        PROMISE(gaps->text, token->end <= (int)strlen(gaps->text));
        gaps->at = token->end;
    }
    delimiter_check(gaps, piece);
}

static char *
piece_text(Mem *mem, const char *text, const MyPiece *piece)
{
    int start = piece->tokens[0].start;
    int end = piece->tokens[piece->count - 1].end;

    return mem_slice(mem, text + start, (size_t)(end - start));
}

/* The statements alone, each under the delimiter it had. False: that cannot be written:
 * "--" before a delimiter is no comment and anywhere else it is, and what the word
 * DELIMITER holds is never taken back. */
static bool
piece_join(const Gaps *gaps, const MyPiece *piece, Buf *joined)
{
    const char *text = piece_text(joined->mem, gaps->text, piece);
    bool dash = text[strlen(text) - 1] == '-';

    for (const char *c = gaps->delimiter; *c != '\0'; c++)
        if (isspace((unsigned char)*c) || iscntrl((unsigned char)*c))
            return false;
    buf_format(joined, "DELIMITER %s\n%s%s%s\n", gaps->delimiter, text, dash ? "" : " ",
               gaps->delimiter);
    return !(dash && gaps->delimiter[0] == '-') &&
           strcasestr("DELIMITER", gaps->delimiter) == NULL;
}

static void
joined_check(const char *text, const MyPieces *pieces, const char *joined)
{
    MEM_SCOPE(scope, NULL);
    MyPieces again;
    MyFault fault;

    PROMISE(text, my_split(scope, joined, &again, &fault));
    PROMISE(text, again.count == pieces->count);
    for (int i = 0; i < again.count; i++)
        PROMISE(text, strcmp(piece_text(scope, joined, &again.items[i]),
                             piece_text(scope, text, &pieces->items[i])) == 0);
}

void
mysql_split_check(const char *text)
{
    MEM_SCOPE(scope, NULL);
    Gaps gaps = {.mem = scope, .text = text, .delimiter = ";"};
    Buf joined = buf_begin(scope);
    bool whole = true;
    MyPieces pieces;
    MyFault fault;

    if (!my_split(scope, text, &pieces, &fault))
    {
        PROMISE(text, fault.offset >= 0 && fault.offset <= (int)strlen(text));
        PROMISE(text, fault.message != NULL && fault.hint != NULL);
        return;
    }
    for (int i = 0; i < pieces.count; i++)
    {
        gap_between(&gaps, pieces.items[i].tokens[0].start, i > 0);
        piece_check(&gaps, &pieces.items[i]);
        whole = piece_join(&gaps, &pieces.items[i], &joined) && whole;
    }
    gap_between(&gaps, (int)strlen(text), pieces.count > 0);
    if (whole)
        joined_check(text, &pieces, joined.text);
}

/*
 * Where strings and comments are, by the server's lexical rules alone.
 *
 * The real scanner refuses text that is not SQL yet (templates, several sections, a
 * string left open); this one never does, so that whoever reads such text can ask.
 */
#include <string.h>
#include <strings.h>

#include "core/sql/tokens.h"

typedef struct Reader
{
    const char *text;
    size_t length;
    size_t at;
    Mem *mem;
    LIST(SqlSpan) spans;
} Reader;

static char
peek(const Reader *reader, size_t ahead)
{
    size_t at = reader->at + ahead;

    return at < reader->length ? reader->text[at] : '\0';
}

static bool
starts_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static bool
goes_on_name(char c)
{
    return starts_name(c) || (c >= '0' && c <= '9') || c == '$';
}

static void
span_end(Reader *reader, SqlPlace place, size_t start, bool open)
{
    *list_add(reader->mem, &reader->spans) =
        (SqlSpan){place, start, reader->at - start, open};
}

/* From the opening quote to the closing one; a doubled quote is no end. */
static void
read_quoted(Reader *reader, SqlPlace place, bool backslash)
{
    size_t start = reader->at;
    char quote = peek(reader, 0);

    for (reader->at++; reader->at < reader->length; reader->at++)
    {
        char c = peek(reader, 0);

        if (c == '\\' && backslash)
            reader->at++;
        else if (c == quote && peek(reader, 1) == quote)
            reader->at++;
        else if (c == quote)
            break;
    }

    bool open = reader->at >= reader->length;

    reader->at = open ? reader->length : reader->at + 1;
    span_end(reader, place, start, open);
}

/* A string goes on where only white space with a line end stands between two quotes,
 * and then backslashes still mean what they meant. */
static bool
string_continues(Reader *reader)
{
    size_t blank = 0;
    bool newline = false;

    while (peek(reader, blank) != '\0' && strchr(" \t\r\n\f\v", peek(reader, blank)))
        newline |= strchr("\r\n", peek(reader, blank++)) != NULL;
    if (!newline || peek(reader, blank) != '\'')
        return false;
    reader->at += blank;
    return true;
}

static void
read_string(Reader *reader, bool backslash)
{
    do
        read_quoted(reader, SQL_PLACE_STRING, backslash);
    while (string_continues(reader));
}

/* The length of $tag$ at the reader, or 0. */
static size_t
dollar_tag(const Reader *reader)
{
    size_t length = 1;

    if (starts_name(peek(reader, 1)))
        while (goes_on_name(peek(reader, length)) && peek(reader, length) != '$')
            length++;
    return peek(reader, length) == '$' ? length + 1 : 0;
}

static void
read_dollar(Reader *reader, size_t tag)
{
    size_t start = reader->at;
    const char *body = reader->text + start + tag;
    const char *end =
        memmem(body, reader->length - start - tag, reader->text + start, tag);

    reader->at = end == NULL ? reader->length : (size_t)(end - reader->text) + tag;
    span_end(reader, SQL_PLACE_DOLLAR, start, end == NULL);
}

static void
read_line_comment(Reader *reader)
{
    size_t start = reader->at;

    /* A lone \r ends it too: the server would run what stands behind it. */
    while (reader->at < reader->length && peek(reader, 0) != '\n' &&
           peek(reader, 0) != '\r')
        reader->at++;
    span_end(reader, SQL_PLACE_LINE_COMMENT, start, false);
}

static void
read_block_comment(Reader *reader)
{
    size_t start = reader->at;
    int depth = 0;

    do
    {
        bool opens = peek(reader, 0) == '/' && peek(reader, 1) == '*';
        bool closes = peek(reader, 0) == '*' && peek(reader, 1) == '/';

        depth += opens - closes;
        reader->at += opens || closes ? 2 : 1;
    } while (depth > 0 && reader->at < reader->length);
    span_end(reader, SQL_PLACE_BLOCK_COMMENT, start, depth > 0);
}

/* A name or number; an E that stands alone before a quote makes backslashes escape. */
static void
read_word(Reader *reader)
{
    bool escapes = (peek(reader, 0) | 0x20) == 'e' && peek(reader, 1) == '\'';

    while (reader->at < reader->length && goes_on_name(peek(reader, 0)))
        reader->at++;
    if (escapes)
        read_string(reader, true);
}

static void
read_next(Reader *reader)
{
    char c = peek(reader, 0);
    size_t tag = c == '$' ? dollar_tag(reader) : 0;

    if (c == '\'')
        read_string(reader, false);
    else if (c == '"')
        read_quoted(reader, SQL_PLACE_NAME, false);
    else if (tag > 0)
        read_dollar(reader, tag);
    else if (c == '-' && peek(reader, 1) == '-')
        read_line_comment(reader);
    else if (c == '/' && peek(reader, 1) == '*')
        read_block_comment(reader);
    else if (goes_on_name(c))
        read_word(reader);
    else
        reader->at++;
}

/* --- data between statements ----------------------------------------------------- */

/* What of COPY ... FROM STDIN has been read of the statement at the reader. */
typedef enum CopyHead
{
    COPY_NOT,   /* another statement */
    COPY_OPEN,  /* nothing of the statement yet */
    COPY_BEGUN, /* COPY */
    COPY_FROM,  /* COPY ... FROM */
    COPY_STDIN  /* COPY ... FROM STDIN: its rows follow behind the semicolon */
} CopyHead;

static CopyHead
copy_head_next(CopyHead head, const char *word, size_t length)
{
    static const struct
    {
        CopyHead at;
        const char *word;
        CopyHead next;
        CopyHead other;
    } moves[] = {
        {COPY_OPEN, "copy", COPY_BEGUN, COPY_NOT},
        {COPY_BEGUN, "from", COPY_FROM, COPY_BEGUN},
        {COPY_FROM, "stdin", COPY_STDIN, COPY_BEGUN},
    };

    for (int i = 0; i < LENGTH(moves); i++)
        if (moves[i].at == head)
            return length == strlen(moves[i].word) &&
                           strncasecmp(word, moves[i].word, length) == 0
                       ? moves[i].next
                       : moves[i].other;
    return head;
}

/* Where the line that ends the data begins, from the start of its first line; the
 * length of the text where there is none. */
static size_t
data_end(const Reader *reader, size_t from)
{
    while (from < reader->length)
    {
        const char *line = reader->text + from;
        size_t length = strcspn(line, "\r\n");

        if (length == 2 && strncmp(line, "\\.", 2) == 0)
            return from;
        from += length + (line[length] != '\0');
    }
    return reader->length;
}

/* The rows begin on the line behind the semicolon's, and end before "\.". */
static void
read_data(Reader *reader, SqlDataList *list)
{
    size_t statement = reader->at;
    size_t rows = statement + strcspn(reader->text + statement, "\n");

    rows += reader->text[rows] == '\n';

    size_t end = data_end(reader, rows);

    if (end == reader->length)
        return;
    *list_add(reader->mem, list) =
        (SqlData){.behind = statement, .offset = rows, .length = end - rows};
    reader->at = end + strlen("\\.");
}

SqlDataList
sql_inline_data(Mem *mem, const char *text)
{
    Reader reader = {.text = text, .length = strlen(text), .mem = mem};
    SqlDataList list = {0};
    CopyHead head = COPY_OPEN;

    while (reader.at < reader.length)
    {
        size_t start = reader.at;
        int spans = reader.spans.count;
        char c = peek(&reader, 0);

        read_next(&reader);
        if (c == ';' && head == COPY_STDIN)
            read_data(&reader, &list);
        if (c == ';')
            head = COPY_OPEN;
        else if (spans == reader.spans.count && goes_on_name(c))
            head = copy_head_next(head, text + start, reader.at - start);
    }
    return list;
}

/* --- spans ----------------------------------------------------------------------- */

SqlSpans
sql_token_spans(Mem *mem, const char *text, size_t length)
{
    Reader reader = {.text = text, .length = length, .mem = mem};

    while (reader.at < length)
        read_next(&reader);
    return (SqlSpans){reader.spans.items, reader.spans.count};
}

/* The span that the byte lies in, or NULL: a binary search over their starts. */
static const SqlSpan *
span_at(const SqlSpans *spans, size_t offset)
{
    int low = 0;
    int high = spans->count;

    while (low < high)
    {
        int middle = low + (high - low) / 2;

        if (spans->items[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;

    const SqlSpan *span = &spans->items[low - 1];

    return offset < span->offset + span->length ? span : NULL;
}

SqlPlace
sql_place_at(const SqlSpans *spans, size_t offset)
{
    const SqlSpan *span = span_at(spans, offset);

    return span == NULL ? SQL_PLACE_CODE : span->place;
}

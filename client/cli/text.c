#include "cli/text.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "base/utf8.h"

/* A sign that our texts use, and how it is written without UTF-8. */
typedef struct Sign
{
    const char *sign;
    const char *plain;
} Sign;

/* clang-format off */
static const Sign signs[] = {
    {"✓", "+"},  {"✗", "x"},   {"·", "|"},   {"–", "-"},   {"—", "-"},   {"…", "..."},
    {"≤", "<="}, {"⇄", "<->"}, {"→", "->"},  {"█", "#"},   {"░", "."},   {"’", "'"},
    {"⠋", "|"},  {"⠙", "/"},   {"⠹", "-"},   {"⠸", "\\"},  {"⠼", "|"},   {"⠴", "/"},
    {"⠦", "-"},  {"⠧", "\\"},  {"⠇", "|"},   {"⠏", "/"},   {"×", "x"},
};
/* clang-format on */

char *
text_pad(Mem *mem, const char *text, int width)
{
    int missing = width - utf8_width(text);

    return mem_text(mem, "%s%*s", text, missing > 0 ? missing : 0, "");
}

/* Bytes of text that fill at most `width` columns. */
static size_t
text_fit(const char *text, int width)
{
    const char *end = text;
    int length;

    while (*end != '\0')
    {
        width -= utf8_column_width(end, &length);
        if (width < 0)
            break;
        end += length;
    }
    return (size_t)(end - text);
}

char *
text_cut(Mem *mem, const char *text, int width)
{
    if (utf8_width(text) <= width)
        return mem_copy(mem, text);
    if (width < 1)
        return mem_copy(mem, "");
    return mem_text(mem, "%.*s…", (int)text_fit(text, width - 1), text);
}

/* Where the line that starts at text ends, so that it is no wider than `width`. */
static size_t
line_length(const char *text, size_t rest, int width)
{
    size_t fit = width == 0 ? rest : text_fit(text, width);

    if (fit >= rest)
        return rest;
    for (size_t end = fit; end > 0; end--)
        if (text[end] == ' ' && text[end - 1] != ' ')
            return end;
    return fit > 0 ? fit : rest; /* one long word */
}

TextLines
text_wrap(Mem *mem, const char *text, int width)
{
    LIST(char *) lines = {0};

    for (;;)
    {
        size_t rest = strcspn(text, "\n");
        size_t length = line_length(text, rest, width);

        *list_add(mem, &lines) = mem_slice(mem, text, length);
        text += length;
        if (length == rest)
        {
            if (*text == '\0')
                return (TextLines){lines.items, lines.count};
            text++;
        }
        else
            text += strspn(text, " ");
    }
}

static const Sign *
sign_at(const char *text)
{
    for (int i = 0; i < LENGTH(signs); i++)
        if (strncmp(text, signs[i].sign, strlen(signs[i].sign)) == 0)
            return &signs[i];
    return NULL;
}

char *
text_plain(Mem *mem, const char *text)
{
    Buf buf = buf_begin(mem);

    while (*text != '\0')
    {
        const Sign *sign = sign_at(text);

        if (sign != NULL)
            buf_add(&buf, sign->plain);
        else
            buf_bytes(&buf, text, 1);
        text += sign != NULL ? strlen(sign->sign) : 1;
    }
    return buf.text;
}

char *
text_clean(Mem *mem, const char *text)
{
    char *clean = mem_copy(mem, text);

    for (char *byte = clean; *byte != '\0'; byte++)
        if ((iscntrl((unsigned char)*byte) && (unsigned char)*byte < 128) &&
            *byte != '\n' && *byte != '\t')
            *byte = '?';
    return clean;
}

char *
text_one_line(Mem *mem, const char *text)
{
    Buf buf = buf_begin(mem);

    while (*(text += strspn(text, " \t\r\n")) != '\0')
    {
        size_t length = strcspn(text, " \t\r\n");

        if (buf.length > 0)
            buf_add(&buf, " ");
        buf_bytes(&buf, text, length);
        text += length;
    }
    return buf.text;
}

char *
text_count(Mem *mem, int64_t count, const char *noun)
{
    MEM_SCOPE(scope, NULL);

    return mem_text(mem, "%s %s%s", count_show(scope, count), noun,
                    count == 1 ? "" : "s");
}

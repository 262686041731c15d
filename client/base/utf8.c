/* Characters of UTF-8 text. */
#include <string.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/utf8.h"

bool
utf8_continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

typedef struct Utf8Row
{
    unsigned char first_low, first_high;
    int length;
    unsigned char second_low, second_high;
} Utf8Row;

/* Table 3-7 of the Unicode standard: no overlong form, no surrogate, nothing above
 * U+10FFFF. Bytes from the third on are always 80 to BF; NUL is left out. */
/* clang-format off */
static const Utf8Row utf8_rows[] = {
    {0x01, 0x7F, 1, 0x00, 0x00},
    {0xC2, 0xDF, 2, 0x80, 0xBF},
    {0xE0, 0xE0, 3, 0xA0, 0xBF},
    {0xE1, 0xEC, 3, 0x80, 0xBF},
    {0xED, 0xED, 3, 0x80, 0x9F},
    {0xEE, 0xEF, 3, 0x80, 0xBF},
    {0xF0, 0xF0, 4, 0x90, 0xBF},
    {0xF1, 0xF3, 4, 0x80, 0xBF},
    {0xF4, 0xF4, 4, 0x80, 0x8F},
};
/* clang-format on */

static const Utf8Row *
utf8_row(unsigned char first)
{
    for (int i = 0; i < LENGTH(utf8_rows); i++)
    {
        if (first >= utf8_rows[i].first_low && first <= utf8_rows[i].first_high)
            return &utf8_rows[i];
    }
    return NULL;
}

size_t
utf8_length(const char *text, size_t left)
{
    const unsigned char *at = (const unsigned char *)text;
    const Utf8Row *row = utf8_row(at[0]);

    if (row == NULL || (size_t)row->length > left)
        return 0;
    if (row->length > 1 && (at[1] < row->second_low || at[1] > row->second_high))
        return 0;
    for (int i = 2; i < row->length; i++)
    {
        if (!utf8_continues(text[i]))
            return 0;
    }
    return (size_t)row->length;
}

int
utf8_count(const char *text)
{
    int count = 0;

    for (; *text != '\0'; text++)
        count += !utf8_continues(*text);
    return count;
}

size_t
utf8_offset(const char *text, int character)
{
    size_t at = 0;

    for (int seen = 1; seen < character && text[at] != '\0'; seen++)
        do
            at++;
        while (utf8_continues(text[at]));
    return at;
}

size_t
utf8_cut(const char *text, size_t most)
{
    size_t length = strnlen(text, most);

    while (length > 0 && utf8_continues(text[length]))
        length--;
    return length;
}

/* The code point at text and its length in bytes. */
static int
code_point(const char *text, int *length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    int extra = bytes[0] >= 0xf0 ? 3 : bytes[0] >= 0xe0 ? 2 : bytes[0] >= 0xc0 ? 1 : 0;
    int code = extra == 0 ? bytes[0] : bytes[0] & (0x3f >> extra);

    for (int i = 1; i <= extra; i++)
    {
        if (!utf8_continues(text[i]))
        {
            *length = 1;
            return bytes[0];
        }
        code = code << 6 | (bytes[i] & 0x3f);
    }
    *length = extra + 1;
    return code;
}

int
utf8_column_width(const char *text, int *length)
{
    int code = code_point(text, length);
    int width = code < 128 ? 1 : wcwidth((wchar_t)code);

    return width < 0 ? 1 : width; /* the locale does not know it */
}

int
utf8_width(const char *text)
{
    int width = 0;
    int length;

    for (; *text != '\0'; text += length)
        width += utf8_column_width(text, &length);
    return width;
}

char *
utf8_indent(Mem *mem, const char *text, size_t length)
{
    Buf indent = buf_begin(mem);
    int bytes;

    for (size_t i = 0; i < length; i += (size_t)bytes)
    {
        int width = utf8_column_width(text + i, &bytes);

        buf_format(&indent, "%*s", width, text[i] == '\t' ? "\t" : "");
    }
    return indent.text;
}

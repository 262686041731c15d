#include "core/files/source.h"

#include <string.h>

static const char byte_order_mark[] = "\xEF\xBB\xBF";

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

/* Bytes of the character there; 0 when it is none. */
static size_t
utf8_length(const unsigned char *at, size_t left)
{
    const Utf8Row *row = utf8_row(at[0]);

    if (row == NULL || (size_t)row->length > left)
        return 0;
    if (row->length > 1 && (at[1] < row->second_low || at[1] > row->second_high))
        return 0;
    for (int i = 2; i < row->length; i++)
    {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    }
    return (size_t)row->length;
}

static bool
is_utf16(const SourceFile *file)
{
    return file->length >= 2 && (memcmp(file->bytes, "\xFF\xFE", 2) == 0 ||
                                 memcmp(file->bytes, "\xFE\xFF", 2) == 0);
}

static bool
refuse_byte(const SourceFile *file, const SourceText *source, size_t offset, Err *err)
{
    unsigned char byte = (unsigned char)source->text[offset];
    int line = 1 + source_lines(source, 0, offset);

    if (byte == 0)
        return err_at(err, ERR_USAGE, file->path, line,
                      "a NUL byte stands in the file");
    err_at(err, ERR_USAGE, file->path, line, "byte 0x%02X is not valid UTF-8", byte);
    return err_hint(err, "Save the file as UTF-8.");
}

bool
source_open(const SourceFile *file, SourceText *source, Err *err)
{
    size_t mark = strlen(byte_order_mark);
    bool marked =
        file->length >= mark && memcmp(file->bytes, byte_order_mark, mark) == 0;

    source->offset = marked ? (int)mark : 0;
    source->text = file->bytes + source->offset;
    source->length = file->length - (size_t)source->offset;
    if (is_utf16(file))
    {
        err_at(err, ERR_USAGE, file->path, 1, "the file is UTF-16, not UTF-8");
        return err_hint(err, "Save the file as UTF-8.");
    }
    for (size_t at = 0; at < source->length;)
    {
        size_t step =
            utf8_length((const unsigned char *)source->text + at, source->length - at);

        if (step == 0)
            return refuse_byte(file, source, at, err);
        at += step;
    }
    return true;
}

size_t
source_line_end(const SourceText *source, size_t offset)
{
    while (offset < source->length && source->text[offset] != '\n' &&
           source->text[offset] != '\r')
        offset++;
    return offset;
}

size_t
source_line_next(const SourceText *source, size_t offset)
{
    size_t end = source_line_end(source, offset);

    if (end + 1 < source->length && source->text[end] == '\r' &&
        source->text[end + 1] == '\n')
        end++;
    return end < source->length ? end + 1 : end;
}

bool
source_line_begins(const SourceText *source, size_t offset)
{
    return offset == 0 || source->text[offset - 1] == '\n' ||
           source->text[offset - 1] == '\r';
}

int
source_lines(const SourceText *source, size_t from, size_t until)
{
    int lines = 0;

    for (size_t at = from; at < until; at++)
    {
        bool lone = source->text[at] == '\r' &&
                    (at + 1 == source->length || source->text[at + 1] != '\n');

        lines += source->text[at] == '\n' || lone;
    }
    return lines;
}

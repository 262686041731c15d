#include "core/files/source.h"

#include <string.h>

#include "base/utf8.h"

static const char byte_order_mark[] = "\xEF\xBB\xBF";

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
        size_t step = utf8_length(source->text + at, source->length - at);

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

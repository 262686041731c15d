#include "base/buf.h"

#include <stdarg.h>
#include <string.h>

Buf
buf_begin(Mem *mem)
{
    Buf buf = {.mem = mem, .room = 64};

    buf.text = mem_zeroed(mem, buf.room, "Buf");
    return buf;
}

/* Twice what is needed, while that is little: a folder's largest file and its record
 * are sent as one message, and an allocation has a limit of 256 MB. */
static size_t
buf_room(size_t needed)
{
    return needed < (1 << 20) ? needed * 2 : needed + needed / 4;
}

void
buf_bytes(Buf *buf, const char *bytes, size_t length)
{
    if (buf->length + length + 1 > buf->room)
    {
        size_t room = buf_room(buf->length + length + 1);
        char *text = mem_zeroed(buf->mem, room, "Buf");

        memcpy(text, buf->text, buf->length);
        talloc_free(buf->text);
        buf->text = text;
        buf->room = room;
    }
    memcpy(buf->text + buf->length, bytes, length);
    buf->length += length;
    buf->text[buf->length] = '\0';
}

void
buf_add(Buf *buf, const char *text)
{
    buf_bytes(buf, text, strlen(text));
}

void
buf_format(Buf *buf, const char *format, ...)
{
    MEM_SCOPE(scope, NULL);
    va_list args;

    va_start(args, format);
    buf_add(buf, mem_vtext(scope, format, args));
    va_end(args);
}

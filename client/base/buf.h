/* Text that grows: append, then read `text` (always terminated, owned by the Mem
 * given). */
#ifndef PGSTRIDE_BASE_BUF_H
#define PGSTRIDE_BASE_BUF_H

#include "base/mem.h"

typedef struct Buf
{
    Mem *mem;
    char *text;
    size_t length;
    size_t room;
} Buf;

Buf buf_begin(Mem *mem);
void buf_bytes(Buf *buf, const char *bytes, size_t length);
void buf_add(Buf *buf, const char *text);
void buf_format(Buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

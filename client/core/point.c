#include "core/point.h"

#include <string.h>

#include "base/buf.h"

/* The byte at which the 1-based character begins. */
static size_t
byte_of(const char *sql, int position)
{
    size_t at = 0;

    for (int left = position - 1; left > 0 && sql[at] != '\0'; left--)
        do
            at++;
        while (((unsigned char)sql[at] & 0xC0) == 0x80);
    return at;
}

char *
point_show(Mem *mem, const char *sql, int position)
{
    size_t at = byte_of(sql, position);
    size_t begin = at;
    Buf text = buf_begin(mem);

    while (begin > 0 && sql[begin - 1] != '\n')
        begin--;
    buf_bytes(&text, sql + begin, strcspn(sql + begin, "\r\n"));
    if (position <= 0)
        return text.text;

    /* Tabs are repeated, so that the caret stands below its character anywhere. */
    buf_add(&text, "\n");
    for (size_t i = begin; i < at; i++)
        if (sql[i] == '\t')
            buf_add(&text, "\t");
        else if (((unsigned char)sql[i] & 0xC0) != 0x80)
            buf_add(&text, " ");
    buf_add(&text, "^");
    return text.text;
}

int
point_line(const char *sql, int position)
{
    size_t at = byte_of(sql, position);
    int lines = 0;

    for (size_t i = 0; i < at; i++)
        lines += sql[i] == '\n';
    return lines;
}

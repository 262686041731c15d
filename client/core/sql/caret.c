/* Where in the file: the line, a caret under the place, and no secret in either. */
#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"
#include "core/sql/tokens.h"

enum
{
    SHOWN_BEFORE = 100, /* bytes of a long line around the caret */
    SHOWN_AFTER = 60,
    SHOWN_TOKEN = 60 /* an open string reaches to the end of the file */
};

int
section_line(const Section *section, int offset)
{
    int line = section->text_line;

    for (int i = 0; i < offset; i++)
        line += section->text[i] == '\n';
    return line;
}

/*
 * The piece as it may be shown: what makes it a secret may stand before it, on another
 * line, so everything up to its end is scrubbed, and what the text before it gives is
 * taken off again.
 */
static const char *
piece_shown(Mem *mem, const Section *section, const char *from, const char *to)
{
    const char *text = section->text;
    const char *before = sql_scrub(mem, mem_slice(mem, text, (size_t)(from - text)));
    const char *all = sql_scrub(mem, mem_slice(mem, text, (size_t)(to - text)));
    size_t length = strlen(before);

    return strncmp(all, before, length) == 0 ? all + length : "********";
}

static void
detail_line(const Section *section, int offset, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *place = section->text + offset;
    const char *start = place;
    const char *end = place;

    while (start > section->text && start[-1] != '\n' && place - start < SHOWN_BEFORE)
        start--;
    while (start < place && utf8_continues(*start))
        start++;
    while (*end != '\0' && *end != '\n' && *end != '\r' && end - place < SHOWN_AFTER)
        end++;
    while (utf8_continues(*end))
        end++;

    const char *left = piece_shown(scope, section, start, place);

    err_detail(err, "%s%s", left, piece_shown(scope, section, place, end));
    err_detail(err, "%s^", utf8_indent(scope, left, strlen(left)));
}

bool
section_error(const Section *section, int offset, Err *err, const char *format, ...)
{
    MEM_SCOPE(scope, NULL);
    va_list args;

    va_start(args, format);
    char *text = mem_vtext(scope, format, args);
    va_end(args);

    if (offset < 0)
        return err_at(err, ERR_USAGE, section->file, section->text_line, "%s", text);
    err_at(err, ERR_USAGE, section->file, section_line(section, offset), "%s", text);
    detail_line(section, offset, err);
    return false;
}

const char *
fault_shown(Mem *mem, const Section *section, const PgFault *fault)
{
    static const char near[] = "at or near \"";
    const char *token = strstr(fault->message, near);

    if (token == NULL || fault->offset < 0)
        return fault->message;
    token += strlen(near);

    size_t length = strlen(token) > 0 ? strlen(token) - 1 : 0; /* its closing quote */
    bool cut = length > SHOWN_TOKEN;
    const char *place = section->text + fault->offset;
    const char *end = place + (cut ? SHOWN_TOKEN : length);

    while (cut && utf8_continues(*end))
        end++;
    return mem_text(mem, "%.*s%s%s\"", (int)(token - fault->message), fault->message,
                    piece_shown(mem, section, place, end), cut ? "..." : "");
}

/* Text that belongs to other programs: psql's commands, templates, broken bytes. */
#include <stdarg.h>
#include <string.h>

#include "core/sql/tokens.h"

enum
{
    SHOWN_BEFORE = 100, /* bytes of a long line around the caret */
    SHOWN_AFTER = 60
};

int
section_line(const Section *section, int offset)
{
    int line = section->text_line;

    for (int i = 0; i < offset; i++)
        line += section->text[i] == '\n';
    return line;
}

static bool
continues_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Under every character before the place a blank, under a tab a tab. */
static const char *
caret_under(Mem *mem, const char *start, const char *place)
{
    Buf caret = buf_begin(mem);

    for (const char *c = start; c < place; c++)
        if (!continues_character(*c))
            buf_add(&caret, *c == '\t' ? "\t" : " ");
    buf_add(&caret, "^");
    return caret.text;
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
    while (start < place && continues_character(*start))
        start++;
    while (*end != '\0' && *end != '\n' && *end != '\r' && end - place < SHOWN_AFTER)
        end++;
    while (continues_character(*end))
        end++;
    err_detail(err, "%s",
               sql_scrub(scope, mem_slice(scope, start, (size_t)(end - start))));
    err_detail(err, "%s", caret_under(scope, start, place));
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

/* How many bytes the character at c has; 0: it is none. */
static size_t
character_length(const unsigned char *c)
{
    size_t length = c[0] < 0x80   ? 1
                    : c[0] < 0xC2 ? 0
                    : c[0] < 0xE0 ? 2
                    : c[0] < 0xF0 ? 3
                    : c[0] < 0xF5 ? 4
                                  : 0;

    for (size_t i = 1; i < length; i++)
        if ((c[i] & 0xC0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, and what lies behind U+10FFFF. */
    if ((c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] > 0x9F) ||
        (c[0] == 0xF0 && c[1] < 0x90) || (c[0] == 0xF4 && c[1] > 0x8F))
        return 0;
    return length;
}

static bool
bytes_refuse(const Section *section, Err *err)
{
    const unsigned char *c = (const unsigned char *)section->text;

    while (*c != '\0')
    {
        size_t length = character_length(c);

        if (length == 0)
        {
            int offset = (int)(c - (const unsigned char *)section->text);

            err_at(err, ERR_USAGE, section->file, section_line(section, offset),
                   "byte 0x%02x is not valid UTF-8", *c);
            return err_hint(err, "Save the file as UTF-8.");
        }
        c += length;
    }
    return true;
}

typedef struct Opening
{
    const char *text;
    const char *of;
} Opening;

/* None of these can stand in SQL outside a string; "<%" can, it is an operator. */
static const Opening openings[] = {
    {"{{", "a template"},  {"{%", "a template"},  {"${", "a placeholder"},
    {"<%=", "a template"}, {"<%-", "a template"},
};

static bool
first_on_line(const char *text, size_t at)
{
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        at--;
    return at == 0 || text[at - 1] == '\n';
}

static bool
code_refuse(const Section *section, size_t at, Err *err)
{
    const char *here = section->text + at;

    if (*here == '\\' && first_on_line(section->text, at))
    {
        int length = (int)strcspn(here, " \t\r\n;");

        section_error(section, (int)at, err, "psql's command \"%.*s\" is not SQL",
                      length, here);
        return err_hint(err, "Write what it does as SQL; data goes in as INSERT.");
    }
    for (int i = 0; i < LENGTH(openings); i++)
        if (strncmp(here, openings[i].text, strlen(openings[i].text)) == 0)
        {
            section_error(section, (int)at, err, "%s (\"%s\") is not SQL",
                          openings[i].of, openings[i].text);
            return err_hint(
                err, "Migrations are plain SQL: what runs is what was reviewed.");
        }
    return true;
}

bool
foreign_text_refuse(const Section *section, Err *err)
{
    if (!bytes_refuse(section, err))
        return false;

    MEM_SCOPE(scope, NULL);
    size_t length = strlen(section->text);
    SqlSpans spans = sql_token_spans(scope, section->text, length);
    size_t at = 0;

    for (int i = 0; i <= spans.count; i++)
    {
        size_t end = i < spans.count ? spans.items[i].offset : length;

        for (; at < end; at++)
            if (!code_refuse(section, at, err))
                return false;
        if (i < spans.count)
            at = end + spans.items[i].length;
    }
    return true;
}

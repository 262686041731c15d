/* Text that belongs to other programs: psql's commands, templates, broken bytes. */
#include <string.h>

#include "base/utf8.h"
#include "core/sql/tokens.h"

static bool
bytes_refuse(const Section *section, Err *err)
{
    size_t left = strlen(section->text);

    for (const char *c = section->text; left > 0;)
    {
        size_t length = utf8_length(c, left);

        if (length == 0)
        {
            err_at(err, ERR_USAGE, section->file,
                   section_line(section, (int)(c - section->text)),
                   "byte 0x%02X is not valid UTF-8", (unsigned char)*c);
            return err_hint(err, "Save the file as UTF-8.");
        }
        c += length;
        left -= length;
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
    SqlSpans spans = sql_spans(scope, section->engine, section->text, length);
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

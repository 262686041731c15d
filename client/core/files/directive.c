#include "core/files/directive.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"

static const char blanks[] = " \t";
static const char section_mark[] = "-- migrate:";
static const char header_mark[] = "-- pgstride:";

typedef struct SectionWord
{
    const char *text;
    Phase phase;
    bool down;
} SectionWord;

/* clang-format off */
static const SectionWord section_words[] = {
    {"up",       PHASE_UP,       false},
    {"expand",   PHASE_EXPAND,   false},
    {"backfill", PHASE_BACKFILL, false},
    {"contract", PHASE_CONTRACT, false},
    {"down",     PHASE_UP,       true},
};
static const char *const section_names[] = {"up", "expand", "backfill", "contract", "down"};
static const char *const down_names[PHASE_COUNT] = {
    "down", "down expand", "down backfill", "down contract"};
/* clang-format on */

/* The rest of a line that is being read. */
typedef struct Reader
{
    Mem *mem;
    const CommentLine *line;
    const char *at;
    Err *err;
} Reader;

const char *
section_show(Phase phase, bool down)
{
    return down ? down_names[phase] : phase_name(phase);
}

/* The next run of bytes that are not in `ends`, owned by mem; may be empty. */
static char *
take_until(Mem *mem, const char **at, const char *ends)
{
    size_t length = strcspn(*at, ends);
    char *word = mem_slice(mem, *at, length);

    *at += length;
    return word;
}

static void
skip_blanks(const char **at)
{
    *at += strspn(*at, blanks);
}

static const SectionWord *
section_word(const char *text, bool any_case)
{
    for (int i = 0; i < LENGTH(section_words); i++)
    {
        if (any_case ? strcasecmp(section_words[i].text, text) == 0
                     : strcmp(section_words[i].text, text) == 0)
            return &section_words[i];
    }
    return NULL;
}

static bool refuse(Reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool
refuse(Reader *reader, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = mem_vtext(reader->mem, format, args);
    va_end(args);
    return err_at(reader->err, ERR_USAGE, reader->line->place.file,
                  reader->line->place.line, "%s", text);
}

/* --- is it meant as one? --------------------------------------------------------- */

/* Every word of the rest is a section, a phase or an option: nobody writes prose so. */
static bool
only_directive_words(Mem *mem, const char *at)
{
    int words = 0;

    for (skip_blanks(&at); *at != '\0'; skip_blanks(&at), words++)
    {
        char *word = take_until(mem, &at, blanks);

        if (section_word(word, true) == NULL && (words == 0 || !strchr(word, ':')))
            return false;
    }
    return words > 0;
}

/*
 * What the line would be if it were well spelled, or NULL for an ordinary comment:
 * "--migrate:up", "-- Migrate: up", "-- migration:up", "-- migrate up", "-- +goose Up".
 */
static const char *
directive_meant(Mem *mem, const char *text)
{
    static const char *const marks[] = {"migrate", "pgstride"};
    const char *at = text + strspn(text, "-");

    skip_blanks(&at);
    const char *word = take_until(mem, &at, ": \t");
    const char *near = nearest_name(word, marks, LENGTH(marks));

    skip_blanks(&at);
    bool colon = *at == ':';

    at += colon;
    skip_blanks(&at);
    const char *rest = at;
    const char *first = take_until(mem, &at, blanks);
    const SectionWord *section = section_word(first, true);
    bool exact = near != NULL && strcasecmp(word, near) == 0;
    bool other_tool = word[0] == '+' && section != NULL;

    if (other_tool || (near == marks[0] && colon && (exact || section != NULL)) ||
        (exact && near == marks[0] && only_directive_words(mem, rest)))
        return mem_text(mem, "%s%s%s", section_mark,
                        section == NULL ? first : section->text, at);
    if (near == marks[1] && colon && (exact || strchr(rest, ':') != NULL))
        return mem_text(mem, "%s %s", header_mark, rest);
    return NULL;
}

static bool
refuse_spelling(Reader *reader, const char *meant)
{
    if (!reader->line->first_column)
        refuse(reader, "a directive must begin in the first column: %s",
               reader->line->text);
    else
        refuse(reader, "this looks like a directive and is none: %s",
               reader->line->text);
    return err_hint(reader->err, "Did you mean \"%s\"?", meant);
}

/* --- sections -------------------------------------------------------------------- */

static bool
refuse_section(Reader *reader, const char *word)
{
    const char *nearest = nearest_name(word, section_names, LENGTH(section_names));

    if (word[0] == '\0')
        refuse(reader, "the directive names no section");
    else
        refuse(reader, "unknown section \"%s\"", word);
    if (nearest != NULL)
        return err_hint(reader->err, "Did you mean \"%s%s\"?", section_mark, nearest);
    return err_hint(reader->err, "Sections are up, expand, backfill, contract, down, "
                                 "and down expand, down backfill, down contract.");
}

/* The PHASE of `down PHASE`. */
static bool
read_phase(Reader *reader, const char *word, Directive *directive)
{
    const SectionWord *row = section_word(word, false);

    if (!directive->down)
    {
        refuse(reader, "\"%s\" is no option", word);
        return err_hint(reader->err,
                        "Options are written key:value; only down names a phase.");
    }
    if (row != NULL && !row->down && row->phase != PHASE_UP)
    {
        directive->phase = row->phase;
        return true;
    }
    const char *nearest =
        nearest_name(word, section_names + PHASE_EXPAND, PHASE_COUNT - PHASE_EXPAND);

    refuse(reader, "\"%s\" is no phase that can be taken down alone", word);
    return err_hint(reader->err, "Did you mean \"%s%s\"?", section_mark,
                    nearest == NULL ? "down"
                                    : down_names[section_word(nearest, false)->phase]);
}

static bool
read_section(Reader *reader, Directive *directive)
{
    char *word = take_until(reader->mem, &reader->at, blanks);
    const SectionWord *row = section_word(word, false);

    if (row == NULL)
        return refuse_section(reader, word);
    directive->kind = DIRECTIVE_SECTION;
    directive->phase = row->phase;
    directive->down = row->down;
    skip_blanks(&reader->at);

    const char *next = reader->at;
    char *phase = take_until(reader->mem, &next, blanks);

    if (phase[0] == '\0' || strchr(phase, ':') != NULL)
        return true;
    reader->at = next;
    return read_phase(reader, phase, directive);
}

/* --- options --------------------------------------------------------------------- */

/* "..." with "" for a quote; the opening one is at hand. */
static bool
read_quoted(Reader *reader, const char *key, const char **value)
{
    char *text = mem_array(reader->mem, char, strlen(reader->at) + 1);
    int length = 0;

    for (reader->at++; *reader->at != '\0'; reader->at++)
    {
        if (*reader->at == '"' && *++reader->at != '"')
        {
            *value = text;
            return strchr(blanks, *reader->at) != NULL ||
                   refuse(reader,
                          "option \"%s\": a blank must follow the closing quote", key);
        }
        text[length++] = *reader->at;
    }
    return refuse(reader, "option \"%s\": the quote is never closed", key);
}

static bool
read_value(Reader *reader, const char *key, const char **value)
{
    if (*reader->at == '"')
        return read_quoted(reader, key, value);
    *value = take_until(reader->mem, &reader->at, blanks);
    if ((*value)[0] == '\0')
        return refuse(reader, "option \"%s\" has no value", key);
    if (strchr(*value, '"') == NULL)
        return true;
    refuse(reader, "option \"%s\": a value with a quote in it is quoted as a whole",
           key);
    return err_hint(reader->err, "Write %s:\"...\" with \"\" for each quote inside.",
                    key);
}

/* allow:HAZARD:"reason": the hazard, and the colon behind it. */
static bool
read_hazard(Reader *reader, const char **hazard)
{
    *hazard = take_until(reader->mem, &reader->at, ": \t\"");
    if ((*hazard)[0] != '\0' && *reader->at == ':')
    {
        reader->at++;
        return true;
    }
    refuse(reader, "option \"%s\" needs a hazard and a reason", "allow");
    return err_hint(reader->err, "Write allow:HAZARD:\"reason\".");
}

static bool
read_option(Reader *reader, GivenOptions *options)
{
    GivenOption option = {.place = reader->line->place};
    char *key = take_until(reader->mem, &reader->at, ": \t");

    if (*reader->at != ':' || key[0] == '\0')
    {
        refuse(reader, "\"%s\" is no option", key[0] == '\0' ? reader->at : key);
        return err_hint(reader->err, "Options are written key:value.");
    }
    reader->at++;
    return option_rule(key, &option.place, &option.rule, reader->err) &&
           (!option_names_hazard(option.rule) || read_hazard(reader, &option.hazard)) &&
           read_value(reader, key, &option.value) &&
           option_give(reader->mem, options, &option, reader->err);
}

static bool
read_options(Reader *reader, GivenOptions *options)
{
    for (skip_blanks(&reader->at); *reader->at != '\0'; skip_blanks(&reader->at))
    {
        if (!read_option(reader, options))
            return false;
    }
    return true;
}

static bool
begins_with(const char *text, const char *mark)
{
    return strncmp(text, mark, strlen(mark)) == 0;
}

bool
directive_read(Mem *mem, const CommentLine *line, Directive *directive, Err *err)
{
    Reader reader = {.mem = mem, .line = line, .at = line->text, .err = err};

    *directive = (Directive){.kind = DIRECTIVE_NONE};
    if (line->first_column && begins_with(line->text, section_mark))
    {
        reader.at += strlen(section_mark);
        if (strchr(blanks, *reader.at) == NULL || *reader.at == '\0')
            return read_section(&reader, directive) &&
                   read_options(&reader, &directive->options) &&
                   given_options_fit(&directive->options, directive->phase,
                                     directive->down, err);
    }
    if (line->first_column && begins_with(line->text, header_mark))
    {
        reader.at += strlen(header_mark);
        directive->kind = DIRECTIVE_HEADER;
        return read_options(&reader, &directive->options) &&
               (directive->options.count > 0 ||
                refuse(&reader, "the header line gives no option"));
    }
    const char *meant = directive_meant(mem, line->text);

    return meant == NULL || refuse_spelling(&reader, meant);
}

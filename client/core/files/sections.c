#include "core/files/sections.h"

#include <string.h>

#include "core/files/directive.h"
#include "core/files/source.h"
#include "core/sql/sql.h"

/* A file that is being read, comment by comment. */
typedef struct Reading
{
    Mem *mem;
    Mem *scope;
    const SourceFile *file;
    const FilePart *part;
    const char *engine;
    SourceText source;
    SqlSpans spans;
    SectionList *sections;
    int first; /* index of this file's first section */
    GivenOptions header;
    GivenOptions own;  /* of the section that is open */
    size_t code;       /* the first byte that is neither comment nor blank */
    size_t counted_to; /* lines are counted up to here */
    int counted_lines;
    Err *err;
} Reading;

/* Offsets are asked for in rising order, so each byte is counted once. */
static int
line_at(Reading *reading, size_t offset)
{
    reading->counted_lines +=
        source_lines(&reading->source, reading->counted_to, offset);
    reading->counted_to = offset;
    return 1 + reading->counted_lines;
}

static bool
is_comment(SqlPlace place)
{
    return place == SQL_PLACE_LINE_COMMENT || place == SQL_PLACE_BLOCK_COMMENT;
}

/* The first byte of SQL in the file; its length when there is none. */
static size_t
find_code(const Reading *reading)
{
    size_t at = 0;

    for (int i = 0; i <= reading->spans.count; i++)
    {
        const SqlSpan *span =
            i < reading->spans.count ? &reading->spans.items[i] : NULL;
        size_t until = span == NULL ? reading->source.length : span->offset;

        while (at < until && strchr(" \t\r\n\f\v", reading->source.text[at]) != NULL)
            at++;
        if (at < until || span == NULL || !is_comment(span->place))
            return at;
        at = span->offset + span->length;
    }
    return at;
}

/* The quotes of a template or of psql's commands are not SQL's: their fault is theirs.
 */
static bool
check_foreign(Reading *reading)
{
    Section whole = {.engine = reading->engine,
                     .file = reading->file->path,
                     .text = reading->source.text,
                     .text_line = 1};

    return foreign_text_refuse(&whole, reading->err);
}

static bool
check_closed(Reading *reading)
{
    /* clang-format off */
    static const char *const names[] = {
        [SQL_PLACE_CODE]          = "text",
        [SQL_PLACE_STRING]        = "string",
        [SQL_PLACE_NAME]          = "quoted name",
        [SQL_PLACE_DOLLAR]        = "dollar quote",
        [SQL_PLACE_LINE_COMMENT]  = "comment",
        [SQL_PLACE_BLOCK_COMMENT] = "comment",
    };
    /* clang-format on */

    for (int i = 0; i < reading->spans.count; i++)
    {
        const SqlSpan *span = &reading->spans.items[i];

        if (!span->open || span->place == SQL_PLACE_LINE_COMMENT)
            continue;
        if (!check_foreign(reading))
            return false;
        return err_at(reading->err, ERR_USAGE, reading->file->path,
                      1 + source_lines(&reading->source, 0, span->offset),
                      "the %s that begins here is never closed", names[span->place]);
    }
    return true;
}

/* --- sections -------------------------------------------------------------------- */

static Section *
section_open(Reading *reading, Phase phase, bool down)
{
    Section *section = list_add(reading->mem, reading->sections);

    section->phase = phase;
    section->down = down;
    section->file = mem_copy(reading->mem, reading->file->path);
    section->text_line = 1;
    section->text_offset = reading->source.offset;
    section->span = (Span){section->file, 1, reading->source.offset, 0};
    return section;
}

/* Ends the open section, if there is one, where the next begins. */
static bool
section_close(Reading *reading, size_t until)
{
    if (reading->sections->count == reading->first)
        return true;

    Section *section = &reading->sections->items[reading->sections->count - 1];
    size_t from = (size_t)(section->text_offset - reading->source.offset);

    section->text = mem_slice(reading->mem, reading->source.text + from, until - from);
    return options_resolve(reading->mem, &reading->header, &reading->own, section,
                           reading->err);
}

/* A file whose name says what it is may say the same in a directive, and no more. */
static bool
check_part(Reading *reading, const Directive *directive, int line)
{
    const FilePart *part = reading->part;

    if (part->whole ||
        (directive->phase == part->phase && directive->down == part->down))
        return true;
    return err_at(
        reading->err, ERR_USAGE, reading->file->path, line,
        "a \"%s\" section cannot stand here: the name of the file says \"%s\"",
        section_show(directive->phase, directive->down),
        section_show(part->phase, part->down));
}

static bool
check_order(Reading *reading, const Directive *directive, int line)
{
    if (reading->sections->count == reading->first)
        return true;

    const Section *before = &reading->sections->items[reading->sections->count - 1];

    if (section_rank(directive->phase, directive->down) >=
        section_rank(before->phase, before->down))
        return true;
    err_at(reading->err, ERR_USAGE, reading->file->path, line,
           "section \"%s\" cannot stand after \"%s\"",
           section_show(directive->phase, directive->down),
           section_show(before->phase, before->down));
    return err_hint(reading->err,
                    "The order is up, or expand, backfill, contract; then "
                    "down.");
}

static bool
check_nothing_before(Reading *reading, size_t offset)
{
    if (reading->sections->count > reading->first || reading->code >= offset)
        return true;
    err_at(reading->err, ERR_USAGE, reading->file->path,
           1 + source_lines(&reading->source, 0, reading->code),
           "this stands before the first section");
    return err_hint(reading->err,
                    "Only comments, blank lines and \"-- pgstride:\" lines "
                    "may stand there.");
}

static bool
take_header(Reading *reading, const Directive *directive, int line)
{
    if (reading->sections->count > reading->first)
        return err_at(reading->err, ERR_USAGE, reading->file->path, line,
                      "a header line cannot stand inside a section");
    for (int i = 0; i < directive->options.count; i++)
    {
        if (!option_give(reading->scope, &reading->header, &directive->options.items[i],
                         reading->err))
            return false;
    }
    return true;
}

static bool
take_section(Reading *reading, const Directive *directive, size_t offset, int line)
{
    if (!check_part(reading, directive, line) ||
        !check_order(reading, directive, line) || !section_close(reading, offset))
        return false;

    Section *section = section_open(reading, directive->phase, directive->down);
    size_t end = source_line_end(&reading->source, offset);
    size_t text = source_line_next(&reading->source, offset);

    section->span.line = line;
    section->span.offset = reading->source.offset + (int)offset;
    section->span.length = (int)(end - offset);
    section->text_offset = reading->source.offset + (int)text;
    section->text_line = text > end ? line + 1 : line;
    reading->own = directive->options;
    return true;
}

static bool
take_comment(Reading *reading, const SqlSpan *span)
{
    size_t end = source_line_end(&reading->source, span->offset);
    int line = line_at(reading, span->offset);
    CommentLine comment = {
        .text = mem_slice(reading->scope, reading->source.text + span->offset,
                          end - span->offset),
        .place = {reading->file->path, line},
        .first_column = source_line_begins(&reading->source, span->offset),
    };
    Directive directive;

    if (!directive_read(reading->scope, &comment, &directive, reading->err))
        return false;
    if (directive.kind == DIRECTIVE_NONE)
        return true;
    if (!check_nothing_before(reading, span->offset))
        return false;
    return directive.kind == DIRECTIVE_HEADER
               ? take_header(reading, &directive, line)
               : take_section(reading, &directive, span->offset, line);
}

static bool
reaches_a_section(const Reading *reading, const GivenOption *option)
{
    for (int i = reading->first; i < reading->sections->count; i++)
    {
        const Section *section = &reading->sections->items[i];

        if (option_fits(option, section->phase, section->down))
            return true;
    }
    return false;
}

/* An option that nothing hears is a mistake somebody would like to know about. */
static bool
check_header(const Reading *reading)
{
    for (int i = 0; i < reading->header.count; i++)
    {
        const GivenOption *option = &reading->header.items[i];

        if (!reaches_a_section(reading, option))
            return option_idle(option, reading->err);
    }
    return true;
}

bool
sections_read(Mem *mem, const SectionSource *from, SectionList *sections, Err *err)
{
    MEM_SCOPE(scope, mem);
    const FilePart *part = &from->part;
    Reading reading = {.mem = mem,
                       .scope = scope,
                       .file = from->file,
                       .part = part,
                       .engine = from->engine,
                       .sections = sections,
                       .first = sections->count,
                       .err = err};

    if (!source_open(from->file, &reading.source, err))
        return false;
    reading.spans =
        sql_spans(scope, from->engine, reading.source.text, reading.source.length);
    reading.code = find_code(&reading);
    if (!check_closed(&reading))
        return false;
    for (int i = 0; i < reading.spans.count; i++)
    {
        const SqlSpan *span = &reading.spans.items[i];

        if (span->place == SQL_PLACE_LINE_COMMENT && !take_comment(&reading, span))
            return false;
    }
    if (sections->count == reading.first)
        section_open(&reading, part->phase, part->down);
    return section_close(&reading, reading.source.length) && check_header(&reading);
}

#include "core/sections.h"

#include <stdlib.h>
#include <string.h>

#include "core/directive.h"
#include "core/source.h"
#include "core/sql/sql.h"

/* A file that is being read, comment by comment. */
typedef struct Reading
{
    Mem *mem;
    Mem *scope;
    const SourceFile *file;
    const FilePart *part;
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
    Section whole = {
        .file = reading->file->path, .text = reading->source.text, .text_line = 1};

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

/* --- sections -----------------------------------------------------------------------
 */

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

/* expand, backfill, contract, down. */
static int
section_rank(Phase phase, bool down)
{
    return down ? PHASE_COUNT : (int)phase;
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

bool
sections_read(Mem *mem, const SourceFile *file, const FilePart *part,
              SectionList *sections, Err *err)
{
    MEM_SCOPE(scope, mem);
    Reading reading = {.mem = mem,
                       .scope = scope,
                       .file = file,
                       .part = part,
                       .sections = sections,
                       .first = sections->count,
                       .err = err};

    if (!source_open(file, &reading.source, err))
        return false;
    reading.spans = sql_token_spans(scope, reading.source.text, reading.source.length);
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
    return section_close(&reading, reading.source.length);
}

/* --- the sections of a migration ----------------------------------------------------
 */

/* Sections of one kind stay in the order of their file. */
static int
section_order(const void *left, const void *right)
{
    const Section *a = left;
    const Section *b = right;
    int by_rank = section_rank(a->phase, a->down) - section_rank(b->phase, b->down);
    int by_phase = (int)a->phase - (int)b->phase;
    int by_file = strcmp(a->file, b->file);

    if (by_rank != 0 || by_phase != 0)
        return by_rank != 0 ? by_rank : by_phase;
    return by_file != 0 ? by_file : a->span.offset - b->span.offset;
}

static const Section *
section_find(const SectionList *sections, Phase phase, bool down)
{
    for (int i = 0; i < sections->count; i++)
    {
        if (sections->items[i].phase == phase && sections->items[i].down == down)
            return &sections->items[i];
    }
    return NULL;
}

static bool
refuse_pair(const Section *section, const Section *other, const char *why, Err *err)
{
    return err_at(err, ERR_USAGE, section->file, section->span.line,
                  "section \"%s\" %s (\"%s\" is %s:%d)",
                  section_show(section->phase, section->down), why,
                  section_show(other->phase, other->down), other->file,
                  other->span.line);
}

static bool
check_twice(const SectionList *sections, Err *err)
{
    for (int i = 1; i < sections->count; i++)
    {
        const Section *before = &sections->items[i - 1];
        const Section *section = &sections->items[i];
        bool may_repeat = section->phase == PHASE_BACKFILL && !section->down &&
                          strcmp(section->file, before->file) == 0;

        if (section->phase == before->phase && section->down == before->down &&
            !may_repeat)
            return refuse_pair(section, before, "is there twice", err);
    }
    return true;
}

/* `up` is a migration of its own; the phases exclude it. */
static bool
check_exclusive(const SectionList *sections, Err *err)
{
    const Section *up = section_find(sections, PHASE_UP, false);

    for (int i = 0; up != NULL && i < sections->count; i++)
    {
        const Section *section = &sections->items[i];

        if (!section->down && section->phase != PHASE_UP)
            return refuse_pair(section, up, "cannot stand beside up", err);
    }
    return true;
}

static bool
check_down(const SectionList *sections, const Section *down, Err *err)
{
    const Section *whole = section_find(sections, PHASE_UP, true);

    if (down->phase == PHASE_UP)
        return true;
    if (whole != NULL)
        return refuse_pair(down, whole, "cannot stand beside the undo of the whole",
                           err);
    if (section_find(sections, down->phase, false) != NULL)
        return true;
    return err_at(err, ERR_USAGE, down->file, down->span.line,
                  "section \"%s\" has nothing to undo: there is no \"%s\" section",
                  section_show(down->phase, true), phase_name(down->phase));
}

bool
sections_settle(SectionList *sections, Err *err)
{
    if (sections->count > 0)
        qsort(sections->items, (size_t)sections->count, sizeof(Section), section_order);
    if (!check_twice(sections, err) || !check_exclusive(sections, err))
        return false;
    for (int i = 0; i < sections->count; i++)
    {
        if (sections->items[i].down && !check_down(sections, &sections->items[i], err))
            return false;
    }
    return true;
}

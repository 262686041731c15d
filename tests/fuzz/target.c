/*
 * Any text, read by every dialect: statements are bytes of it, in order, and cover all
 * that is no white space, comment or delimiter; strings and comments are where a second
 * opinion sees them; no section begins inside one.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "core/layouts/layout.h"
#include "core/sql/dialect.h"
#include "core/sql/mysql/mysql.h"
#include "fuzz/fuzz.h"

long fuzz_split_count[3];

void
promise_broken(const char *text, const char *promise, const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken: %s\n---- the text\n%s\n----\n", file, line, promise,
            text);
    abort();
}

/* --- places ---------------------------------------------------------------------- */

static void
spans_check(const char *text, const SqlSpans *spans)
{
    size_t end = 0;

    for (int i = 0; i < spans->count; i++)
    {
        const SqlSpan *span = &spans->items[i];

        PROMISE(text, span->offset >= end && span->length > 0);
        end = span->offset + span->length;
        PROMISE(text, end <= strlen(text));
        PROMISE(text, !span->open || i == spans->count - 1);
    }
}

static void
places_check(const char *text, const char *places, const SqlSpans *spans)
{
    static const char letters[] = {
        [SQL_PLACE_CODE] = 'c',         [SQL_PLACE_STRING] = 'q',
        [SQL_PLACE_NAME] = 'q',         [SQL_PLACE_DOLLAR] = 'q',
        [SQL_PLACE_LINE_COMMENT] = 'l', [SQL_PLACE_BLOCK_COMMENT] = 'b',
    };

    for (size_t at = 0; text[at] != '\0'; at++)
        PROMISE(text,
                places[at] == '?' || places[at] == letters[sql_place_at(spans, at)]);
}

/* A section's line is a comment, and begins where none was open. */
static void
section_check(const char *text, const char *places, const Section *section)
{
    int at = section->text_offset;

    PROMISE(text, at >= 0 && at + strlen(section->text) <= strlen(text));
    while (at > 0 && strncmp(text + at, "migrate:", 8) != 0)
        at--;
    if (strncmp(text + at, "migrate:", 8) != 0 || at == section->text_offset)
        return;
    PROMISE(text, places[at] == 'l');
    while (at > 0 && text[at - 1] != '\n')
        at--;
    PROMISE(text, at == 0 || places[at - 1] == 'c' || places[at - 1] == '?');
}

static void
sections_check(const char *engine, const char *text, const char *places)
{
    MEM_SCOPE(scope, NULL);
    SourceFile file = {.name = mem_copy(scope, "1_a.sql"),
                       .path = mem_copy(scope, "m/1_a.sql"),
                       .bytes = mem_copy(scope, text),
                       .length = strlen(text)};
    const SourceFiles files = {.items = &file, .count = 1};
    const LayoutRequest request = {
        .files = &files, .engine = engine, .layout = "native"};
    Migrations migrations = {0};
    Err err = {0};

    if (!layout_read(scope, &request, &migrations, &err))
        PROMISE(text, err.file != NULL && err.text != NULL);
    for (int i = 0; i < migrations.count; i++)
        for (int j = 0; j < migrations.items[i].section_count; j++)
            section_check(text, places, &migrations.items[i].sections[j]);
    err_clear(&err);
}

/* --- statements ------------------------------------------------------------------ */

static Section
section_of(const char *engine, const char *text)
{
    return (Section){.phase = PHASE_UP,
                     .text = text,
                     .text_line = 1,
                     .file = "fuzz.sql",
                     .engine = engine};
}

/* Between statements of an engine whose delimiter nobody changes. */
static void
gap_check(const char *text, const SqlSpans *spans, size_t from, size_t until)
{
    PROMISE(text, from <= until);
    for (; from < until; from++)
        PROMISE(text, isspace((unsigned char)text[from]) || text[from] == ';' ||
                          sql_place_at(spans, from) >= SQL_PLACE_LINE_COMMENT);
}

static void
cover_check(const char *text, const SqlSpans *spans, const Statements *statements)
{
    size_t end = 0;

    for (int i = 0; i < statements->count; i++)
    {
        const Span *span = &statements->items[i].span;

        gap_check(text, spans, end, (size_t)span->offset);
        end = (size_t)(span->offset + span->length);
    }
    gap_check(text, spans, end, strlen(text));
}

/* No delimiter behind the last: SQLite leaves it to the library that a body has no END.
 */
static void
joined_check(const char *engine, const char *text, const Statements *statements)
{
    MEM_SCOPE(scope, NULL);
    Buf joined = buf_begin(scope);
    Statements again;
    Err err = {0};

    for (int i = 0; i < statements->count; i++)
        buf_format(&joined, "%s%s", i > 0 ? "\n;\n" : "",
                   statements->items[i].sql.text);

    Section section = section_of(engine, joined.text);

    PROMISE(text, sql_parse(scope, &section, &again, &err));
    PROMISE(text, again.count == statements->count);
    for (int i = 0; i < again.count; i++)
    {
        const Statement *before = &statements->items[i];

        PROMISE(text, strcmp(again.items[i].sql.text, before->sql.text) == 0);
        PROMISE(text, strcmp(again.items[i].hash, before->hash) == 0);
    }
}

static void
statements_check(const char *engine, const char *text, const Statements *statements)
{
    MEM_SCOPE(scope, NULL);
    MyUpdate update;
    MyFault fault;

    for (int i = 0; i < statements->count; i++)
    {
        const Statement *statement = &statements->items[i];

        PROMISE(text, strncmp(text + statement->span.offset, statement->sql.text,
                              (size_t)statement->span.length) == 0);
        PROMISE(text, statement->act_count > 0);
        if (strcmp(engine, "mysql") == 0)
            my_update_read(scope, statement->sql.text, &update, &fault);
    }
}

/* --- all of it ------------------------------------------------------------------- */

static bool
engine_check(const char *engine, const char *text)
{
    MEM_SCOPE(scope, NULL);
    const PlaceRules *rules = place_rules_of(engine);
    SqlSpans spans = sql_spans(scope, engine, text, strlen(text));
    Section section = section_of(engine, text);
    Statements statements;
    Err err = {0};

    spans_check(text, &spans);
    if (rules != NULL)
    {
        const char *places = places_of(scope, rules, text);

        places_check(text, places, &spans);
        sections_check(engine, text, places);
    }
    if (!sql_parse(scope, &section, &statements, &err))
    {
        PROMISE(text, err.file != NULL && err.line > 0 && err.text != NULL);
        err_clear(&err);
        return false;
    }
    statements_check(engine, text, &statements);
    if (strcmp(engine, "mysql") != 0)
    {
        cover_check(text, &spans, &statements);
        joined_check(engine, text, &statements);
    }
    return statements.count > 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const engines[] = {"mysql", "sqlite3", "postgres"};
    MEM_SCOPE(scope, NULL);
    /* Owned byte by byte, so that reading past the end is seen. */
    const char *text =
        mem_slice(scope, (const char *)data, strnlen((const char *)data, size));

    mysql_split_check(text);
    for (int i = 0; i < LENGTH(engines); i++)
        fuzz_split_count[i] += engine_check(engines[i], text);
    return 0;
}

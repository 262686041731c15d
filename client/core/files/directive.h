/*
 * Directives: the comment lines that open sections and set options (design §16.1).
 *
 *     -- migrate:SECTION [PHASE] {key:value}
 *     -- pgstride: key:value {key:value}          before the first section
 *
 * They begin in the first column and are spelled exactly so. A value is bare, or "..."
 * with "" for a quote; allow takes HAZARD:"reason". A comment that looks like a
 * directive and is none is an error, so that a typo never silently becomes a comment.
 */
#ifndef PGSTRIDE_CORE_DIRECTIVE_H
#define PGSTRIDE_CORE_DIRECTIVE_H

#include "core/files/options.h"

/* One line comment of a file. */
typedef struct CommentLine
{
    const char *text; /* from its two dashes to the end of the line, terminated */
    OptionPlace place;
    bool first_column;
} CommentLine;

typedef enum DirectiveKind
{
    DIRECTIVE_NONE, /* an ordinary comment */
    DIRECTIVE_HEADER,
    DIRECTIVE_SECTION
} DirectiveKind;

typedef struct Directive
{
    DirectiveKind kind;
    Phase phase; /* DIRECTIVE_SECTION; PHASE_UP with down: of the whole */
    bool down;
    GivenOptions options;
} Directive;

bool directive_read(Mem *mem, const CommentLine *line, Directive *directive, Err *err);

/* For people: up, backfill, down, down expand. */
const char *section_show(Phase phase, bool down);

#endif

/*
 * From the text of one file to its sections (design §3, §16.1, §16.2).
 *
 * A directive is a comment for the engine it is read for: what only looks like one,
 * inside a string, a dollar quote or a block comment, is left alone. A quote that is
 * never closed would swallow the sections behind it and is an error where it begins.
 */
#ifndef PGSTRIDE_CORE_SECTIONS_H
#define PGSTRIDE_CORE_SECTIONS_H

#include "base/err.h"
#include "model/migration.h"

typedef struct SectionList
{
    Section *items;
    int count;
    int room;
} SectionList;

/* What the name of a file says about its sections. */
typedef struct FilePart
{
    bool whole; /* all sections are in this file; otherwise it is only this one: */
    Phase phase;
    bool down;
} FilePart;

typedef struct SectionSource
{
    const SourceFile *file;
    FilePart part;
    const char *engine; /* whose strings and comments are in it */
} SectionSource;

/* Appends the sections of a file, in its order. ERR_USAGE with file and line. */
bool sections_read(Mem *mem, const SectionSource *from, SectionList *sections,
                   Err *err);

/*
 * Sorts the sections of one migration, gathered from all its files, and refuses what
 * cannot be together: a section twice, up beside phases, the undo of a phase that is
 * not there. ERR_USAGE names both places.
 */
bool sections_settle(SectionList *sections, Err *err);

/* up, expand, backfill, contract, down: where a section stands among the others. */
int section_rank(Phase phase, bool down);

#endif

/* The sections of one migration, gathered from its files: their order, and which cannot
 * be together (design §16.2). */
#include <stdlib.h>
#include <string.h>

#include "core/files/directive.h"
#include "core/files/sections.h"

int
section_rank(Phase phase, bool down)
{
    return down ? PHASE_COUNT : (int)phase;
}

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

/*
 * The native layout: versions as numbers or dates, one file or several to a version,
 * files for an engine before generic ones (design §3, §16).
 */
#include <stdlib.h>
#include <string.h>

#include "core/layouts/layout.h"
#include "core/layouts/native_name.h"

typedef struct NameList
{
    NativeName *items;
    int count;
    int room;
} NameList;

/* The files of one version, next to each other after sorting. */
typedef struct Group
{
    const NativeName *names;
    int count;
    const char *engine;
} Group;

static int
name_order(const void *left, const void *right)
{
    const NativeName *a = left;
    const NativeName *b = right;
    int by_version = strcmp(a->sort_key, b->sort_key);

    return by_version != 0 ? by_version : strcmp(a->file->name, b->file->name);
}

static bool
read_names(Mem *mem, const SourceFiles *files, NameList *names, Err *err)
{
    for (int i = 0; i < files->count; i++)
    {
        if (native_concerns(&files->items[i]) &&
            !native_name_read(mem, &files->items[i], list_add(mem, names), err))
            return false;
    }
    if (names->count > 0)
        qsort(names->items, (size_t)names->count, sizeof(NativeName), name_order);
    return true;
}

/* 01_a and 1_a, 20260515_a and 20260515_b: one version, two migrations. */
static bool
check_one_migration(const Group *group, Err *err)
{
    const NativeName *first = &group->names[0];

    for (int i = 1; i < group->count; i++)
    {
        const NativeName *name = &group->names[i];

        if (strcmp(name->label, first->label) == 0)
            continue;
        err_at(err, ERR_USAGE, name->file->path, 0,
               "version %s is there twice: \"%s\" and \"%s\"", first->version,
               first->file->name, name->file->name);
        return err_hint(err, strcmp(name->version, first->version) == 0
                                 ? "Give one of them another version."
                                 : "Versions are compared as numbers; give one of them "
                                   "another.");
    }
    return true;
}

static bool
for_engine(const Group *group, const NativeName *name)
{
    return name->engine == NULL || strcmp(name->engine, group->engine) == 0;
}

/* A file for the engine beats the generic file of its part, and a whole one all. */
static bool
is_beaten(const Group *group, const NativeName *name)
{
    for (int i = 0; name->engine == NULL && i < group->count; i++)
    {
        const NativeName *other = &group->names[i];
        bool same_part = other->part.phase == name->part.phase &&
                         other->part.down == name->part.down && !name->part.whole;

        if (other->engine != NULL && for_engine(group, other) &&
            (other->part.whole || same_part))
            return true;
    }
    return false;
}

/* The same within a generic file that holds several sections. */
static void
drop_beaten(const Group *group, SectionList *sections, int first)
{
    int kept = first;

    for (int i = first; i < sections->count; i++)
    {
        const Section *section = &sections->items[i];
        NativeName as_file = {.part = {.phase = section->phase, .down = section->down}};

        if (!is_beaten(group, &as_file))
            sections->items[kept++] = *section;
    }
    sections->count = kept;
}

static bool
gather_sections(Mem *mem, const Group *group, SectionList *sections, Err *err)
{
    for (int i = 0; i < group->count; i++)
    {
        const NativeName *name = &group->names[i];
        int first = sections->count;

        if (!for_engine(group, name) || is_beaten(group, name))
            continue;
        if (!sections_read(mem, &(SectionSource){name->file, name->part, group->engine},
                           sections, err))
            return false;
        if (name->engine == NULL && name->part.whole)
            drop_beaten(group, sections, first);
    }
    return true;
}

/* Does any engine have a part that runs forward? Then this one may have none. */
static bool
goes_forward_elsewhere(const Group *group)
{
    for (int i = 0; i < group->count; i++)
    {
        if (!for_engine(group, &group->names[i]) && !group->names[i].part.down)
            return true;
    }
    return false;
}

static bool
check_forward(const Group *group, Migration *migration, Err *err)
{
    const Section *first = migration->sections;

    if (migration->section_count > 0 && !first->down)
        return true;
    if (migration->section_count == 0 || goes_forward_elsewhere(group))
    {
        migration->skipped = true;
        migration->section_count = 0;
        return true;
    }
    err_at(err, ERR_USAGE, first->file, first->span.line,
           "%s has a \"down\" section and nothing to undo", migration->label);
    return err_hint(err, "Write an up section, or the phases; they may be empty.");
}

/* What status lists: the file that runs first, or any file of a skipped one. */
static const char *
first_file(const Group *group, const SectionList *sections)
{
    for (int i = 0; i < group->count && sections->count > 0; i++)
    {
        const SourceFile *file = group->names[i].file;

        if (strcmp(file->path, sections->items[0].file) == 0)
            return file->name;
    }
    return group->names[0].file->name;
}

static bool
migration_make(Mem *mem, const Group *group, Migration *migration, Err *err)
{
    const NativeName *name = &group->names[0];
    SectionList sections = {0};

    if (!check_one_migration(group, err) ||
        !gather_sections(mem, group, &sections, err) ||
        !sections_settle(&sections, err))
        return false;
    migration->version = mem_copy(mem, name->version);
    migration->sort_key = mem_copy(mem, name->sort_key);
    migration->name = mem_copy(mem, name->name);
    migration->label = mem_copy(mem, name->label);
    migration->file = mem_copy(mem, first_file(group, &sections));
    migration->sections = sections.items;
    migration->section_count = sections.count;
    return check_forward(group, migration, err);
}

/* A section line, a header line, or the name of a phase: nobody else has these. */
bool
native_claims(const SourceFiles *files)
{
    for (int i = 0; i < files->count; i++)
    {
        const SourceFile *file = &files->items[i];

        if (native_concerns(file) &&
            (native_directed(file) || native_name_phased(file->name)))
            return true;
    }
    return false;
}

bool
native_fits(const SourceFile *file)
{
    MEM_SCOPE(scope, NULL);
    NativeName name;
    Err ignored = {0};
    bool fits = native_concerns(file) && native_name_read(scope, file, &name, &ignored);

    err_clear(&ignored);
    return fits;
}

bool
native_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    MEM_SCOPE(scope, mem);
    NameList names = {0};

    if (!read_names(scope, request->files, &names, err))
        return false;
    *migrations = (Migrations){.items = mem_array(mem, Migration, names.count)};
    for (int at = 0, end; at < names.count; at = end)
    {
        Group group = {.names = &names.items[at], .engine = request->engine};

        for (end = at; end < names.count && strcmp(names.items[end].sort_key,
                                                   names.items[at].sort_key) == 0;)
            end++;
        group.count = end - at;
        if (!migration_make(mem, &group, &migrations->items[migrations->count++], err))
            return false;
    }
    return true;
}

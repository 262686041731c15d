/*
 * sqitch: sqitch.plan orders the changes; each has its script in deploy/, and its way
 * back in revert/. A change that is there twice was reworked behind a tag: the scripts
 * of the older one then carry that tag.
 *
 *     users 2012-01-01T00:00:00Z Ann <ann@example.org> # Adds users
 *     roles [users !guests] 2012-01-02T00:00:00Z Ann <ann@example.org>
 *     @v1 2012-01-03T00:00:00Z Ann <ann@example.org>
 */
#include <string.h>

#include "core/layouts/parts.h"

static const char plan_name[] = "sqitch.plan";

bool
sqitch_wants(const char *name)
{
    bool script = strncmp(name, "deploy/", 7) == 0 || strncmp(name, "revert/", 7) == 0;

    return strcmp(name, plan_name) == 0 || (script && name_ends(name, ".sql"));
}

bool
sqitch_claims(const SourceFiles *files)
{
    return files_find(files, plan_name) != NULL;
}

bool
sqitch_fits(const SourceFile *file)
{
    return sqitch_wants(file->name);
}

/* A line of the plan: a change, or a tag behind changes. */
typedef struct PlanLine
{
    char *name;
    bool tag;
    int line;
} PlanLine;

typedef LIST(PlanLine) PlanLines;

static void
plan_lines(Mem *mem, const SourceFile *plan, PlanLines *lines)
{
    const SourceText source = {plan->bytes, plan->length, 0};
    int line = 1;

    for (size_t at = 0; at < source.length; at = source_line_next(&source, at), line++)
    {
        size_t end = source_line_end(&source, at);
        size_t name = at;

        while (name < end && strchr(" \t+", source.text[name]) != NULL)
            name++;
        if (name == end || strchr("#%-", source.text[name]) != NULL)
            continue;

        bool tag = source.text[name] == '@';
        size_t from = name + tag;
        size_t until = from;

        while (until < end && strchr(" \t[#", source.text[until]) == NULL)
            until++;
        *list_add(mem, lines) =
            (PlanLine){mem_slice(mem, source.text + from, until - from), tag, line};
    }
}

/* The tag that an instance of a reworked change is kept under; NULL: it is the last. */
static const char *
instance_tag(const PlanLines *lines, int index)
{
    const char *tag = NULL;

    for (int i = index + 1; i < lines->count; i++)
    {
        const PlanLine *line = &lines->items[i];

        if (line->tag && tag == NULL)
            tag = line->name;
        else if (!line->tag && strcmp(line->name, lines->items[index].name) == 0)
            return tag;
    }
    return NULL;
}

static bool
script_add(Mem *mem, const LayoutRequest *request, const char *path, bool down,
           SectionList *sections, Err *err)
{
    const SourceFile *file = files_find(request->files, path);

    if (file == NULL)
        return down ||
               err_set(err, ERR_REFUSED, "there is no %s, and the plan names it", path);
    return stretch_add(mem, sections, &(Stretch){.file = file, .down = down}, err);
}

static bool
change_add(Mem *mem, const LayoutRequest *request, const PlanLines *lines, int index,
           MigrationList *list, Err *err)
{
    const char *tag = instance_tag(lines, index);
    const char *name = lines->items[index].name;
    char *label = tag == NULL ? mem_copy(mem, name) : mem_text(mem, "%s@%s", name, tag);
    char *deploy = mem_text(mem, "deploy/%s.sql", label);
    SectionList sections = {0};

    if (!script_add(mem, request, deploy, false, &sections, err) ||
        !script_add(mem, request, mem_text(mem, "revert/%s.sql", label), true,
                    &sections, err))
        return false;

    Migration *migration = list_add(mem, list);

    *migration = (Migration){
        .version = label,
        .sort_key = mem_text(mem, "%010d", index),
        .name = mem_copy(mem, name),
        .label = label,
        .file = deploy,
    };
    migration_take(mem, migration, &sections);
    return true;
}

bool
sqitch_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    MEM_SCOPE(scope, mem);
    const SourceFile *plan = files_find(request->files, plan_name);
    PlanLines lines = {0};
    MigrationList list = {0};

    if (plan == NULL)
        return err_set(err, ERR_REFUSED, "there is no sqitch.plan");
    plan_lines(scope, plan, &lines);
    for (int i = 0; i < lines.count; i++)
        if (!lines.items[i].tag && !change_add(mem, request, &lines, i, &list, err))
            return false;
    return migrations_settle(&list, migrations, err);
}

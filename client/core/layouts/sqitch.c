/*
 * sqitch: sqitch.plan orders the changes; each has its script in deploy/, and its way
 * back in revert/. A change that is there twice was reworked behind a tag: the scripts
 * of the older one then carry that tag.
 */
#include <string.h>

#include "core/layouts/sqitch_plan.h"

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

/* The tag that an instance of a reworked change is kept under; NULL: it is the last. */
static const char *
instance_tag(const SqitchPlan *plan, int index)
{
    const char *tag = NULL;

    for (int i = index + 1; i < plan->lines.count; i++)
    {
        const PlanLine *line = &plan->lines.items[i];

        if (line->tag && tag == NULL)
            tag = line->name;
        else if (!line->tag && strcmp(line->name, plan->lines.items[index].name) == 0)
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
change_add(Mem *mem, const LayoutRequest *request, const SqitchPlan *plan, int index,
           MigrationList *list, Err *err)
{
    const char *tag = instance_tag(plan, index);
    const PlanLine *line = &plan->lines.items[index];
    const char *name = line->name;
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
        .checksum = mem_copy(mem, line->id),
    };
    migration_take(mem, migration, &sections);
    return true;
}

bool
sqitch_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    MEM_SCOPE(scope, mem);
    const SourceFile *file = files_find(request->files, plan_name);
    MigrationList list = {0};
    SqitchPlan plan;

    if (file == NULL)
        return err_set(err, ERR_REFUSED, "there is no sqitch.plan");
    if (!sqitch_plan_read(scope, file, &plan, err))
        return false;
    for (int i = 0; i < plan.lines.count; i++)
        if (!plan.lines.items[i].tag && !change_add(mem, request, &plan, i, &list, err))
            return false;
    migrations->project = mem_copy(mem, plan.project);
    return migrations_settle(&list, migrations, err);
}

/*
 * golang-migrate: VERSION_name.up.sql and VERSION_name.down.sql, each of which may be
 * missing; versions are numbers.
 */
#include <string.h>

#include "core/layouts/parts.h"

typedef struct PairName
{
    char *version;
    char *name;
    bool down;
} PairName;

static bool
pair_name_read(Mem *mem, const SourceFile *file, PairName *name)
{
    if (!name_is_sql(file->name))
        return false;

    char *stem = name_stem(mem, file->name, ".sql");
    bool up = name_ends(stem, ".up");

    name->down = name_ends(stem, ".down");
    name->version = name_digits(mem, stem);

    size_t digits = strlen(name->version);

    if ((!up && !name->down) || digits == 0 || stem[digits] != '_')
        return false;
    name->name = name_stem(mem, stem + digits + 1, up ? ".up" : ".down");
    return true;
}

bool
pair_fits(const SourceFile *file)
{
    MEM_SCOPE(scope, NULL);
    PairName name;

    return pair_name_read(scope, file, &name);
}

bool
pair_claims(const SourceFiles *files)
{
    for (int i = 0; i < files->count; i++)
        if (pair_fits(&files->items[i]))
            return true;
    return false;
}

static Migration *
pair_migration(Mem *mem, MigrationList *list, const PairName *name, const char *key)
{
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->items[i].sort_key, key) == 0)
            return &list->items[i];

    Migration *migration = list_add(mem, list);

    *migration = (Migration){
        .version = mem_copy(mem, name->version),
        .sort_key = mem_copy(mem, key),
        .name = mem_copy(mem, name->name),
        .label = mem_text(mem, "%s_%s", name->version, name->name),
    };
    return migration;
}

/* Twice the same direction of one version cannot be. */
static bool
pair_refuse(const Migration *migration, const SourceFile *file, bool down, Err *err)
{
    for (int i = 0; i < migration->section_count; i++)
        if (migration->sections[i].down == down)
        {
            err_at(err, ERR_REFUSED, file->path, 0, "duplicate migration file: %s",
                   file->name);
            err_detail(err, "%s is of the same version", migration->sections[i].file);
            return err_hint(err, "Versions are compared as numbers; give one of them "
                                 "another.");
        }
    return true;
}

static bool
pair_add(Mem *mem, const LayoutRequest *request, const SourceFile *file,
         MigrationList *list, Err *err)
{
    MEM_SCOPE(scope, mem);
    PairName name;

    if (!pair_name_read(scope, file, &name))
        return true;

    Migration *migration =
        pair_migration(mem, list, &name, number_key(scope, name.version));
    SectionList sections = {migration->sections, migration->section_count,
                            migration->section_count};
    const Stretch stretch = {.file = file,
                             .down = name.down,
                             .no_transaction =
                                 request->target != NULL && request->target->unwrapped};

    if (!pair_refuse(migration, file, name.down, err) ||
        !stretch_add(mem, &sections, &stretch, err))
        return false;
    if (migration->file == NULL || !name.down)
        migration->file = mem_copy(mem, file->name);
    migration->sections = sections.items;
    migration->section_count = sections.count;
    return true;
}

bool
pair_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    MigrationList list = {0};

    for (int i = 0; i < request->files->count; i++)
        if (!pair_add(mem, request, &request->files->items[i], &list, err))
            return false;
    for (int i = 0; i < list.count; i++)
    {
        Migration *migration = &list.items[i];
        const SectionList sections = {migration->sections, migration->section_count,
                                      migration->section_count};

        migration_take(mem, migration, &sections);
    }
    return migrations_settle(&list, migrations, err);
}

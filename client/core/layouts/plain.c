/* Plain files: NUMBER_name.sql, the whole of each goes forward, in the order of their
 * names. */
#include <string.h>

#include "core/layouts/parts.h"

bool
plain_fits(const SourceFile *file)
{
    return name_is_sql(file->name) && strspn(file->name, "0123456789") > 0;
}

bool
plain_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    MigrationList list = {0};

    for (int i = 0; i < request->files->count; i++)
    {
        const SourceFile *file = &request->files->items[i];
        SectionList sections = {0};

        if (!plain_fits(file))
            continue;
        if (!stretch_add(mem, &sections, &(Stretch){.file = file}, err))
            return false;

        Migration *migration = list_add(mem, &list);
        char *version = name_digits(mem, file->name);
        char *label = name_stem(mem, file->name, ".sql");

        *migration = (Migration){
            .version = version,
            .sort_key = number_key(mem, version),
            .name = label + strlen(version) + (label[strlen(version)] != '\0'),
            .label = label,
            .file = mem_copy(mem, file->name),
        };
        migration_take(mem, migration, &sections);
    }
    return migrations_settle(&list, migrations, err);
}

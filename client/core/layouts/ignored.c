#include "core/layouts/ignored.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/layouts/parts.h"

/* More would bury the rest: who sees three knows where to look. */
#define SHOWN_MOST 3

static bool
ends_in_sql(const char *name)
{
    size_t length = strlen(name);

    return length > 4 && strcasecmp(name + length - 4, ".sql") == 0;
}

/* V1, v1_2, R_: as Flyway's are named, or nearly. */
static bool
begins_as_flyway(const char *base)
{
    return base[0] != '\0' && strchr("VvUuBbRr", base[0]) != NULL &&
           (isdigit((unsigned char)base[1]) || base[1] == '_');
}

/* 3_c.SQL, c_5.up.sql: numbered, or of one direction. */
static bool
is_numbered(const char *name)
{
    return isdigit((unsigned char)name[0]) || name_ends(name, ".up.sql") ||
           name_ends(name, ".down.sql");
}

bool
name_is_meant(const char *name)
{
    const char *base = name_base(name);

    return ends_in_sql(name) &&
           (begins_as_flyway(base) || (base == name && is_numbered(base)));
}

/* Below the top only that is looked at which the layout reads there. */
static bool
is_seen(const Layout *layout, const char *name)
{
    return strchr(name, '/') == NULL || (layout->wants != NULL && layout->wants(name));
}

/* Does a section of them come from it? They stand nearly in the order of the files, so
 * each search goes on where the last one ended. */
static bool
is_run(const Migrations *migrations, const SourceFile *file, int *from)
{
    for (int i = 0; i < migrations->count; i++)
    {
        int index = (*from + i) % migrations->count;
        const Migration *migration = &migrations->items[index];

        for (int j = 0; j < migration->section_count; j++)
            if (strcmp(migration->sections[j].file, file->path) == 0)
            {
                *from = index;
                return true;
            }
    }
    return false;
}

/* Where a list says which of them run, a name alone says nothing. */
static bool
is_ignored(const Layout *layout, const Migrations *migrations, const SourceFile *file,
           int *from)
{
    if (!is_seen(layout, file->name))
        return false;
    if (!layout->listed)
        return name_is_meant(file->name) && !is_run(migrations, file, from) &&
               !layout->fits(file);
    return ends_in_sql(file->name) && strncmp(file->name, "revert/", 7) != 0 &&
           !is_run(migrations, file, from);
}

const char *
ignored_show(Mem *mem, const LayoutRequest *request, const Layout *layout,
             const Migrations *migrations)
{
    Buf names = buf_begin(mem);
    int from = 0;
    int count = 0;

    for (int i = 0; i < request->files->count; i++)
    {
        const SourceFile *file = &request->files->items[i];

        if (!is_ignored(layout, migrations, file, &from))
            continue;
        if (count < SHOWN_MOST)
            buf_format(&names, "%s%s", count == 0 ? "" : ", ", file->name);
        count++;
    }
    if (count == 0)
        return NULL;
    if (count > SHOWN_MOST)
        buf_format(&names, " and %d more", count - SHOWN_MOST);
    return mem_text(mem, "%s %s not run: a migration of %s %s", names.text,
                    count == 1 ? "is" : "are", layout->runner, layout->form);
}

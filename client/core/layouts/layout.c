#include "core/layouts/layout.h"

/* The first that claims a folder reads it; native, the last, claims every folder. */
/* clang-format off */
static const Layout layouts[] = {
    {"native", NULL, native_read},
};
/* clang-format on */

/* Whatever is parsed or compared of them later is in the words of that engine. */
static void
migration_mark(Migration *migration, const char *engine)
{
    migration->engine = engine;
    for (int i = 0; i < migration->section_count; i++)
        migration->sections[i].engine = engine;
}

bool
layout_read(Mem *mem, const SourceFiles *files, const char *engine,
            Migrations *migrations, Err *err)
{
    const Layout *layout = layouts;

    while (layout->claims != NULL && !layout->claims(files))
        layout++;
    if (!layout->read(mem, files, engine, migrations, err))
        return false;
    engine = mem_copy(mem, engine);
    for (int i = 0; i < migrations->count; i++)
        migration_mark(&migrations->items[i], engine);
    return true;
}

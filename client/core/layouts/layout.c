#include "core/layouts/layout.h"

/* The first that claims a folder reads it; native, the last, claims every folder. */
/* clang-format off */
static const Layout layouts[] = {
    {"native", NULL, native_read},
};
/* clang-format on */

bool
layout_read(Mem *mem, const SourceFiles *files, const char *engine,
            Migrations *migrations, Err *err)
{
    const Layout *layout = layouts;

    while (layout->claims != NULL && !layout->claims(files))
        layout++;
    return layout->read(mem, files, engine, migrations, err);
}

#include "unit/sources.h"

#include <string.h>

#include "base/buf.h"

SourceFile
source_of(Mem *mem, const char *name, const char *text)
{
    return (SourceFile){.name = mem_copy(mem, name),
                        .path = mem_text(mem, "m/%s", name),
                        .bytes = mem_copy(mem, text),
                        .length = strlen(text)};
}

SourceFiles
sources_of(Mem *mem, const char *const *names_and_texts)
{
    LIST(SourceFile) files = {0};

    for (; names_and_texts[0] != NULL; names_and_texts += 2)
        *list_add(mem, &files) = source_of(mem, names_and_texts[0], names_and_texts[1]);
    return (SourceFiles){.items = files.items, .count = files.count};
}

bool
native_folder(Mem *mem, const SourceFiles *files, const char *engine,
              Migrations *migrations, Err *err)
{
    const LayoutRequest request = {
        .files = files, .engine = engine, .layout = "native"};

    return layout_read(mem, &request, migrations, err);
}

const char *
err_line(Mem *mem, Err *err)
{
    Buf line = buf_begin(mem);

    if (err->file != NULL)
        buf_format(&line, "%s:", err->file);
    if (err->line > 0)
        buf_format(&line, "%d:", err->line);
    if (err->text != NULL)
        buf_format(&line, "%s%s", line.length == 0 ? "" : " ", err->text);
    if (err->detail != NULL)
        buf_format(&line, " | %s", err->detail);
    if (err->hint != NULL)
        buf_format(&line, " | %s", err->hint);
    err_clear(err);
    return line.text;
}

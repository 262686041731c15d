/*
 * dbmate: one file a version, with a block for each direction.
 *
 *     -- migrate:up transaction:false
 *     CREATE INDEX CONCURRENTLY ...
 *     -- migrate:down
 *
 * pgstride's own format is a superset of this, so nothing tells the folders apart: it
 * is this layout only when somebody says so, or when dbmate's history in the database
 * does (run/foreign/whose.c).
 */
#include <string.h>

#include "core/layouts/parts.h"

bool
dbmate_fits(const SourceFile *file)
{
    return name_is_sql(file->name) && strspn(file->name, "0123456789") > 0;
}

/* A block's opening line, and where it ends. */
typedef struct DbmateBlock
{
    bool down;
    bool no_transaction;
} DbmateBlock;

/* migrate:up or migrate:down, then nothing or options. */
static bool
block_read(const char *comment, DbmateBlock *block)
{
    static const char *const openings[] = {"migrate:up", "migrate:down"};

    for (int i = 0; comment != NULL && i < LENGTH(openings); i++)
    {
        size_t length = strlen(openings[i]);

        if (strncmp(comment, openings[i], length) != 0 ||
            (comment[length] != '\0' && strchr(" \t", comment[length]) == NULL))
            continue;
        *block = (DbmateBlock){
            .down = i == 1,
            .no_transaction = strstr(comment + length, "transaction:false") != NULL,
        };
        return true;
    }
    return false;
}

static bool
block_missing(const SourceFile *file, const char *direction, Err *err)
{
    err_at(err, ERR_USAGE, file->path, 0,
           "dbmate requires each migration to define %s block with '-- migrate:%s'",
           strcmp(direction, "up") == 0 ? "an up" : "a down", direction);
    return err_hint(err, "It may be empty.");
}

static bool
dbmate_sections(Mem *mem, const SourceFile *file, SectionList *sections, Err *err)
{
    MEM_SCOPE(scope, mem);
    SourceText source;
    Stretch open = {0};
    bool seen[2] = {false, false};

    if (!source_open(file, &source, err))
        return false;
    for (size_t at = 0; at < source.length; at = source_line_next(&source, at))
    {
        DbmateBlock block;

        if (!block_read(line_comment(scope, &source, at), &block))
            continue;
        if (open.file == NULL && !source_is_blank(&source, 0, at))
            return err_at(err, ERR_USAGE, file->path, 1,
                          "dbmate does not support statements preceding the "
                          "'-- migrate:up' block");
        open.until = at;
        if (open.file != NULL && !stretch_add(mem, sections, &open, err))
            return false;
        open = (Stretch){.file = file,
                         .from = source_line_next(&source, at),
                         .down = block.down,
                         .no_transaction = block.no_transaction};
        seen[block.down] = true;
    }
    if (!seen[false] || !seen[true])
        return block_missing(file, seen[false] ? "down" : "up", err);
    open.until = source.length;
    return stretch_add(mem, sections, &open, err);
}

bool
dbmate_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    MigrationList list = {0};

    for (int i = 0; i < request->files->count; i++)
    {
        const SourceFile *file = &request->files->items[i];
        SectionList sections = {0};

        if (!dbmate_fits(file))
            continue;
        if (!dbmate_sections(mem, file, &sections, err))
            return false;

        Migration *migration = list_add(mem, &list);
        char *label = name_stem(mem, file->name, ".sql");
        char *version = name_digits(mem, label);

        *migration = (Migration){
            .version = version,
            .sort_key = mem_copy(mem, file->name),
            .name = label + strlen(version) + (label[strlen(version)] == '_'),
            .label = label,
            .file = file_shown(mem, request, file),
        };
        migration_take(mem, migration, &sections);
    }
    return migrations_settle(&list, migrations, err);
}

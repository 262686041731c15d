/*
 * Atlas: VERSION_name.sql in the order of the names, sealed by atlas.sum, with
 * directives at the head of a file.
 *
 *     -- atlas:txmode none          each statement by itself
 *     -- atlas:delimiter \n\n\n     what ends a statement
 *     -- atlas:checkpoint           stands for all before it in an empty database
 */
#include <string.h>

#include "base/digest.h"
#include "core/layouts/parts.h"

static const char sum_name[] = "atlas.sum";

bool
atlas_wants(const char *name)
{
    return strcmp(name, sum_name) == 0;
}

bool
atlas_claims(const SourceFiles *files)
{
    return files_find(files, sum_name) != NULL;
}

bool
atlas_fits(const SourceFile *file)
{
    return name_is_sql(file->name);
}

/* --- atlas.sum ------------------------------------------------------------------- */

typedef struct AtlasSum
{
    const char *file;
    char base64[DIGEST_BASE64]; /* over all files up to this one */
} AtlasSum;

typedef LIST(AtlasSum) AtlasSums;

/* The directives stand before the first line that is none. */
static char *
directive_value(Mem *mem, const SourceText *source, const char *name)
{
    char *opening = mem_text(mem, "atlas:%s", name);
    size_t length = strlen(opening);

    for (size_t at = 0; at < source->length; at = source_line_next(source, at))
    {
        const char *comment = line_comment(mem, source, at);

        if (comment == NULL || strncmp(comment, "atlas:", 6) != 0)
            return NULL;
        if (strncmp(comment, opening, length) == 0 &&
            (comment[length] == '\0' || comment[length] == ' '))
            return mem_copy(mem, comment + length + (comment[length] != '\0'));
    }
    return NULL;
}

/* Each sum covers the files before it, so that none can be put in between. */
static void
sums_make(Mem *mem, const SourceFiles *files, AtlasSums *sums)
{
    Digest *running = digest_begin(mem);

    for (int i = 0; i < files->count; i++)
    {
        const SourceFile *file = &files->items[i];

        if (!name_is_sql(file->name))
            continue;

        const SourceText source = {file->bytes, file->length, 0};
        const char *sum = directive_value(mem, &source, "sum");

        digest_add(running, file->name, strlen(file->name));
        if (sum != NULL && strcmp(sum, "ignore") == 0)
            continue;
        digest_add(running, file->bytes, file->length);

        AtlasSum *entry = list_add(mem, sums);

        entry->file = file->name;
        digest_so_far(running, entry->base64);
    }
}

static char *
sums_text(Mem *mem, const AtlasSums *sums)
{
    Buf lines = buf_begin(mem);
    Digest *whole = digest_begin(mem);
    char base64[DIGEST_BASE64];

    for (int i = 0; i < sums->count; i++)
    {
        const AtlasSum *sum = &sums->items[i];

        buf_format(&lines, "%s h1:%s\n", sum->file, sum->base64);
        digest_add(whole, sum->file, strlen(sum->file));
        digest_add(whole, sum->base64, strlen(sum->base64));
    }
    digest_so_far(whole, base64);
    return mem_text(mem, "h1:%s\n%s", base64, sums->count == 0 ? "" : lines.text);
}

/* The first file whose line is not in atlas.sum: it was changed, or put in. */
static const char *
first_changed(Mem *mem, const AtlasSums *sums, const char *sealed)
{
    for (int i = 0; i < sums->count; i++)
    {
        const AtlasSum *sum = &sums->items[i];

        if (strstr(sealed, mem_text(mem, "%s h1:%s\n", sum->file, sum->base64)) == NULL)
            return sum->file;
    }
    return NULL;
}

static bool
sums_check(const LayoutRequest *request, const AtlasSums *sums, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const SourceFile *sealed = files_find(request->files, sum_name);

    if (sealed == NULL)
        return err_set(err, ERR_REFUSED, "checksum file not found") ||
               err_hint(err, "Seal the folder: atlas migrate hash.");
    if (strcmp(sums_text(scope, sums), sealed->bytes) == 0)
        return true;

    const char *changed = first_changed(scope, sums, sealed->bytes);

    err_at(err, ERR_REFUSED, sealed->path, 0,
           "You have a checksum error in your migration directory.");
    err_detail(err,
               changed != NULL ? "the first file that it does not cover as it is: %s"
                               : "a file that it covers is gone%s",
               changed == NULL ? "" : changed);
    return err_hint(err, "Put the files back as they were; or, if they are right, seal "
                         "them again: atlas migrate hash.");
}

/* --- files ----------------------------------------------------------------------- */

/* "\n" and "\t" as they are written in the directive. */
static char *
delimiter_read(Mem *mem, const char *written)
{
    Buf text = buf_begin(mem);

    for (const char *c = written; *c != '\0'; c++)
    {
        bool escape = c[0] == '\\' && strchr("nrt", c[1]) != NULL && c[1] != '\0';

        buf_add(&text, escape ? (c[1] == 'n'   ? "\n"
                                 : c[1] == 't' ? "\t"
                                               : "\r")
                              : mem_slice(mem, c, 1));
        c += escape;
    }
    return text.text;
}

/* A semicolon instead of every delimiter, and as many lines as there were. */
static char *
delimiters_replace(Mem *mem, const SourceText *source, const char *delimiter)
{
    Buf text = buf_begin(mem);
    const char *all = mem_slice(mem, source->text, source->length);
    const char *at;

    buf_add(&text, "");
    while (delimiter[0] != '\0' && (at = strstr(all, delimiter)) != NULL)
    {
        buf_bytes(&text, all, (size_t)(at - all));
        buf_add(&text, "\n;");
        for (const char *c = delimiter; *c != '\0'; c++)
            if (*c == '\n')
                buf_add(&text, "\n");
        all = at + strlen(delimiter);
    }
    buf_add(&text, all);
    return text.text;
}

static bool
atlas_sections(Mem *mem, const SourceFile *file, const SourceText *source,
               SectionList *sections, Err *err)
{
    const char *mode = directive_value(mem, source, "txmode");
    const char *delimiter = directive_value(mem, source, "delimiter");
    const Stretch stretch = {
        .file = file,
        .no_transaction = mode != NULL && strcmp(mode, "none") == 0,
        .text = delimiter == NULL
                    ? NULL
                    : delimiters_replace(mem, source, delimiter_read(mem, delimiter)),
    };

    return stretch_add(mem, sections, &stretch, err);
}

static bool
atlas_add(Mem *mem, const SourceFile *file, const AtlasSums *sums, MigrationList *list,
          Err *err)
{
    MEM_SCOPE(scope, mem);
    SectionList sections = {0};
    SourceText source;

    if (!source_open(file, &source, err) ||
        !atlas_sections(mem, file, &source, &sections, err))
        return false;

    Migration *migration = list_add(mem, list);
    char *label = name_stem(mem, file->name, ".sql");
    size_t version = strcspn(label, "_");

    *migration = (Migration){
        .version = mem_slice(mem, label, version),
        .sort_key = mem_copy(mem, file->name),
        .name = label + version + (label[version] == '_'),
        .label = label,
        .file = mem_copy(mem, file->name),
        .shortcut = directive_value(scope, &source, "checkpoint") != NULL,
    };
    for (int i = 0; i < sums->count; i++)
        if (strcmp(sums->items[i].file, file->name) == 0)
            migration->checksum = mem_copy(mem, sums->items[i].base64);
    migration_take(mem, migration, &sections);
    return true;
}

bool
atlas_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    MEM_SCOPE(scope, mem);
    MigrationList list = {0};
    AtlasSums sums = {0};

    sums_make(scope, request->files, &sums);
    if (!sums_check(request, &sums, err))
        return false;
    for (int i = 0; i < request->files->count; i++)
        if (name_is_sql(request->files->items[i].name) &&
            !atlas_add(mem, &request->files->items[i], &sums, &list, err))
            return false;
    return migrations_settle(&list, migrations, err);
}

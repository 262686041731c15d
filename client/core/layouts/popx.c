/*
 * popx, the runner inside Kratos and Hydra: one file a direction, with files for an
 * engine before generic ones, and versions ordered as the texts that they are. Of
 * several folders the earlier one hides what the later ones have of the same version.
 *
 *     20150100000001000000_networks.up.sql
 *     20150100000001000000_networks.postgres.up.sql         beats the generic one
 *     20230313141439000000_index.postgres.autocommit.up.sql each statement by itself
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/layouts/builtin.h"
#include "core/layouts/parts.h"

typedef struct PopxName
{
    const SourceFile *file;
    char *version;
    char *name;
    const char *engine; /* NULL: for every engine */
    bool known;         /* ... and one that there is */
    bool autocommit;
    bool down;
} PopxName;

typedef LIST(PopxName) PopxNames;

/* The word behind the last dot, cut off. */
static char *
word_cut(Mem *mem, char *stem)
{
    char *dot = strrchr(stem, '.');

    if (dot == NULL)
        return NULL;

    char *word = mem_copy(mem, dot + 1);

    *dot = '\0';
    return word;
}

static bool
word_is_plain(const char *word)
{
    for (const char *c = word; *c != '\0'; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c))
            return false;
    return word[0] != '\0';
}

/* VERSION_NAME[.ENGINE][.autocommit].(up|down).sql, read from its end. */
static bool
popx_name_read(Mem *mem, const char *path, PopxName *name)
{
    const char *base = name_base(path);

    if (!name_is_sql(base))
        return false;

    char *stem = name_stem(mem, base, ".sql");
    char *word = word_cut(mem, stem);

    *name = (PopxName){.known = true};
    if (word == NULL || (strcmp(word, "up") != 0 && strcmp(word, "down") != 0))
        return false;
    name->down = strcmp(word, "down") == 0;
    word = word_cut(mem, stem);
    name->autocommit = word != NULL && strcmp(word, "autocommit") == 0;
    if (name->autocommit)
        word = word_cut(mem, stem);
    if (word != NULL && strcmp(word, "all") != 0)
    {
        name->engine = word_engine(word);
        name->known = name->engine != NULL;
    }
    name->version = name_digits(mem, stem);
    name->name = stem + strlen(name->version) + 1;
    return name->version[0] != '\0' && name->name[-1] == '_' && name->name[0] != '\0' &&
           strchr(stem, '.') == NULL && (word == NULL || word_is_plain(word));
}

/* In subfolders too, wherever they are. */
bool
popx_wants(const char *name)
{
    MEM_SCOPE(scope, NULL);
    PopxName parts;

    return popx_name_read(scope, name, &parts);
}

bool
popx_fits(const SourceFile *file)
{
    return popx_wants(file->name);
}

/* golang-migrate keeps 64 bits; the dates of Kratos and Hydra have 20 digits. */
static bool
version_is_long(const char *version)
{
    static const char most[] = "18446744073709551615";
    size_t length = strlen(version);

    return length > LENGTH(most) - 1 ||
           (length == LENGTH(most) - 1 && strcmp(version, most) > 0);
}

/* One says what no other runner's name says. Those in subfolders speak for the folder
 * only where nothing is above them. */
bool
popx_claims(const SourceFiles *files)
{
    MEM_SCOPE(scope, NULL);
    PopxName name;
    bool above = false;
    bool told[2] = {false, false};

    for (int i = 0; i < files->count; i++)
    {
        const char *path = files->items[i].name;
        bool within = strchr(path, '/') != NULL;

        above = above || name_is_sql(path);
        if (popx_name_read(scope, path, &name))
            told[within] = told[within] || name.engine != NULL || name.autocommit ||
                           version_is_long(name.version);
    }
    return told[above ? 0 : 1];
}

static int
popx_order(const void *left, const void *right)
{
    const PopxName *a = left;
    const PopxName *b = right;
    int by_version = strcmp(a->version, b->version);

    if (by_version != 0)
        return by_version;
    return a->file->location != b->file->location
               ? a->file->location - b->file->location
               : strcmp(a->file->name, b->file->name);
}

/* How well a file serves an engine: its own before generic; 0: not at all. */
static int
popx_rank(const PopxName *name, const char *engine)
{
    if (!name->known)
        return 0;
    if (name->engine == NULL)
        return 1;
    if (strcmp(name->engine, engine) == 0)
        return 3;
    return strcmp(engine, "yugabyte") == 0 && strcmp(name->engine, "postgres") == 0 ? 2
                                                                                    : 0;
}

/* The files of one version. */
typedef struct PopxGroup
{
    const PopxName *names;
    int count;
    const char *engine;
} PopxGroup;

static const PopxName *
popx_best(const PopxGroup *group, bool down)
{
    const PopxName *best = NULL;
    int rank = 0;

    for (int i = 0; i < group->count; i++)
    {
        const PopxName *name = &group->names[i];

        if (name->down != down || popx_rank(name, group->engine) <= rank)
            continue;
        best = name;
        rank = popx_rank(name, group->engine);
    }
    return best;
}

static bool
popx_check_down(const PopxGroup *group, const PopxName *up, Err *err)
{
    for (int i = 0; i < group->count; i++)
        if (group->names[i].down)
            return true;
    err_at(err, ERR_REFUSED, up->file->path, 0,
           "migration %s has no corresponding down migration", up->version);
    return err_hint(err, "Write %s_%s.down.sql; it may be empty.", up->version,
                    up->name);
}

static bool
popx_section(Mem *mem, const PopxName *name, SectionList *sections, Err *err)
{
    const Stretch stretch = {.file = name == NULL ? NULL : name->file,
                             .down = name != NULL && name->down,
                             .no_transaction = name != NULL && name->autocommit};

    return name == NULL || stretch_add(mem, sections, &stretch, err);
}

static bool
popx_add(Mem *mem, const LayoutRequest *request, const PopxGroup *group,
         MigrationList *list, Err *err)
{
    const PopxName *up = popx_best(group, false);
    SectionList sections = {0};

    if (up == NULL)
        return true; /* of other engines, or a way down alone */
    if (!popx_check_down(group, up, err) || !popx_section(mem, up, &sections, err) ||
        !popx_section(mem, popx_best(group, true), &sections, err))
        return false;

    Migration *migration = list_add(mem, list);

    *migration = (Migration){
        .version = mem_copy(mem, up->version),
        .sort_key = mem_copy(mem, up->version),
        .name = mem_copy(mem, up->name),
        .label = mem_text(mem, "%s_%s", up->version, up->name),
        .file = file_shown(mem, request, up->file),
    };
    migration_take(mem, migration, &sections);
    return true;
}

bool
popx_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    MEM_SCOPE(scope, mem);
    PopxNames names = {0};
    MigrationList list = {0};

    for (int i = 0; i < request->files->count; i++)
    {
        PopxName name;

        if (!popx_name_read(scope, request->files->items[i].name, &name))
            continue;
        name.file = &request->files->items[i];
        *list_add(scope, &names) = name;
    }
    if (names.count > 0)
        qsort(names.items, (size_t)names.count, sizeof(PopxName), popx_order);
    for (int at = 0, end; at < names.count; at = end)
    {
        for (end = at; end < names.count &&
                       strcmp(names.items[end].version, names.items[at].version) == 0;)
            end++;

        PopxGroup group = {&names.items[at], end - at, request->engine};

        if (!popx_add(mem, request, &group, &list, err))
            return false;
    }
    return builtin_add(mem, request, &list, err) &&
           migrations_settle(&list, migrations, err);
}

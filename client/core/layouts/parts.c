#include "core/layouts/parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char digits[] = "0123456789";

/* --- names ----------------------------------------------------------------------- */

bool
name_ends(const char *name, const char *ending)
{
    size_t length = strlen(name);
    size_t end = strlen(ending);

    return length >= end && strcmp(name + length - end, ending) == 0;
}

bool
name_is_sql(const char *name)
{
    return strchr(name, '/') == NULL && name_ends(name, ".sql");
}

const char *
name_base(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash == NULL ? name : slash + 1;
}

char *
name_stem(Mem *mem, const char *name, const char *ending)
{
    return mem_slice(mem, name,
                     strlen(name) - (name_ends(name, ending) ? strlen(ending) : 0));
}

char *
name_digits(Mem *mem, const char *name)
{
    return mem_slice(mem, name, strspn(name, digits));
}

char *
number_key(Mem *mem, const char *number)
{
    const char *first = number + strspn(number, "0");

    return mem_text(mem, "%05d.%s", (int)strlen(first), first);
}

/* Tests beside them are no migrations. */
bool
name_is_program(const char *name)
{
    static const char *const endings[] = {".go", ".java", ".kt", ".ts",
                                          ".js", ".py",   ".rb"};
    const char *base = name_base(name);
    bool numbered = base[0] != '\0' && strspn(base, digits) > 0 && base == name;
    bool versioned =
        strchr("VRU", base[0]) != NULL && base[0] != '\0' && strstr(base, "__") != NULL;

    if ((!numbered && !versioned) || name_ends(name, "_test.go") ||
        name_ends(name, ".d.ts"))
        return false;
    for (int i = 0; i < LENGTH(endings); i++)
        if (name_ends(name, endings[i]))
            return true;
    return false;
}

const SourceFile *
files_find(const SourceFiles *files, const char *name)
{
    for (int i = 0; i < files->count; i++)
        if (strcmp(files->items[i].name, name) == 0)
            return &files->items[i];
    return NULL;
}

const SourceFile *
files_beside(const SourceFiles *files, const SourceFile *file, const char *ending)
{
    size_t length = strlen(file->name);

    for (int i = 0; i < files->count; i++)
    {
        const SourceFile *other = &files->items[i];

        if (other->location == file->location &&
            strncmp(other->name, file->name, length) == 0 &&
            strcmp(other->name + length, ending) == 0)
            return other;
    }
    return NULL;
}

char *
file_shown(Mem *mem, const LayoutRequest *request, const SourceFile *file)
{
    return mem_copy(mem, request->files->locations > 1 ? file->path : file->name);
}

typedef struct EngineWord
{
    const char *word;
    const char *engine;
} EngineWord;

/* clang-format off */
static const EngineWord engine_words[] = {
    {"postgres",    "postgres"},  {"postgresql",   "postgres"},  {"pg",       "postgres"},
    {"pgx",         "postgres"},  {"cockroach",    "cockroach"}, {"crdb",     "cockroach"},
    {"cockroachdb", "cockroach"}, {"mysql",        "mysql"},     {"mariadb",  "mariadb"},
    {"sqlite3",     "sqlite3"},   {"sqlite",       "sqlite3"},   {"yugabyte", "yugabyte"},
    {"yugabytedb",  "yugabyte"},  {"h2",           "h2"},
};
/* clang-format on */

const char *
word_engine(const char *word)
{
    for (int i = 0; i < LENGTH(engine_words); i++)
        if (strcasecmp(engine_words[i].word, word) == 0)
            return engine_words[i].engine;
    return NULL;
}

/* --- sections -------------------------------------------------------------------- */

bool
stretch_add(Mem *mem, SectionList *sections, const Stretch *stretch, Err *err)
{
    SourceText source;

    if (!source_open(stretch->file, &source, err))
        return false;

    Section *section = list_add(mem, sections);
    size_t until = stretch->until == 0 ? source.length : stretch->until;
    int line = 1 + source_lines(&source, 0, stretch->from);

    *section = (Section){
        .phase = PHASE_UP,
        .down = stretch->down,
        .file = mem_copy(mem, stretch->file->path),
        .text = stretch->text != NULL ? mem_copy(mem, stretch->text)
                                      : mem_slice(mem, source.text + stretch->from,
                                                  until - stretch->from),
        .text_offset = source.offset + (int)stretch->from,
        .text_line = line,
        .options = {.no_transaction = stretch->no_transaction, .verbatim = true},
    };
    section->span = (Span){section->file, line, section->text_offset, 0};
    return true;
}

char *
line_comment(Mem *mem, const SourceText *source, size_t offset)
{
    size_t end = source_line_end(source, offset);

    if (end < offset + 2 || memcmp(source->text + offset, "--", 2) != 0)
        return NULL;
    offset += 2;
    while (offset < end && strchr(" \t", source->text[offset]) != NULL)
        offset++;
    while (end > offset && strchr(" \t", source->text[end - 1]) != NULL)
        end--;
    return mem_slice(mem, source->text + offset, end - offset);
}

bool
source_is_blank(const SourceText *source, size_t from, size_t until)
{
    for (size_t at = from; at < until; at = source_line_next(source, at))
    {
        size_t end = source_line_end(source, at);
        size_t code = at;

        while (code < end && strchr(" \t", source->text[code]) != NULL)
            code++;
        if (code < end && (end - code < 2 || memcmp(source->text + code, "--", 2) != 0))
            return false;
        if (source_line_next(source, at) == at)
            break;
    }
    return true;
}

/* --- migrations ------------------------------------------------------------------ */

void
note_add(Mem *mem, Migrations *migrations, const char *note)
{
    const char **notes = mem_array(mem, const char *, migrations->note_count + 1);

    for (int i = 0; i < migrations->note_count; i++)
        notes[i] = migrations->notes[i];
    notes[migrations->note_count++] = note;
    migrations->notes = notes;
}

static int
migration_order(const void *left, const void *right)
{
    const Migration *a = left;
    const Migration *b = right;
    int by_key = strcmp(a->sort_key, b->sort_key);

    return by_key != 0 ? by_key : strcmp(a->file, b->file);
}

bool
migrations_settle(MigrationList *list, Migrations *migrations, Err *err)
{
    if (list->count > 0)
        qsort(list->items, (size_t)list->count, sizeof(Migration), migration_order);
    for (int i = 1; i < list->count; i++)
    {
        const Migration *one = &list->items[i - 1];
        const Migration *other = &list->items[i];

        if (strcmp(one->sort_key, other->sort_key) != 0)
            continue;
        err_set(err, ERR_REFUSED, "duplicate migration file: %s", other->file);
        err_detail(err, "\"%s\" and \"%s\" are both version %s", one->file, other->file,
                   one->version);
        return err_hint(err, "Give one of them another version.");
    }
    migrations->items = list->items;
    migrations->count = list->count;
    return true;
}

static bool
goes_forward(const SectionList *sections)
{
    for (int i = 0; i < sections->count; i++)
        if (!sections->items[i].down)
            return true;
    return false;
}

/* Forward before back, as everywhere. */
static int
section_order(const void *left, const void *right)
{
    const Section *a = left;
    const Section *b = right;

    return section_rank(a->phase, a->down) - section_rank(b->phase, b->down);
}

void
migration_take(Mem *mem, Migration *migration, const SectionList *sections)
{
    SectionList all = *sections;

    if (!goes_forward(&all))
    {
        const char *file = all.count > 0 ? all.items[0].file : migration->file;

        *list_add(mem, &all) = (Section){.phase = PHASE_UP,
                                         .text = "",
                                         .text_line = 1,
                                         .file = file,
                                         .span = {file, 1, 0, 0}};
    }
    qsort(all.items, (size_t)all.count, sizeof(Section), section_order);
    migration->sections = all.items;
    migration->section_count = all.count;
}

#include "core/layouts/native_name.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "core/files/version.h"

typedef struct EngineTag
{
    const char *tag;
    const char *engine;
} EngineTag;

typedef struct PartName
{
    const char *text;
    FilePart part;
} PartName;

/* clang-format off */
static const EngineTag engine_tags[] = {
    {"postgres",  "postgres"},
    {"cockroach", "cockroach"},
    {"mysql",     "mysql"},
    {"sqlite3",   "sqlite3"},
    {"sqlite",    "sqlite3"},
};
static const PartName part_names[] = {
    {"",               {true,  PHASE_UP,       false}},
    {".up",            {false, PHASE_UP,       false}},
    {".down",          {false, PHASE_UP,       true}},
    {".expand",        {false, PHASE_EXPAND,   false}},
    {".expand.down",   {false, PHASE_EXPAND,   true}},
    {".backfill",      {false, PHASE_BACKFILL, false}},
    {".backfill.down", {false, PHASE_BACKFILL, true}},
    {".contract",      {false, PHASE_CONTRACT, false}},
    {".contract.down", {false, PHASE_CONTRACT, true}},
};
/* What may stand between dots, for "did you mean". */
static const char *const words[] = {"up", "down", "expand", "backfill", "contract",
                                    "postgres", "cockroach", "mysql", "sqlite3"};
/* clang-format on */

static const char ending[] = ".sql";

static bool
ends_so(const char *name, bool any_case)
{
    size_t length = strlen(name);
    const char *end = length < strlen(ending) ? "" : name + length - strlen(ending);

    return any_case ? strcasecmp(end, ending) == 0 : strcmp(end, ending) == 0;
}

bool
native_concerns(const SourceFile *file)
{
    return file->name[0] != '.' && strchr(file->name, '/') == NULL &&
           ends_so(file->name, true);
}

bool
native_name_phased(const char *name)
{
    for (int i = 0; i < LENGTH(part_names); i++)
    {
        const PartName *part = &part_names[i];
        char last[32];

        snprintf(last, sizeof(last), "%s.sql", part->text);
        if (part->part.phase != PHASE_UP && strlen(name) > strlen(last) &&
            strcmp(name + strlen(name) - strlen(last), last) == 0)
            return true;
    }
    return false;
}

/* What only looks like one, in a string, is a reason to look closer all the same. */
bool
native_directed(const SourceFile *file)
{
    static const char *const openings[] = {"-- migrate:", "-- pgstride:"};

    for (int i = 0; file->bytes != NULL && i < LENGTH(openings); i++)
    {
        const char *at = file->bytes;

        while ((at = strstr(at, openings[i])) != NULL)
        {
            if (at == file->bytes || at[-1] == '\n' || at[-1] == '\r' ||
                (at == file->bytes + 3 && (unsigned char)at[-1] == 0xBF))
                return true;
            at++;
        }
    }
    return false;
}

/* The engine that a tag stands for, or NULL: "sqlite" is "sqlite3". */
static const char *
native_engine(const char *tag)
{
    for (int i = 0; i < LENGTH(engine_tags); i++)
    {
        if (strcmp(engine_tags[i].tag, tag) == 0)
            return engine_tags[i].engine;
    }
    return NULL;
}

static const PartName *
part_find(const char *text)
{
    for (int i = 0; i < LENGTH(part_names); i++)
    {
        if (strcmp(part_names[i].text, text) == 0)
            return &part_names[i];
    }
    return NULL;
}

static bool
is_word(const char *text)
{
    for (int i = 0; i < LENGTH(words); i++)
    {
        if (strcmp(words[i], text) == 0)
            return true;
    }
    return native_engine(text) != NULL;
}

/* The first of the dotted words that is none of ours. */
static const char *
strange_word(Mem *mem, const char *dotted)
{
    while (*dotted == '.')
    {
        const char *word = mem_slice(mem, dotted + 1, strcspn(dotted + 1, "."));

        if (!is_word(word))
            return word;
        dotted += 1 + strlen(word);
    }
    return NULL;
}

static bool
refuse_name(const SourceFile *file, const char *dotted, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *strange = strange_word(scope, dotted);
    const char *nearest =
        strange == NULL ? NULL : nearest_name(strange, words, LENGTH(words));

    err_at(err, ERR_USAGE, file->path, 0, "\"%s\" is not named like a migration",
           file->name);
    if (strange != NULL)
        err_detail(err, "\"%s\" is neither a section nor an engine", strange);
    if (nearest != NULL)
        return err_hint(err, "Did you mean \"%s\"?", nearest);
    return err_hint(
        err, "Name it VERSION_name.sql; VERSION_name.up.sql and .down.sql; or "
             "VERSION_name.expand.sql, .backfill.sql, .contract.sql, .PHASE.down.sql. "
             "An engine may stand before the section: .postgres.up.sql.");
}

static bool
has_control_byte(const char *text)
{
    for (; *text != '\0'; text++)
    {
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    }
    return false;
}

/* VERSION_name, before the first dot. */
static bool
read_label(Mem *mem, const char *label, NativeName *name)
{
    size_t digits = strspn(label, "0123456789");

    name->label = label;
    name->version = mem_slice(mem, label, digits);
    name->name = label[digits] == '_' ? label + digits + 1 : "";
    return digits > 0 && name->name[0] != '\0' && !has_control_byte(name->name);
}

bool
native_name_read(Mem *mem, const SourceFile *file, NativeName *name, Err *err)
{
    size_t label = strcspn(file->name, ".");
    const char *dotted =
        mem_slice(mem, file->name + label, strlen(file->name) - label - strlen(ending));
    const char *part_text = dotted;

    *name = (NativeName){.file = file};
    if (*dotted == '.')
    {
        size_t word = strcspn(dotted + 1, ".");

        name->engine = native_engine(mem_slice(mem, dotted + 1, word));
        part_text += name->engine == NULL ? 0 : 1 + word;
    }
    const PartName *part = part_find(part_text);

    if (!ends_so(file->name, false) || part == NULL ||
        !read_label(mem, mem_slice(mem, file->name, label), name))
        return refuse_name(file, dotted, err);
    name->part = part->part;
    name->sort_key = version_sort_key(mem, name->version);
    return true;
}

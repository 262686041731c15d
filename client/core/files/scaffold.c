#include "core/files/scaffold.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"

enum
{
    NAME_LONGEST = 120 /* leaves room for version and endings in 255 bytes */
};

typedef struct ScaffoldSection
{
    bool phased;
    bool undo;
    const char *part;      /* of a split file's name */
    const char *directive; /* of the same section in a single file */
    const char *comment;
} ScaffoldSection;

/* clang-format off */
static const ScaffoldSection scaffold_sections[] = {
    {false, false, "up",          "-- migrate:up",
     "-- Plain SQL. Statements that would block the application are made safe.\n"},
    {false, true,  "down",        "-- migrate:down",
     "-- Takes all of it back.\n"},
    {true,  false, "expand",      "-- migrate:expand",
     "-- Adds the new shape beside the old one: old code goes on working.\n"},
    {true,  false, "backfill",    "-- migrate:backfill",
     "-- One UPDATE or DELETE, as for a small table: pgstride runs it in batches.\n"},
    {true,  false, "contract",    "-- migrate:contract",
     "-- Takes the old shape away, once no code uses it any more.\n"},
    {true,  true,  "expand.down", "-- migrate:down expand",
     "-- Takes back what expand added.\n"},
};
/* clang-format on */

char *
scaffold_version(Mem *mem, int64_t wall_us)
{
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm utc;
    char text[32];

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof(text), "%Y%m%d%H%M%S", &utc);
    return mem_copy(mem, text);
}

/* Lower-case letters and digits; everything else, however long, is one underscore. */
static char *
slug_make(Mem *mem, const char *name)
{
    Buf slug = buf_begin(mem);

    for (; *name != '\0'; name++)
    {
        char letter = (char)tolower((unsigned char)*name);
        bool plain = isascii((unsigned char)letter) && isalnum((unsigned char)letter);

        if (plain)
            buf_bytes(&slug, &letter, 1);
        else if (slug.length > 0 && slug.text[slug.length - 1] != '_')
            buf_add(&slug, "_");
    }
    if (slug.length > 0 && slug.text[slug.length - 1] == '_')
        slug.text[--slug.length] = '\0';
    return slug.text;
}

static bool
wish_check(const ScaffoldWish *wish, const char *slug, Err *err)
{
    if (wish->name == NULL)
    {
        err_set(err, ERR_USAGE, "a new migration needs a name");
        return err_hint(err, "For example: pgstride new add_role.");
    }
    if (slug[0] == '\0')
        return err_set(err, ERR_USAGE, "the name \"%s\" has no letter and no digit",
                       wish->name);
    if (strlen(slug) > NAME_LONGEST)
        return err_set(err, ERR_USAGE, "the name is longer than %d bytes",
                       NAME_LONGEST);
    if (wish->up_only && wish->phases)
        return err_set(err, ERR_USAGE, "--up-only and --phases exclude each other");
    return true;
}

static bool
section_wanted(const ScaffoldWish *wish, const ScaffoldSection *section)
{
    return section->phased == wish->phases && !(section->undo && wish->up_only);
}

static void
scaffold_add(Scaffold *scaffold, const char *name, const char *text)
{
    scaffold->files[scaffold->count++] = (ScaffoldFile){name, text};
}

bool
scaffold_make(Mem *mem, const ScaffoldWish *wish, Scaffold *scaffold, Err *err)
{
    const char *slug = slug_make(mem, wish->name == NULL ? "" : wish->name);
    Buf single = buf_begin(mem);

    if (!wish_check(wish, slug, err))
        return false;
    *scaffold = (Scaffold){
        .version = scaffold_version(mem, wish->wall_us),
        .files = mem_array(mem, ScaffoldFile, LENGTH(scaffold_sections)),
    };
    for (int i = 0; i < LENGTH(scaffold_sections); i++)
    {
        const ScaffoldSection *section = &scaffold_sections[i];

        if (!section_wanted(wish, section))
            continue;
        if (wish->split)
            scaffold_add(
                scaffold,
                mem_text(mem, "%s_%s.%s.sql", scaffold->version, slug, section->part),
                mem_text(mem, "%s\n%s", section->directive, section->comment));
        buf_format(&single, "%s%s\n%s", single.length == 0 ? "" : "\n",
                   section->directive, section->comment);
    }
    if (!wish->split)
        scaffold_add(scaffold, mem_text(mem, "%s_%s.sql", scaffold->version, slug),
                     single.text);
    return true;
}

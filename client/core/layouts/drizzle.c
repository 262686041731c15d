/*
 * drizzle, as drizzle-kit writes it: a journal that orders NNNN_name.sql files, or,
 * from 1.0 on, a folder for each migration. A way back, which drizzle knows none, is
 * read from NNNN_name.down.sql, or down.sql in the folder.
 */
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "base/digest.h"
#include "core/layouts/parts.h"

static const char journal_name[] = "meta/_journal.json";
static const char breakpoint[] = "--> statement-breakpoint";

/* A statement ends there, with or without a semicolon before it. */
static char *
without_breakpoints(Mem *mem, const SourceText *source)
{
    char *text = mem_slice(mem, source->text, source->length);
    char *at = text;

    while ((at = strstr(at, breakpoint)) != NULL)
    {
        memset(at, ' ', strlen(breakpoint));
        *at = ';';
    }
    return text;
}

static bool
section_add(Mem *mem, const SourceFile *file, bool down, SectionList *sections,
            Err *err)
{
    SourceText source;

    if (!source_open(file, &source, err))
        return false;

    const Stretch stretch = {
        .file = file, .down = down, .text = without_breakpoints(mem, &source)};

    return stretch_add(mem, sections, &stretch, err);
}

/* One migration: its file, and its way back where there is one. */
typedef struct DrizzleEntry
{
    const SourceFile *file;
    const SourceFile *down; /* or NULL */
    char *version;
    char *sort_key;
    char *label;
    int64_t made_ms;
} DrizzleEntry;

static bool
entry_add(Mem *mem, const DrizzleEntry *entry, MigrationList *list, Err *err)
{
    SectionList sections = {0};
    char hash[DIGEST_HEX];

    if (!section_add(mem, entry->file, false, &sections, err) ||
        (entry->down != NULL && !section_add(mem, entry->down, true, &sections, err)))
        return false;
    digest_text(entry->file->bytes, entry->file->length, hash);

    Migration *migration = list_add(mem, list);
    size_t version = strlen(entry->version);
    bool numbered = strncmp(entry->label, entry->version, version) == 0 &&
                    entry->label[version] == '_';

    *migration = (Migration){
        .version = entry->version,
        .sort_key = entry->sort_key,
        .name = entry->label + (numbered ? version + 1 : 0),
        .label = entry->label,
        .file = mem_copy(mem, entry->file->name),
        .checksum = mem_copy(mem, hash),
        .made_ms = entry->made_ms,
    };
    migration_take(mem, migration, &sections);
    return true;
}

/* Files that drizzle-kit made for people to fill may well have one text. */
static void
twins_tell(MigrationList *list)
{
    for (int i = 0; i < list->count; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(list->items[i].checksum, list->items[j].checksum) == 0)
                list->items[i].twin = list->items[j].twin = true;
}

/* --- with a journal -------------------------------------------------------------- */

bool
drizzle_wants(const char *name)
{
    return strcmp(name, journal_name) == 0;
}

bool
drizzle_claims(const SourceFiles *files)
{
    return files_find(files, journal_name) != NULL;
}

/* What the journal does not name is ignored. */
bool
drizzle_fits(const SourceFile *file)
{
    return name_is_sql(file->name);
}

static bool
journal_broken(const SourceFile *file, const char *why, Err *err)
{
    return err_at(err, ERR_USAGE, file->path, 0, "this is no journal of drizzle: %s",
                  why);
}

static bool
journal_entry(Mem *mem, const LayoutRequest *request, const SourceFile *journal,
              const json_t *object, MigrationList *list, Err *err)
{
    const char *tag = json_string_value(json_object_get(object, "tag"));
    DrizzleEntry entry = {
        .sort_key = mem_text(mem, "%010d", list->count),
        .made_ms = (int64_t)json_integer_value(json_object_get(object, "when")),
    };

    if (tag == NULL)
        return journal_broken(journal, "an entry has no tag", err);
    entry.label = mem_copy(mem, tag);
    entry.version = name_digits(mem, tag);
    if (entry.version[0] == '\0')
        entry.version = entry.label;
    entry.file = files_find(request->files, mem_text(mem, "%s.sql", tag));
    entry.down = files_find(request->files, mem_text(mem, "%s.down.sql", tag));
    if (entry.file == NULL)
        return err_at(err, ERR_REFUSED, journal->path, 0,
                      "No file %s.sql found, and the journal names it", tag) ||
               err_hint(err, "Bring the file back, or let drizzle-kit write the "
                             "journal again.");
    return entry_add(mem, &entry, list, err);
}

/* It has no dialect for them, and reaches them by that of another. */
static const struct
{
    const char *engine;
    const char *dialect;
} spoken[] = {{"cockroach", "postgres"}};

static bool
dialect_fits(const char *dialect, const char *engine)
{
    bool fits = strcmp(dialect, engine) == 0;

    for (int i = 0; i < LENGTH(spoken); i++)
        fits = fits || (strcmp(spoken[i].engine, engine) == 0 &&
                        strcmp(spoken[i].dialect, dialect) == 0);
    return fits;
}

static bool
journal_dialect(const LayoutRequest *request, const SourceFile *file,
                const json_t *journal, Err *err)
{
    const char *dialect = json_string_value(json_object_get(journal, "dialect"));
    const char *engine = dialect == NULL ? NULL : word_engine(dialect);

    if (engine == NULL || dialect_fits(engine, request->engine))
        return true;
    err_at(err, ERR_REFUSED, file->path, 0, "these migrations are for %s, not for %s",
           dialect, request->engine);
    return err_hint(err, "Point --dir to the folder of this database.");
}

static bool
journal_read(Mem *mem, const LayoutRequest *request, const SourceFile *file,
             const json_t *journal, MigrationList *list, Err *err)
{
    const json_t *entries = json_object_get(journal, "entries");

    if (!journal_dialect(request, file, journal, err))
        return false;
    if (!json_is_array(entries))
        return journal_broken(file, "it has no entries", err);
    for (size_t i = 0; i < json_array_size(entries); i++)
        if (!journal_entry(mem, request, file, json_array_get(entries, i), list, err))
            return false;
    return true;
}

bool
drizzle_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    const SourceFile *file = files_find(request->files, journal_name);
    MigrationList list = {0};
    json_error_t why;

    if (file == NULL || file->bytes == NULL)
        return err_set(err, ERR_REFUSED, "Can't find meta/_journal.json file");

    json_t *journal = json_loadb(file->bytes, file->length, 0, &why);
    bool good = journal != NULL ? journal_read(mem, request, file, journal, &list, err)
                                : journal_broken(file, why.text, err);

    json_decref(journal);
    twins_tell(&list);
    return good && migrations_settle(&list, migrations, err);
}

/* --- with folders ---------------------------------------------------------------- */

enum
{
    STAMP_DIGITS = 14 /* YYYYMMDDHHMMSS */
};

/* STAMP_name/LAST. */
static bool
folder_named(const char *name, const char *last)
{
    const char *slash = strchr(name, '/');

    return strspn(name, "0123456789") == STAMP_DIGITS && name[STAMP_DIGITS] == '_' &&
           slash != NULL && strcmp(slash + 1, last) == 0;
}

bool
drizzle_folders_wants(const char *name)
{
    return folder_named(name, "migration.sql") || folder_named(name, "down.sql");
}

bool
drizzle_folders_fits(const SourceFile *file)
{
    return drizzle_folders_wants(file->name);
}

bool
drizzle_folders_claims(const SourceFiles *files)
{
    for (int i = 0; i < files->count; i++)
        if (folder_named(files->items[i].name, "migration.sql"))
            return true;
    return false;
}

static int64_t
stamp_ms(const char *stamp)
{
    struct tm when = {0};

    if (strptime(stamp, "%Y%m%d%H%M%S", &when) == NULL)
        return 0;
    return (int64_t)timegm(&when) * 1000;
}

bool
drizzle_folders_read(Mem *mem, const LayoutRequest *request, Migrations *migrations,
                     Err *err)
{
    MigrationList list = {0};

    for (int i = 0; i < request->files->count; i++)
    {
        const SourceFile *file = &request->files->items[i];

        if (!folder_named(file->name, "migration.sql"))
            continue;

        char *label = name_stem(mem, file->name, "/migration.sql");
        DrizzleEntry entry = {
            .file = file,
            .down = files_find(request->files, mem_text(mem, "%s/down.sql", label)),
            .version = mem_slice(mem, label, STAMP_DIGITS),
            .sort_key = label,
            .label = label,
        };

        entry.made_ms = stamp_ms(entry.version);
        if (!entry_add(mem, &entry, &list, err))
            return false;
    }
    twins_tell(&list);
    return migrations_settle(&list, migrations, err);
}

/*
 * Flyway: versioned, repeatable, baseline and undo migrations, in subfolders too, with
 * a configuration beside a script that says what is special about it.
 *
 *     V1_2__add_role.sql         V1_2__add_role.sql.conf: executeInTransaction=false
 *     R__views.sql               again whenever it has changed, behind all versions
 *     B3__all_until_here.sql     stands for all up to 3 in an empty database
 *     U1_2__add_role.sql         the way back
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/layouts/flyway_name.h"
#include "core/layouts/flyway_settings.h"
#include "core/layouts/ignored.h"
#include "core/layouts/parts.h"
#include "core/layouts/substitute.h"

static const char *
placeholder_prefix(const LayoutRequest *request)
{
    return flyway_setting(request, "FLYWAY_PLACEHOLDER_PREFIX", "${");
}

typedef struct ScriptConfig
{
    bool no_transaction;
    bool no_placeholders;
    bool skipped;
} ScriptConfig;

typedef struct FlywayFile
{
    const SourceFile *file;
    FlywayName name;
    ScriptConfig config;
} FlywayFile;

typedef LIST(FlywayFile) FlywayFiles;

/* beforeMigrate.sql, afterEachMigrate__grants.sql: named for what happens. */
static bool
is_callback(const char *name)
{
    static const char *const moments[] = {"before", "after"};
    static const char *const deeds[] = {
        "Migrate",  "EachMigrate", "EachMigrateStatement",
        "Validate", "Versioned",   "Repeatables",
        "Baseline", "Connect",     "Info"};
    const char *base = name_base(name);

    for (int i = 0; i < LENGTH(moments) * LENGTH(deeds); i++)
    {
        const char *moment = moments[i / LENGTH(deeds)];
        const char *deed = deeds[i % LENGTH(deeds)];
        size_t length = strlen(moment) + strlen(deed);

        if (strncmp(base, moment, strlen(moment)) == 0 &&
            strncmp(base + strlen(moment), deed, strlen(deed)) == 0 &&
            (strcmp(base + length, ".sql") == 0 ||
             strncmp(base + length, "__", 2) == 0 ||
             strncmp(base + length, "Error", 5) == 0))
            return true;
    }
    return strcmp(base, "createSchema.sql") == 0;
}

bool
flyway_wants(const char *name)
{
    MEM_SCOPE(scope, NULL);
    FlywayName parts;

    return name_ends(name, ".sql.conf") || is_callback(name) || name_is_meant(name) ||
           (flyway_name_read(scope, name, &parts) && !parts.program);
}

bool
flyway_fits(const SourceFile *file)
{
    MEM_SCOPE(scope, NULL);
    FlywayName name;

    return flyway_name_read(scope, file->name, &name);
}

bool
flyway_claims(const SourceFiles *files)
{
    for (int i = 0; i < files->count; i++)
        if (flyway_fits(&files->items[i]))
            return true;
    return false;
}

/* --- the configuration of one script --------------------------------------------- */

static char *
config_value(Mem *mem, const SourceFile *config, const char *key)
{
    const SourceText source = {config->bytes, config->length, 0};
    size_t length = strlen(key);

    for (size_t at = 0; at < source.length; at = source_line_next(&source, at))
    {
        size_t end = source_line_end(&source, at);
        size_t value = at + length;

        if (end <= value || strncasecmp(source.text + at, key, length) != 0)
            continue;
        while (value < end && strchr(" \t=", source.text[value]) != NULL)
            value++;
        while (end > value && strchr(" \t", source.text[end - 1]) != NULL)
            end--;
        return mem_slice(mem, source.text + value, end - value);
    }
    return NULL;
}

static bool
config_says(Mem *mem, const SourceFile *config, const char *key, const char *wanted)
{
    const char *value = config_value(mem, config, key);

    return value != NULL && strcasecmp(value, wanted) == 0;
}

/* One that is an expression, or none that we know, would be decided otherwise here. */
static bool
config_check(Mem *mem, const SourceFile *config, Err *err)
{
    static const char *const keys[] = {"executeInTransaction", "placeholderReplacement",
                                       "shouldExecute"};

    for (int i = 0; i < LENGTH(keys); i++)
    {
        const char *value = config_value(mem, config, keys[i]);

        if (value == NULL || strcasecmp(value, "true") == 0 ||
            strcasecmp(value, "false") == 0)
            continue;
        err_at(err, ERR_REFUSED, config->path, 0, "\"%s\" is \"%s\" here", keys[i],
               value);
        return err_hint(err, "Only true and false are read.");
    }
    return true;
}

static bool
config_read(const SourceFiles *files, FlywayFile *script, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const SourceFile *config = files_beside(files, script->file, ".conf");

    if (config == NULL || config->bytes == NULL)
        return true;

    const char *encoding = config_value(scope, config, "encoding");

    if (!config_check(scope, config, err))
        return false;
    script->config = (ScriptConfig){
        .no_transaction = config_says(scope, config, "executeInTransaction", "false"),
        .no_placeholders =
            config_says(scope, config, "placeholderReplacement", "false"),
        .skipped = config_says(scope, config, "shouldExecute", "false"),
    };
    if (encoding == NULL || strcasecmp(encoding, "UTF-8") == 0)
        return true;
    err_at(err, ERR_REFUSED, config->path, 0, "the encoding \"%s\" is not read",
           encoding);
    return err_hint(err, "Save the script as UTF-8; its checksum stays the same where "
                         "it is all ASCII.");
}

/* --- which of them --------------------------------------------------------------- */

/* A folder on its way that is named for an engine: this one, another one, or none. */
static const char *
path_engine(Mem *mem, const char *name)
{
    char *rest = mem_copy(mem, name);
    char *slash;

    while ((slash = strchr(rest, '/')) != NULL)
    {
        *slash = '\0';
        if (word_engine(rest) != NULL)
            return word_engine(rest);
        rest = slash + 1;
    }
    return NULL;
}

static bool
files_gather(Mem *mem, const LayoutRequest *request, FlywayFiles *found, Err *err)
{
    for (int i = 0; i < request->files->count; i++)
    {
        const SourceFile *file = &request->files->items[i];
        FlywayFile script = {.file = file};
        const char *engine = path_engine(mem, file->name);

        if (!flyway_name_read(mem, file->name, &script.name) ||
            (engine != NULL && strcmp(engine, request->engine) != 0))
            continue;
        if (!config_read(request->files, &script, err))
            return false;
        *list_add(mem, found) = script;
    }
    return true;
}

/* --- migrations ------------------------------------------------------------------ */

static bool
replaces(const LayoutRequest *request, const FlywayFile *script)
{
    return !script->config.no_placeholders &&
           !flyway_says(request, "FLYWAY_PLACEHOLDER_REPLACEMENT", "false") &&
           strstr(script->file->bytes, placeholder_prefix(request)) != NULL;
}

static bool
section_add(Mem *mem, const LayoutRequest *request, const FlywayFile *script,
            SectionList *sections, Err *err)
{
    Buf text = buf_begin(mem);
    SourceText source;
    const Substitution substitution = {
        .file = script->file->path,
        .line = 1,
        .environment = request->environment,
        .script = script->file->name,
        .table = flyway_setting(request, "FLYWAY_TABLE", FLYWAY_HISTORY),
        .prefix = placeholder_prefix(request),
        .suffix = flyway_setting(request, "FLYWAY_PLACEHOLDER_SUFFIX", "}"),
    };

    if (!source_open(script->file, &source, err))
        return false;
    if (!replaces(request, script))
        buf_bytes(&text, source.text, source.length);
    else if (!substitute_placeholders(&substitution, source.text, source.length, &text,
                                      err))
        return false;
    buf_add(&text, "");

    const Stretch stretch = {
        .file = script->file,
        .down = script->name.kind == 'U',
        .no_transaction =
            script->config.no_transaction ||
            flyway_says(request, "FLYWAY_EXECUTE_IN_TRANSACTION", "false"),
        .text = text.text};

    return stretch_add(mem, sections, &stretch, err);
}

/* A repeatable one is judged by the text that runs, a versioned one by its file. */
static char *
checksum_of(Mem *mem, const FlywayFile *script, const SectionList *sections)
{
    const char *text =
        script->name.kind == 'R' ? sections->items[0].text : script->file->bytes;
    size_t length = script->name.kind == 'R' ? strlen(text) : script->file->length;

    return mem_text(mem, "%d", (int)flyway_checksum(text, length));
}

/* The undo script of that version, or NULL. */
static const FlywayFile *
undo_of(const FlywayFiles *files, const FlywayName *name)
{
    for (int i = 0; i < files->count; i++)
        if (files->items[i].name.kind == 'U' &&
            strcmp(files->items[i].name.sort_key, name->sort_key) == 0)
            return &files->items[i];
    return NULL;
}

static char *
version_of(Mem *mem, const FlywayName *name)
{
    if (name->kind == 'R')
        return mem_copy(mem, name->label);
    return mem_text(mem, "%s%s", name->kind == 'B' ? "B" : "", name->version);
}

static bool
flyway_add(Mem *mem, const LayoutRequest *request, const FlywayFiles *files,
           const FlywayFile *script, MigrationList *list, Err *err)
{
    const FlywayName *name = &script->name;
    const FlywayFile *undo = name->kind == 'V' ? undo_of(files, name) : NULL;
    SectionList sections = {0};

    if (!name->program && !section_add(mem, request, script, &sections, err))
        return false;
    if (undo != NULL && !section_add(mem, request, undo, &sections, err))
        return false;

    Migration *migration = list_add(mem, list);

    *migration = (Migration){
        .version = version_of(mem, name),
        /* Behind the versions that it stands for, before what is below the last. */
        .sort_key = mem_text(mem, "%s%s", name->sort_key, name->kind == 'B' ? "!" : ""),
        .name = flyway_description(mem, name->description),
        .label = mem_copy(mem, name->label),
        .file = file_shown(mem, request, script->file),
        .script = mem_copy(mem, script->file->name),
        .checksum = name->program ? NULL : checksum_of(mem, script, &sections),
        .repeatable = name->kind == 'R',
        .shortcut = name->kind == 'B',
        .program = name->program,
        .skipped = script->config.skipped,
    };
    migration_take(mem, migration, &sections);
    return true;
}

/* --- which of two ---------------------------------------------------------------- */

/* Those of one kind and version stand together. */
static int
script_order(const void *left, const void *right)
{
    const FlywayFile *a = left;
    const FlywayFile *b = right;
    int by_kind = a->name.kind - b->name.kind;
    int by_key = by_kind != 0 ? by_kind : strcmp(a->name.sort_key, b->name.sort_key);

    return by_key != 0 ? by_key : strcmp(a->file->path, b->file->path);
}

static bool
refuse_twins(const FlywayFile *one, const FlywayFile *other, Err *err)
{
    bool repeatable = one->name.kind == 'R';
    const FlywayFile *both[] = {one, other};

    err_set(err, ERR_REFUSED, "Found more than one %smigration with %s %s",
            repeatable ? "repeatable " : "", repeatable ? "description" : "version",
            repeatable ? one->name.description : one->name.version);
    for (int i = 0; i < LENGTH(both); i++)
        err_detail(err, "-> %s (%s)", both[i]->file->path,
                   both[i]->name.program ? "JDBC" : "SQL");
    return err_hint(err, repeatable ? "Give one of them another description."
                                    : "Give one of them another version.");
}

static bool
check_twins(FlywayFiles *files, Err *err)
{
    if (files->count > 0)
        qsort(files->items, (size_t)files->count, sizeof(FlywayFile), script_order);
    for (int i = 1; i < files->count; i++)
    {
        const FlywayFile *one = &files->items[i - 1];
        const FlywayFile *other = &files->items[i];

        if (one->name.kind == other->name.kind &&
            strcmp(one->name.sort_key, other->name.sort_key) == 0)
            return refuse_twins(one, other, err);
    }
    return true;
}

/* --- what would run besides ------------------------------------------------------ */

static void
callbacks_tell(Mem *mem, const LayoutRequest *request, Migrations *migrations)
{
    for (int i = 0; i < request->files->count; i++)
        if (is_callback(request->files->items[i].name) &&
            !flyway_says(request, "FLYWAY_SKIP_DEFAULT_CALLBACKS", "true"))
            note_add(mem, migrations,
                     mem_text(mem,
                              "%s is a callback of Flyway: it is not run here; what it "
                              "does belongs into a script R__name.sql",
                              request->files->items[i].path));
}

bool
flyway_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    MEM_SCOPE(scope, mem);
    FlywayFiles files = {0};
    MigrationList list = {0};

    if (!flyway_settings_read(mem, request, migrations, err) ||
        !files_gather(scope, request, &files, err) || !check_twins(&files, err))
        return false;
    for (int i = 0; i < files.count; i++)
        if (files.items[i].name.kind != 'U' &&
            !flyway_add(mem, request, &files, &files.items[i], &list, err))
            return false;
    callbacks_tell(mem, request, migrations);
    return migrations_settle(&list, migrations, err);
}

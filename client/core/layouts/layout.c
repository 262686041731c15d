#include "core/layouts/layout.h"

#include <string.h>

#include "core/layouts/history_table.h"
#include "core/layouts/ignored.h"
#include "core/layouts/parts.h"

/*
 * The first that claims a folder reads it; a folder that none claims is native where a
 * file of it can be. Rows with NULL instead of `claims` are there to be asked for.
 * Atlas also seals the folders of those above it: its sum alone tells nothing there.
 */
/* clang-format off */
static const Layout layouts[] = {
    /* name             runner            verbatim late  lost   strays several named  listed */
    {"drizzle",         "drizzle",        true,  false, true,  false, false, false, true,
     "stands in meta/_journal.json", "beside it, in NAME.down.sql", drizzle_wants, drizzle_claims, drizzle_fits, drizzle_read},
    {"drizzle-folders", "drizzle 1.0",    true,  true,  true,  false, false, false, false,
     "is called NAME/migration.sql", "beside it, in NAME/down.sql",
     drizzle_folders_wants, drizzle_folders_claims, drizzle_folders_fits, drizzle_folders_read},
    {"sqitch",          "sqitch",         true,  false, false, false, false, false, true,
     "stands in sqitch.plan", "", sqitch_wants, sqitch_claims, sqitch_fits, sqitch_read},
    {"flyway",          "Flyway",         true,  false, false, false, true,  false, false,
     "is called V1__name.sql, R__name.sql, B1__name.sql or U1__name.sql", "beside it, in a file that is called U instead of V",
     flyway_wants, flyway_claims, flyway_fits, flyway_read},
    {"goose",           "goose",          true,  false, false, true,  false, true,  false,
     "is called 00001_name.sql and has \"-- +goose Up\"", "below a line -- +goose Down",
     NULL, goose_claims, goose_fits, goose_read},
    {"native",          "pgstride",       false, false, false, false, false, true,  false,
     "is called VERSION_name.sql", NULL, NULL, native_claims, native_fits, native_read},
    {"popx",            "popx",           true,  true,  true,  true,  true,  true,  false,
     "is called VERSION_name.up.sql or .down.sql", "beside it, in VERSION_name.down.sql",
     popx_wants, popx_claims, popx_fits, popx_read},
    {"pair",            "golang-migrate", true,  false, false, false, false, true,  false,
     "is called VERSION_name.up.sql or .down.sql", "beside it, in VERSION_name.down.sql",
     NULL, pair_claims, pair_fits, pair_read},
    {"atlas",           "Atlas",          true,  false, false, true,  false, false, false,
     "is called VERSION_name.sql", "", atlas_wants, atlas_claims, atlas_fits, atlas_read},
    {"dbmate",          "dbmate",         true,  true,  true,  false, true,  true,  false,
     "is called VERSION_name.sql", NULL, NULL, NULL, dbmate_fits, dbmate_read},
    {"plain",           "plain files",    true,  false, false, false, false, true,  false,
     "is called NUMBER_name.sql", "", NULL, NULL, plain_fits, plain_read},
};
/* clang-format on */

/* Whatever is parsed or compared of them later is in the words of that engine. */
static void
migration_mark(Migration *migration, const char *engine, const Layout *layout)
{
    migration->engine = engine;
    migration->back = layout->back;
    for (int i = 0; i < migration->section_count; i++)
        migration->sections[i].engine = engine;
}

const Layout *
layout_named(const char *name)
{
    for (int i = 0; name != NULL && i < LENGTH(layouts); i++)
        if (strcmp(layouts[i].name, name) == 0)
            return &layouts[i];
    return NULL;
}

Wanted
layout_wants(const char *name)
{
    if (name_is_sql(name))
        return WANTED_READ;
    for (int i = 0; i < LENGTH(layouts); i++)
        if (layouts[i].wants != NULL && layouts[i].wants(name))
            return WANTED_READ;
    return name_is_program(name) ? WANTED_LISTED : WANTED_NOT;
}

/* --- whose folder is it? --------------------------------------------------------- */

/* Only these can be migrations: the rest is there for one runner or another. */
static bool
file_counts(const SourceFile *file)
{
    return name_is_sql(file->name) || name_is_program(file->name);
}

static bool
refuse_unknown(const SourceFiles *files, Err *err)
{
    err_set(err, ERR_REFUSED, "no file here is named like a migration");
    for (int i = 0; i < files->count; i++)
        if (file_counts(&files->items[i]))
            err_detail(err, "%s", files->items[i].path);
    return err_hint(err, "Name them VERSION_name.sql; or say whose folder it is: "
                         "--layout=NAME.");
}

static bool
layout_asked(const LayoutRequest *request, const Layout **layout, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Buf names = buf_begin(scope);

    *layout = layout_named(request->layout);
    if (*layout != NULL)
        return true;
    for (int i = 0; i < LENGTH(layouts); i++)
        buf_format(&names, "%s%s", i == 0 ? "" : ", ", layouts[i].name);
    return err_set(err, ERR_USAGE, "there is no layout \"%s\"", request->layout) ||
           err_hint(err, "There are: auto, %s.", names.text);
}

/* A folder of nothing but programs is told by them, below. */
static bool
layout_found(const SourceFiles *files, const Layout **layout, Err *err)
{
    bool empty = true;

    for (int i = 0; i < LENGTH(layouts); i++)
        if (layouts[i].claims != NULL && layouts[i].claims(files))
        {
            *layout = &layouts[i];
            return true;
        }
    *layout = layout_named("native");
    for (int i = 0; i < files->count; i++)
    {
        if (native_fits(&files->items[i]) || name_is_program(files->items[i].name))
            return true;
        empty = empty && !name_is_sql(files->items[i].name);
    }
    return empty || refuse_unknown(files, err);
}

/* Another layout, of those that tell their files by name. */
static const Layout *
layout_other(const Layout *layout, const SourceFile *file)
{
    for (int i = 0; i < LENGTH(layouts); i++)
        if (&layouts[i] != layout && layouts[i].named && layouts[i].fits(file))
            return &layouts[i];
    return NULL;
}

typedef struct Strays
{
    int programs; /* migrations in another language */
    int others;   /* files of another layout */
    int unknown;  /* named like no migration at all */
} Strays;

static void
stray_tell(const Layout *layout, const SourceFile *file, Strays *strays, Err *err)
{
    const Layout *other = layout_other(layout, file);

    if (name_is_program(file->name))
    {
        strays->programs++;
        err_detail(err, "%s is a program", file->path);
    }
    else if (other != NULL)
    {
        strays->others++;
        err_detail(err, "%s is a file of %s", file->path, other->runner);
    }
    else if (layout->strays_refused)
    {
        strays->unknown++;
        err_detail(err, "%s is named like no migration", file->path);
    }
}

static bool
strays_refuse(const Layout *layout, const Strays *strays, Err *err)
{
    int found = strays->programs + strays->others + strays->unknown;

    if (found == 0)
    {
        err_clear(err);
        return true;
    }
    if (strays->programs == found)
        return err_hint(err,
                        "Let %s run them, then say so: pgstride mark VERSION; or "
                        "write them as SQL.",
                        layout->runner);
    return err_hint(err,
                    "Give every runner a folder of its own; or say whose folder "
                    "it is: --layout=%s.",
                    layout->name);
}

/* What does not belong there is refused with all its names, before anything is read. */
static bool
check_strays(const LayoutRequest *request, const Layout *layout, Err *err)
{
    Strays strays = {0};

    err_set(err, ERR_REFUSED, "not every file here is a migration of %s",
            layout->runner);
    for (int i = 0; i < request->files->count; i++)
    {
        const SourceFile *file = &request->files->items[i];

        if (file_counts(file) && !layout->fits(file))
            stray_tell(layout, file, &strays, err);
    }
    return strays_refuse(layout, &strays, err);
}

static bool
check_locations(const LayoutRequest *request, const Layout *layout, Err *err)
{
    int count = request->files->locations;

    if (count <= 1 || layout->several)
        return true;
    err_set(err, ERR_REFUSED, "%s reads one folder, and %d are given", layout->runner,
            count);
    return err_hint(err, "Give every folder a component of its own in a configuration "
                         "file; only Flyway, popx and dbmate (--layout=dbmate) read "
                         "several as one.");
}

static void
migrations_mark(Mem *mem, const LayoutRequest *request, const Layout *layout,
                Migrations *migrations)
{
    const char *engine = mem_copy(mem, request->engine);

    for (int i = 0; i < migrations->count; i++)
        migration_mark(&migrations->items[i], engine, layout);
}

static bool
all_elsewhere(const LayoutRequest *request, const Migrations *migrations)
{
    bool files = false;

    for (int i = 0; i < request->files->count; i++)
        files = files || file_counts(&request->files->items[i]);
    for (int i = 0; i < migrations->count; i++)
        if (!migrations->items[i].skipped)
            return false;
    return files;
}

bool
layout_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    const Layout *layout = NULL;
    bool found_out = request->layout == NULL || strcmp(request->layout, "auto") == 0;

    *migrations = (Migrations){0};
    if (!(found_out ? layout_found(request->files, &layout, err)
                    : layout_asked(request, &layout, err)) ||
        !check_locations(request, layout, err) ||
        (found_out && !check_strays(request, layout, err)) ||
        !layout->read(mem, request, migrations, err) ||
        !history_table_read(mem, request, layout, migrations, err))
        return false;
    migrations_mark(mem, request, layout, migrations);
    migrations->layout = layout->name;
    migrations->verbatim = layout->verbatim;
    migrations->late_runs = layout->late_runs;
    migrations->lost_ignored = layout->lost_ignored;
    migrations->elsewhere = all_elsewhere(request, migrations);
    migrations->sealed = atlas_claims(request->files);
    migrations->ignored = ignored_show(mem, request, layout, migrations);
    return true;
}

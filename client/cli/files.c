/* new and validate: the folder of migrations, with no database needed. */
#include <string.h>

#include "cli/component.h"
#include "cli/json.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "cli/text.h"
#include "core/files/scaffold.h"
#include "core/files/validate.h"
#include "core/layouts/layout.h"
#include "run/folder/folder.h"
#include "run/hold/window.h"

bool
command_new(Invocation *call, Err *err)
{
    const Options *options = &call->options;
    Mem *mem = call->mem;
    ScaffoldWish wish = {
        .name = call->line.arguments[0],
        .wall_us = clock_real.wall_us(&clock_real),
        .up_only = options->up_only,
        .phases = options->phases,
        .split = options->split,
    };
    NewMigration made;

    if (!component_choose(call, err) ||
        !folder_new(mem, component_dir(call), &wish, &made, err))
        return false;

    json_t *files = json_array();

    for (int i = 0; i < made.scaffold.count; i++)
    {
        const char *path =
            mem_text(mem, "%s/%s", made.dir, made.scaffold.files[i].name);

        json_array_append_new(files, json_text(path));
        if (!options_json(options))
            out_print(&call->out, "%s\n", path);
    }
    if (options_json(options))
        json_give(call, json_pack("{s:s, s:O}", "version", made.scaffold.version,
                                  "files", files));
    json_decref(files);
    return true;
}

/* Every section is parsed and holds only what it may; all that is wrong is told. */
static bool
validate_migrations(Invocation *call, Migrations *migrations, Err *err)
{
    for (int i = 0; i < migrations->count; i++)
    {
        Err next = {0};

        if (migration_validate(call->mem, &migrations->items[i], true, &next) &&
            window_check(call->mem, &migrations->items[i], &clock_real, &next))
            continue;
        if (err->kind == ERR_NONE)
        {
            *err = next;
            continue;
        }
        err_detail(err, "also %s:%d: %s", next.file == NULL ? "?" : next.file,
                   next.line, next.text);
        err_clear(&next);
    }
    return err->kind == ERR_NONE;
}

/* What --engine can say, in the words of a Target; the first is what nobody says. */
static const char *const engines[] = {"postgres", "mysql", "mysql", "sqlite3",
                                      "cockroach"};

/* Whose SQL it is; where nobody says, and all files are named for another engine, that
 * one's. */
static bool
validate_read(Invocation *call, const SourceFiles *files, const char **engine,
              Migrations *migrations, Err *err)
{
    LayoutRequest request = {.files = files,
                             .engine = *engine,
                             .layout = component_layout(call),
                             .environment =
                                 settings_filed_environment(call->mem, &call->options)};

    for (int i = 0; i < LENGTH(engines) && *engine == NULL; i++)
    {
        request.engine = engines[i];
        if (!layout_read(call->mem, &request, migrations, err))
            return false;
        if (!migrations->elsewhere)
            *engine = request.engine;
    }
    request.engine = *engine == NULL ? engines[0] : *engine;
    *engine = request.engine;
    return layout_read(call->mem, &request, migrations, err);
}

static bool
validate_folder(Invocation *call, const char **engine, const char **dir,
                Migrations *migrations, Err *err)
{
    SourceFiles files;

    return folder_read(call->mem, component_dir(call), dir, &files, err) &&
           validate_read(call, &files, engine, migrations, err) &&
           validate_migrations(call, migrations, err);
}

/* NULL: nobody says. */
static bool
validate_engine(Invocation *call, bool against, const char **engine, Err *err)
{
    if (option_given(&call->options, "engine"))
        *engine = engines[call->options.engine];
    if (!against)
        return true;
    if (!settings_fill(call, err))
        return false;
    if (*engine != NULL && strcmp(*engine, call->settings.target.engine) != 0)
        return err_set(err, ERR_USAGE, "--engine says %s, the database is of %s",
                       *engine, call->settings.target.engine);
    *engine = call->settings.target.engine;
    return true;
}

/* With a database: nothing that ran has been changed or lost since. */
static bool
validate_history(Invocation *call, Err *err)
{
    Plans plans = {0};
    Session session;

    if (!session_open(call, &session, false, err))
        return false;

    bool good = run_plan(session.run, VERB_UP, call->mem, &plans, err);

    session_close(call, &session);
    return good;
}

/* Where a database is met, its plan has told them. */
static void
validate_tell(Invocation *call, const Migrations *migrations)
{
    for (int i = 0; i < migrations->note_count; i++)
        out_print(&call->log, "warning: %s\n", migrations->notes[i]);
    if (migrations->ignored != NULL && !call->options.quiet)
        out_print(&call->log, "note: %s\n", migrations->ignored);
}

/* What is told of the folder beside its migrations: who reads JSON sees no stderr. */
static json_t *
warnings_json(const Migrations *migrations)
{
    json_t *warnings = json_array();

    for (int i = 0; i < migrations->note_count; i++)
        json_array_append_new(warnings, json_text(migrations->notes[i]));
    return warnings;
}

static json_t *
notes_json(const Migrations *migrations)
{
    json_t *notes = json_array();

    if (migrations->ignored != NULL)
        json_array_append_new(notes, json_text(migrations->ignored));
    return notes;
}

bool
command_validate(Invocation *call, Err *err)
{
    MEM_SCOPE(scope, call->mem);
    Migrations migrations;
    const char *engine = NULL;
    const char *dir;

    if (!component_choose(call, err))
        return false;

    bool against = settings_has_target(call);

    if (!validate_engine(call, against, &engine, err) ||
        !validate_folder(call, &engine, &dir, &migrations, err) ||
        (against && !validate_history(call, err)))
        return false;
    if (!against)
        validate_tell(call, &migrations);
    if (options_json(&call->options))
        json_give(call, json_pack("{s:o, s:i, s:s, s:b, s:o, s:o}", "dir",
                                  json_text(dir), "migrations", migrations.count,
                                  "engine", engine, "against_database", against,
                                  "warnings", warnings_json(&migrations), "notes",
                                  notes_json(&migrations)));
    else
        out_print(&call->out, "%s: %s, all valid%s\n", dir,
                  text_count(scope, migrations.count, "migration"),
                  against ? mem_text(scope, ", against %s", call->database)
                  : engine == engines[0] ? ""
                                         : mem_text(scope, ", as SQL for %s", engine));
    return true;
}

/*
 * goose: NUMBER_name.sql with annotations in comments, and programs in Go beside them.
 *
 *     -- +goose NO TRANSACTION
 *     -- +goose Up
 *     -- +goose StatementBegin ... StatementEnd     the parser needs no such help
 *     -- +goose ENVSUB ON                           ${NAME} stands for a variable
 *     -- +goose Down
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/layouts/parts.h"
#include "core/layouts/substitute.h"

typedef enum GooseNote
{
    NOTE_NONE,
    NOTE_UP,
    NOTE_DOWN,
    NOTE_BEGIN,
    NOTE_END,
    NOTE_NO_TRANSACTION,
    NOTE_ENVSUB_ON,
    NOTE_ENVSUB_OFF,
    NOTE_UNKNOWN
} GooseNote;

typedef struct GooseWord
{
    const char *text;
    GooseNote note;
} GooseWord;

static const GooseWord goose_words[] = {
    {"Up", NOTE_UP},
    {"Down", NOTE_DOWN},
    {"StatementBegin", NOTE_BEGIN},
    {"StatementEnd", NOTE_END},
    {"NO TRANSACTION", NOTE_NO_TRANSACTION},
    {"ENVSUB ON", NOTE_ENVSUB_ON},
    {"ENVSUB OFF", NOTE_ENVSUB_OFF},
};

static const char mark[] = "+goose";

static GooseNote
note_read(const char *comment)
{
    size_t length = strlen(mark);

    if (comment == NULL || strncmp(comment, mark, length) != 0)
        return NOTE_NONE;
    comment += length;
    while (isblank((unsigned char)*comment))
        comment++;
    for (int i = 0; i < LENGTH(goose_words); i++)
        if (strcasecmp(comment, goose_words[i].text) == 0)
            return goose_words[i].note;
    return NOTE_UNKNOWN;
}

static bool
goose_named(const char *name)
{
    size_t digits = strspn(name, "0123456789");

    return digits > 0 && name[digits] == '_' && strchr(name, '/') == NULL;
}

static bool
file_noted(const SourceFile *file)
{
    MEM_SCOPE(scope, NULL);
    SourceText source = {file->bytes, file->length, 0};

    if (file->bytes == NULL || strstr(file->bytes, mark) == NULL)
        return false;
    for (size_t at = 0; at < source.length; at = source_line_next(&source, at))
        if (note_read(line_comment(scope, &source, at)) == NOTE_UP)
            return true;
    return false;
}

bool
goose_fits(const SourceFile *file)
{
    return goose_named(file->name) &&
           (name_is_sql(file->name) ? file_noted(file) : name_ends(file->name, ".go"));
}

bool
goose_claims(const SourceFiles *files)
{
    for (int i = 0; i < files->count; i++)
        if (name_is_sql(files->items[i].name) && goose_fits(&files->items[i]))
            return true;
    return false;
}

/* --- one file -------------------------------------------------------------------- */

typedef struct Goose
{
    Mem *mem;
    const LayoutRequest *request;
    const SourceFile *file;
    SourceText source;
    SectionList *sections;
    Stretch open; /* the block that is under way; file NULL: none yet */
    Buf text;     /* of it, where variables were put in */
    bool no_transaction;
    bool substitutes;
} Goose;

static bool
goose_close(Goose *goose, Err *err)
{
    goose->open.text = goose->text.text;
    return goose->open.file == NULL ||
           stretch_add(goose->mem, goose->sections, &goose->open, err);
}

static bool
goose_open(Goose *goose, size_t at, bool down, Err *err)
{
    int line = 1 + source_lines(&goose->source, 0, at);

    if (goose->open.file == NULL && down)
        return err_at(err, ERR_USAGE, goose->file->path, line,
                      "\"-- +goose Down\" stands before \"-- +goose Up\"");
    if (goose->open.file == NULL && !source_is_blank(&goose->source, 0, at))
        return err_at(err, ERR_USAGE, goose->file->path, 1,
                      "a statement stands before \"-- +goose Up\"");
    if (goose->open.file != NULL && (!down || goose->open.down))
        return err_at(err, ERR_USAGE, goose->file->path, line,
                      "there are two blocks of the same direction");
    if (!goose_close(goose, err))
        return false;
    goose->open = (Stretch){.file = goose->file,
                            .from = source_line_next(&goose->source, at),
                            .down = down,
                            .no_transaction = goose->no_transaction};
    goose->text = buf_begin(goose->mem);
    buf_add(&goose->text, "");
    return true;
}

static bool
goose_line(Goose *goose, size_t at, Err *err)
{
    size_t next = source_line_next(&goose->source, at);

    if (goose->open.file == NULL)
        return true;
    if (!goose->substitutes)
    {
        buf_bytes(&goose->text, goose->source.text + at, next - at);
        return true;
    }

    const Substitution substitution = {
        .file = goose->file->path,
        .line = 1 + source_lines(&goose->source, 0, at),
        .environment = goose->request->environment,
    };

    return substitute_environment(&substitution, goose->source.text + at, next - at,
                                  &goose->text, err);
}

static bool
goose_note(Goose *goose, GooseNote note, size_t at, Err *err)
{
    switch (note)
    {
    case NOTE_UP:
    case NOTE_DOWN:
        return goose_open(goose, at, note == NOTE_DOWN, err);
    case NOTE_NO_TRANSACTION:
        goose->no_transaction = true;
        goose->open.no_transaction = true;
        break;
    case NOTE_ENVSUB_ON:
    case NOTE_ENVSUB_OFF:
        goose->substitutes = note == NOTE_ENVSUB_ON;
        break;
    case NOTE_UNKNOWN:
        return err_at(err, ERR_USAGE, goose->file->path,
                      1 + source_lines(&goose->source, 0, at),
                      "goose knows no such annotation") ||
               err_hint(err, "It knows Up, Down, StatementBegin, StatementEnd, NO "
                             "TRANSACTION, ENVSUB ON and ENVSUB OFF.");
    case NOTE_NONE:
    case NOTE_BEGIN:
    case NOTE_END:
        break;
    }
    return goose_line(goose, at, err);
}

static bool
goose_sections(Goose *goose, Err *err)
{
    MEM_SCOPE(scope, goose->mem);

    if (!source_open(goose->file, &goose->source, err))
        return false;
    for (size_t at = 0; at < goose->source.length;
         at = source_line_next(&goose->source, at))
        if (!goose_note(goose, note_read(line_comment(scope, &goose->source, at)), at,
                        err))
            return false;
    if (goose->open.file == NULL)
        return err_at(err, ERR_USAGE, goose->file->path, 0,
                      "there is no \"-- +goose Up\" in it");
    /* Said anywhere, it is said of the whole file. */
    for (int i = 0; i < goose->sections->count; i++)
        goose->sections->items[i].options.no_transaction = goose->no_transaction;
    goose->open.no_transaction = goose->no_transaction;
    return goose_close(goose, err);
}

static bool
goose_add(Mem *mem, const LayoutRequest *request, const SourceFile *file,
          MigrationList *list, Err *err)
{
    bool program = !name_is_sql(file->name);
    SectionList sections = {0};
    Goose goose = {.mem = mem, .request = request, .file = file, .sections = &sections};

    if (!goose_named(file->name) ||
        (program && (!name_ends(file->name, ".go") || !name_is_program(file->name))))
        return true;
    if (!program && !goose_sections(&goose, err))
        return false;

    Migration *migration = list_add(mem, list);
    char *version = name_digits(mem, file->name);
    char *label = name_stem(mem, file->name, program ? ".go" : ".sql");

    *migration = (Migration){
        .version = version,
        .sort_key = number_key(mem, version),
        .name = label + strlen(version) + 1,
        .label = label,
        .file = mem_copy(mem, file->name),
        .program = program,
    };
    migration_take(mem, migration, &sections);
    return true;
}

bool
goose_read(Mem *mem, const LayoutRequest *request, Migrations *migrations, Err *err)
{
    MigrationList list = {0};

    for (int i = 0; i < request->files->count; i++)
        if (!goose_add(mem, request, &request->files->items[i], &list, err))
            return false;
    return migrations_settle(&list, migrations, err);
}

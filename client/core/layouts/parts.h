/*
 * What the layouts of other runners share: names taken apart, stretches of files made
 * sections, migrations put in order.
 */
#ifndef PGSTRIDE_CORE_LAYOUT_PARTS_H
#define PGSTRIDE_CORE_LAYOUT_PARTS_H

#include "core/files/sections.h"
#include "core/files/source.h"
#include "core/layouts/layout.h"

/* --- names ----------------------------------------------------------------------- */

bool name_ends(const char *name, const char *ending);
/* Does it stand at the top of the folder, and end in .sql? */
bool name_is_sql(const char *name);
/* What stands behind the last slash. */
const char *name_base(const char *name);
/* Without its last `ending`. */
char *name_stem(Mem *mem, const char *name, const char *ending);
/* The digits that a name begins with. */
char *name_digits(Mem *mem, const char *name);
/* A number of any length as a text that strcmp orders: 9 before 10, 01 is 1. */
char *number_key(Mem *mem, const char *digits);

/* A migration that is a program: numbered like one, in a language of its own. */
bool name_is_program(const char *name);

const SourceFile *files_find(const SourceFiles *files, const char *name);
/* The file of that name with `ending` behind it, in the same folder. */
const SourceFile *files_beside(const SourceFiles *files, const SourceFile *file,
                               const char *ending);

/* What people are told: where there are several folders, with the way to it. */
char *file_shown(Mem *mem, const LayoutRequest *request, const SourceFile *file);

/* The engine that a word in a name stands for, in pgstride's words; or NULL. */
const char *word_engine(const char *word);

/* --- sections -------------------------------------------------------------------- */

/* A stretch of a file that is one section; all of it where `until` is 0. */
typedef struct Stretch
{
    const SourceFile *file;
    size_t from; /* in the source text, behind a byte order mark */
    size_t until;
    bool down;
    bool no_transaction;
    const char *text; /* other text, with as many lines; NULL: as it stands there */
} Stretch;

bool stretch_add(Mem *mem, SectionList *sections, const Stretch *stretch, Err *err);

/* Of a line that begins with two dashes: what stands behind them, trimmed; else NULL.
 */
char *line_comment(Mem *mem, const SourceText *source, size_t offset);

/* True: no line of SQL stands in there, only comments that fill their lines, and
 * blanks. */
bool source_is_blank(const SourceText *source, size_t from, size_t until);

/* --- migrations ------------------------------------------------------------------ */

typedef LIST(Migration) MigrationList;

/* A warning that is told before anything runs. */
void note_add(Mem *mem, Migrations *migrations, const char *note);

/* Sorts by sort_key; the same twice is ERR_REFUSED, with both files. */
bool migrations_settle(MigrationList *list, Migrations *migrations, Err *err);

/* Gives a migration its sections; one that has none that goes forward gets one that
 * does nothing. */
void migration_take(Mem *mem, Migration *migration, const SectionList *sections);

#endif

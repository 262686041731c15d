/*
 * Layouts: from the files of a folder to the migrations in it.
 *
 * Every layout is a row of the table in layout.c: one file beside it that knows how its
 * runner names and orders files. The rest of pgstride sees only Migrations.
 */
#ifndef PGSTRIDE_CORE_LAYOUT_H
#define PGSTRIDE_CORE_LAYOUT_H

#include "base/err.h"
#include "model/migration.h"

/*
 * The migrations for one engine ("postgres"), in the order they run; those that have no
 * part for it are marked skipped. Texts are copies, so `files` may go. ERR_USAGE names
 * file and line.
 */
bool layout_read(Mem *mem, const SourceFiles *files, const char *engine,
                 Migrations *migrations, Err *err);

/* --- the layouts ----------------------------------------------------------------- */

typedef struct Layout
{
    const char *name;
    bool (*claims)(const SourceFiles *files); /* NULL: every folder that is left */
    bool (*read)(Mem *mem, const SourceFiles *files, const char *engine,
                 Migrations *migrations, Err *err);
} Layout;

bool native_read(Mem *mem, const SourceFiles *files, const char *engine,
                 Migrations *migrations, Err *err);

#endif

/*
 * What `pgstride new` writes: names and texts of the files of a new migration.
 *
 * The texts hold only directives and comments, so a scaffold that nobody edited changes
 * nothing when it runs.
 */
#ifndef PGSTRIDE_CORE_SCAFFOLD_H
#define PGSTRIDE_CORE_SCAFFOLD_H

#include <stdint.h>

#include "base/err.h"

typedef struct ScaffoldWish
{
    const char *name; /* as typed; "Split e-mail" becomes split_e_mail */
    int64_t wall_us;  /* becomes the version: YYYYMMDDHHMMSS, UTC */
    bool up_only;     /* no undo */
    bool phases;      /* expand, backfill, contract instead of up */
    bool split;       /* one file a section */
} ScaffoldWish;

typedef struct ScaffoldFile
{
    const char *name;
    const char *text;
} ScaffoldFile;

typedef struct Scaffold
{
    const char *version;
    ScaffoldFile *files;
    int count;
} Scaffold;

/* The version of a wall time. */
char *scaffold_version(Mem *mem, int64_t wall_us);

/* ERR_USAGE for a name without letters or digits, and for wishes that exclude each
 * other. */
bool scaffold_make(Mem *mem, const ScaffoldWish *wish, Scaffold *scaffold, Err *err);

#endif

/* Backfills without files: what the tests of core/sql's backfills begin with. */
#ifndef PGSTRIDE_TESTS_FILLS_H
#define PGSTRIDE_TESTS_FILLS_H

#include "unit/sections.h"

/* What a test says of a migration: its expand, its backfill, and the options. */
typedef struct Given
{
    const char *expand;
    const char *backfill;
    Sync sync;
    const char *reverse;
} Given;

/* What became of it. */
typedef struct Read
{
    Section sections[2];
    Migration migration;
    Backfill fill;
    Err err;
    bool good;
} Read;

Read *read_given(Mem *mem, Given given);

/* It must be read; or refused with exactly that, and a hint. */
Backfill *fill_of(Mem *mem, Given given);
void is_refused(Given given, ErrKind kind, int line, const char *why);

#endif

/*
 * Versions of native folders (design §16.3): which comes first, which are the same, and
 * which one a person means.
 *
 * A version of 8, 12 or 14 digits that begins with 19 or 20 is a date and is padded on
 * the right to 14; any other is a number of any length. So 20260515 comes before
 * 20260515093000, 9 before 10, and 01 is the same version as 1.
 */
#ifndef PGSTRIDE_CORE_VERSION_H
#define PGSTRIDE_CORE_VERSION_H

#include "base/err.h"
#include "model/migration.h"

/* True for one digit or more, and nothing else. */
bool version_valid(const char *text);

/* A key that strcmp orders; equal keys are the same version. Give it a valid one. */
char *version_sort_key(Mem *mem, const char *version);
int version_compare(const char *a, const char *b);

/*
 * The migration that `typed` means: its version, however padded; its label or file
 * name; or, for versions of 8 digits or more, a beginning of at least 4 digits that no
 * other has. ERR_USAGE names the candidates when there are several, or the nearest.
 */
bool version_find(const Migrations *migrations, const char *typed,
                  const Migration **found, Err *err);

#endif

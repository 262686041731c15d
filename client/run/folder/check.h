/*
 * Does the folder still agree with the history? Asked before any verb changes anything.
 *
 * Checksums of what ran (a comment or white space edit only warns), files that are
 * gone, versions that come late, and migrations that touch a table which an earlier one
 * has not contracted yet.
 */
#ifndef PGSTRIDE_RUN_CHECK_H
#define PGSTRIDE_RUN_CHECK_H

#include "run/run.h"

/* A folder for other engines is no folder that is up to date: ERR_REFUSED. */
bool check_engine(const Run *run, Err *err);

/* What its layout has to say of the folder: settings that are not honoured, files that
 * are not run. */
void check_tell(Run *run);

/* ERR_REFUSED names file and version. Warnings are told. */
bool check_folder(Run *run, Err *err);

/* No pending version is older than an applied one, unless --out-of-order. */
bool check_order(Run *run, Err *err);

/* The text of that phase as it stands in the folder now. */
void check_sums(Mem *mem, const Migration *migration, Phase phase, Checksums *sums);

/* True when a phase that ran has another text now, comments and white space aside. */
bool check_changed(Run *run, const Migration *migration, const char **phase);
/* Is the text of every phase that ran what it was, byte by byte? */
bool check_unchanged(Run *run, const Migration *migration);

/* The migration with that version in the folder, or NULL. */
Migration *check_find(Run *run, const char *version);

#endif

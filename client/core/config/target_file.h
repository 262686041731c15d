/* A database that is a file: the spellings of SQLite's users. */
#ifndef PGSTRIDE_CORE_TARGET_FILE_H
#define PGSTRIDE_CORE_TARGET_FILE_H

#include "base/err.h"
#include "model/target.h"

/*
 * A path, sqlite:PATH, sqlite://PATH (relative) and sqlite:///PATH, jdbc:sqlite:PATH,
 * file:PATH. Target.given is the path. Parameters that other drivers read (_fk,
 * _journal, _busy_timeout...) are dropped: pgstride sets these itself, for its own
 * connection only. ERR_USAGE: memory, and what is no path.
 */
bool target_file(Mem *mem, const char *given, Target *target, Err *err);

#endif

/* Migration files out of string literals, and errors as one line to compare with. */
#ifndef PGSTRIDE_TESTS_SOURCES_H
#define PGSTRIDE_TESTS_SOURCES_H

#include "base/err.h"
#include "core/layouts/layout.h"

/* A file of that name in "m/"; the text ends at its NUL. */
SourceFile source_of(Mem *mem, const char *name, const char *text);

/* Pairs of name and text, ended by NULL. */
SourceFiles sources_of(Mem *mem, const char *const *names_and_texts);

/* Read as a folder of pgstride's own. */
bool native_folder(Mem *mem, const SourceFiles *files, const char *engine,
                   Migrations *migrations, Err *err);

/* "m/1_a.sql:3: what is wrong", with " | " before detail and hint where there are any;
 * "" when there is no error. Forgets the error. */
const char *err_line(Mem *mem, Err *err);

#endif

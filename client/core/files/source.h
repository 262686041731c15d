/*
 * A migration file as text: what a file must be before anybody looks for SQL in it.
 *
 * UTF-8 without NUL bytes; a byte order mark is passed over. Lines end with \n, \r\n or
 * a lone \r, as they do for the server's scanner.
 */
#ifndef PGSTRIDE_CORE_SOURCE_H
#define PGSTRIDE_CORE_SOURCE_H

#include "base/err.h"
#include "model/migration.h"

/* The text behind the byte order mark, still in the bytes of its file. */
typedef struct SourceText
{
    const char *text;
    size_t length;
    int offset; /* of the text in its file: 3 behind a byte order mark, else 0 */
} SourceText;

/* ERR_USAGE names the line of the first byte that cannot stand in SQL. */
bool source_open(const SourceFile *file, SourceText *source, Err *err);

/* Where a line ends, and the next one begins; both within the text. */
size_t source_line_end(const SourceText *source, size_t offset);
size_t source_line_next(const SourceText *source, size_t offset);

/* True when nothing but the start of the text or a line end stands before it. */
bool source_line_begins(const SourceText *source, size_t offset);

/* Line ends in [from, until). */
int source_lines(const SourceText *source, size_t from, size_t until);

#endif

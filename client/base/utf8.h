/* Characters of UTF-8 text: where they begin, counted and never cut in two; and how
 * wide the terminal of this locale shows them. */
#ifndef PGSTRIDE_BASE_UTF8_H
#define PGSTRIDE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

/* Not the first byte of its character. */
bool utf8_continues(char byte);

/* Bytes of the character there, of those that are left; 0: it is none, or NUL. */
size_t utf8_length(const char *text, size_t left);

/* How many characters there are. */
int utf8_count(const char *text);

/* The byte where a character begins, counted from 1; the text's length behind its end.
 */
size_t utf8_offset(const char *text, int character);

/* Columns on a terminal: most characters fill one, those of East Asia two. */
int utf8_width(const char *text);

/* The same of the character there, and its bytes; a stray byte counts as itself. */
int utf8_column_width(const char *text, int *length);

/* How many of its bytes are shown in at most so many. */
size_t utf8_cut(const char *text, size_t most);

/* A blank for every column of these bytes, so that what follows stands below the next
 * character: tabs stay tabs. */
char *utf8_indent(Mem *mem, const char *text, size_t length);

#endif

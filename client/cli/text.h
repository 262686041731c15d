/*
 * Text as a terminal shows it: alignment counts columns, never bytes.
 *
 * Everything is UTF-8. text_plain gives what a terminal without it can show;
 * text_clean takes the control characters out of what came from a file or a server.
 */
#ifndef PGSTRIDE_CLI_TEXT_H
#define PGSTRIDE_CLI_TEXT_H

#include <stdint.h>

#include "base/mem.h"
#include "base/utf8.h"

typedef struct TextLines
{
    char **items;
    int count;
} TextLines;

/* At least `width` columns, filled with blanks on the right; longer text stays. */
char *text_pad(Mem *mem, const char *text, int width);

/* At most `width` columns; what is cut off ends in an ellipsis. */
char *text_cut(Mem *mem, const char *text, int width);

/* At line ends, and at blanks where a line would be wider than `width` (0: never). */
TextLines text_wrap(Mem *mem, const char *text, int width);

/* Signs that ASCII lacks become the ones it has: "≤" is "<=". */
char *text_plain(Mem *mem, const char *text);

/* Control characters but line ends and tabs become "?". */
char *text_clean(Mem *mem, const char *text);

/* White space runs become one blank, so that the text fits a line. */
char *text_one_line(Mem *mem, const char *text);

/* "1 migration", "2 migrations", "12,400,000 rows". */
char *text_count(Mem *mem, int64_t count, const char *noun);

#endif

/*
 * Where text goes: standard output for results, standard error for all else, a stream
 * in memory for tests.
 *
 * Printing never fails on the spot, because a migration must not stop when its reader
 * goes away; out_end says at the end whether everything arrived.
 */
#ifndef PGSTRIDE_CLI_OUT_H
#define PGSTRIDE_CLI_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

/* Colour marks state and nothing else; no meaning is lost without it. */
typedef enum Mark
{
    MARK_NONE,
    MARK_DONE,
    MARK_WAITING,
    MARK_FAILED
} Mark;

typedef struct Out
{
    FILE *file;
    int width;   /* columns of the terminal; 0: lines are as long as they are */
    bool utf8;   /* else signs are spelled in ASCII */
    bool color;  /* marks are coloured */
    bool live;   /* lines that were drawn may be drawn again */
    int trouble; /* errno of the first write that failed; 0: none did */
} Out;

/* Makes sure that 0, 1 and 2 are taken, so that no socket becomes standard output;
 * writing to one that was closed still fails. */
void out_guard_streams(void);

/* Looks at the stream, the locale, COLUMNS, NO_COLOR and TERM. */
Out out_begin(FILE *file);

void out_print(Out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out_mark(Out *out, Mark mark, const char *text);

/* A paragraph, and the line's end: wrapped where it is wider than the terminal, its
 * further lines below the column at which it begins. */
void out_paragraph(Out *out, int column, const char *text);

/* Bytes as they are: JSON. */
void out_bytes(Out *out, const char *bytes, size_t length);

/* Back over the last `lines` lines, which vanish; only where `live`. */
void out_erase(Out *out, int lines);

/* The whole screen, to be drawn from its top; only where `live`. */
void out_clear(Out *out);

/* The text as this stream can show it; layout must measure this, not the original. */
char *out_text(const Out *out, Mem *mem, const char *text);

/* Measures the terminal again: it may have been resized. */
void out_measure(Out *out);

/* ERR_USAGE where something could not be written. A reader that went away (`| head`)
 * had all that it wanted. */
bool out_end(Out *out, Err *err);

#endif

/* Pages of help: paragraphs, headings and rows of two columns, as wide as the terminal
 * but never wider than the eye likes. */
#ifndef PGSTRIDE_CLI_PAGE_H
#define PGSTRIDE_CLI_PAGE_H

#include "cli/out.h"

/* What it is called, what it means. */
typedef struct PageRow
{
    const char *left;
    const char *right;
} PageRow;

void page_head(Out *out, const char *title);
void page_paragraph(Out *out, const char *text);

/* A left column that is too wide for its place gets a line of its own. */
void page_row(Out *out, const char *left, int left_width, const char *right);
void page_rows(Out *out, const PageRow *rows, int count, int left_width);

#endif

#include "cli/help/page.h"

#include "cli/text.h"

/* Pages are read on terminals of every width; beyond this lines tire the eye. */
#define PAGE_WIDTH 88

static int
page_width(const Out *out)
{
    return out->width > 0 && out->width < PAGE_WIDTH ? out->width : PAGE_WIDTH;
}

void
page_head(Out *out, const char *title)
{
    out_print(out, "\n%s:\n", title);
}

void
page_paragraph(Out *out, const char *text)
{
    MEM_SCOPE(scope, NULL);
    TextLines lines = text_wrap(scope, text, page_width(out));

    for (int i = 0; i < lines.count; i++)
        out_print(out, "%s\n", lines.items[i]);
}

void
page_row(Out *out, const char *left, int left_width, const char *right)
{
    MEM_SCOPE(scope, NULL);
    TextLines lines = text_wrap(scope, right, page_width(out) - left_width - 4);
    bool alone = utf8_width(left) > left_width;

    if (alone)
        out_print(out, "  %s\n", left);
    for (int i = 0; i < lines.count; i++)
        out_print(out, "  %s  %s\n",
                  text_pad(scope, i == 0 && !alone ? left : "", left_width),
                  lines.items[i]);
}

void
page_rows(Out *out, const PageRow *rows, int count, int left_width)
{
    for (int i = 0; i < count; i++)
        page_row(out, rows[i].left, left_width, rows[i].right);
}

#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"

static int
least(int a, int b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, one row of his table at a time. */
static int
edits_between(const char *a, const char *b)
{
    MEM_SCOPE(scope, NULL);
    int width = (int)strlen(b);
    int *row = mem_array(scope, int, width + 1);

    for (int j = 0; j <= width; j++)
        row[j] = j;
    for (int i = 1; a[i - 1] != '\0'; i++)
    {
        int diagonal = row[0];

        row[0] = i;
        for (int j = 1; j <= width; j++)
        {
            int above = row[j];
            bool same =
                tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);

            row[j] = least(diagonal + !same, least(above, row[j - 1]) + 1);
            diagonal = above;
        }
    }
    return row[width];
}

const char *
nearest_name(const char *wrong, const char *const *names, int count)
{
    const char *nearest = NULL;
    int fewest = least(3, ((int)strlen(wrong) + 2) / 3) + 1;

    for (int i = 0; i < count; i++)
    {
        int edits = edits_between(wrong, names[i]);

        if (edits < fewest)
        {
            fewest = edits;
            nearest = names[i];
        }
    }
    return nearest;
}

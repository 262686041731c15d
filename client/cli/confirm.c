#include "cli/confirm.h"

#include <string.h>

/* clang-format off */
static const struct Answer
{
    const char *word;
    bool yes;
} answers[] = {
    {"y", true}, {"yes", true}, {"n", false}, {"no", false},
};
/* clang-format on */

static const struct Answer *
answer_read(const char *line)
{
    size_t length = strcspn(line, "\r\n");

    for (int i = 0; i < LENGTH(answers); i++)
        if (strlen(answers[i].word) == length &&
            strncasecmp(line, answers[i].word, length) == 0)
            return &answers[i];
    return NULL;
}

/* A whole line, of which the beginning is kept; false at the end of the input. */
static bool
line_read(FILE *in, char *line, size_t room)
{
    size_t length = 0;
    int byte;

    while ((byte = fgetc(in)) != EOF && byte != '\n')
        if (length + 1 < room)
            line[length++] = (char)byte;
    line[length] = '\0';
    return byte != EOF;
}

bool
confirm(Out *out, FILE *in, const char *question, Err *err)
{
    char line[16];
    const struct Answer *answer = NULL;

    while (answer == NULL)
    {
        out_print(out, "%s [y/n]: ", question);
        fflush(out->file);
        if (!line_read(in, line, sizeof(line)))
            break;
        answer = answer_read(line);
    }
    if (answer != NULL && answer->yes)
        return true;
    if (answer == NULL)
        out_print(out, "\n");
    return err_set(err, ERR_UNCONFIRMED, "nothing was run");
}

bool
confirm_plan(Out *out, FILE *in, Err *err)
{
    if (confirm(out, in, "Do you wish to execute this migration plan?", err))
        return true;
    out_print(out, "Migration aborted.\n");
    return false;
}

#include "run/failure.h"

#include <string.h>

/* The byte where the given character (1-based) of UTF-8 text begins. */
static size_t
utf8_offset(const char *text, int character)
{
    size_t at = 0;

    for (int seen = 1; seen < character && text[at] != '\0'; seen++)
        do
            at++;
        while ((text[at] & 0xC0) == 0x80);
    return at;
}

/* The line that holds `at`, and a caret below it. */
static void
failure_caret(const char *text, size_t at, Err *err)
{
    MEM_SCOPE(scope, NULL);
    size_t begin = at;
    size_t end = at;
    int column = 0;

    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    while (text[end] != '\0' && text[end] != '\n')
        end++;
    for (size_t i = begin; i < at; i++)
        column += (text[i] & 0xC0) != 0x80;
    err_detail(err, "%s", mem_slice(scope, text + begin, end - begin));
    err_detail(err, "%*s^", column, "");
}

bool
failure_explain(const Step *step, int index, const Reply *reply, Err *err)
{
    const char *text =
        index >= 0 && index < step->sql_count ? step->sql[index].text : NULL;
    Ask ask = {.label = "statement", .sql = text};
    Reply first = *reply;
    size_t at = 0;

    first.failed_at = 0;
    db_reply_err(&first, &ask, err);
    if (text == NULL)
        return false;
    if (reply->position > 0)
    {
        at = utf8_offset(text, reply->position);
        failure_caret(text, at, err);
    }

    const Span *span = &step->spans[index];

    if (span->file != NULL)
    {
        err->file = mem_copy(err->mem, span->file);
        err->line = span->line;
    }
    /* Only a statement sent as written has its lines where the file has them. */
    for (size_t i = 0; step->recipe == NULL && i < at; i++)
        err->line += text[i] == '\n';
    return false;
}

#include "cli/print/print_error.h"

#include <string.h>

#include "cli/json.h"
#include "cli/text.h"

/* What is no failure is not called one. */
static const char *
error_word(ErrKind kind)
{
    switch (kind)
    {
    case ERR_STOPPED:
        return "Stopped: ";
    case ERR_UNCONFIRMED:
        return "Not confirmed: ";
    case ERR_PENDING:
        return "Pending: ";
    default:
        return "Error: ";
    }
}

/* FILE:LINE: first, as compilers do, where the text does not say it itself. */
static char *
error_place(Mem *mem, const Err *err)
{
    char *place = err->line > 0 ? mem_text(mem, "%s:%d", err->file, err->line)
                                : mem_copy(mem, err->file);

    if (err->file == NULL || strstr(err->text, place) != NULL)
        return mem_copy(mem, "");
    return mem_text(mem, "%s: ", place);
}

static void
print_indented(Out *out, Mem *mem, const char *first, const char *text)
{
    TextLines lines = text_wrap(mem, text, 0);

    for (int i = 0; i < lines.count; i++)
        out_print(out, "  %s%s\n", i == 0 ? first : "", lines.items[i]);
}

void
print_error_text(Out *out, const Err *err)
{
    MEM_SCOPE(scope, NULL);
    bool failed = error_word(err->kind)[0] == 'E';

    out_mark(out, failed ? MARK_FAILED : MARK_WAITING, error_word(err->kind));
    out_print(out, "%s%s\n", error_place(scope, err), err->text);
    if (err->detail != NULL)
        print_indented(out, scope, "", err->detail);
    if (err->hint != NULL)
        print_indented(out, scope, "hint: ", err->hint);
}

void
print_error(Invocation *call, const Err *err)
{
    if (options_json(&call->options) && !call->answered)
        json_give_error(call, err);
    else
        print_error_text(&call->log, err);
}

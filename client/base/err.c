#include "base/err.h"

#include <stdarg.h>
#include <string.h>

typedef struct ErrRow
{
    const char *code;
    int exit_code;
} ErrRow;

/* clang-format off */
static const ErrRow err_rows[ERR_KIND_COUNT] = {
    [ERR_NONE]        = {"none",          0},
    [ERR_SQL]         = {"statement",     1},
    [ERR_USAGE]       = {"usage",         2},
    [ERR_DIRTY]       = {"dirty",         3},
    [ERR_REFUSED]     = {"refused",       4},
    [ERR_BUSY]        = {"lock",          5},
    [ERR_CONNECT]     = {"connection",    6},
    [ERR_LOST]        = {"lost",          6},
    [ERR_UNCONFIRMED] = {"not_confirmed", 7},
    [ERR_PENDING]     = {"pending",       8},
    [ERR_INTERNAL]    = {"internal",     70},
    [ERR_STOPPED]     = {"stopped",      75},
};
/* clang-format on */

static void
err_fill(Err *err, ErrKind kind, const char *format, va_list args)
{
    err_clear(err);
    err->mem = mem_scope_begin(NULL);
    err->kind = kind;
    err->text = mem_vtext(err->mem, format, args);
}

bool
err_set(Err *err, ErrKind kind, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    err_fill(err, kind, format, args);
    va_end(args);
    return false;
}

bool
err_at(Err *err, ErrKind kind, const char *file, int line, const char *format, ...)
{
    MEM_SCOPE(scope, NULL);
    const char *kept = mem_copy(scope, file); /* it may belong to err itself */
    va_list args;

    va_start(args, format);
    err_fill(err, kind, format, args);
    va_end(args);
    err->file = mem_copy(err->mem, kept);
    err->line = line;
    return false;
}

bool
err_in(Err *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *context = mem_vtext(err->mem, format, args);
    va_end(args);
    err->text = mem_text(err->mem, "%s: %s", context, err->text);
    return false;
}

bool
err_detail(Err *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *line = mem_vtext(err->mem, format, args);
    va_end(args);
    err->detail =
        err->detail == NULL ? line : mem_text(err->mem, "%s\n%s", err->detail, line);
    return false;
}

bool
err_hint(Err *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    err->hint = mem_vtext(err->mem, format, args);
    va_end(args);
    return false;
}

bool
err_missing(Err *err, const char *table)
{
    err->missing_table = mem_copy(err->mem, table);
    return false;
}

void
err_clear(Err *err)
{
    TALLOC_FREE(err->mem);
    memset(err, 0, sizeof(*err));
}

int
err_exit_code(ErrKind kind)
{
    return err_rows[kind].exit_code;
}

const char *
err_code(ErrKind kind)
{
    return err_rows[kind].code;
}

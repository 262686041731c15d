#include "cli/out.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/text.h"

/* clang-format off */
static const char *const mark_colors[] = {
    [MARK_NONE]    = "",
    [MARK_DONE]    = "\033[32m",
    [MARK_WAITING] = "\033[33m",
    [MARK_FAILED]  = "\033[31m",
};
/* clang-format on */

/* /dev/null is opened the wrong way round for 1 and 2: a write there says EBADF. */
void
out_guard_streams(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

void
out_measure(Out *out)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;

    if (!out->live)
        return;
    if (ioctl(fileno(out->file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        out->width = size.ws_col;
    else if (columns != NULL)
        out->width = (int)strtol(columns, NULL, 10);
    if (out->width < 20)
        out->width = 80;
}

Out
out_begin(FILE *file)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool terminal = isatty(fileno(file)) == 1;
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;
    Out out = {.file = file,
               .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
               .live = terminal && !dumb};

    out.color = out.live && (no_color == NULL || no_color[0] == '\0');
    out_measure(&out);
    return out;
}

/* Remembers why, because later writes to a stream that failed say nothing of it. The
 * stream is asked too: of a line that could not be flushed fwrite says it was written.
 */
static void
out_put(Out *out, const char *bytes, size_t length)
{
    bool written = fwrite(bytes, 1, length, out->file) == length;

    if ((!written || ferror(out->file)) && out->trouble == 0)
        out->trouble = errno;
}

char *
out_text(const Out *out, Mem *mem, const char *text)
{
    char *clean = text_clean(mem, secret_scrub(mem, text));

    return out->utf8 ? clean : text_plain(mem, clean);
}

void
out_print(Out *out, const char *format, ...)
{
    MEM_SCOPE(scope, NULL);
    va_list args;

    va_start(args, format);
    char *text = out_text(out, scope, mem_vtext(scope, format, args));
    va_end(args);
    out_put(out, text, strlen(text));
}

void
out_paragraph(Out *out, int column, const char *text)
{
    MEM_SCOPE(scope, NULL);
    int width = out->width > column ? out->width - column : 0;
    TextLines lines = text_wrap(scope, out_text(out, scope, text), width);

    for (int i = 0; i < lines.count; i++)
        out_print(out, "%*s%s\n", i == 0 ? 0 : column, "", lines.items[i]);
}

void
out_mark(Out *out, Mark mark, const char *text)
{
    bool color = out->color && mark != MARK_NONE;

    if (color)
        fputs(mark_colors[mark], out->file);
    out_print(out, "%s", text);
    if (color)
        fputs("\033[0m", out->file);
}

void
out_bytes(Out *out, const char *bytes, size_t length)
{
    out_put(out, bytes, length);
}

void
out_erase(Out *out, int lines)
{
    if (!out->live || lines == 0)
        return;
    fprintf(out->file, "\r\033[%dA\033[J", lines);
}

void
out_clear(Out *out)
{
    if (out->live)
        fputs("\033[H\033[J", out->file);
}

bool
out_end(Out *out, Err *err)
{
    if (fflush(out->file) != 0 && out->trouble == 0)
        out->trouble = errno;
    if (out->trouble == 0 || out->trouble == EPIPE)
        return true;
    return err_set(err, ERR_USAGE, "cannot write the output: %s",
                   strerror(out->trouble));
}

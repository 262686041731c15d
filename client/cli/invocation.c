#include "cli/invocation.h"

#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "cli/clashes.h"

void
invocation_begin(Mem *mem, Invocation *call)
{
    memset(call, 0, sizeof(*call));
    out_guard_streams();
    setlocale(LC_CTYPE, "");
    setvbuf(stdout, NULL, _IOLBF, 0); /* in step with stderr when both are one pipe */
    call->mem = mem;
    call->out = out_begin(stdout);
    call->log = out_begin(stderr);
    call->in = stdin;
    call->person = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
    call->seen = call->person && isatty(STDOUT_FILENO) == 1;
}

bool
invocation_read(Invocation *call, int argc, char **argv, Err *err)
{
    const Options *options = &call->options;
    bool good = options_read(call->mem, argc, argv, &call->options, err);

    log_begin(options_log_level(options), options->internal_log);
    if (options_log_level(options) < LOG_LEVEL_WARN || options->internal_log)
        call->log.live = false; /* log lines would tear what is drawn */
    if (options->no_color)
        call->out.color = call->log.color = false;
    if (!good || !command_read(call->mem, options, &call->line, err))
        return false;
    if (options->help || options->version || options->list_faults)
        return true;
    return options_apply_to(options, call->line.command->bit, call->line.command->name,
                            err) &&
           clashes_refuse(options, &call->line, err);
}

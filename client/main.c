/* argv becomes a command, a command may become an error, an error becomes an exit code.
 */
#include "base/secret.h"
#include "base/stop.h"
#include "cli/invocation.h"
#include "cli/print/print_error.h"

/* Not freed: it goes with the process, and taking a thousand migrations apart again is
 * a twelfth of a run that finds nothing to do. What has to end, sessions, ends before.
 */
static Mem *mem;

int
main(int argc, char **argv)
{
    Invocation call;
    Err err = {0};
    Err late = {0};
    int code;

    mem = mem_scope_begin(NULL);
    invocation_begin(mem, &call);
    stop_listen();
    argv = secret_hide_argv(mem, argc, argv);
    if (!invocation_read(&call, argc, argv, &err) ||
        !call.line.command->run(&call, &err))
        print_error(&call, &err);
    code = err_exit_code(err.kind);
    if (!out_end(&call.out, &late) && err.kind == ERR_NONE)
    {
        print_error_text(&call.log, &late);
        code = err_exit_code(late.kind);
    }
    err_clear(&err);
    err_clear(&late);
    return code;
}

/* argv becomes a command, a command may become an error, an error becomes an exit code.
 */
#include "base/secret.h"
#include "base/stop.h"
#include "cli/invocation.h"
#include "cli/print/print_error.h"

int
main(int argc, char **argv)
{
    Mem *mem = mem_scope_begin(NULL);
    Invocation call;
    Err err = {0};
    Err late = {0};
    int code;

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
    mem_leave(mem);
    return code;
}

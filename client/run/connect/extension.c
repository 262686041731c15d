#include "run/connect/extension.h"

#include <string.h>

#include "core/extension.h"
#include "run/tell.h"

static bool
extension_ask(Run *run, Mem *mem, Extension *extension, const char **why, Err *err)
{
    Rows rows;

    if (db_query(mem, run->watcher, "extension_protocol", NO_ARGS, &rows, err))
    {
        extension->protocol = (int)rows_int(&rows, 0, "protocol");
        extension->state = extension_judge(extension->protocol);
        return true;
    }
    if (err->kind == ERR_LOST || err->kind == ERR_STOPPED)
        return false;
    extension->state = EXTENSION_BROKEN;
    *why = mem_copy(mem, err->text);
    err_clear(err);
    return true;
}

/* After a server has taken over, ours may be another one, or the same without it. */
bool
extension_meet(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *before = run->extension_trouble;
    Caps *caps = mem_new(run->mem, Caps);
    const char *why = NULL;

    *caps = *run->caps;
    caps->extension = run->watcher->caps->extension;
    if (caps->extension.state == EXTENSION_UNASKED &&
        !extension_ask(run, scope, &caps->extension, &why, err))
        return false;
    run->caps = caps;
    run->extension_trouble = extension_trouble(run->mem, &caps->extension, why);
    if (run->extension_trouble != NULL && !run->settings->examines &&
        (before == NULL || strcmp(before, run->extension_trouble) != 0))
        tell_text(run, EVENT_WARNING, run->extension_trouble);
    return true;
}

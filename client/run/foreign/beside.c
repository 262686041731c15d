/*
 * A history that is not in the database it is about: where a database is a file, sqitch
 * keeps its registry in another one beside it, of the same ending.
 */
#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

#include "run/foreign/foreign.h"

/* /srv/shop.db: /srv/sqitch.db */
static char *
file_beside(Mem *mem, const char *path, const char *name)
{
    const char *file = basename(mem_copy(mem, path));
    const char *ending = strrchr(file, '.');

    return mem_text(mem, "%s/%s%s", dirname(mem_copy(mem, path)), name,
                    ending == NULL ? "" : ending);
}

bool
foreign_attach(Run *run, const Foreign *foreign, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *label = mem_text(scope, "%s_attach", foreign->query);
    Rows rows;

    if (run->driver->query(run->watcher, label) == NULL)
        return true;

    const char *file = file_beside(scope, run->settings->target.given, foreign->schema);

    if (access(file, F_OK) != 0 && errno == ENOENT)
        return true;
    if (db_query(scope, run->watcher, label, ARGS(file), &rows, err))
        return true;
    err->kind = ERR_CONNECT;
    return err_in(err, "while opening \"%s\", where sqitch keeps its history", file);
}

/* A copy that was read back, before the first step that takes something away. */
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/sql/sqlite/lite.h"
#include "run/engines/sqlite/lite_run.h"
#include "run/tell.h"

static bool
step_takes_away(Run *run, const Step *step)
{
    MEM_SCOPE(scope, run->mem);

    for (int i = 0; i < step->sql_count; i++)
    {
        const Section section = {.engine = run->settings->target.engine,
                                 .text = step->sql[i].text,
                                 .text_line = 1,
                                 .file = ""};
        Statements statements;
        Err ignored = {0};
        bool read = sql_parse(scope, &section, &statements, &ignored);

        err_clear(&ignored);
        for (int j = 0; read && j < statements.count; j++)
        {
            const Act *act = &statements.items[j].acts[0];

            if (lite_rebuilds(act) || act->action == ACTION_DROP_TABLE ||
                act->action == ACTION_DROP_COLUMN)
                return true;
        }
    }
    return false;
}

static bool
sync_path(const char *path, int flags)
{
    int file = open(path, flags | O_CLOEXEC);
    bool good = file >= 0 && fsync(file) == 0;

    if (file >= 0)
        close(file);
    return good;
}

/* On the disk, and whole. */
static bool
copy_check(Run *run, const char *copy, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Target target = {
        .engine = run->settings->target.engine, .given = copy, .shown = copy};
    const SessionPlan plan = {.role = "watcher", .application = "pgstride"};
    const Ask ask = {.label = "quick_check", .sql = "PRAGMA quick_check(1)"};
    Db *db = NULL;
    Reply reply;

    if (!sync_path(copy, O_RDONLY) ||
        !sync_path(dirname(mem_copy(scope, copy)), O_RDONLY | O_DIRECTORY))
        return err_set(err, ERR_SQL, "the backup \"%s\" is not safely on the disk",
                       copy);
    if (!sqlite_driver.open(scope, &target, &plan, &db, err))
        return false;

    bool good = db_script(scope, db, &ask, 1, &reply, err);
    bool whole = good && strcmp(reply.rows[0].cells[0], "ok") == 0;

    sqlite_driver.close(db);
    if (good && !whole)
        err_set(err, ERR_REFUSED, "the backup is damaged, so the database is: %s",
                reply.rows[0].cells[0]);
    return whole;
}

bool
lite_backup(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText sql = sql_begin(scope, run->caps);
    int64_t wall_us = run->clock->wall_us(run->clock);
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm parts;
    char stamp[32];
    Reply reply;

    if (run->settings->no_backup || run->backed_up || !step_takes_away(run, step))
        return true;
    gmtime_r(&seconds, &parts);
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &parts);

    const char *copy = mem_text(scope, "%s.%s.%03d.bak", run->settings->target.given,
                                stamp, (int)(wall_us / 1000 % 1000));

    sql_raw(&sql, "VACUUM INTO ");
    sql_string(&sql, copy);
    if (!lite_send(scope, run->worker, "backup", &sql, &reply, err) ||
        !copy_check(run, copy, err))
    {
        unlink(copy);
        return err_in(err, "while making a backup") ||
               err_hint(err, "Make room, or go without: --no-backup.");
    }
    run->backed_up = true;
    tell_note(run, EVENT_NOTE, "backup %s, checked", copy);
    return true;
}

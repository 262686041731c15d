#include "run/locks/idler.h"

#include <inttypes.h>
#include <string.h>

#include "base/version.h"
#include "core/locks/holder.h"
#include "core/locks/on_blocker.h"
#include "run/connect/runner.h"
#include "run/tell.h"

#define SQLSTATE_NO_PRIVILEGE "42501"
#define WORTH_TELLING_MS 1000 /* applications often idle for a moment */

IdlerScene
idler_scene(const Step *step)
{
    return (IdlerScene){
        .migration = step->migration, .phase = step_phase(step), .step = step->ordinal};
}

bool
idler_was_asked(const Run *run, const Holder *holder)
{
    for (int i = 0; i < run->asked.count; i++)
        if (run->asked.items[i].pid == holder->pid &&
            run->asked.items[i].begun_us == holder->begun_us)
            return true;
    return false;
}

/* The fence is asked and the record written by the statement that sends the signal. */
static bool
idler_signal(Run *run, const IdlerScene *scene, const Holder *holder, bool *ended,
             Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const OnBlocker *rule = &run->settings->on_blocker;
    Identity me = runner_identity(scope);
    const char *what =
        mem_text(scope, "--on-blocker=%s ended %s", on_blocker_show(scope, rule),
                 holder_show(scope, holder));
    Rows rows;

    if (!db_query(scope, run->warden, "end_idler",
                  ARGS(run->settings->component, run->id,
                       scene->migration == NULL ? NULL : scene->migration->version,
                       scene->phase, mem_text(scope, "%d", scene->step), what,
                       me.os_user, me.host, PGSTRIDE_VERSION,
                       mem_text(scope, "%" PRId64, holder->pid),
                       mem_text(scope, "%" PRId64, holder->begun_us),
                       mem_text(scope, "%" PRId64, holder->state_us),
                       rule->rule == BLOCKER_TERMINATE_IDLE ? "true" : "false"),
                  &rows, err))
        return false;
    *ended = rows.row_count > 0;
    if (*ended)
        tell_text(run, EVENT_WARNING, what);
    return true;
}

/* The server let us not: whose grant is missing, and to whom. */
static bool
tell_refused(Run *run, const Holder *holder, const char *why, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(scope, run->warden, "where_am_i", NO_ARGS, &rows, err))
        return false;
    tell_note(run, EVENT_WARNING,
              "%s is in the way and may not be ended by this role: %s; GRANT "
              "pg_signal_backend TO \"%s\" allows it, save for superusers' sessions",
              holder_show(scope, holder), why, rows_cell(&rows, 0, "user_name"));
    return true;
}

bool
idler_end(Run *run, const IdlerScene *scene, const Holder *holder, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    bool ended = false;
    bool refused = false;

    if (!idler_signal(run, scene, holder, &ended, err))
    {
        const char *why = mem_copy(scope, err->text);

        refused = strcmp(err->sqlstate, SQLSTATE_NO_PRIVILEGE) == 0;
        if (!refused)
            return err_in(err, "while ending an idle transaction");
        err_clear(err);
        if (!tell_refused(run, holder, why, err))
            return false;
    }
    if (ended || refused)
        *list_add(run->mem, &run->asked) =
            (AskedIdler){.pid = holder->pid, .begun_us = holder->begun_us};
    return true;
}

/* Whether it idles is for those to see who may see it. */
static bool
tell_hidden(Run *run, const Holder *holder, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows rows;

    if (!db_query(scope, run->warden, "where_am_i", NO_ARGS, &rows, err))
        return false;
    tell_note(run, EVENT_WARNING,
              "--on-blocker cannot judge pid %" PRId64
              ", whose state is hidden from this role: GRANT pg_read_all_stats TO "
              "\"%s\" shows it",
              holder->pid, rows_cell(&rows, 0, "user_name"));
    return true;
}

bool
idler_tell_way_out(Run *run, const Holder *holder, Err *err)
{
    bool may_end = run->settings->on_blocker.rule != BLOCKER_WAIT;
    bool hidden = holder->kind == HOLDER_SESSION && holder->state == NULL;
    bool idles = holder->kind == HOLDER_IDLE_IN_TRANSACTION;

    if (run->told_way_out || holder->standby != NULL || (may_end ? !hidden : !idles) ||
        (hidden ? holder->seen_ms : holder->state_ms) < WORTH_TELLING_MS)
        return true;
    run->told_way_out = true;
    if (hidden)
        return tell_hidden(run, holder, err);
    tell_note(
        run, EVENT_NOTE,
        "who idles in the way is never ended unless you say so: --on-blocker=%s:30s",
        holder->wrote ? "terminate-idle" : "cancel-idle");
    return true;
}

bool
idler_end_any(Run *run, const IdlerScene *scene, const Look *look, Err *err)
{
    const Settings *settings = run->settings;
    const Holder *idler =
        blocker_to_end(&settings->on_blocker, look, (double)settings->max_stall);

    return idler == NULL || idler_end(run, scene, idler, err);
}

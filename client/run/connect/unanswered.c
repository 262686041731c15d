#include "run/connect/unanswered.h"

#include <string.h>

#include "base/stop.h"
#include "base/units.h"
#include "core/locks/holder.h"
#include "run/connect/sessions.h"
#include "run/locks/look.h"

#define ONLOOKER "onlooker"

/* Best effort: without another session, or when it is not told, nobody is seen. */
static void
keepers_see(Run *run, const Db *waiting, Mem *mem, Look *look)
{
    Err ignored = {0};

    if (run->onlooker != NULL ||
        run_open_session(run, ONLOOKER, &run->onlooker, &ignored))
        look_at_keepers(run, mem, run->onlooker, waiting, look, &ignored);
    err_clear(&ignored);
}

/* Past tell, which writes on a session that may be the one that waits. */
static void
keeper_tell(Run *run, const char *what, const char *who)
{
    MEM_SCOPE(scope, run->mem);
    const Event event = {.kind = EVENT_WARNING,
                         .text =
                             mem_text(scope, "waiting for %s: held by %s", what, who)};

    run->observer->see(run->observer, &event);
}

static bool
keeper_outlasts(const Look *look, const char *what, const char *who, double waited_ms,
                Err *err)
{
    MEM_SCOPE(scope, NULL);

    err_set(err, ERR_BUSY, "%s was locked by others for %s", what,
            duration_show(scope, waited_ms));
    err_detail(err, "held by %s", who);
    return err_hint(err, "%s", holder_advice(scope, &look->holders[0]));
}

/* Nobody is in the way: the server is at work on it. */
static bool
unanswered_look(void *about, Db *db, double waited_ms, Err *err)
{
    Run *run = about;
    MEM_SCOPE(scope, run->mem);
    Look look = {0};

    if (stop_asked())
        return err_set(err, ERR_STOPPED, "the server had not answered yet");
    keepers_see(run, db, scope, &look);
    if (look.count == 0)
        return true;

    const Holder *first = &look.holders[0];
    const char *what = first->relation == NULL ? "a lock" : first->relation;
    const char *who = holder_show(scope, first);

    if (waited_ms >= (double)run->settings->lock_patience)
        return keeper_outlasts(&look, what, who, waited_ms, err);
    if (run->told_keeper_pid == first->pid)
        return true;
    run->told_keeper_pid = first->pid;
    keeper_tell(run, what, who);
    return true;
}

void
unanswered_heed(Run *run, Db *db)
{
    bool supervised = strncmp(db->role, "worker", strlen("worker")) == 0;
    bool told = run->driver->query(db, "blockers") != NULL;

    if (told && !supervised && strcmp(db->role, ONLOOKER) != 0)
        db->upkeep = (Upkeep){.keep = unanswered_look, .what = run, .heeds_stop = true};
}

/* The verbs that run migrations: chosen, foreseen as a whole, and then gone one by one.
 */
#include "core/plan/phase.h"
#include "run/connect/runner.h"
#include "run/connect/sessions.h"
#include "run/facts/elsewhere.h"
#include "run/facts/foresee.h"
#include "run/facts/meant.h"
#include "run/foreign/foreign.h"
#include "run/history/history.h"
#include "run/tell.h"
#include "run/verbs/migrate.h"

/* A server that dies this often under the same run is not going to get it done. */
#define LOST_AT_MOST 5

typedef bool (*Choose)(Run *run, Mem *mem, Route *route, Err *err);

static bool
route_up(Run *run, Mem *mem, Route *route, Err *err)
{
    return choose_up(run, mem, &route->up, err) &&
           elsewhere_apart(run, route->up.items, route->up.count, err);
}

static bool
route_contract(Run *run, Mem *mem, Route *route, Err *err)
{
    return choose_contract(run, mem, &route->up, err);
}

static bool
route_down(Run *run, Mem *mem, Route *route, Err *err)
{
    return choose_down(run, mem, &route->down, err);
}

static bool
route_goto(Run *run, Mem *mem, Route *route, Err *err)
{
    return choose_goto(run, mem, route, err) &&
           elsewhere_apart(run, route->up.items, route->up.count, err);
}

static const Choose chooses[VERB_COUNT] = {
    [VERB_UP] = route_up,
    [VERB_CONTRACT] = route_contract,
    [VERB_DOWN] = route_down,
    [VERB_GOTO] = route_goto,
};

bool
run_plan(Run *run, Verb verb, Mem *mem, Plans *plans, Err *err)
{
    Route route = {0};

    return chooses[verb](run, mem, &route, err) &&
           (foresee(run, mem, &route, plans, err) || table_meant(run, err));
}

/* What is where it should be is passed over: all of it is gone through again when the
 * server has lost some of it. */
static bool
route_walk(Run *run, Verb verb, const Route *route, Report *report, Err *err)
{
    bool good = true;

    for (int i = 0; good && i < route->up.count; i++)
    {
        Migration *migration = route->up.items[i];
        State goal = verb == VERB_CONTRACT
                         ? STATE_CONTRACTED
                         : phase_goal(migration, run->settings->through);

        if (history_state(&run->history, migration->version) < goal)
            good =
                migrate_forward(run, migration, verb == VERB_CONTRACT ? verb : VERB_UP,
                                goal, report, err);
    }
    for (int i = 0; good && i < route->down.count; i++)
        if (history_kept(&run->history, route->down.items[i]->version))
            good = migrate_back(run, route->down.items[i], report, err);
    return good;
}

/* --- durable, or done again ------------------------------------------------------ */

/*
 * COMMITs that may be lost with the server wait for no disk: one at the end does, and
 * success is not said before. On one server all that was committed earlier is on the
 * disk, and with the standbys that commits wait for, when a later commit is.
 */
static bool
route_settle(Run *run, Err *err)
{
    bool hasty = caps_own(run->caps)->hasty[0] != '\0';

    for (int lost = 0; hasty && run->deeds > 0 && !runner_settle(run, err); lost++)
        if (err->kind != ERR_LOST || lost == LOST_AT_MOST || !run_recover(run, err))
            return false;
    return true;
}

static bool
route_taken_back(Run *run, Report *report, Err *err)
{
    if (!run->taken_back)
        return false;
    tell_note(run, EVENT_WARNING, "%s (%s): doing them again", err->text, err->detail);
    err_clear(err);
    run->taken_back = false;
    if (!history_read(run, err))
        return false;
    report_correct(report, run);
    return true;
}

/* Everything is found to be possible before the first of it is begun. */
static bool
route_go(Run *run, Verb verb, Mem *mem, Report *report, Err *err)
{
    Route route = {0};
    bool good = chooses[verb](run, mem, &route, err) &&
                foresee(run, mem, &route, NULL, err) &&
                (route.down.count == 0 || foreign_may_forget(run, err));

    for (int lost = 0; good; lost++)
    {
        good = route_walk(run, verb, &route, report, err) && route_settle(run, err);
        if (good || lost == LOST_AT_MOST || !route_taken_back(run, report, err))
            break;
        good = true;
    }
    report_waiting(run, report);
    return good || table_meant(run, err);
}

bool
run_up(Run *run, Mem *mem, Report *report, Err *err)
{
    return route_go(run, VERB_UP, mem, report, err);
}

bool
run_contract(Run *run, Mem *mem, Report *report, Err *err)
{
    return route_go(run, VERB_CONTRACT, mem, report, err);
}

bool
run_down(Run *run, Mem *mem, Report *report, Err *err)
{
    return route_go(run, VERB_DOWN, mem, report, err);
}

bool
run_goto(Run *run, Mem *mem, Report *report, Err *err)
{
    return route_go(run, VERB_GOTO, mem, report, err);
}

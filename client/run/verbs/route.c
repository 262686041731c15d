/* The verbs that run migrations: chosen, foreseen as a whole, and then gone one by one.
 */
#include "core/plan/phase.h"
#include "run/facts/elsewhere.h"
#include "run/facts/foresee.h"
#include "run/verbs/migrate.h"

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
           foresee(run, mem, &route, plans, err);
}

/* Everything is found to be possible before the first of it is begun. */
static bool
route_go(Run *run, Verb verb, Mem *mem, Report *report, Err *err)
{
    Route route = {0};
    bool good =
        chooses[verb](run, mem, &route, err) && foresee(run, mem, &route, NULL, err);

    for (int i = 0; good && i < route.up.count; i++)
    {
        Migration *migration = route.up.items[i];
        State goal = verb == VERB_CONTRACT
                         ? STATE_CONTRACTED
                         : phase_goal(migration, run->settings->through);

        good = migrate_forward(run, migration, verb == VERB_CONTRACT ? verb : VERB_UP,
                               goal, report, err);
    }
    for (int i = 0; good && i < route.down.count; i++)
        good = migrate_back(run, route.down.items[i], report, err);
    report_waiting(run, report);
    return good;
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

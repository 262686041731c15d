/*
 * up, contract, down, goto: show the plan and ask where somebody can answer, act, tell.
 *
 * The plan that is shown comes from a session of its own that locks nothing: a question
 * that waits for its answer all night must not keep another runner out.
 */
#include "cli/component.h"
#include "cli/confirm.h"
#include "cli/json.h"
#include "cli/print/print_plan.h"
#include "cli/print/print_report.h"
#include "cli/print/table.h"
#include "cli/session.h"
#include "cli/settings.h"

typedef struct Move
{
    Verb verb;
    bool (*run)(Run *run, Mem *mem, Report *report, Err *err);
    const char *opening; /* the first line of the results */
} Move;

/* clang-format off */
static const Move moves[VERB_COUNT] = {
    [VERB_UP]       = {VERB_UP,       run_up,       "Applying migrations..."},
    [VERB_CONTRACT] = {VERB_CONTRACT, run_contract, NULL},
    [VERB_DOWN]     = {VERB_DOWN,     run_down,     NULL},
    [VERB_GOTO]     = {VERB_GOTO,     run_goto,     NULL},
};
/* clang-format on */

/* `migrate sql` asks even a pipe, as the program it stands in for did. */
static bool
move_asks(const Invocation *call, const Move *move)
{
    return !call->options.yes &&
           (call->person || move->verb != VERB_UP || call->line.road == ROAD_SQL);
}

static bool
move_plan(Invocation *call, const Move *move, Plans *plans, Err *err)
{
    Session session;

    if (!session_open(call, &session, false, err))
        return false;

    bool good = run_plan(session.run, move->verb, call->mem, plans, err);

    session_close(call, &session);
    return good;
}

static PlanView
move_view(const Invocation *call, const Move *move, const Plans *plans)
{
    return (PlanView){.plans = plans,
                      .verb = move->verb,
                      .settings = &call->settings,
                      .database = call->database,
                      .exact = call->options.verbose > 0};
}

static bool
move_unasked(Err *err)
{
    err_set(err, ERR_UNCONFIRMED, "nobody is at a terminal to confirm the plan");
    return err_hint(err, "Run it with --yes to go on without a question.");
}

/* Shows and asks; *go says whether there is anything to run. */
static bool
move_confirm(Invocation *call, const Move *move, bool *go, Err *err)
{
    bool json = options_json(&call->options);
    bool aside = call->options.format != FORMAT_TEXT || (call->person && !call->seen);
    Out *out = aside ? &call->log : &call->out;
    Plans plans = {0};

    if (!move_plan(call, move, &plans, err))
        return false;

    PlanView view = move_view(call, move, &plans);

    *go = plans.count > 0;
    if (!*go)
        return true;
    if (!json || call->person)
        print_plan(out, &view);
    return call->person ? confirm_plan(out, call->in, err) : move_unasked(err);
}

static void
move_tell(Invocation *call, const Move *move, const Report *report, bool complete)
{
    if (call->options.format == FORMAT_TABLE)
        table_of_report(&call->out, report_json(report));
    else if (!options_json(&call->options))
        print_report(&call->out, move->verb, report, complete);
    else if (complete)
        json_give(call, report_json(report));
    else
        call->moved = report_json(report);
}

static bool
move_act(Invocation *call, const Move *move, Err *err)
{
    Report report = {0};
    Session session;

    call->settings.may_idle = move->verb == VERB_UP;
    if (!session_open(call, &session, true, err))
        return false;
    if (call->options.format == FORMAT_TEXT)
        session.view.opening = move->opening;

    bool good = move->run(session.run, call->mem, &report, err);

    run_finish(session.run, err);
    session_close(call, &session);
    move_tell(call, move, &report, good);
    return good;
}

static bool
move_show(Invocation *call, const Move *move, Err *err)
{
    Plans plans = {0};

    if (!move_plan(call, move, &plans, err))
        return false;

    PlanView view = move_view(call, move, &plans);

    if (options_json(&call->options))
    {
        json_give(call, plan_json(&view));
        return true;
    }
    if (call->options.format == FORMAT_TABLE)
    {
        table_of_plan(&call->out, &view);
        return true;
    }
    if (plans.count == 0)
    {
        print_report(&call->out, move->verb, &(Report){0}, true);
        return true;
    }
    print_plan(&call->out, &view);
    out_print(&call->out, "Nothing was run.\n");
    return true;
}

static bool
move_one(Invocation *call, const void *what, Err *err)
{
    const Move *move = what;
    bool go = true;

    if (!settings_fill(call, err))
        return false;
    if (call->options.dry_run)
        return move_show(call, move, err);
    call->settings.begins = move->verb == VERB_UP || move->verb == VERB_GOTO;
    call->settings.begins_by = move->verb;
    if (move_asks(call, move) && !move_confirm(call, move, &go, err))
        return false;
    if (go)
        return move_act(call, move, err);
    move_tell(call, move, &(Report){0}, true);
    return true;
}

static bool
move(Invocation *call, const Move *move, Err *err)
{
    return component_each(call, &(Each){move_one, move, false}, err);
}

static bool
plan_one(Invocation *call, const void *what, Err *err)
{
    return settings_fill(call, err) && move_show(call, what, err);
}

bool
command_up(Invocation *call, Err *err)
{
    return move(call, &moves[VERB_UP], err);
}

bool
command_contract(Invocation *call, Err *err)
{
    return move(call, &moves[VERB_CONTRACT], err);
}

bool
command_down(Invocation *call, Err *err)
{
    return move(call, &moves[VERB_DOWN], err);
}

bool
command_goto(Invocation *call, Err *err)
{
    return move(call, &moves[VERB_GOTO], err);
}

bool
command_plan(Invocation *call, Err *err)
{
    return component_each(call, &(Each){plan_one, &moves[VERB_UP], false}, err);
}

/* force, baseline, mark: the history is told what is true, and nothing is run. */
#include "cli/json.h"
#include "cli/print/print_report.h"
#include "cli/print/table.h"
#include "cli/session.h"
#include "cli/settings.h"

static bool
record(Invocation *call, const Marking *marking, Err *err)
{
    Report report = {0};
    Session session;

    if (!settings_fill(call, err) || !session_open(call, &session, true, err))
        return false;

    bool good = run_mark(session.run, marking, call->mem, &report, err);

    run_finish(session.run, err);
    session_close(call, &session);
    if (call->options.format == FORMAT_TABLE)
        table_of_report(&call->out, report_json(&report));
    else if (!options_json(&call->options))
    {
        if (good || report.count > 0)
            print_recorded(&call->out, &report);
    }
    else if (good)
        json_give(call, report_json(&report));
    return good;
}

bool
command_force(Invocation *call, Err *err)
{
    return record(call, &(Marking){.how = "force", .state = STATE_CONTRACTED}, err);
}

bool
command_baseline(Invocation *call, Err *err)
{
    return record(call, &(Marking){.how = "baseline", .state = STATE_CONTRACTED}, err);
}

/* Opening a run to write is what adopts; this tells what. */
bool
command_adopt(Invocation *call, Err *err)
{
    return record(call, &(Marking){.how = "adopt", .state = STATE_CONTRACTED}, err);
}

bool
command_mark(Invocation *call, Err *err)
{
    const Options *options = &call->options;
    Marking marking = {.how = "mark", .state = (State)options->to_state};

    if (options->applied)
        marking.state = STATE_CONTRACTED;
    if (options->pending)
        marking.state = STATE_PENDING;
    return record(call, &marking, err);
}

/* history: the audit trail that the database keeps. */
#include "cli/json.h"
#include "cli/print/print_history.h"
#include "cli/print/table.h"
#include "cli/session.h"
#include "cli/settings.h"

bool
command_history(Invocation *call, Err *err)
{
    HistoryLines lines = {0};
    Session session;

    if (!settings_fill(call, err) || !session_open(call, &session, false, err))
        return false;

    bool good = run_history(session.run, call->mem, &lines, err);

    session_close(call, &session);
    if (!good)
        return false;
    if (options_json(&call->options))
        json_give(call, history_json(&lines));
    else if (call->options.format == FORMAT_TABLE)
        table_of_history(&call->out, history_json(&lines));
    else
        print_history(&call->out, &lines);
    return true;
}

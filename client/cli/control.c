/* pause and resume: what operators tell a run from elsewhere. */
#include "base/units.h"
#include "cli/json.h"
#include "cli/session.h"
#include "cli/settings.h"

/* "batch-time=50ms max-lag=5s": the limits that were given, as their flags are named.
 */
static char *
limits_given(Invocation *call)
{
    const Options *options = &call->options;
    Mem *mem = call->mem;
    const struct
    {
        const char *flag;
        const char *value;
    } rows[] = {
        {"batch-time", duration_exact(mem, options->batch_time)},
        {"max-lag", duration_exact(mem, options->max_lag)},
        {"max-slot-wal", size_exact(mem, options->max_slot_wal)},
        {"max-wal-rate", size_exact(mem, options->max_wal_rate)},
        {"max-active", mem_text(mem, "%d", options->max_active)},
        {"max-history", mem_text(mem, "%d", options->max_history)},
        {"max-latency", duration_exact(mem, options->max_latency)},
        {"max-share", mem_text(mem, "%d", options->max_share)},
        {"workers", mem_text(mem, "%d", options->workers)},
    };
    Buf text = buf_begin(mem);

    buf_add(&text, "");
    for (int i = 0; i < LENGTH(rows); i++)
        if (option_given(options, rows[i].flag))
            buf_format(&text, "%s%s=%s", text.length > 0 ? " " : "", rows[i].flag,
                       rows[i].value);
    return text.text;
}

static void
paused_print(Out *out, const Control *control)
{
    out_print(
        out, "Paused%s%s by %s since %s.\n", control->version == NULL ? "" : " at ",
        control->version == NULL ? "" : control->version, control->who, control->since);
    if (control->at_work != NULL)
        out_print(out, "At work: %s; it rests before its next batch or step.\n",
                  control->at_work);
    else
        out_print(out, "Nothing is at work; whatever is started waits.\n");
    out_print(out, "To go on: pgstride resume\n");
}

static void
resumed_print(Out *out, const Control *control, const char *limits)
{
    bool lost = limits[0] != '\0' && control->at_work == NULL;

    if (control->at_work != NULL)
        out_print(out, "At work: %s; it goes on%s%s.\n", control->at_work,
                  limits[0] == '\0' ? "" : " with ", limits);
    else
        out_print(out, "Not paused any more; nothing is at work.\n");
    if (lost)
        out_print(out, "The limits reach nobody: give them to the next pgstride up.\n");
}

static bool
order(Invocation *call, const Order *order, Control *control, Err *err)
{
    Session session;

    session_observe(call, &session);

    bool good = run_meet(call->mem, &call->settings, session_driver(call), &clock_real,
                         &session.view.observer, &session.run, err) &&
                run_order(session.run, order, call->mem, control, err);

    session_close(call, &session);
    return good;
}

static void
order_tell(Invocation *call, const Control *control, const char *limits)
{
    if (options_json(&call->options))
        json_give(call,
                  json_pack("{s:b, s:o, s:o, s:o, s:s, s:o}", "paused", control->paused,
                            "version", json_text(control->version), "by",
                            json_text(control->who), "since", json_text(control->since),
                            "limits", limits, "at_work", json_text(control->at_work)));
    else if (control->paused)
        paused_print(&call->out, control);
    else
        resumed_print(&call->out, control, limits);
}

bool
command_pause(Invocation *call, Err *err)
{
    Control control = {0};
    Order pause = {.pause = true, .limits = ""};

    if (call->line.argument_count > 0)
        pause.version = call->line.arguments[0];
    if (!settings_fill(call, err) || !order(call, &pause, &control, err))
        return false;
    order_tell(call, &control, "");
    return true;
}

bool
command_resume(Invocation *call, Err *err)
{
    Control control = {0};
    const Order resume = {.limits = limits_given(call)};

    if (!settings_fill(call, err) || !order(call, &resume, &control, err))
        return false;
    order_tell(call, &control, resume.limits);
    return true;
}

/* watch: the runs and the server around them, looked at from anywhere, once a second.
 */
#include "run/verbs/watch.h"
#include "cli/json.h"
#include "cli/print/print_watch.h"
#include "cli/session.h"
#include "cli/settings.h"

typedef struct Viewer
{
    Onlooker onlooker;
    Observer observer; /* of the connections: nothing of that is shown */
    Invocation *call;
    int blocks;
} Viewer;

static void
nobody_sees(Observer *observer, const Event *event)
{
    (void)observer;
    (void)event;
}

/* A terminal is drawn over from its top; elsewhere blocks stand below each other. */
static bool
viewer_see(Onlooker *onlooker, const Sight *sight)
{
    Viewer *viewer = (Viewer *)onlooker;
    Out *out = &viewer->call->out;

    if (sight->database != NULL)
        viewer->call->database = mem_copy(viewer->call->mem, sight->database);
    if (options_json(&viewer->call->options))
        json_give(viewer->call, watch_json(sight));
    else
    {
        if (out->live && !viewer->call->options.once)
            out_clear(out);
        else if (viewer->blocks > 0)
            out_print(out, "\n");
        print_watch(out, sight);
    }
    viewer->blocks++;
    fflush(out->file);
    return !ferror(out->file);
}

bool
command_watch(Invocation *call, Err *err)
{
    Viewer viewer = {.onlooker = {viewer_see}, .observer = {nobody_sees}, .call = call};

    if (!settings_fill(call, err))
        return false;

    const Watching watching = {.settings = &call->settings,
                               .driver = session_driver(call),
                               .clock = &clock_real,
                               .observer = &viewer.observer,
                               .onlooker = &viewer.onlooker,
                               .once = call->options.once};

    return run_watch(call->mem, &watching, err);
}

#include "cli/session.h"

#include "cli/unheeded.h"
#include "run/engines/engines.h"

void
session_observe(Invocation *call, Session *session)
{
    session->run = NULL;
    progress_begin(call->mem, &session->view, &call->log, &clock_real);
    session->view.quiet = call->options.quiet;
    session->view.verbose = call->options.verbose > 0;
    session->view.results = &call->out;
}

const Driver *
session_driver(const Invocation *call)
{
    return engine_named(call->settings.target.engine)->driver;
}

bool
session_open(Invocation *call, Session *session, bool write, Err *err)
{
    session_observe(call, session);
    unheeded_tell(&call->options, &call->settings.target, &session->view.observer);

    bool good = run_open(call->mem, &call->settings, session_driver(call), &clock_real,
                         &session->view.observer, write, &session->run, err);

    call->database = session->view.database;
    if (!good)
        session_close(call, session);
    return good;
}

void
session_close(Invocation *call, Session *session)
{
    progress_end(&session->view);
    call->database = session->view.database;
    if (session->run != NULL)
        run_close(session->run);
}

/* A run opened for a command, with the observer that prints its progress. */
#ifndef PGSTRIDE_CLI_SESSION_H
#define PGSTRIDE_CLI_SESSION_H

#include "cli/invocation.h"
#include "cli/print/print_progress.h"
#include "run/verbs.h"

typedef struct Session
{
    ProgressView view;
    Run *run;
} Session;

/*
 * Connects as call->settings say; call->database is known afterwards, also when it
 * failed later than that. With `write` the runner lock is ours until session_close.
 */
bool session_open(Invocation *call, Session *session, bool write, Err *err);
void session_close(Invocation *call, Session *session);

/* The observer alone, for verbs that open their runs themselves. */
void session_observe(Invocation *call, Session *session);

/* Of the engine that the settings are about. */
const Driver *session_driver(const Invocation *call);

#endif

/*
 * The connections of a run: opened, closed, and brought back when the server was away.
 *
 * Three of them: the worker changes things, the watcher looks, the warden holds the
 * runner lock and writes the history. A run that only reads has the watcher alone. An
 * onlooker comes when one of these waits for an answer, to see for whom.
 */
#ifndef PGSTRIDE_RUN_SESSIONS_H
#define PGSTRIDE_RUN_SESSIONS_H

#include "run/run.h"

/* `role` is what the server's list of sessions calls it. */
bool run_open_session(Run *run, const char *role, Db **db, Err *err);
void run_close_session(Run *run, Db **db);

/* run_open_session goes on with it; what is done in between costs no time. */
void run_call_session(Run *run, const char *role, Db **db);

bool run_open_worker(Run *run, Err *err);

/* A worker with a session of its own again: what a file SET in the old one is gone. */
bool run_renew_worker(Run *run, Err *err);

/* So many workers beside the run's own, run->crew; they go with the others. */
bool run_open_crew(Run *run, int count, Err *err);

/* A connection to write with, where no run is to begin: pause, resume. */
bool run_open_operator(Run *run, Err *err);

/*
 * After ERR_LOST: reopens every connection that is gone, takes the runner lock again,
 * checks that the fence is still ours, and waits until what our dead sessions left
 * going has ended. Then the history can be believed. Errors: ERR_REFUSED when another
 * run has taken over, ERR_CONNECT when the server stays away, ERR_STOPPED.
 */
bool run_recover(Run *run, Err *err);

#endif

/*
 * One runner at a time per component: the lock, the orphans, the fence.
 *
 * The runner lock is a session-level advisory lock on a connection of its own, taken by
 * try and sleep: a blocking wait would hold the snapshot that CREATE INDEX CONCURRENTLY
 * waits for. A client that is killed leaves its current statement running on the
 * server, so every step and batch also holds the step lock, shared, for its
 * transaction; a new runner takes that one exclusively, once, before it reads the
 * history. The fence is the row of pgstride.runners: whoever finds another id there
 * stops.
 */
#ifndef PGSTRIDE_RUN_RUNNER_H
#define PGSTRIDE_RUN_RUNNER_H

#include "model/sqltext.h"
#include "run/run.h"

/* First keys of the two-key advisory locks; the second is runner_key(component). */
#define RUNNER_LOCK 7236
#define STEP_LOCK 7237

/* A lease ends after six of these. */
#define KEEP_EACH_MS 5000

/* Raised on the server by the fence; never by anything else. */
#define SQLSTATE_FENCED "PS001"

/* Who runs: operating system user, host, process id. */
typedef struct Identity
{
    const char *os_user;
    const char *host;
    const char *pid;
} Identity;

Identity runner_identity(Mem *mem);
void runner_new_id(char id[37]);
int32_t runner_key(const char *component);

/* Is no run at work on the component, nor anything that one left going? */
bool runner_absent(Run *run, bool *absent, Err *err);

/* Takes the runner lock (ERR_BUSY: who holds it), then waits until no orphan works. */
bool runner_lock(Run *run, Err *err);
bool runner_await_orphans(Run *run, Err *err);

bool runner_release_orphans(Run *run, Err *err);

/* After a lost connection: the lock again. */
bool runner_lock_again(Run *run, Err *err);

/* Where the lock is leased: says that we go on, when it is time. Called at least every
 * few seconds; nothing where it lives with the session. */
bool runner_keep(Run *run, Err *err);

/* For a run that is held: gives the lock back, and asks for it once. */
bool runner_release(Run *run, Err *err);
bool runner_try_lock(Run *run, bool *taken, Err *err);

/* --- the fence, in fence.c ------------------------------------------------------- */

/* Takes it and lets go of the orphans' lock, in this order. */
bool runner_take_fence(Run *run, Err *err);

/* Is it still ours? Behind a lost connection, with the orphans' lock as above. */
bool runner_owns_fence(Run *run, bool *ours, Err *err);
bool runner_check_fence(Run *run, Err *err);

/* runner_keep, and that no other run has come meanwhile: right before what is sent
 * without a guard. Who slept longer than his lease lasts may find it free again. */
bool runner_still_ours(Run *run, Err *err);

/* ERR_REFUSED: the fence, or the progress row, carries another run's id. */
bool fence_lost(Err *err);

/* Notes how the run ended; best effort, for the audit trail. */
void runner_finish(Run *run, const Err *err);

/* Notes that it is done, by a commit behind which all of its deeds are durable. */
bool runner_settle(Run *run, Err *err);

/*
 * What opens every transaction of a step or batch: takes the step lock shared and
 * checks the fence, raising SQLSTATE_FENCED. One statement, to be sent behind BEGIN.
 */
SqlText runner_guard(Mem *mem, const Run *run);
SqlText postgres_guard(Mem *mem, const Run *run);

/* The same as a query that gives true, for the server to run; it raises the error. */
SqlText runner_guarded(Mem *mem, const Run *run);

#endif

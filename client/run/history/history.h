/*
 * The history: read whole before anything is decided, written with every deed.
 *
 * The text that belongs into the transaction of a deed is made by run/history/record.h;
 * the functions here are transactions of their own, behind runner_guard, for statements
 * that refuse one and for what is known only afterwards.
 */
#ifndef PGSTRIDE_RUN_HISTORY_H
#define PGSTRIDE_RUN_HISTORY_H

#include "model/sqltext.h"
#include "run/history/record.h"
#include "run/run.h"

/* Fills run->history; creates nothing. Errors: ERR_CONNECT when it may not be read. */
bool history_read(Run *run, Err *err);
/* But for the steps of what is complete: enough to say where everything stands, and not
 * how to take it back. */
bool history_skim(Run *run, Err *err);
/* Again, what it says of one version: nobody else writes about the others meanwhile. */
bool history_read_of(Run *run, const char *version, Err *err);

/*
 * Remembers what the transaction of a deed has recorded, which began and ended its
 * phase, without reading it. False: it is not the first of its version, or not all
 * there is; history_read_of is to be asked.
 */
bool history_learn(Run *run, const DeedRecord *deed);

/* A phase begins (its checksums), or is complete though no step was left to do. */
bool history_phase_begin(Run *run, const Migration *migration, Phase phase,
                         const Checksums *checksums, Err *err);
bool history_phase_done(Run *run, const Migration *migration, Phase phase,
                        bool complete, Err *err);

/* The journal of a statement outside a transaction: started, then done. */
bool history_started(Run *run, const Step *step, Err *err);
bool history_done(Run *run, const Step *step, Err *err);

/* The server answered that it did nothing: forgets that it was started. Best effort. */
void history_forget(Run *run, const Step *step);

/* Whether the step's record says done now; for after a connection was lost at COMMIT.
 */
bool history_step_done(Run *run, const Step *step, bool *done, Err *err);

/* What the step cost others, once it is known. */
bool history_cost(Run *run, const Step *step, const Cost *cost, Err *err);

/* The last attempt at this migration failed; best effort, the first error stays. */
void history_failed(Run *run, const Migration *migration, const Statement *statement,
                    const char *why);

/* Sends texts as one transaction behind the guard, on the warden's connection. */
bool history_write(Run *run, const char *label, const SqlText *texts, int count,
                   Err *err);

#endif

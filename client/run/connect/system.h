/*
 * Is it still the same database, after the connection was lost?
 *
 * A string with several hosts leads to whichever is the primary now. A standby that was
 * promoted is the same system on a later timeline: it has all that was replicated,
 * which may lack the last seconds, and nothing of ours runs there. Anything else that
 * answers (another system, an old primary that came back, two primaries at once) is no
 * place to go on in.
 */
#ifndef PGSTRIDE_RUN_SYSTEM_H
#define PGSTRIDE_RUN_SYSTEM_H

#include "run/run.h"

/* A role that may not ask leaves it unknown: identifier NULL. Timeline 0: a standby. */
bool system_ask(Mem *mem, Db *db, System *system, Err *err);

/* Remembers which system we are connected to; where that is not told, nothing. */
bool system_note(Run *run, Err *err);

/*
 * After all connections were opened again. ERR_CONNECT while they do not lead to one
 * server, or to one that was left behind: to be tried again. ERR_REFUSED when it is
 * another system.
 */
bool system_check(Run *run, Err *err);

/*
 * Behind the fence: ERR_REFUSED, and run->taken_back, when the server lacks a step
 * which this run has done, because what follows was planned upon it. Our commits do not
 * wait for the disk until the run ends: a crash may take back the last of them, and a
 * standby that has taken over may never have had them.
 */
bool system_kept(Run *run, Err *err);

#endif

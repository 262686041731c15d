/*
 * The vigil: whoever holds a lock that nobody wants may hold it for longer.
 *
 * A try is armed with the rest of the stall budget, whether anybody waits or not. One
 * that ran out of it while nobody did is tried again under a vigil: the watcher asks
 * the server to look every 10 ms who waits behind the worker, and to cancel it before
 * the first of them has waited for the budget (pgstride.keep_vigil). Four may die:
 *   the client: the vigil is in the server, it ends the try or sees it end;
 *   the vigil: its connection says so, and the client cancels the try at once;
 *   the network: as the client; both, or the vigil and the client: the try's own arm,
 *     four times the last one and at most 10 s, is what an application may then wait;
 *   the handshake: a try that has not met its vigil has the budget, as ever.
 * While a standby streams, what it would replay is not held for longer: whom it lets
 * wait there cannot be seen here.
 */
#ifndef PGSTRIDE_RUN_VIGIL_H
#define PGSTRIDE_RUN_VIGIL_H

#include "run/locks/look.h"

typedef struct Vigil
{
    Run *run;
    bool kept; /* the watcher is at it, and has not answered */
    /* Its answer. */
    bool watched; /* the try knew of it, and it saw the try end */
    bool torn;    /* it ended before the try did, which was cancelled */
    int64_t waiters;
    double longest_ms; /* nobody waited for longer */
} Vigil;

/* Can one be kept over locks like these? */
bool vigil_possible(const Run *run, const Targets *targets);

/* Asked before the try is sent, so that it is met. Without a vigil the try goes on. */
Vigil vigil_begin(Run *run, const Targets *targets, double budget_ms);

/* Until the worker has its answer; a stop that is asked for cancels it, too. */
void vigil_wait(Vigil *vigil);

/* Behind the worker's answer, and before it is asked anything else. */
void vigil_end(Vigil *vigil);

#endif

/*
 * One statement outside a transaction, watched while it runs.
 *
 * It may take hours, so nothing limits its time on the server: we tell how far it is
 * and whom it waits for, and cancel it when we are asked to stop, or when those it
 * waits for outlast the patience.
 */
#ifndef PGSTRIDE_RUN_SUPERVISE_H
#define PGSTRIDE_RUN_SUPERVISE_H

#include "run/run.h"

typedef struct Supervised
{
    const Step *step; /* for the events */
    const char *label;
    const char *sql;
    const char *doing; /* a query: what is told while it runs. NULL: an index build, of
                          which the server says how far it is */
    const char *place; /* which part of the work it is, for the progress; or NULL */
    Millis patience;   /* with whomever it waits for */
    bool stoppable;    /* false: cleaning up, a request to stop can wait */
    Cost *cost;        /* waited_ms grows */
} Supervised;

/*
 * True when the server answered, reply says what. Errors: ERR_STOPPED and ERR_BUSY
 * (detail: whom it waited for) after a cancel that took effect, ERR_LOST.
 */
bool supervise(Run *run, Mem *mem, const Supervised *what, Reply *reply, Err *err);

#endif

/*
 * Ending an idle transaction that is in the way, as --on-blocker allows (core decides).
 *
 * The server ends it and records it in one statement, fenced like every deed, and only
 * if session, transaction and state are still those that were looked at: one that has
 * gone on working since is left alone.
 */
#ifndef PGSTRIDE_RUN_IDLER_H
#define PGSTRIDE_RUN_IDLER_H

#include "run/run.h"

/* For what it is in the way of: where the history files it. */
typedef struct IdlerScene
{
    const Migration *migration;
    const char *phase; /* as the history calls it */
    int step;          /* 0: none */
} IdlerScene;

IdlerScene idler_scene(const Step *step);

/* Tells the operator what came of it. Without the privilege it says which grant is
 * missing, once, and waiting goes on: that is no error. */
bool idler_end(Run *run, const IdlerScene *scene, const Holder *holder, Err *err);

/* The one of a look that the rule lets us end, if there is one. */
bool idler_end_any(Run *run, const IdlerScene *scene, const Look *look, Err *err);

/* Tells, once in a run, what could be done about one who idles in the way: which flag
 * would end it, or which grant would show what it is doing. */
bool idler_tell_way_out(Run *run, const Holder *holder, Err *err);

/* Asked before in this run, in vain or not. */
bool idler_was_asked(const Run *run, const Holder *holder);

#endif

/*
 * Standbys that the operator wants looked at: --standby.
 *
 * An ACCESS EXCLUSIVE lock is replayed there, and then waits for its readers or cancels
 * them, so they are asked before one; where Caps.replicas_apart, a backfill asks them
 * how far they are behind (run/backfill/lag.h). Each is a connection that only reads;
 * one that does not answer is asked again at every look, and until it does nobody
 * knows.
 */
#ifndef PGSTRIDE_RUN_STANDBY_H
#define PGSTRIDE_RUN_STANDBY_H

#include "run/run.h"

struct Standby
{
    const Target *target;
    const char *name;   /* its cluster_name, else its address; never a password */
    Db *db;             /* NULL: it does not answer */
    bool away;          /* and that was told */
    double answered_ms; /* when it did so last */
};

/* Connects to all of them. Errors: ERR_CONNECT, ERR_REFUSED for one that is no standby
 * of the database's own server. */
bool standbys_open(Run *run, Err *err);
void standbys_close(Run *run);

/* A stored query, answered within a moment or not at all: false, and it counts as away,
 * which the operator is told once. */
bool standby_ask(Run *run, Mem *mem, Standby *standby, const Ask *ask, Rows *rows);

#endif

/*
 * Standbys that the operator wants looked at: --standby.
 *
 * An ACCESS EXCLUSIVE lock is replayed there, and then waits for its readers or cancels
 * them, so they are asked before one; where Caps.replicas_apart, every change of a
 * table waits there for who reads it (run/engines/mysql/holders.c), and a backfill asks
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
    const char *denied; /* it answered that this account may not know; or NULL */
    double answered_ms; /* when it did so last */
};

/* Connects to all of them. Errors: ERR_CONNECT, ERR_REFUSED for one that is no standby
 * of the database's own server. */
bool standbys_open(Run *run, Err *err);
void standbys_close(Run *run);

/* A stored query, answered within a moment or not at all: false, and it counts as away,
 * which the operator is told once, or `denied` says why not. */
bool standby_ask(Run *run, Mem *mem, Standby *standby, const Ask *ask, Rows *rows);
/* ERR_CONNECT, of one that denied it: who asked to have it looked at would wait for
 * ever. */
bool standby_denied(const Run *run, const Standby *standby, Err *err);

#endif

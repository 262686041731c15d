/*
 * Looking at locks without taking any: who holds what we need, and who waits for us.
 *
 * Asked on the watcher, which is never in a transaction of its own.
 */
#ifndef PGSTRIDE_RUN_LOOK_H
#define PGSTRIDE_RUN_LOOK_H

#include "run/run.h"

/* The relations a step needs, as the catalog knows them now. */
typedef struct Targets
{
    LockNeed *locks; /* the step's, with their oids; those that do not exist are left
                        out */
    bool *lockable;  /* by LOCK TABLE, for us */
    int count;
    double deadlock_ms; /* deadlock_timeout */
} Targets;

bool targets_find(Run *run, Mem *mem, const LockNeed *locks, int count,
                  Targets *targets, Err *err);

/* The same as the facts that the step was planned on have it, while those are fresh. */
bool targets_known(const Run *run, Mem *mem, const Step *step, Targets *targets);

/* What was seen before, so that a holder whose age is hidden still has one. */
typedef struct Watch
{
    Mem *owner; /* set by the caller; outlives every look */
    Mem *mem;   /* of `seen` */
    Look seen;
    double at_ms;
} Watch;

/* {4711,4712,4713}: the server's pids of all our sessions. */
char *look_ours(Mem *mem, const Run *run);

/* Everybody whose lock conflicts with one we need; the oldest first. */
bool look_at(Run *run, Mem *mem, const Targets *targets, Watch *watch, Look *look,
             Err *err);

/* For whom our worker waits right now, whatever for. */
bool look_at_blockers(Run *run, Mem *mem, Look *look, Err *err);

/* The same of any session of ours, asked on another one. */
bool look_at_keepers(Run *run, Mem *mem, Db *asked, const Db *waiting, Look *look,
                     Err *err);

/* Whom a concurrent index of that table would wait for: prepared transactions that have
 * written to it first, then everybody with a snapshot, the oldest first. */
bool look_at_snapshots(Run *run, Mem *mem, const QName *table, Look *look, Err *err);

/* Everybody who may still read with a snapshot older than that transaction. */
bool look_at_snapshots_before(Run *run, Mem *mem, int64_t xid, Look *look, Err *err);

/* How many sessions wait behind our worker right now. */
bool look_at_victims(Run *run, int *victims, Err *err);

#endif

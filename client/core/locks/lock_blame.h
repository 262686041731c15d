/* Giving up on a lock, in words: who is in the way, what was spent, what can be done.
 */
#ifndef PGSTRIDE_CORE_LOCK_BLAME_H
#define PGSTRIDE_CORE_LOCK_BLAME_H

#include "base/err.h"
#include "core/locks/lock_policy.h"
#include "model/event.h"

typedef struct LockBlame
{
    const LockNeed *locks; /* what was asked for */
    int lock_count;
    const LockTerms *terms;
    const LockDecision *decision; /* to give up */
    const Look *look;             /* the last one */
    const Cost *cost;
} LockBlame;

/* Fills err and returns false: ERR_BUSY with everybody in the way as detail, or
 * ERR_REFUSED where the statements alone do not fit into the budget. */
bool lock_blame(const LockBlame *blame, Err *err);

#endif

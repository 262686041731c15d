/*
 * Table locks: who is in the way of one, and taking several without standing in a
 * queue.
 *
 * Both functions name what they want as three arrays of one length: relations, parents
 * before children; a mode for each ("ACCESS EXCLUSIVE", as LOCK TABLE writes it); and
 * whether it is meant alone, without what inherits from it.
 */
#ifndef PGSTRIDE_SERVER_LOCKS_H
#define PGSTRIDE_SERVER_LOCKS_H

#include "fmgr.h"
#include "storage/lock.h"

typedef struct LockWish
{
    Oid relation;
    LOCKMODE mode;
    bool alone;
} LockWish;

typedef struct LockWishes
{
    LockWish *items;
    int count;
} LockWishes;

/* From arguments 0, 1 and 2; an ERROR where they do not fit together. */
LockWishes lock_wishes_read(FunctionCallInfo fcinfo);

bool relation_is_there(Oid relation);

/* The relation, and unless it is meant alone all below it, as the catalog says now; NIL
 * where it is gone. */
List *lock_wish_tree(const LockWish *wish);

/* Somebody holds a lock that conflicts; nothing is locked by asking. */
bool lock_wish_is_free(const LockWish *wish);

/* What LOCK TABLE asks of whoever locks it so. */
bool lock_wish_is_allowed(const LockWish *wish);

#endif

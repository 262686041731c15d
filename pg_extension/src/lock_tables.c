/*
 * The take: several table locks, all or none, without standing in a queue.
 *
 * Looked at before it is taken: a lock that was had and given back would, on a standby,
 * block readers until the transaction ends, and costs a transaction id each time. So
 * what was taken in vain is let go of by the abort of a subtransaction, which standbys
 * replay at once, and tried again only when the look is free again.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "commands/tablecmds.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "locks.h"

PG_FUNCTION_INFO_V1(pgstride_lock_tables);

#define REST_US 500L

typedef struct Taking
{
    LockWishes wishes;
    TimestampTz look_until;
    int queue_ms; /* 0: never */
    int queue_on;
    TimestampTz began; /* of the attempt under way: since then others can feel it */
    int refused;       /* which wish was, in the last attempt */
    int looks;
} Taking;

/* --- what LOCK TABLE would refuse ------------------------------------------------ */

static void
wish_check(const LockWish *wish)
{
    char *name = get_rel_name(wish->relation);
    char kind = get_rel_relkind(wish->relation);

    if (name == NULL)
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
                        errmsg("a relation that is to be locked does not exist"),
                        errdetail("Its OID is %u.", wish->relation)));
    if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
        ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                        errmsg("\"%s\" is not a table", name)));
    if (!lock_wish_is_allowed(wish))
        aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, name);
}

/* --- one attempt ----------------------------------------------------------------- */

static int
left_ms(const Taking *taking)
{
    TimestampTz until = TimestampTzPlusMilliseconds(taking->began, taking->queue_ms);
    long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);

    return left < 1 ? 1 : (int)left;
}

/* Waits no longer than what is left of the time it was told; 0 would be for ever. */
static void
lock_queue(Oid relation, LOCKMODE mode, int wait_ms)
{
    int nest = NewGUCNestLevel();

    (void)set_config_option("lock_timeout", psprintf("%d", wait_ms), PGC_USERSET,
                            PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    LockRelationOid(relation, mode);
    AtEOXact_GUC(true, nest);
}

static bool
lock_one(const Taking *taking, Oid relation, LOCKMODE mode, bool queues)
{
    if (ConditionalLockRelationOid(relation, mode))
        return true;
    if (!queues)
        return false;
    lock_queue(relation, mode, left_ms(taking));
    return true;
}

/*
 * The children are read when their parent is locked: none can come or go any more. One
 * that was dropped before that has left a lock on nothing, which hurts nobody.
 */
static bool
lock_below(const Taking *taking, Oid relation, LOCKMODE mode, bool queues)
{
    ListCell *cell;

    check_stack_depth();
    if (!lock_one(taking, relation, mode, queues))
        return false;
    if (!relation_is_there(relation))
        return true;
    foreach (cell, find_inheritance_children(relation, NoLock))
        if (!lock_below(taking, lfirst_oid(cell), mode, queues))
            return false;
    return true;
}

static bool
wish_take(Taking *taking, int which)
{
    const LockWish *wish = &taking->wishes.items[which];
    bool queues = taking->queue_ms > 0 && which == taking->queue_on;
    bool taken = wish->alone ? lock_one(taking, wish->relation, wish->mode, queues)
                             : lock_below(taking, wish->relation, wish->mode, queues);

    taking->refused = which;
    if (taken && !relation_is_there(wish->relation))
        ereport(ERROR, (errcode(ERRCODE_LOCK_NOT_AVAILABLE),
                        errmsg("a relation was dropped or replaced under us"),
                        errdetail("lock %d", which),
                        errhint("Ask again: another may have its name by now.")));
    if (taken)
        wish_check(wish); /* the right to it may have been revoked */
    return taken;
}

/* Where we queue, we queue first: who queues with a lock in hand stalls two tables, and
 * could deadlock. */
static bool
wishes_take(Taking *taking)
{
    bool queues = taking->queue_ms > 0;

    taking->began = GetCurrentTimestamp();
    if (queues && !wish_take(taking, taking->queue_on))
        return false;
    for (int i = 0; i < taking->wishes.count; i++)
        if (!(queues && i == taking->queue_on) && !wish_take(taking, i))
            return false;
    return true;
}

/* All, or nothing is held afterwards. */
static bool
attempt_take(Taking *taking)
{
    MemoryContext context = CurrentMemoryContext;
    ResourceOwner owner = CurrentResourceOwner;
    bool taken;

    BeginInternalSubTransaction(NULL);
    MemoryContextSwitchTo(context);
    taken = wishes_take(taking);
    if (taken)
        ReleaseCurrentSubTransaction();
    else
        RollbackAndReleaseCurrentSubTransaction();
    MemoryContextSwitchTo(context);
    CurrentResourceOwner = owner;
    return taken;
}

/* --- until the time is over ------------------------------------------------------ */

static bool
wishes_are_free(Taking *taking)
{
    taking->looks++;
    for (int i = 0; i < taking->wishes.count; i++)
        if (!lock_wish_is_free(&taking->wishes.items[i]))
        {
            taking->refused = i;
            return false;
        }
    return true;
}

/* Who is told how long to queue does not look: others are let wait only once. */
static bool
taking_run(Taking *taking)
{
    MemoryContext each = AllocSetContextCreate(CurrentMemoryContext, "pgstride look",
                                               ALLOCSET_DEFAULT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(each);
    bool taken = false;

    for (;;)
    {
        CHECK_FOR_INTERRUPTS();
        if (taking->queue_ms > 0 || wishes_are_free(taking))
            taken = attempt_take(taking);
        if (taken || taking->queue_ms > 0 ||
            GetCurrentTimestamp() >= taking->look_until)
            break;
        MemoryContextReset(each);
        pg_usleep(REST_US);
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(each);
    return taken;
}

static void
taking_refuse(const Taking *taking)
{
    Oid relation = taking->wishes.items[taking->refused].relation;
    char *name = get_rel_name(relation);

    ereport(ERROR, (errcode(ERRCODE_LOCK_NOT_AVAILABLE),
                    errmsg("could not obtain lock on relation \"%s\"",
                           name == NULL ? psprintf("%u", relation) : name),
                    errdetail("lock %d", taking->refused),
                    errhint("pgstride_server.lock_holders() says who is in the way.")));
}

static Taking
taking_read(FunctionCallInfo fcinfo)
{
    Taking taking = {.wishes = lock_wishes_read(fcinfo),
                     .queue_ms = PG_GETARG_INT32(4),
                     .queue_on = PG_GETARG_INT32(5)};

    taking.look_until =
        TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PG_GETARG_INT32(3));
    if (PG_GETARG_INT32(3) < 0 || taking.queue_ms < 0)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("a time to look or to queue cannot be negative")));
    if (taking.queue_on < 0 ||
        (taking.queue_on >= taking.wishes.count && taking.wishes.count > 0))
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("there is no relation %d to queue on: they count from 0",
                               taking.queue_on)));
    if (taking.wishes.count == 0)
        taking.queue_ms = 0;
    return taking;
}

Datum
pgstride_lock_tables(PG_FUNCTION_ARGS)
{
    Taking taking = taking_read(fcinfo);
    bool nulls[3] = {false};
    TupleDesc shape;
    Datum values[3];

    if (get_call_result_type(fcinfo, NULL, &shape) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "the result is no row");
    for (int i = 0; i < taking.wishes.count; i++)
        wish_check(&taking.wishes.items[i]);
    if (!taking_run(&taking))
        taking_refuse(&taking);
    values[0] = TimestampTzGetDatum(taking.began);
    values[1] = TimestampTzGetDatum(GetCurrentTimestamp());
    values[2] = Int32GetDatum(taking.looks);
    PG_RETURN_DATUM(
        HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(shape), values, nulls)));
}

/*
 * The look: who holds, or waits for, what conflicts with a wish. Nothing is locked.
 *
 * The cheap question first, and mostly that is all: nobody holds it, nobody waits. Only
 * then the whole lock table is copied, as pg_locks does it.
 */
#include "postgres.h"

#include "access/twophase.h"
#include "catalog/pg_authid.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "locks.h"

PG_FUNCTION_INFO_V1(pgstride_lock_conflicts);

/* The row that is returned: see lock_holders in the script. */
enum
{
    OUT_NEED,
    OUT_RELATION,
    OUT_PID,
    OUT_XID,
    OUT_KIND,
    OUT_MODE,
    OUT_GRANTED,
    OUT_TRANSACTION,
    OUT_WROTE,
    OUT_BEGUN,
    OUT_COUNT
};

typedef struct Looking
{
    Tuplestorestate *rows;
    TupleDesc shape;
    LockData *locks; /* NULL until somebody is known to be in the way */
} Looking;

/* Somebody at work, as he stands now. */
typedef struct Party
{
    int pid;           /* 0: a prepared transaction */
    TransactionId xid; /* of one */
    const char *kind;
    bool wrote;
    TimestampTz begun; /* 0: hidden from us, or a prepared transaction's */
} Party;

/* --- who he is ------------------------------------------------------------------- */

static PgBackendStatus *
status_of(int pid)
{
    int count = pgstat_fetch_stat_numbackends();

    for (int i = 1; i <= count; i++)
    {
        PgBackendStatus *status = &backend_status_by_index(i)->backendStatus;

        if (status->st_procpid == pid)
            return status;
    }
    return NULL;
}

/* What pg_stat_activity would tell us of him. */
static bool
status_is_open(const PGPROC *proc)
{
    return has_privs_of_role(GetUserId(), proc->roleId) ||
           has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);
}

static const char *
kind_of(PGPROC *proc, const PgBackendStatus *status)
{
    uint8 flags = proc_flags(proc);

    if (flags & PROC_IS_AUTOVACUUM)
        return flags & PROC_VACUUM_FOR_WRAPAROUND ? "wraparound" : "autovacuum";
    if (status != NULL && status->st_backendType != B_BACKEND)
        return "other";
    if (status != NULL && status_is_open(proc) &&
        (status->st_state == STATE_IDLEINTRANSACTION ||
         status->st_state == STATE_IDLEINTRANSACTION_ABORTED))
        return "idle";
    return "session";
}

/*
 * False when he is gone. Locks, processes and their status are not read at one instant:
 * a pid may serve somebody else by now, who is told by another transaction number.
 * Since when he is in the way is no secret to whoever may lock the table himself.
 */
static bool
party_backend(const LockInstanceData *lock, bool allowed, Party *party)
{
    PGPROC *proc = BackendPidGetProc(lock->pid);
    PgBackendStatus *status = status_of(lock->pid);

    if (proc == NULL || proc_lxid(proc) != lock_instance_vxid(lock).localTransactionId)
        return false;
    *party = (Party){.pid = lock->pid,
                     .kind = kind_of(proc, status),
                     .wrote = TransactionIdIsValid(proc_xid(proc))};
    if (!allowed && !status_is_open(proc))
        return true;
    party->begun = status == NULL ? 0 : status->st_xact_start_timestamp;
    if (party->begun == 0) /* he has only just begun */
        party->begun = GetCurrentTimestamp();
    return true;
}

/* It keeps the number of the session that prepared it; after a restart, its own. */
static bool
party_prepared(const LockInstanceData *lock, Party *party)
{
    VirtualTransactionId vxid = lock_instance_vxid(lock);
    bool more = false;
    TransactionId xid = TwoPhaseGetXidByVirtualXID(vxid, &more);

    if (!TransactionIdIsValid(xid))
        xid = vxid.localTransactionId;
    *party = (Party){.xid = xid, .kind = "prepared", .wrote = true};
    return true;
}

/* --- what he has ----------------------------------------------------------------- */

static void
row_add(Looking *looking, int need, const LockInstanceData *lock, LOCKMODE mode,
        bool granted, const Party *party)
{
    VirtualTransactionId vxid = lock_instance_vxid(lock);
    Datum values[OUT_COUNT] = {0};
    bool nulls[OUT_COUNT] = {false};

    values[OUT_NEED] = Int32GetDatum(need);
    values[OUT_RELATION] = ObjectIdGetDatum((Oid)lock->locktag.locktag_field2);
    values[OUT_PID] = Int32GetDatum(party->pid);
    values[OUT_XID] = TransactionIdGetDatum(party->xid);
    nulls[OUT_XID] = !TransactionIdIsValid(party->xid);
    values[OUT_KIND] = CStringGetTextDatum(party->kind);
    values[OUT_MODE] = CStringGetTextDatum(GetLockmodeName(DEFAULT_LOCKMETHOD, mode));
    values[OUT_GRANTED] = BoolGetDatum(granted);
    values[OUT_TRANSACTION] = CStringGetTextDatum(
        psprintf("%d/%u", vxid_backend(vxid), vxid.localTransactionId));
    values[OUT_WROTE] = BoolGetDatum(party->wrote);
    values[OUT_BEGUN] = TimestampTzGetDatum(party->begun);
    nulls[OUT_BEGUN] = party->begun == 0;
    tuplestore_putvalues(looking->rows, looking->shape, values, nulls);
}

/* Of the locks that one has on a relation the strongest that is in the way. */
static LOCKMODE
mode_in_the_way(const LockInstanceData *lock, LOCKMODE wanted)
{
    LOCKMODE strongest = NoLock;

    for (LOCKMODE mode = AccessShareLock; mode <= AccessExclusiveLock; mode++)
        if ((lock->holdMask & LOCKBIT_ON(mode)) && DoLockModesConflict(mode, wanted))
            strongest = mode;
    return strongest;
}

static void
lock_examine(Looking *looking, int need, const LockWish *wish, bool allowed,
             const LockInstanceData *lock)
{
    LOCKMODE held = mode_in_the_way(lock, wish->mode);
    bool waits = lock->waitLockMode != NoLock &&
                 DoLockModesConflict(lock->waitLockMode, wish->mode);
    Party party;

    /* A parallel worker has what its leader has, and ends with it. */
    if ((held == NoLock && !waits) || lock->pid == MyProcPid ||
        lock->leaderPid != lock->pid)
        return;
    if (lock->pid == 0 ? !party_prepared(lock, &party)
                       : !party_backend(lock, allowed, &party))
        return;
    row_add(looking, need, lock, held != NoLock ? held : lock->waitLockMode,
            held != NoLock, &party);
}

/* --- looking --------------------------------------------------------------------- */

/* Somebody waits for some relation: who asks without waiting would be refused behind
 * him, though nobody holds anything that conflicts. Read without a lock. */
static bool
somebody_waits(void)
{
    for (uint32 i = 0; i < ProcGlobal->allProcCount; i++)
        if (ProcGlobal->allProcs[i].wait_event_info ==
            (PG_WAIT_LOCK | LOCKTAG_RELATION))
            return true;
    return false;
}

static void
wish_examine(Looking *looking, int need, const LockWish *wish)
{
    List *tree = lock_wish_tree(wish);
    bool allowed;

    if (tree == NIL) /* it is gone: nobody holds it */
        return;
    allowed = lock_wish_is_allowed(wish);
    if (lock_wish_is_free(wish) && !somebody_waits())
        return;
    if (looking->locks == NULL)
        looking->locks = GetLockStatusData();
    for (int i = 0; i < looking->locks->nelements; i++)
    {
        const LockInstanceData *lock = &looking->locks->locks[i];

        if (lock->locktag.locktag_type == LOCKTAG_RELATION &&
            lock->locktag.locktag_field1 == MyDatabaseId &&
            list_member_oid(tree, lock->locktag.locktag_field2))
            lock_examine(looking, need, wish, allowed, lock);
    }
}

/* All rows at once: the caller gets what was true at one moment. */
static Looking
looking_begin(FunctionCallInfo fcinfo)
{
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    Looking looking = {.locks = NULL};
    MemoryContext before;

    if (result == NULL || !IsA(result, ReturnSetInfo) ||
        !(result->allowedModes & SFRM_Materialize))
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("called where no set of rows can be returned")));
    if (get_call_result_type(fcinfo, NULL, &looking.shape) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "the result is no row");
    before = MemoryContextSwitchTo(result->econtext->ecxt_per_query_memory);
    looking.shape = CreateTupleDescCopy(looking.shape);
    looking.rows = tuplestore_begin_heap(false, false, work_mem);
    result->returnMode = SFRM_Materialize;
    result->setResult = looking.rows;
    result->setDesc = looking.shape;
    MemoryContextSwitchTo(before);
    return looking;
}

Datum
pgstride_lock_conflicts(PG_FUNCTION_ARGS)
{
    Looking looking = looking_begin(fcinfo);
    LockWishes wishes = lock_wishes_read(fcinfo);

    for (int i = 0; i < wishes.count; i++)
        wish_examine(&looking, i, &wishes.items[i]);
    return (Datum)0;
}

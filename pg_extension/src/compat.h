/*
 * What differs between PostgreSQL 13 and 18, and nothing else: the only file that asks
 * for the version.
 */
#ifndef PGSTRIDE_SERVER_COMPAT_H
#define PGSTRIDE_SERVER_COMPAT_H

#include "executor/executor.h"
#include "pgstat.h"
#include "storage/procarray.h"
#include "utils/plancache.h"
#include "utils/rel.h"
#include "utils/resowner.h"

#if PG_VERSION_NUM < 130000 || PG_VERSION_NUM >= 190000
#error "pgstride's extension is for PostgreSQL 13 to 18"
#endif

/* Since 14 the parser says what kind of text it is given, and knows a coercion that
 * takes the way of PL/pgSQL's assignments: by text where no cast leads there. */
#if PG_VERSION_NUM < 140000
#define parse_statement(text) raw_parser(text)
#define COERCION_PLPGSQL COERCION_ASSIGNMENT
#else
#define parse_statement(text) raw_parser((text), RAW_PARSE_DEFAULT)
#endif

/* What no other transaction of this backend is numbered. */
#if PG_VERSION_NUM < 170000
#define MyLocalTransaction (MyProc->lxid)
#else
#define MyLocalTransaction (MyProc->vxid.lxid)
#endif

#if PG_VERSION_NUM >= 140000
#include "utils/backend_status.h"
#include "utils/wait_event.h"
#else
#include "pgstat.h"
#endif
#include "storage/lock.h"
#include "storage/proc.h"

/* --- locks, and who has them ----------------------------------------------------- */

#if PG_VERSION_NUM >= 170000
#define vxid_backend(vxid) ((vxid).procNumber)
#define proc_lxid(proc) ((proc)->vxid.lxid)
#define lock_instance_vxid(lock) ((lock)->vxid)
#define ACL_MAINTAIN_IF_ANY ACL_MAINTAIN
#else
#define vxid_backend(vxid) ((vxid).backendId)
#define proc_lxid(proc) ((proc)->lxid)
#define ACL_MAINTAIN_IF_ANY 0
static inline VirtualTransactionId
lock_instance_vxid(const LockInstanceData *lock)
{
    return (VirtualTransactionId){.backendId = lock->backend,
                                  .localTransactionId = lock->lxid};
}
#endif

#if PG_VERSION_NUM >= 160000
#define backend_status_by_index(index) pgstat_get_local_beentry_by_index(index)
#else
#define backend_status_by_index(index) pgstat_fetch_stat_local_beentry(index)
#endif

#if PG_VERSION_NUM >= 140000
#define proc_flags(proc) ((proc)->statusFlags)
#define proc_xid(proc) ((proc)->xid)
#else
#define proc_flags(proc) (ProcGlobal->allPgXact[(proc)->pgprocno].vacuumFlags)
#define proc_xid(proc) (ProcGlobal->allPgXact[(proc)->pgprocno].xid)
#define ROLE_PG_READ_ALL_STATS DEFAULT_ROLE_READ_ALL_STATS
#endif

/* --- a sweep --------------------------------------------------------------------- */

/* The oldest transaction whose rows somebody may still see in this table. */
static inline TransactionId
compat_horizon(Relation rel)
{
#if PG_VERSION_NUM >= 140000
    return GetOldestNonRemovableTransactionId(rel);
#else
    return GetOldestXmin(rel, PROCARRAY_FLAGS_VACUUM);
#endif
}

/* The file that the table's blocks are in. */
static inline Oid
compat_filenode(Relation rel)
{
#if PG_VERSION_NUM >= 160000
    return rel->rd_locator.relNumber;
#else
    return rel->rd_node.relNode;
#endif
}

/* Rows that this session has updated in place, as it counts them; -1: it does not. */
static inline int64
compat_hot_updates(Relation rel)
{
#if PG_VERSION_NUM >= 160000
    return pgstat_should_count_relation(rel)
               ? rel->pgstat_info->counts.tuples_hot_updated
               : -1;
#elif PG_VERSION_NUM >= 150000
    return pgstat_should_count_relation(rel)
               ? rel->pgstat_info->t_counts.t_tuples_hot_updated
               : -1;
#else
    return rel->pgstat_info != NULL ? rel->pgstat_info->t_counts.t_tuples_hot_updated
                                    : -1;
#endif
}

static inline void
compat_plan_release(CachedPlan *plan)
{
#if PG_VERSION_NUM >= 140000
    ReleaseCachedPlan(plan, CurrentResourceOwner);
#else
    ReleaseCachedPlan(plan, true);
#endif
}

/* The node that gives an UPDATE or DELETE of one table its rows. */
static inline PlanState *
compat_rows_changed(ModifyTableState *change)
{
#if PG_VERSION_NUM >= 140000
    return outerPlanState(change);
#else
    return change->mt_plans[0];
#endif
}

static inline void
compat_execute(QueryDesc *query)
{
#if PG_VERSION_NUM >= 180000
    ExecutorRun(query, ForwardScanDirection, 0);
#else
    ExecutorRun(query, ForwardScanDirection, 0, true);
#endif
}

#endif

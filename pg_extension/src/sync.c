/*
 * The sync trigger: keeps the old and the new column level between expand and contract.
 *
 * The rules look at the values of the row alone, in the order below; where a migration
 * has several backfills of the table, each goes through them in turn. They are those of
 * the function that the client writes where this extension is not installed, and both
 * are held to the same tests.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/rel.h"

#include "sync.h"

PG_FUNCTION_INFO_V1(pgstride_sync);

typedef struct Sync
{
    const SyncPlan *plan;
    SyncRow row;
    TupleTableSlot *old; /* NULL: it is an INSERT */
} Sync;

static NullableDatum
value_now(const Sync *sync, AttrNumber column)
{
    NullableDatum now;

    now.value = sync_row_get(&sync->row, column, &now.isnull);
    return now;
}

static bool
is_now(const Sync *sync, AttrNumber column, NullableDatum value)
{
    return sync_same(sync->row.desc, column, value_now(sync, column), value);
}

static bool
in_scope(Sync *sync, const SyncFill *fill)
{
    return fill->scope == NULL || sync_expr_true(fill->scope, &sync->row);
}

static void
derive(Sync *sync, const SyncSet *set)
{
    bool isnull;
    Datum value = sync_expr_attempt(set->value, &sync->row, &isnull);

    sync_row_set(&sync->row, set->column, value, isnull);
}

static void
derive_back(Sync *sync, const SyncBack *back)
{
    bool isnull;
    Datum value = sync_expr_value(back->set.value, &sync->row, &isnull);

    sync_row_set(&sync->row, back->set.column, value, isnull);
}

/* --- INSERT ---------------------------------------------------------------------- */

/* As far as a value can tell, the writer of an INSERT did not give the column. */
static bool
is_missing(Sync *sync, const SyncSet *set)
{
    NullableDatum value;

    if (value_now(sync, set->column).isnull)
        return true;
    if (set->default_value == NULL)
        return false;
    value.value = sync_expr_value(set->default_value, &sync->row, &value.isnull);
    return is_now(sync, set->column, value);
}

static bool
all_missing(Sync *sync, SyncSet *const *sets, int count)
{
    for (int i = 0; i < count; i++)
        if (!is_missing(sync, sets[i]))
            return false;
    return true;
}

/* The way back goes first: where both sides are missing, the old one is the source. */
static void
on_insert(Sync *sync, const SyncFill *fill)
{
    for (int i = 0; i < fill->back_count; i++)
    {
        const SyncBack *back = &fill->backs[i];

        if (in_scope(sync, fill) && is_missing(sync, &back->set) &&
            !all_missing(sync, back->sources, back->source_count))
            derive_back(sync, back);
    }
    for (int i = 0; i < fill->set_count; i++)
        if (in_scope(sync, fill) && is_missing(sync, &fill->sets[i]))
            derive(sync, &fill->sets[i]);
}

/* --- UPDATE ---------------------------------------------------------------------- */

static bool
has_changed(const Sync *sync, AttrNumber column)
{
    NullableDatum before;

    before.value = slot_getattr(sync->old, column, &before.isnull);
    return !is_now(sync, column, before);
}

static bool
any_read_changed(const Sync *sync, const SyncExpr *value)
{
    for (int i = 0; i < value->read_count; i++)
        if (has_changed(sync, value->reads[i]))
            return true;
    return false;
}

static bool
any_source_changed(const Sync *sync, const SyncBack *back)
{
    for (int i = 0; i < back->source_count; i++)
        if (has_changed(sync, back->sources[i]->column))
            return true;
    return false;
}

/* The new side is what f makes of the old one: then it was a backfill that wrote it,
 * and r need not give back what f was given. */
static bool
is_filled(Sync *sync, const SyncBack *back)
{
    for (int i = 0; i < back->source_count; i++)
    {
        const SyncSet *source = back->sources[i];
        NullableDatum wanted;

        wanted.value = sync_expr_attempt(source->value, &sync->row, &wanted.isnull);
        if (!is_now(sync, source->column, wanted))
            return false;
    }
    return true;
}

/* Whoever changed both sides meant both. */
static void
on_update(Sync *sync, const SyncFill *fill)
{
    for (int i = 0; i < fill->set_count; i++)
    {
        const SyncSet *set = &fill->sets[i];

        if (any_read_changed(sync, set->value) && !has_changed(sync, set->column) &&
            in_scope(sync, fill))
            derive(sync, set);
    }
    for (int i = 0; i < fill->back_count; i++)
    {
        const SyncBack *back = &fill->backs[i];

        if (any_source_changed(sync, back) && !has_changed(sync, back->set.column) &&
            in_scope(sync, fill) && !is_filled(sync, back))
            derive_back(sync, back);
    }
}

/* --- both ------------------------------------------------------------------------ */

/* Whoever wrote the row, and whatever it says, it is done when it leaves us. The proof
 * of every sweep rests on this. */
static void
fill_on_touch(Sync *sync, const SyncFill *fill)
{
    if (fill->where != NULL && !sync_expr_true(fill->where, &sync->row))
        return;
    for (int i = 0; i < fill->set_count; i++)
        derive(sync, &fill->sets[i]);
}

static HeapTuple
sync_apply(Sync *sync)
{
    const SyncPlan *plan = sync->plan;

    for (int i = 0; i < plan->fill_count; i++)
        if (sync->old == NULL)
            on_insert(sync, &plan->fills[i]);
        else
            on_update(sync, &plan->fills[i]);
    for (int i = 0; i < plan->fill_count; i++)
        fill_on_touch(sync, &plan->fills[i]);
    return sync_row_end(&sync->row);
}

/* --- the trigger ----------------------------------------------------------------- */

static void
add_context(void *arg)
{
    const TriggerData *call = arg;

    errcontext("sync trigger \"%s\" of table \"%s\"", call->tg_trigger->tgname,
               RelationGetRelationName(call->tg_relation));
}

static const TriggerData *
call_checked(FunctionCallInfo fcinfo)
{
    const TriggerData *call = (const TriggerData *)fcinfo->context;

    if (!CALLED_AS_TRIGGER(fcinfo))
        ereport(ERROR,
                (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                 errmsg("pgstride_server.sync() can only be called as a trigger"),
                 errhint("pgstride makes the triggers that call it.")));
    if (!TRIGGER_FIRED_BEFORE(call->tg_event) ||
        !TRIGGER_FIRED_FOR_ROW(call->tg_event) ||
        !(TRIGGER_FIRED_BY_INSERT(call->tg_event) ||
          TRIGGER_FIRED_BY_UPDATE(call->tg_event)))
        ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                        errmsg("sync trigger \"%s\" of \"%s\" was not made by pgstride",
                               call->tg_trigger->tgname,
                               RelationGetRelationName(call->tg_relation)),
                        errhint("It works BEFORE INSERT OR UPDATE, FOR EACH ROW.")));
    return call;
}

Datum
pgstride_sync(PG_FUNCTION_ARGS)
{
    const TriggerData *call = call_checked(fcinfo);
    bool update = TRIGGER_FIRED_BY_UPDATE(call->tg_event);
    HeapTuple tuple = update ? call->tg_newtuple : call->tg_trigtuple;
    ErrorContextCallback context = {
        .previous = error_context_stack, .callback = add_context, .arg = (void *)call};
    Sync sync = {.old = update ? call->tg_trigslot : NULL};

    error_context_stack = &context;
    sync.plan = sync_plan_of(call);
    sync.row = sync_row_begin(call->tg_relation, tuple,
                              update ? call->tg_newslot : call->tg_trigslot,
                              sync.plan->set_count);
    tuple = sync_apply(&sync);
    error_context_stack = context.previous;
    PG_RETURN_POINTER(tuple);
}

/* --- a sweep's own rows ---------------------------------------------------------- */

static int
trigger_find(const TriggerDesc *triggers, const char *name)
{
    FmgrInfo called;

    for (int i = 0; i < triggers->numtriggers; i++)
    {
        if (strcmp(triggers->triggers[i].tgname, name) != 0)
            continue;
        fmgr_info(triggers->triggers[i].tgfoid, &called);
        return called.fn_addr == pgstride_sync ? i : -1;
    }
    return -1;
}

/*
 * The trigger would compute again what the sweep of its only backfill has just
 * assigned, and lock every row to do so. Another trigger might change what both start
 * from: then it stays. So it does for whoever could not have made it: he could write
 * past it what the table's owner wants level.
 */
void
sync_leave_out(ResultRelInfo *target, const char *trigger)
{
    TriggerDesc *triggers = target->ri_TrigDesc; /* a copy, for one statement */
    int at = triggers == NULL ? -1 : trigger_find(triggers, trigger);
    TriggerData call = {.type = T_TriggerData,
                        .tg_event = TRIGGER_EVENT_UPDATE | TRIGGER_EVENT_ROW |
                                    TRIGGER_EVENT_BEFORE,
                        .tg_relation = target->ri_RelationDesc};
    const SyncPlan *plan;

    if (at < 0 || pg_class_aclcheck(RelationGetRelid(target->ri_RelationDesc),
                                    GetUserId(), ACL_TRIGGER) != ACLCHECK_OK)
        return;
    call.tg_trigger = &triggers->triggers[at];
    plan = sync_plan_of(&call);
    if (plan->fill_count != 1 || !plan->alone)
        return;
    triggers->numtriggers--;
    memmove(&triggers->triggers[at], &triggers->triggers[at + 1],
            sizeof(Trigger) * (triggers->numtriggers - at));
    triggers->trig_update_before_row = false;
}

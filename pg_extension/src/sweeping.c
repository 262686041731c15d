#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "storage/proc.h"
#include "utils/builtins.h"

#include "compat.h"
#include "sweeping.h"

static struct
{
    Oid relation; /* InvalidOid: no sweep's statement runs */
    NameData trigger;
    LocalTransactionId transaction;
    SubTransactionId part;
} sweeping;

void
sweeping_begin(Oid relation, const char *trigger)
{
    sweeping.relation = relation;
    namestrcpy(&sweeping.trigger, trigger);
    sweeping.transaction = MyLocalTransaction;
    sweeping.part = GetCurrentSubTransactionId();
}

void
sweeping_end(void)
{
    sweeping.relation = InvalidOid;
}

static int
trigger_depth(void)
{
    return DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, (Datum)0));
}

bool
sweeping_row(Oid relation, const char *trigger)
{
    return sweeping.relation == relation && OidIsValid(relation) &&
           sweeping.transaction == MyLocalTransaction &&
           sweeping.part == GetCurrentSubTransactionId() && trigger_depth() == 1 &&
           strcmp(NameStr(sweeping.trigger), trigger) == 0;
}

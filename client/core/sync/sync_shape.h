/*
 * What a sync trigger is made of: the synced backfills of one table and its columns as
 * they will be once expand has run. Private to core/sync*.c.
 */
#ifndef PGSTRIDE_CORE_SYNC_SHAPE_H
#define PGSTRIDE_CORE_SYNC_SHAPE_H

#include "core/sync/sync.h"

/* A column after expand: the catalog's facts, overlaid by the migration's own acts. */
typedef struct SyncColumn
{
    const char *name;
    const char *type;        /* NULL: neither the catalog nor expand knows the column */
    SqlParsed default_value; /* text NULL: none, or computed */
    bool default_computed;   /* nextval(), now(): cannot be told from a given value */
    bool generated;
    bool never_null; /* now, or by contract at the latest */
} SyncColumn;

/* One act of the migration on the table, in file order. */
typedef struct SyncAct
{
    Phase phase;
    const Act *act;
} SyncAct;

typedef struct SyncShape
{
    const SyncRequest *request;
    LIST(SyncAct) acts;
    const Backfill **fills; /* synced ones of the table, in order; never a DELETE */
    int fill_count;
    bool looks_up;       /* the search path must be pinned */
    bool compares;       /* the body needs a second row, "wanted" */
    bool in_server;      /* the server extension runs it */
    const QName *table;  /* as the catalog has it */
    const char *trigger; /* see SyncTrigger */
    QName function;
} SyncShape;

SyncShape sync_shape(Mem *mem, const SyncRequest *request);
SyncColumn sync_column(const SyncShape *shape, const char *name);

/* A plain copy into a column of the same type: it cannot fail, nor change the value. */
bool sync_exact(const SyncShape *shape, const Assignment *assignment);

/* The assignment of that column, and the backfill it belongs to; NULL when none is. */
const Assignment *sync_assignment(const SyncShape *shape, const char *target,
                                  const Backfill **fill);

/* The way back is exact too: writing it after the backfill changes nothing. */
bool sync_reverse_exact(const SyncShape *shape, const Reverse *reverse);

/* sync_check.c: may there be such a trigger at all? */
bool sync_check(const SyncShape *shape, Err *err);

/* What is looked up by name is looked up there, as a list of schemas. */
const char *sync_path(Mem *mem, const SyncShape *shape);

/* sync_body.c: the function's PL/pgSQL. */
SqlText sync_body(Mem *mem, const SyncShape *shape);

/* sync_call.c: what the trigger calls where the server extension runs it. */
SqlText sync_call(Mem *mem, const SyncShape *shape);

#endif

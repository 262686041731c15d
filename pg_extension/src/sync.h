/*
 * The parts of the sync trigger: its arguments become a plan, once per backend; a plan
 * holds expressions over the row that is written; the rules in sync.c use both.
 *
 * The arguments are words, each with what belongs to it:
 *
 *   path P       names in what follows are looked up there; first, or not at all
 *   default C E  what column C is given when nobody gives it a value
 *   fill         a backfill begins, with what follows
 *   where E      ... which rows are not done yet; every row, where it is left out
 *   scope E      ... which rows it is about at all, done or not
 *   set C E      ... new column C := E, over the row
 *   back C E     ... old column C := E, where the new ones it reads were written
 *
 * Columns are named, because every table of a tree numbers them its own way.
 */
#ifndef PGSTRIDE_SERVER_SYNC_H
#define PGSTRIDE_SERVER_SYNC_H

#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "utils/plancache.h"

/* --- the row that is written ----------------------------------------------------- */

/* As given to the trigger, and what the rules have made of it so far. */
typedef struct SyncRow
{
    TupleDesc desc;
    HeapTuple tuple;
    TupleTableSlot *given; /* the same */
    int set_count;
    int *columns; /* that differ from what was given, */
    Datum *values;
    bool *nulls;
    TupleTableSlot *whole; /* for those in their places; NULL: not needed yet */
    bool whole_now;        /* they are */
} SyncRow;

/* `most`: how many columns may be set. */
extern SyncRow sync_row_begin(Relation relation, HeapTuple tuple, TupleTableSlot *slot,
                              int most);
extern Datum sync_row_get(const SyncRow *row, AttrNumber column, bool *isnull);
extern void sync_row_set(SyncRow *row, AttrNumber column, Datum value, bool isnull);
extern TupleTableSlot *sync_row_slot(SyncRow *row);
/* What is to be written. */
extern HeapTuple sync_row_end(SyncRow *row);

/* The stored bytes are the same: "=" may not exist, or call different values equal. */
extern bool sync_same(TupleDesc desc, AttrNumber column, NullableDatum one,
                      NullableDatum other);

/* --- an expression over it ------------------------------------------------------- */

typedef struct SyncExpr
{
    const char *text; /* as a statement, which positions of errors refer to */
    AttrNumber
        copies; /* it is this column as it stands, and nothing to compute; or 0 */
    AttrNumber *reads; /* columns */
    int read_count;
    Oid type;
    const char *path;          /* must be in force while it runs; or NULL */
    CachedExpression *planned; /* NULL where it copies */
    MemoryContext memory;      /* of its state, */
    ExprState *state;          /* for one transaction, as functions may expect */
    LocalTransactionId lives_in;
    bool busy; /* something it calls wrote another row of the table */
} SyncExpr;

/* What column it is for; NULL: a condition. Everything is in the current context. */
extern void sync_expr_make(SyncExpr *expr, Relation relation, const char *text,
                           Form_pg_attribute target);
extern void sync_expr_free(SyncExpr *expr);
extern bool sync_expr_valid(const SyncExpr *expr);
extern Datum sync_expr_value(SyncExpr *expr, SyncRow *row, bool *isnull);
extern bool sync_expr_true(SyncExpr *expr, SyncRow *row);

/* The same, and NULL where the row's values are what it fails on. */
extern Datum sync_expr_attempt(SyncExpr *expr, SyncRow *row, bool *isnull);

/* Until the current level of settings ends. */
extern void sync_path_pin(const char *path);

/* --- the plan -------------------------------------------------------------------- */

typedef struct SyncDefault
{
    AttrNumber column;
    SyncExpr *value;
} SyncDefault;

typedef struct SyncSet
{
    AttrNumber column;
    SyncExpr *value;
    SyncExpr *default_value; /* or NULL */
} SyncSet;

typedef struct SyncBack
{
    SyncSet set;
    SyncSet **sources; /* of its backfill or another, that it reads */
    int source_count;
} SyncBack;

typedef struct SyncFill
{
    SyncExpr *where; /* or NULL */
    SyncExpr *scope; /* or NULL */
    SyncSet *sets;
    int set_count;
    SyncBack *backs;
    int back_count;
} SyncFill;

typedef struct SyncPlan
{
    MemoryContext context;
    MemoryContextCallback release;
    Oid relation;
    bool stale; /* the table has changed: read the arguments again */
    bool alone; /* no other trigger changes the row before it is written */
    SyncExpr *exprs;
    int expr_count;
    SyncDefault *defaults;
    int default_count;
    SyncFill *fills;
    int fill_count;
    int set_count; /* columns that any of its rules may set */
} SyncPlan;

/* Valid until the end of the transaction, whatever becomes of the table meanwhile. */
extern SyncPlan *sync_plan_of(const TriggerData *call);

/* --- a sweep's own statement ----------------------------------------------------- */

/* Takes the trigger of that name, if it is ours and the caller could have made it, out
 * of a statement that assigns what it would; the executor has started it, and run
 * nothing. */
extern void sync_leave_out(ResultRelInfo *target, const char *trigger);

#endif

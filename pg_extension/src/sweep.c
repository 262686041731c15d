/*
 * pgstride_server.sweep: changes the rows of a range of blocks and commits as it goes.
 *
 * One call is one slice of time. What it may do, the caller may do: it runs the
 * caller's statements with the caller's rights, and looks at pages only after it has
 * seen that the caller may change the table.
 */
#include "sweep.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "executor/instrument.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(pgstride_sweep);

/* Its arguments, in order. */
enum
{
    ARG_RELATION,
    ARG_FILENODE,
    ARG_FROM_BLOCK,
    ARG_TO_BLOCK,
    ARG_CHANGE,
    ARG_GUARD,
    ARG_PROGRESS,
    ARG_SETTINGS,
    ARG_SYNC_TRIGGER,
    ARG_IN_PLACE,
    ARG_KEY_ASSIGNED,
    ARG_BATCH_MS,
    ARG_SLICE_MS,
    ARG_PATIENCE_MS,
    ARG_RANGE_BLOCKS,
    ARG_STRIPE_BLOCKS,
    ARG_SHARE_PERCENT,
    ARG_SKIPPED /* the first of those that are also results */
};

#define LOOK_AGAIN_MS 5

/* What sleeping and waking up costs anyway. */
#define REST_LEAST_MS 0.5

/* --- what was asked -------------------------------------------------------------- */

/* Inside a transaction block a COMMIT would silently do nothing. */
static void
check_top_level(FunctionCallInfo fcinfo)
{
    const CallContext *context = (const CallContext *)fcinfo->context;

    if (context == NULL || !IsA(context, CallContext) || context->atomic)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
                 errmsg("pgstride_server.sweep commits as it goes and cannot run "
                        "inside a transaction"),
                 errhint("Send the CALL by itself, outside BEGIN, functions and "
                         "multi-statement messages.")));
    if (IsolationUsesXactSnapshot())
        ereport(
            ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
             errmsg("pgstride_server.sweep needs the isolation level READ COMMITTED"),
             errhint("SET default_transaction_isolation = 'read committed'.")));
}

static BlockNumber
block_argument(FunctionCallInfo fcinfo, int arg)
{
    int64 block = PG_GETARG_INT64(arg);

    if (block < 0 || block > MaxBlockNumber)
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                        errmsg("%lld is no block number", (long long)block)));
    return (BlockNumber)block;
}

static int
count_argument(FunctionCallInfo fcinfo, int arg)
{
    int count = PG_GETARG_INT32(arg);

    if (count < 1)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("times and sizes of a sweep must be above zero"),
                        errdetail("Argument %d is %d.", arg + 1, count)));
    return count;
}

static double
batch_argument(FunctionCallInfo fcinfo)
{
    double millis = PG_GETARG_FLOAT8(ARG_BATCH_MS);

    if (!(millis > 0))
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("times and sizes of a sweep must be above zero"),
                        errdetail("Argument %d is %g.", ARG_BATCH_MS + 1, millis)));
    return millis;
}

static SweepTerms
terms_read(FunctionCallInfo fcinfo)
{
    for (int i = 0; i <= ARG_SKIPPED; i++)
        if (PG_ARGISNULL(i) && (i < ARG_GUARD || i > ARG_SYNC_TRIGGER))
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                            errmsg("argument %d of a sweep must not be null", i + 1)));
    return (SweepTerms){.relation = PG_GETARG_OID(ARG_RELATION),
                        .filenode = PG_GETARG_OID(ARG_FILENODE),
                        .from = block_argument(fcinfo, ARG_FROM_BLOCK),
                        .to = block_argument(fcinfo, ARG_TO_BLOCK),
                        .in_place = PG_GETARG_BOOL(ARG_IN_PLACE),
                        .key_assigned = PG_GETARG_BOOL(ARG_KEY_ASSIGNED),
                        .batch_ms = batch_argument(fcinfo),
                        .slice_ms = count_argument(fcinfo, ARG_SLICE_MS),
                        .patience_ms = count_argument(fcinfo, ARG_PATIENCE_MS),
                        .range_blocks = count_argument(fcinfo, ARG_RANGE_BLOCKS),
                        .stripe_blocks = count_argument(fcinfo, ARG_STRIPE_BLOCKS),
                        .share_percent =
                            Min(count_argument(fcinfo, ARG_SHARE_PERCENT), 100)};
}

/* One statement; the guard's gives one boolean, and whoever asks it relies on that. */
static void
statement_check(SPIPlanPtr plan, const char *what, bool asks)
{
    List *sources = SPI_plan_get_plan_sources(plan);
    TupleDesc given;

    if (list_length(sources) != 1)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("the %s must be one statement", what),
                        errdetail("There are %d in it.", list_length(sources))));
    given = ((CachedPlanSource *)linitial(sources))->resultDesc;
    if (asks && (given == NULL || given->natts != 1 ||
                 TupleDescAttr(given, 0)->atttypid != BOOLOID))
        ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                        errmsg("the %s must return one boolean", what)));
}

static SPIPlanPtr
statement_prepare(FunctionCallInfo fcinfo, int arg, int count, Oid *types)
{
    const char *what = arg == ARG_GUARD    ? "guard"
                       : arg == ARG_CHANGE ? "change"
                                           : "record of progress";
    SPIPlanPtr plan;

    if (PG_ARGISNULL(arg))
        return NULL;
    plan = SPI_prepare_cursor(text_to_cstring(PG_GETARG_TEXT_PP(arg)), count, types,
                              CURSOR_OPT_GENERIC_PLAN);
    if (plan == NULL)
        elog(ERROR, "the %s cannot be prepared: %s", what,
             SPI_result_code_string(SPI_result));
    statement_check(plan, what, arg == ARG_GUARD);
    SPI_keepplan(plan);
    return plan;
}

static void
settings_read(FunctionCallInfo fcinfo, SweepOrders *orders)
{
    Datum *texts;
    int count;

    if (PG_ARGISNULL(ARG_SETTINGS))
        return;
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(ARG_SETTINGS), TEXTOID, -1, false,
                      TYPALIGN_INT, &texts, NULL, &count);
    if (count % 2 != 0)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("the last of the settings has no value"),
                        errhint("Write them as ARRAY['lock_timeout', '20ms'].")));
    orders->settings = palloc(sizeof(char *) * Max(count, 1));
    orders->setting_count = count;
    for (int i = 0; i < count; i++)
        orders->settings[i] = TextDatumGetCString(texts[i]);
}

static void
orders_read(FunctionCallInfo fcinfo, const SweepTerms *terms, SweepOrders *orders)
{
    Oid rows[] = {get_array_type(TIDOID)};
    Oid progress[] = {INT8OID, TEXTOID, INT8OID, INT8OID, INT8OID};

    if (!PG_ARGISNULL(ARG_SYNC_TRIGGER))
        orders->sync_trigger = text_to_cstring(PG_GETARG_TEXT_PP(ARG_SYNC_TRIGGER));
    orders->guard = statement_prepare(fcinfo, ARG_GUARD, 0, NULL);
    orders->progress =
        statement_prepare(fcinfo, ARG_PROGRESS, lengthof(progress), progress);
    orders->change = statement_prepare(fcinfo, ARG_CHANGE, lengthof(rows), rows);
    orders->is_delete = sweep_check_change(terms, orders->change);
    sweep_quals_reword(orders->change);
}

/* What makes a call the next of an earlier one: the guard and the record name the run.
 */
static char *
orders_texts(FunctionCallInfo fcinfo)
{
    const int texts[] = {ARG_CHANGE, ARG_GUARD, ARG_PROGRESS};
    StringInfoData all;

    initStringInfo(&all);
    for (int i = 0; i < lengthof(texts); i++)
        appendStringInfo(
            &all, "%s;\n",
            PG_ARGISNULL(texts[i]) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(texts[i])));
    return all.data;
}

static void
orders_free(SweepOrders *orders)
{
    SPIPlanPtr *const plans[] = {&orders->guard, &orders->change, &orders->progress};

    for (int i = 0; i < lengthof(plans); i++)
        if (*plans[i] != NULL)
            SPI_freeplan(*plans[i]);
}

/* --- the slice ------------------------------------------------------------------- */

double
sweep_clock_ms(void)
{
    instr_time now;

    INSTR_TIME_SET_CURRENT(now);
    return INSTR_TIME_GET_MILLISEC(now);
}

/* Between two transactions: no lock and no snapshot is held, so nobody waits for us. */
static void
idle_for(double millis)
{
    double until = sweep_clock_ms() + millis;

    for (double left = millis; left > 0; left = until - sweep_clock_ms())
    {
        WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
                  (long)ceil(left), PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    }
}

static void
horizon_wait(SweepTally *tally)
{
    double began = sweep_clock_ms();

    idle_for(LOOK_AGAIN_MS);
    tally->waited_ms += sweep_clock_ms() - began;
}

/* What is still due when the call is over, the caller rests. */
static void
share_keep(const SweepTerms *terms, double began, SweepTally *tally)
{
    double rest_began = sweep_clock_ms();
    double spent = rest_began - began;
    double worked = spent - tally->rested_ms - tally->waited_ms;
    double due = worked * 100 / terms->share_percent - spent;

    if (due < REST_LEAST_MS)
        return;
    idle_for(Min(due, terms->slice_ms - spent));
    tally->rested_ms += sweep_clock_ms() - rest_began;
}

/* Why it ended: "done", "time", "snapshot", "barred" or "replaced". */
static const char *
slice_run(Sweep *sweep, const SweepOrders *orders, SweepTally *tally)
{
    double began = sweep_clock_ms();
    MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "pgstride batch",
                                                 ALLOCSET_DEFAULT_SIZES);
    BatchEnd end;
    bool late;

    do
    {
        double batch_began = sweep_clock_ms();
        MemoryContext old = MemoryContextSwitchTo(memory);

        CHECK_FOR_INTERRUPTS();
        end = sweep_batch(sweep, orders, tally);
        MemoryContextSwitchTo(old);
        MemoryContextReset(memory);
        SPI_commit();
        SPI_start_transaction();
        if (end == BATCH_WAITS)
            horizon_wait(tally);
        else
            tally->longest_ms = Max(tally->longest_ms, sweep_clock_ms() - batch_began);
        if (end == BATCH_CHANGED)
            share_keep(&sweep->terms, began, tally);
        late = sweep_clock_ms() - began >= sweep->terms.slice_ms;
    } while ((end == BATCH_CHANGED || end == BATCH_WAITS) && !late);

    switch (end)
    {
    case BATCH_CHANGED:
        return "time";
    case BATCH_WAITS:
        return "snapshot";
    case BATCH_BARRED:
        return "barred";
    case BATCH_REPLACED:
        return "replaced";
    case BATCH_ALL_DONE:
        break;
    }
    return "done";
}

/* --- the answer ------------------------------------------------------------------ */

static Datum
answer(FunctionCallInfo fcinfo, const char *skipped, BlockNumber position,
       const char *ended, const SweepTally *tally)
{
    Datum values[] = {
        CStringGetTextDatum(skipped),     Int64GetDatum(position),
        CStringGetTextDatum(ended),       Int64GetDatum(tally->rows),
        Int64GetDatum(tally->hot),        Int64GetDatum(tally->passed),
        Int64GetDatum(tally->wal_bytes),  Int64GetDatum(tally->batches),
        Int64GetDatum(tally->yields),     Float8GetDatum(tally->longest_ms),
        Float8GetDatum(tally->waited_ms), Float8GetDatum(tally->rested_ms)};
    bool nulls[lengthof(values)] = {false};
    TupleDesc shape;

    if (get_call_result_type(fcinfo, NULL, &shape) != TYPEFUNC_COMPOSITE ||
        shape->natts != lengthof(values))
        elog(ERROR, "pgstride_server.sweep was declared with other results");
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(shape), values, nulls));
}

Datum
pgstride_sweep(PG_FUNCTION_ARGS)
{
    MemoryContext own = CurrentMemoryContext;
    SweepTally tally = {.wal_told = pgWalUsage.wal_bytes};
    SweepOrders orders = {0};
    const char *volatile ended = "barred";
    char *volatile skipped;
    volatile BlockNumber position;
    SweepTerms terms;

    check_top_level(fcinfo);
    terms = terms_read(fcinfo);
    position = terms.from;
    skipped = text_to_cstring(PG_GETARG_TEXT_PP(ARG_SKIPPED));
    SPI_connect_ext(SPI_OPT_NONATOMIC);
    PG_TRY();
    {
        settings_read(fcinfo, &orders);
        sweep_settings(&orders);
        /* Or preparing the change would queue for the table. */
        if (ConditionalLockRelationOid(terms.relation, RowExclusiveLock))
        {
            Sweep *sweep;

            orders_read(fcinfo, &terms, &orders);
            sweep = sweep_take(&terms, orders_texts(fcinfo), skipped);
            ended = slice_run(sweep, &orders, &tally);
            position = sweep_position(sweep, NULL);
            skipped = MemoryContextStrdup(own, sweep->skipped.data);
            sweep_keep(sweep);
        }
    }
    PG_FINALLY();
    {
        orders_free(&orders);
    }
    PG_END_TRY();
    SPI_finish();
    return answer(fcinfo, skipped, position, ended, &tally);
}

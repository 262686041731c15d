/*
 * One transaction of a sweep: rows are chosen, changed by the executor, and what was
 * done is recorded, so that both are there after a crash or neither is.
 */
#include "sweep.h"

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/pg_am_d.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/rls.h"

/* The client stops at it: its history belongs to another run. */
#define ERRCODE_FENCED MAKE_SQLSTATE('P', 'S', '0', '0', '1')

/* --- the table ------------------------------------------------------------------- */

/* Whoever may change no row may look at no page either. */
static void
check_privilege(Relation rel, AclMode mode)
{
    Oid table = RelationGetRelid(rel);

    if (pg_class_aclcheck(table, GetUserId(), mode) != ACLCHECK_OK &&
        (mode != ACL_UPDATE || pg_attribute_aclcheck_all(table, GetUserId(), mode,
                                                         ACLMASK_ANY) != ACLCHECK_OK))
        aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, RelationGetRelationName(rel));
}

static void
check_relation(Relation rel)
{
    const char *name = RelationGetRelationName(rel);
    char kind = rel->rd_rel->relkind;

    if (kind != RELKIND_RELATION && kind != RELKIND_MATVIEW)
        ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                        errmsg("\"%s\" is not a table that holds rows", name),
                        errhint("Sweep its partitions, each by itself.")));
    if (rel->rd_rel->relam != HEAP_TABLE_AM_OID)
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("\"%s\" does not use the access method heap", name)));
    if (RELATION_IS_OTHER_TEMP(rel))
        ereport(ERROR,
                (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                 errmsg("\"%s\" is a temporary table of another session", name)));
    if (check_enable_rls(RelationGetRelid(rel), InvalidOid, false) == RLS_ENABLED)
        ereport(ERROR,
                (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                 errmsg("row security of \"%s\" would hide rows from the sweep", name),
                 errhint("Sweep as the table's owner or with BYPASSRLS.")));
}

/* NULL with the reason: it cannot be had at once, or is another one by now. */
static Relation
table_take(const SweepTerms *terms, BatchEnd *end)
{
    Relation rel;

    *end = BATCH_BARRED;
    if (!ConditionalLockRelationOid(terms->relation, RowExclusiveLock))
        return NULL;
    *end = BATCH_REPLACED;
    rel = try_relation_open(terms->relation, NoLock);
    if (rel == NULL)
        return NULL;
    check_relation(rel);
    if (compat_filenode(rel) == terms->filenode)
        return rel;
    relation_close(rel, NoLock);
    return NULL;
}

/* --- the pass -------------------------------------------------------------------- */

/* Only ever asked of our own transaction's lock. */
static bool
others_wait(void)
{
    TransactionId xid = GetTopTransactionIdIfAny();
    LOCKTAG tag;

    if (!TransactionIdIsValid(xid))
        return false;
    SET_LOCKTAG_TRANSACTION(tag, xid);
    return LockHasWaiters(&tag, ExclusiveLock, false);
}

/*
 * What the batch has time for, going by how long the last ones took: others wait for
 * the disk together with what a statement writes to the WAL, whole pages at first.
 */
static int
rows_at_once(const Sweep *sweep)
{
    double row_ms = sweep->shape.row_ms;

    if (row_ms == 0)
        return SWEEP_ROWS_FIRST;
    return Max(SWEEP_ROWS_LEAST, Min(sweep->terms.batch_ms / row_ms, SWEEP_ROWS_MOST));
}

/* As many rows as one statement takes, from where the pass is. */
static void
range_look(Sweep *sweep, Relation rel, SweepRange *range, SweepRows *rows)
{
    BlockNumber end = RelationGetNumberOfBlocks(rel);
    int most = rows_at_once(sweep);

    rows->count = rows->passed = 0;
    memset(rows->counts, 0, sizeof(rows->counts));
    for (; range->at < range->blocks && rows->count < most; range->at++)
    {
        SweepPage *page = &range->pages[range->at];
        BlockNumber block = range->from + range->at;

        CHECK_FOR_INTERRUPTS();
        if (block >= end)
            page->next = page->last + 1;
        else
            sweep_look(sweep, rel, range, rows);
        if (rows->blocked)
            sweep_skip(sweep, block);
        rows->blocked = false;
    }
}

/* Until its end, or until it is time to commit. */
static int64
range_pass(Sweep *sweep, Relation rel, const SweepOrders *orders, SweepRange *range,
           SweepTally *tally)
{
    SweepRows *rows = palloc(sizeof(SweepRows));
    double worked_ms = 0;
    int64 changed = 0;

    while (range->at < range->blocks && worked_ms < sweep->terms.batch_ms)
    {
        double began = sweep_clock_ms();
        double took_ms;

        range_look(sweep, rel, range, rows);
        tally->passed += rows->passed;
        if (rows->count > 0)
            changed += sweep_change(sweep, orders, rows);
        took_ms = sweep_clock_ms() - began;
        worked_ms += took_ms;
        if (rows->count > 0)
            sweep_learn_time(&sweep->shape, rows->count, took_ms);
        if (others_wait())
        {
            tally->yields++;
            break;
        }
    }
    pfree(rows);
    return changed;
}

/* --- the transaction ------------------------------------------------------------- */

void
sweep_settings(const SweepOrders *orders)
{
    GucContext context = superuser() ? PGC_SUSET : PGC_USERSET;

    for (int i = 0; i + 1 < orders->setting_count; i += 2)
        set_config_option(orders->settings[i], orders->settings[i + 1], context,
                          PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
}

static void
fence_lost(void)
{
    ereport(ERROR,
            (errcode(ERRCODE_FENCED), errmsg("another run of pgstride has taken over"),
             errdetail("This transaction was rolled back."),
             errhint("pgstride status says which run is at work.")));
}

/* SPI leaves its own memory behind as the current one, and that of a CALL is freed when
 * the CALL is over: what came after it would pile up there. */
static void
order_run(SPIPlanPtr order, Datum *values, long most)
{
    MemoryContext batch = CurrentMemoryContext;

    SPI_execute_plan(order, values, NULL, false, most);
    MemoryContextSwitchTo(batch);
}

static void
guard_ask(const SweepOrders *orders)
{
    bool is_null = true;
    Datum good = 0;

    if (orders->guard == NULL)
        return;
    order_run(orders->guard, NULL, 1);
    if (SPI_processed == 1 && SPI_tuptable != NULL &&
        SPI_gettypeid(SPI_tuptable->tupdesc, 1) == BOOLOID)
        good = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
    if (is_null || !DatumGetBool(good))
        fence_lost();
    SPI_freetuptable(SPI_tuptable);
}

static void
progress_write(Sweep *sweep, const SweepOrders *orders, BlockNumber position,
               SweepTally *now)
{
    Datum values[] = {Int64GetDatum(position), CStringGetTextDatum(sweep->skipped.data),
                      Int64GetDatum(now->rows), Int64GetDatum(Max(now->hot, 0)),
                      Int64GetDatum(now->wal_bytes)};

    if (orders->progress == NULL)
        return;
    order_run(orders->progress, values, 0);
    if (SPI_processed != 1)
        fence_lost();
    SPI_freetuptable(SPI_tuptable);
}

static BatchEnd
batch_of_range(Sweep *sweep, Relation rel, SweepRange *range, const SweepOrders *orders,
               SweepTally *tally)
{
    SweepTally now = {0};
    int64 hot_before = compat_hot_updates(rel);
    bool over = false;
    BlockNumber position;

    now.rows = range_pass(sweep, rel, orders, range, &now);
    if (now.rows > 0)
        range->changed = true;
    if (range->at >= range->blocks)
        over = sweep_pass_done(range);
    position = sweep_position(sweep, over ? range : NULL);
    now.hot = hot_before < 0 ? 0 : compat_hot_updates(rel) - hot_before;
    now.wal_bytes = pgWalUsage.wal_bytes - tally->wal_told;
    tally->wal_told += now.wal_bytes;
    progress_write(sweep, orders, position, &now);
    if (over)
        sweep_close(sweep, range);
    tally->rows += now.rows;
    tally->hot = hot_before < 0 ? -1 : tally->hot + now.hot;
    tally->passed += now.passed;
    tally->yields += now.yields;
    tally->wal_bytes += now.wal_bytes;
    tally->batches++;
    return BATCH_CHANGED;
}

BatchEnd
sweep_batch(Sweep *sweep, const SweepOrders *orders, SweepTally *tally)
{
    SweepRange *range;
    BatchEnd end;
    Relation rel;

    sweep_settings(orders);
    rel = table_take(&sweep->terms, &end);
    if (rel == NULL)
        return end;
    check_privilege(rel, orders->is_delete ? ACL_DELETE : ACL_UPDATE);
    switch (sweep_next(sweep, rel, &range))
    {
    case SWEEP_DONE:
        end = BATCH_ALL_DONE;
        break;
    case SWEEP_WAIT:
        end = BATCH_WAITS;
        break;
    case SWEEP_RANGE:
        guard_ask(orders);
        end = batch_of_range(sweep, rel, range, orders, tally);
        break;
    }
    relation_close(rel, NoLock);
    return end;
}

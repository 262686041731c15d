/*
 * Which blocks are next: the lowest range whose last pass nobody's snapshot sees any
 * more, else a new one, as long as not too much is open.
 *
 * What is open at the end of a call is kept in the session for the next one of the same
 * texts, which say whose run it is. It is only a saving: who begins again at the
 * position reads some pages twice.
 */
#include "sweep.h"

#include "access/xact.h"
#include "utils/memutils.h"

/* A range with so many passes behind it gets its rest at once. */
#define PASSES_MOST 40

static Sweep *kept = NULL;

/* --- from call to call ----------------------------------------------------------- */

static bool
sweep_goes_on(const Sweep *sweep, const SweepTerms *terms, const char *texts)
{
    return sweep->terms.relation == terms->relation &&
           sweep->terms.filenode == terms->filenode && sweep->terms.to == terms->to &&
           sweep->terms.in_place == terms->in_place &&
           sweep_position(sweep, NULL) == terms->from &&
           strcmp(sweep->texts, texts) == 0;
}

static Sweep *
sweep_begin(const SweepTerms *terms, const char *texts)
{
    MemoryContext memory = AllocSetContextCreate(TopMemoryContext, "pgstride sweep",
                                                 ALLOCSET_DEFAULT_SIZES);
    Sweep *sweep = MemoryContextAllocZero(memory, sizeof(Sweep));

    sweep->memory = memory;
    sweep->texts = MemoryContextStrdup(memory, texts);
    sweep->opened = terms->from;
    sweep->shape = (SweepShape){.growth = 16, .hits = 1};
    sweep->open_room = 64;
    sweep->open = MemoryContextAlloc(memory, sizeof(SweepRange *) * sweep->open_room);
    return sweep;
}

static void
skipped_begin(Sweep *sweep, const char *skipped)
{
    MemoryContext old = MemoryContextSwitchTo(sweep->memory);
    int length = strlen(skipped);

    if (length < 2 || skipped[0] != '{' || skipped[length - 1] != '}')
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("skipped blocks cannot be read: \"%s\"", skipped),
                        errhint("Write them as {[3,7),[12,13)}, or {} for none.")));
    if (sweep->skipped.data != NULL)
        pfree(sweep->skipped.data);
    initStringInfo(&sweep->skipped);
    appendBinaryStringInfo(&sweep->skipped, skipped, length);
    sweep->skipped_last = InvalidBlockNumber;
    MemoryContextSwitchTo(old);
}

/* A call that failed on its way leaves nothing: what it had in hand was not done. */
Sweep *
sweep_take(const SweepTerms *terms, const char *texts, const char *skipped)
{
    if (kept != NULL && (kept->in_hand || !sweep_goes_on(kept, terms, texts)))
    {
        MemoryContextDelete(kept->memory);
        kept = NULL;
    }
    if (kept == NULL)
        kept = sweep_begin(terms, texts);
    kept->in_hand = true;
    kept->terms = *terms;
    skipped_begin(kept, skipped);
    return kept;
}

void
sweep_keep(Sweep *sweep)
{
    sweep->in_hand = false;
    if (sweep->opened < sweep->terms.to || sweep->open_count > 0)
        return;
    MemoryContextDelete(sweep->memory);
    kept = NULL;
}

void
sweep_skip(Sweep *sweep, BlockNumber block)
{
    if (block == sweep->skipped_last)
        return;
    sweep->skipped_last = block;
    sweep->skipped.data[--sweep->skipped.len] = '\0';
    appendStringInfo(&sweep->skipped, "%s[%u,%u)}", sweep->skipped.len > 1 ? "," : "",
                     block, block + 1);
}

/* --- open ranges ----------------------------------------------------------------- */

BlockNumber
sweep_position(const Sweep *sweep, const SweepRange *closing)
{
    int lowest = sweep->open_count > 0 && sweep->open[0] == closing ? 1 : 0;

    return sweep->open_count > lowest ? sweep->open[lowest]->from : sweep->opened;
}

static SweepRange *
range_open(Sweep *sweep, bool all)
{
    const SweepTerms *terms = &sweep->terms;
    int blocks = Min(terms->range_blocks, terms->to - sweep->opened);
    SweepRange *range = MemoryContextAllocZero(sweep->memory, sizeof(SweepRange));

    range->from = sweep->opened;
    range->blocks = blocks;
    range->all = all;
    range->pages = MemoryContextAlloc(sweep->memory, sizeof(SweepPage) * blocks);
    for (int i = 0; i < blocks; i++)
        range->pages[i] = (SweepPage){FirstOffsetNumber, MaxOffsetNumber};
    if (sweep->open_count == sweep->open_room)
    {
        sweep->open_room *= 2;
        sweep->open = repalloc(sweep->open, sizeof(SweepRange *) * sweep->open_room);
    }
    sweep->open[sweep->open_count++] = range;
    sweep->opened += blocks;
    return range;
}

void
sweep_close(Sweep *sweep, SweepRange *range)
{
    int at = 0;

    while (sweep->open[at] != range)
        at++;
    sweep->open_count--;
    memmove(&sweep->open[at], &sweep->open[at + 1],
            sizeof(SweepRange *) * (sweep->open_count - at));
    pfree(range->pages);
    pfree(range);
}

bool
sweep_pass_done(SweepRange *range)
{
    bool last = true;

    for (int i = 0; i < range->blocks && last; i++)
        last = range->pages[i].next > range->pages[i].last;
    range->at = 0;
    range->pass++;
    range->all = range->all || range->pass >= PASSES_MOST;
    if (range->changed)
    {
        range->xid = GetTopTransactionIdIfAny();
        range->since = sweep_clock_ms();
    }
    range->changed = false;
    return last;
}

/* --- the next -------------------------------------------------------------------- */

/* The old versions that its last pass left can be pruned by now. */
static bool
range_is_ready(const SweepRange *range, TransactionId horizon)
{
    return range->at > 0 || range->all || !TransactionIdIsValid(range->xid) ||
           TransactionIdPrecedes(range->xid, horizon);
}

/* The lowest has waited long enough: it gets its rest, though it will not find room. */
static SweepNext
range_force(Sweep *sweep, TransactionId horizon, SweepRange **next)
{
    SweepRange *lowest = sweep->open[0];

    if (horizon != sweep->stuck_at &&
        sweep_clock_ms() - lowest->since < sweep->terms.patience_ms)
        return SWEEP_WAIT;
    sweep->stuck_at = horizon;
    lowest->all = true;
    *next = lowest;
    return SWEEP_RANGE;
}

SweepNext
sweep_next(Sweep *sweep, Relation rel, SweepRange **next)
{
    const SweepTerms *terms = &sweep->terms;
    TransactionId horizon = compat_horizon(rel);
    BlockNumber stripe = sweep->opened - sweep_position(sweep, NULL);

    for (int i = 0; i < sweep->open_count; i++)
        if (range_is_ready(sweep->open[i], horizon))
        {
            *next = sweep->open[i];
            return SWEEP_RANGE;
        }
    if (sweep->opened < terms->to && stripe < terms->stripe_blocks)
    {
        *next = range_open(sweep, !terms->in_place || sweep->stuck_at == horizon);
        return SWEEP_RANGE;
    }
    return sweep->open_count > 0 ? range_force(sweep, horizon, next) : SWEEP_DONE;
}

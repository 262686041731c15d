/*
 * The sweep: rows of a range of blocks are changed a few at a time from every page, so
 * that each change finds room on its own page and touches no index.
 *
 * sweep.c is the procedure, sweep_ranges.c decides which blocks are next, sweep_pages.c
 * which of their rows, sweep_batch.c is one transaction, sweep_change.c a statement of
 * it. Only block numbers and places that were looked at go from one transaction to the
 * next; a row's address never does.
 */
#ifndef PGSTRIDE_SERVER_SWEEP_H
#define PGSTRIDE_SERVER_SWEEP_H

#include "postgres.h"

#include "access/htup_details.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "storage/block.h"
#include "storage/itemptr.h"
#include "utils/rel.h"

#include "compat.h"

/* --- what the caller wants ------------------------------------------------------- */

typedef struct SweepTerms
{
    Oid relation;
    Oid filenode; /* that the block numbers belong to */
    BlockNumber from;
    BlockNumber to;
    bool in_place;     /* no index reads what is assigned: passes are of use */
    bool key_assigned; /* a unique index does: rows are locked harder */
    double batch_ms;   /* a transaction aims at no more */
    int slice_ms;      /* the call at no more */
    int patience_ms;   /* a range waits this long for an older snapshot */
    int range_blocks;  /* gone over together */
    int stripe_blocks; /* gone over at the same time while older snapshots last */
    int share_percent; /* of the time that transactions may take */
} SweepTerms;

/* What became of it: the procedure's results. */
typedef struct SweepTally
{
    int64 rows;
    int64 hot;    /* of these, in place; -1: the server does not count */
    int64 passed; /* rows left to those who had them locked */
    int64 wal_bytes;
    int64 batches;
    int64 yields; /* transactions ended early because others waited for them */
    double longest_ms;
    double waited_ms; /* for older snapshots */
    double rested_ms; /* so as to take no more than its share of the time */
    int64 wal_told;   /* this session's WAL, as far as progress knows */
} SweepTally;

/* --- which rows ------------------------------------------------------------------ */

/* What is learned of the rows as they are changed. */
typedef struct SweepShape
{
    double growth; /* bytes that a row grows by */
    double hits;   /* share of the rows looked at that are changed */
    double row_ms; /* to look at one and to change it; 0: not known yet */
} SweepShape;

/* Places of a page that were not looked at yet; none: next > last. */
typedef struct SweepPage
{
    OffsetNumber next;
    OffsetNumber last; /* of those that had a row when the range was opened */
} SweepPage;

/*
 * Rows of one statement or a few, by their address. Wave 0 stays on its pages. Those
 * that leave go one of every page at a time, so that neighbours by key do not become
 * neighbours again: where an index page is full, the server looks for dead entries on
 * the heap page that most of its doubled keys point to, and gives up if it finds none
 * there.
 */
#define SWEEP_ROWS_MOST 1024
#define SWEEP_ROWS_FIRST 64
#define SWEEP_ROWS_LEAST 16
#define SWEEP_WAVES_MOST 24

typedef struct SweepRows
{
    ItemPointerData tids[SWEEP_ROWS_MOST + MaxHeapTuplesPerPage];
    uint8 waves[SWEEP_ROWS_MOST + MaxHeapTuplesPerPage];
    int counts[SWEEP_WAVES_MOST]; /* of each wave */
    int count;
    bool blocked; /* of the page looked at last: others have rows of it */
    int passed;   /* how many, of all pages */
} SweepRows;

/* --- which blocks ---------------------------------------------------------------- */

typedef struct SweepRange
{
    BlockNumber from;
    int blocks;
    int at;            /* the pass under way is so far */
    int pass;          /* passes done */
    bool all;          /* this pass takes all that is left */
    bool changed;      /* rows, in the pass under way */
    TransactionId xid; /* of the last pass that changed rows */
    double since;      /* when that was */
    SweepPage *pages;
} SweepRange;

typedef struct Sweep
{
    MemoryContext memory;
    bool in_hand; /* of a call that has not returned */
    SweepTerms terms;
    char *texts;        /* whose rows were looked at: another change has all to do */
    BlockNumber opened; /* blocks below were opened */
    SweepRange **open;  /* ascending */
    int open_count;
    int open_room;
    SweepShape shape;
    TransactionId stuck_at; /* the horizon that a range was forced past */
    StringInfoData skipped; /* {[from,to),...}, as the caller's own list goes on */
    BlockNumber skipped_last;
} Sweep;

/* --- sweep.c --------------------------------------------------------------------- */

/* Goes on evenly, whoever sets the time of day: from no time in particular. */
extern double sweep_clock_ms(void);

/* --- sweep_pages.c --------------------------------------------------------------- */

/* So many rows were given to the change, and so many were not done. */
extern void sweep_learn_hits(SweepShape *shape, int looked, int64 changed);

/* A statement of so many rows took so long. */
extern void sweep_learn_time(SweepShape *shape, int rows, double millis);

/* Adds rows of the page that the range's pass is at. */
extern void sweep_look(Sweep *sweep, Relation rel, SweepRange *range, SweepRows *rows);

/* --- sweep_ranges.c -------------------------------------------------------------- */

typedef enum SweepNext
{
    SWEEP_RANGE,
    SWEEP_WAIT, /* an older snapshot still sees what all open ranges left behind */
    SWEEP_DONE
} SweepNext;

/* Goes on with what an earlier call of the same texts left open, or begins anew. */
extern Sweep *sweep_take(const SweepTerms *terms, const char *texts,
                         const char *skipped);

/* What is open stays for the next call; nothing open: forgotten. */
extern void sweep_keep(Sweep *sweep);

extern SweepNext sweep_next(Sweep *sweep, Relation rel, SweepRange **next);

/* A pass went to the range's end, in this transaction; true: it was the last. */
extern bool sweep_pass_done(SweepRange *range);
extern void sweep_close(Sweep *sweep, SweepRange *range);
extern void sweep_skip(Sweep *sweep, BlockNumber block);

/* Every block below is done, but for those skipped; `closing` is about to be. */
extern BlockNumber sweep_position(const Sweep *sweep, const SweepRange *closing);

/* --- sweep_batch.c: one transaction ---------------------------------------------- */

/* Texts of the caller's, run with the caller's rights. */
typedef struct SweepOrders
{
    SPIPlanPtr guard;    /* NULL: none; gives true or the sweep ends */
    SPIPlanPtr change;   /* UPDATE or DELETE of rows $1 */
    SPIPlanPtr progress; /* NULL: none; changes one row, or the sweep ends */
    bool is_delete;
    char *sync_trigger; /* computes what the change assigns; NULL: none does */
    char **settings;    /* name, value, name, value: local to every transaction */
    int setting_count;
} SweepOrders;

typedef enum BatchEnd
{
    BATCH_CHANGED,
    BATCH_WAITS,    /* for an older snapshot */
    BATCH_ALL_DONE, /* nothing is left */
    BATCH_BARRED,   /* somebody has, or wants, the whole table */
    BATCH_REPLACED  /* the table was rewritten or dropped */
} BatchEnd;

/* For this transaction: every COMMIT undoes them. */
extern void sweep_settings(const SweepOrders *orders);

/* Leaves its transaction to be committed by the caller. */
extern BatchEnd sweep_batch(Sweep *sweep, const SweepOrders *orders, SweepTally *tally);

/* In sweep_scan.c: the change finds its rows at these places, in this order. They are
 * its parameter, too, and stay until it is over. */
extern void sweep_scan_by_page(ModifyTableState *change, ItemPointerData *tids,
                               int count);

/* In sweep_quals.c: the same condition, that costs less to ask. */
extern void sweep_quals_reword(SPIPlanPtr change);

/* In sweep_change.c: it must be of this table and of nothing else; true: a DELETE. */
extern bool sweep_check_change(const SweepTerms *terms, SPIPlanPtr change);

/* Of these rows; how many it changed. */
extern int64 sweep_change(Sweep *sweep, const SweepOrders *orders,
                          const SweepRows *rows);

#endif

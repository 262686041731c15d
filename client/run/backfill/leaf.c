#include <inttypes.h>
#include <string.h>

#include "base/fault.h"
#include "run/backfill/fill.h"
#include "run/connect/runner.h"
#include "run/tell.h"

/* Rounds over a table whose rows are not done though nothing is skipped: hardly ever
 * where a trigger fills what is written, all the time where none does. */
#define ROUNDS_MOST 10
#define ROUNDS_MOST_BARE 100

static const Column leaf_columns[] = {
    COLUMN(INT64, Leaf, oid),
    COLUMN_AS(TEXT, Leaf, name.schema, "schema_name"),
    COLUMN_AS(TEXT, Leaf, name.name, "table_name"),
    COLUMN(TEXT, Leaf, shown),
    COLUMN(TEXT, Leaf, kind),
    COLUMN(INT64, Leaf, filenode),
    COLUMN(INT64, Leaf, blocks),
    COLUMN(INT64, Leaf, rows),
    COLUMN(INT64, Leaf, indexes),
    COLUMN(INT64, Leaf, fillfactor),
    COLUMN(BOOL, Leaf, never_hot),
    COLUMN(BOOL, Leaf, key_assigned),
    COLUMN(BOOL, Leaf, guarded),
    COLUMN(TEXT_OR_NULL, Leaf, sync_trigger),
    COLUMN(INT64, Leaf, deadlock_ms),
    COLUMN_LIST(Leaf, key, key_count),
};

static const Column begun_columns[] = {
    COLUMN(INT64, Begun, part),      COLUMN(INT64, Begun, position),
    COLUMN(INT64, Begun, end_block), COLUMN(TEXT, Begun, skipped),
    COLUMN(INT64, Begun, rows_done), COLUMN(INT64, Begun, rows_total),
    COLUMN(INT64, Begun, hot_rows),  COLUMN(INT64, Begun, wal_bytes),
    COLUMN(BOOL, Begun, swept),      COLUMN(BOOL, Begun, verified),
};

/* --- gather ---------------------------------------------------------------------- */

/* {a,"b c"}: the columns that are assigned. */
static const char *
target_list(Mem *mem, const Backfill *fill)
{
    Buf text = buf_begin(mem);

    buf_add(&text, "{");
    for (int i = 0; i < fill->assignment_count; i++)
    {
        buf_add(&text, i > 0 ? ",\"" : "\"");
        for (const char *c = fill->assignments[i].target; *c != '\0'; c++)
            buf_format(&text, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
        buf_add(&text, "\"");
    }
    buf_add(&text, "}");
    return text.text;
}

/* A partitioned table has no rows of its own, a foreign one no blocks. */
static bool
leaves_check(const Leaves *leaves, Err *err)
{
    for (int i = 0; i < leaves->count; i++)
        if (strcmp(leaves->items[i].kind, "f") == 0)
            return err_set(
                err, ERR_REFUSED,
                "table \"%s\" is foreign: its rows cannot be backfilled here",
                leaves->items[i].shown);
    return true;
}

static bool
leaves_read(Fill *fill, bool only, Leaves *all, Err *err)
{
    const Backfill *about = fill->step->backfill;
    Mem *mem = fill->mem;
    Rows rows;

    if (!db_query(mem, fill->run->watcher, "backfill_leaves",
                  ARGS(about->table.schema, about->table.name, only ? "true" : "false",
                       target_list(mem, about)),
                  &rows, err) ||
        !rows_decode(mem, &rows, leaf_columns, LENGTH(leaf_columns), sizeof(Leaf),
                     (void **)&all->items, &all->count, err) ||
        !leaves_check(all, err))
        return err_in(err, "while looking for the tables to fill");
    if (all->count > 0)
        return true;

    const char *shown = qname_show(mem, &about->table);

    err_set(err, ERR_SQL, "table \"%s\" does not exist", shown);
    return err_missing(err, shown);
}

bool
leaves_find(Fill *fill, Leaves *leaves, Err *err)
{
    Leaves all;

    if (!leaves_read(fill, fill->step->backfill->only, &all, err))
        return false;
    *leaves = (Leaves){.items = mem_array(fill->mem, Leaf, all.count + 1)};
    for (int i = 0; i < all.count; i++)
        if (strcmp(all.items[i].kind, "p") != 0)
            leaves->items[leaves->count++] = all.items[i];
    return true;
}

bool
leaf_root(Fill *fill, Leaf *leaf, Err *err)
{
    Leaves all;

    if (!leaves_read(fill, true, &all, err))
        return false;
    *leaf = all.items[0];
    return true;
}

/* --- one table ------------------------------------------------------------------- */

static const char *
number_text(Mem *mem, int64_t number)
{
    return mem_text(mem, "%" PRId64, number);
}

/* What one part adds to what is known of the table. */
static bool
leaf_add(Mem *mem, Leaf *leaf, const Begun *row, Begun *begun, Err *err)
{
    Part part = {.number = row->part, .rest = {row->position, row->end_block}};

    if (!blocks_read(mem, row->skipped, &part.skipped))
        return err_set(err, ERR_DIRTY,
                       "the skipped blocks of \"%s\" cannot be read: %s", leaf->shown,
                       row->skipped);
    *list_add(mem, &leaf->parts) = part;
    begun->rows_done += row->rows_done;
    begun->rows_total += row->rows_total;
    begun->hot_rows += row->hot_rows;
    begun->wal_bytes += row->wal_bytes;
    if (row->end_block > leaf->rest.to)
        leaf->rest.to = row->end_block;
    return true;
}

/* Several rows are what several workers left: nothing of it is swept as a whole. */
static bool
leaf_read(Mem *mem, Leaf *leaf, const Rows *rows, Begun *begun, Err *err)
{
    Begun *found;
    int count;

    *begun = (Begun){0};
    leaf->parts = (Parts){0};
    if (!rows_decode(mem, rows, begun_columns, LENGTH(begun_columns), sizeof(Begun),
                     (void **)&found, &count, err))
        return err_in(err, "while reading how far the backfill is");
    leaf->rest = (BlockRange){found[0].position, found[0].end_block};
    for (int i = 0; i < count; i++)
        if (!leaf_add(mem, leaf, &found[i], begun, err))
            return false;
    leaf->skipped = parts_skipped(mem, &leaf->parts);
    leaf->swept = count == 1 && found[0].swept;
    leaf->verified = count == 1 && found[0].verified;
    leaf->rows_done = begun->rows_done;
    leaf->replaced = false;
    return true;
}

/*
 * The row is ours from here on. Its blocks are counted now, after the trigger was
 * committed: whatever is written above them is filled by the trigger.
 */
bool
leaf_begin(Fill *fill, Leaf *leaf, Begun *begun, Err *err)
{
    Mem *mem = fill->mem;
    const Run *run = fill->run;
    const Backfill *about = fill->step->backfill;
    Rows rows;

    if (!db_query(mem, run->warden, "backfill_begin",
                  ARGS(run->settings->component, fill->step->migration->version,
                       number_text(mem, about->number), number_text(mem, leaf->oid),
                       leaf->shown, number_text(mem, leaf->filenode),
                       number_text(mem, leaf->blocks), number_text(mem, leaf->rows),
                       run->id),
                  &rows, err))
        return err_in(err, "while reading how far the backfill is");
    if (rows.row_count == 0)
        return fence_lost(err);
    return leaf_read(mem, leaf, &rows, begun, err);
}

static bool
leaf_blocks(Fill *fill, Leaf *leaf, Err *err)
{
    MEM_SCOPE(scope, fill->mem);
    Rows rows;

    if (!db_query(scope, fill->run->watcher, "table_blocks",
                  ARGS(number_text(scope, leaf->oid)), &rows, err))
        return false;
    leaf->blocks = rows_int(&rows, 0, "blocks");
    leaf->replaced = rows_int(&rows, 0, "filenode") != leaf->filenode;
    return true;
}

bool
leaf_note(Fill *fill, Leaf *leaf, Err *err)
{
    MEM_SCOPE(scope, fill->mem);
    BatchJob job = fill_job(fill, leaf);
    const BatchNote note = {.rest = leaf->rest,
                            .skipped = blocks_show(scope, &leaf->skipped),
                            .swept = leaf->swept,
                            .verified = leaf->verified};

    return batch_record(fill->run, &job, &note, err);
}

/* Every block was met, none is skipped, and that is on disk. */
static bool
leaf_sweep(Fill *fill, Leaf *leaf, Err *err)
{
    if (!sweep_leaf(fill, leaf, err) || leaf->replaced)
        return leaf->replaced;
    if (!revisit_leaf(fill, leaf, err) || leaf->replaced)
        return leaf->replaced;
    leaf->swept = true;
    if (!leaf_note(fill, leaf, err))
        return false;
    fault_point(FAULT_sweep_done);
    return true;
}

/* A child made after expand has no trigger, unless somebody gave it one. */
static bool
leaf_stays_done(const Fill *fill, const Leaf *leaf)
{
    return fill->stays_done && leaf->guarded;
}

/*
 * Where rows can become undone behind the sweep, one more pass has to find nothing to
 * do. The proof is such a pass, and the cheapest; only where some rows cannot be filled
 * it does not tell these from the others, so there sweeps go on until one finds
 * nothing.
 */
static bool
leaf_sweeps(Fill *fill, Leaf *leaf, Err *err)
{
    while (!leaf->swept)
    {
        int64_t before = leaf->rows_done;

        if (!leaf_sweep(fill, leaf, err))
            return false;
        if (leaf->replaced || leaf_stays_done(fill, leaf) || leaf->set_aside == 0 ||
            leaf->rows_done == before)
            return true;
        if (!leaf_blocks(fill, leaf, err) || !poison_forget(fill, leaf, err))
            return false;
        leaf->rest = (BlockRange){0, leaf->blocks};
        leaf->swept = false;
    }
    return true;
}

/* Proof by looking at every row: true in `verified`, or where to look again. */
bool
leaf_prove(Fill *fill, Leaf *leaf, Err *err)
{
    Blocks left;
    int64_t rows_left;

    if (!leaf_blocks(fill, leaf, err))
        return false;
    if (leaf->replaced)
        return true;
    if (!verify_leaf(fill, leaf, &left, &rows_left, err))
        return false;
    leaf->skipped = left;
    leaf->verified =
        rows_left == 0 || (fill->aside_allowed != NULL && rows_left <= leaf->set_aside);
    fault_point(FAULT_verify_done);
    leaf->rest = (BlockRange){leaf->blocks, leaf->blocks};
    return leaf_note(fill, leaf, err);
}

/* Again from the start where the table was rewritten: its rows have moved. */
static bool
leaf_again(Fill *fill, Leaf *leaf, Err *err)
{
    Leaves leaves;
    int64_t oid = leaf->oid;

    tell_note(fill->run, EVENT_NOTE,
              "table \"%s\" was rewritten: its sweep starts again", leaf->shown);
    if (!poison_forget(fill, leaf, err) || !leaves_find(fill, &leaves, err))
        return false;
    for (int i = 0; i < leaves.count; i++)
        if (leaves.items[i].oid == oid)
        {
            Begun begun;

            *leaf = leaves.items[i];
            return leaf_begin(fill, leaf, &begun, err);
        }
    leaf->verified = true; /* dropped: nothing is left to fill */
    return true;
}

static bool
leaf_unproven(const Leaf *leaf, int rounds, Err *err)
{
    err_set(err, ERR_REFUSED, "rows of \"%s\" are still not filled after %d rounds",
            leaf->shown, rounds);
    return err_hint(err, "Something writes rows that are not done: sync:forward would "
                         "fill them as they are written.");
}

/* Sweeps and proves until both agree. Rows set aside are the one reason to stop short.
 */
bool
leaf_fill(Fill *fill, Leaf *leaf, Err *err)
{
    int rounds = leaf_stays_done(fill, leaf) ? ROUNDS_MOST : ROUNDS_MOST_BARE;

    for (int round = 0; !leaf->verified; round++)
    {
        if (round == rounds)
            return leaf_unproven(leaf, rounds, err);
        if (!leaf_sweeps(fill, leaf, err))
            return false;
        if (!leaf->replaced && !leaf_prove(fill, leaf, err))
            return false;
        if (leaf->replaced)
        {
            if (!leaf_again(fill, leaf, err))
                return false;
            continue;
        }
        if (!leaf->verified && leaf->set_aside > 0)
            return true;
        leaf->swept = leaf->verified;
    }
    return true;
}

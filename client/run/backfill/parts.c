#include <inttypes.h>

#include "run/backfill/fill.h"
#include "run/connect/runner.h"

/* {0,1,2}: one number of every part. */
static char *
parts_list(Mem *mem, const Parts *parts, int64_t (*number)(const Part *part))
{
    Buf text = buf_begin(mem);

    for (int i = 0; i < parts->count; i++)
        buf_format(&text, "%s%" PRId64, i == 0 ? "{" : ",", number(&parts->items[i]));
    buf_add(&text, "}");
    return text.text;
}

static int64_t
part_number(const Part *part)
{
    return part->number;
}

static int64_t
part_position(const Part *part)
{
    return part->rest.from;
}

static int64_t
part_end(const Part *part)
{
    return part->rest.to;
}

/* One part for one worker is how a table begins: nothing is to be written. */
bool
leaf_share(Fill *fill, Leaf *leaf, int workers, Err *err)
{
    MEM_SCOPE(scope, fill->mem);
    const Run *run = fill->run;
    int before;
    Rows rows;

    if (leaf->parts.count < 2)
    {
        leaf->parts = (Parts){0};
        *list_add(fill->mem, &leaf->parts) =
            (Part){.rest = leaf->rest, .skipped = leaf->skipped};
    }
    before = leaf->parts.count;
    parts_share(fill->mem, &leaf->parts, workers);
    if (leaf->parts.count == before)
        return true;
    if (!db_query(scope, run->warden, "backfill_share",
                  ARGS(run->settings->component, fill->step->migration->version,
                       mem_text(scope, "%d", fill->step->backfill->number),
                       mem_text(scope, "%" PRId64, leaf->oid), run->id,
                       parts_list(scope, &leaf->parts, part_number),
                       parts_list(scope, &leaf->parts, part_position),
                       parts_list(scope, &leaf->parts, part_end)),
                  &rows, err))
        return err_in(err, "while sharing out \"%s\"", leaf->shown);
    return rows_int(&rows, 0, "parts") == leaf->parts.count || fence_lost(err);
}

bool
leaf_join(Fill *fill, Leaf *leaf, Err *err)
{
    MEM_SCOPE(scope, fill->mem);
    const Run *run = fill->run;
    bool several = leaf->parts.count > 1;
    Rows rows;

    leaf->skipped = parts_skipped(fill->mem, &leaf->parts);
    leaf->parts = (Parts){0};
    leaf->rest.from = leaf->rest.to;
    if (!several)
        return true;
    if (!db_query(scope, run->warden, "backfill_join",
                  ARGS(run->settings->component, fill->step->migration->version,
                       mem_text(scope, "%d", fill->step->backfill->number),
                       mem_text(scope, "%" PRId64, leaf->oid), run->id,
                       mem_text(scope, "%" PRId64, leaf->rest.to),
                       blocks_show(scope, &leaf->skipped)),
                  &rows, err))
        return err_in(err, "while joining the parts of \"%s\"", leaf->shown);
    return rows.row_count == 1 || fence_lost(err);
}

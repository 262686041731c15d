#include "run/backfill/aside.h"

#include "base/units.h"

bool
aside_read(Run *run, Mem *mem, const Migration *migration, const Backfill *about,
           Aside *aside, Err *err)
{
    if (!db_query(mem, run->watcher, "set_aside",
                  ARGS(run->settings->component, migration->version,
                       mem_text(mem, "%d", about->number)),
                  &aside->rows, err))
        return err_in(err, "while reading which rows are set aside");
    aside->count =
        aside->rows.row_count > 0 ? rows_int(&aside->rows, 0, "all_rows") : 0;
    return true;
}

void
aside_details(const Aside *aside, Err *err)
{
    MEM_SCOPE(scope, NULL);
    int shown = aside->rows.row_count;

    for (int i = 0; i < shown; i++)
        err_detail(err, "%s: %s", rows_cell(&aside->rows, i, "key"),
                   rows_cell(&aside->rows, i, "error"));
    if (aside->count > shown)
        err_detail(err, "and %s more: SELECT key, error FROM pgstride.set_aside",
                   count_show(scope, aside->count - shown));
}

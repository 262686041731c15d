#include "run/indexes/leftover.h"

#include <string.h>

#include "base/fault.h"
#include "core/indexes/index.h"
#include "model/sqltext.h"
#include "run/locks/supervise.h"
#include "run/tell.h"

bool
leftover_drop(Run *run, const Step *step, const char *name, Millis patience, Cost *cost,
              Err *err)
{
    MEM_SCOPE(scope, NULL);
    const Supervised drop = {
        .step = step,
        .label = "index_leftover",
        .sql = mem_text(scope, "DROP INDEX CONCURRENTLY IF EXISTS %s", name),
        .patience = patience,
        .cost = cost};
    Reply reply;

    fault_point(FAULT_index_leftover);
    if (supervise(run, scope, &drop, &reply, err) &&
        (reply.outcome == DB_DONE ||
         db_reply_err(&reply, &(Ask){.label = drop.label}, err)))
        return true;
    return err_in(err, "while dropping what is left of index %s", name);
}

void
leftover_drop_after(Run *run, const Step *step, const char *name, Cost *cost)
{
    Err trouble = {0};

    if (!leftover_drop(run, step, name, LEFTOVER_PATIENCE_MS, cost, &trouble))
        tell_note(
            run, EVENT_WARNING,
            "invalid index %s is left behind (%s); the next run drops it, or: DROP "
            "INDEX CONCURRENTLY %s",
            name, trouble.text, name);
    err_clear(&trouble);
}

/* A row of reindex_leftovers.sql. */
typedef struct LeftoverRow
{
    char *name;
    char *leftover;
    char *of_index;
} LeftoverRow;

static const Column leftover_columns[] = {
    COLUMN(TEXT, LeftoverRow, name),
    COLUMN(TEXT, LeftoverRow, leftover),
    COLUMN(TEXT, LeftoverRow, of_index),
};

static bool
leftovers_read(Run *run, Mem *mem, const Step *step, LeftoverRow **found, int *count,
               Err *err)
{
    const QName *index = &step->index;
    SqlText name = sql_begin(mem, run->caps);
    Rows rows;

    if (index->name != NULL)
        sql_qname(&name, index);
    return db_query(mem, run->watcher, "reindex_leftovers",
                    ARGS(index->name == NULL ? NULL : sql_done(&name), index->schema),
                    &rows, err) &&
           rows_decode(mem, &rows, leftover_columns, LENGTH(leftover_columns),
                       sizeof(LeftoverRow), (void **)found, count, err);
}

void
leftover_mend_reindex(Run *run, const Step *step, Cost *cost)
{
    MEM_SCOPE(scope, NULL);
    LeftoverRow *found = NULL;
    const char *dropped = "";
    int count = 0;
    Err ignored = {0};

    if (!leftovers_read(run, scope, step, &found, &count, &ignored))
        count = 0;
    err_clear(&ignored);
    for (int i = 0; i < count; i++)
    {
        if (strcmp(found[i].name, dropped) == 0 ||
            !index_is_reindex_leftover(found[i].leftover, found[i].of_index))
            continue;
        leftover_drop_after(run, step, found[i].name, cost);
        dropped = found[i].name;
    }
}

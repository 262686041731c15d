#include "run/verbs.h"

/* clang-format off */
static const Column line_columns[] = {
    COLUMN(TEXT, HistoryLine, at),            COLUMN(TEXT, HistoryLine, kind),
    COLUMN(TEXT_OR_NULL, HistoryLine, version), COLUMN(TEXT_OR_NULL, HistoryLine, phase),
    COLUMN(TEXT, HistoryLine, what),          COLUMN(TEXT, HistoryLine, who),
    COLUMN(TEXT, HistoryLine, os_user),       COLUMN(TEXT, HistoryLine, host),
    COLUMN(TEXT, HistoryLine, tool_version),  COLUMN(TEXT, HistoryLine, outcome),
    COLUMN(DOUBLE_OR_MINUS, HistoryLine, took_ms), COLUMN(DOUBLE_OR_MINUS, HistoryLine, stall_ms),
    COLUMN(INT64_OR_MINUS, HistoryLine, tries), COLUMN(INT64_OR_MINUS, HistoryLine, rows),
};
/* clang-format on */

bool
run_history(Run *run, Mem *mem, HistoryLines *lines, Err *err)
{
    Rows rows;

    *lines = (HistoryLines){0};
    if (!run->history.exists)
        return true;
    return db_query(mem, run->watcher, "events", ARGS(run->settings->component), &rows,
                    err) &&
           rows_decode(mem, &rows, line_columns, LENGTH(line_columns),
                       sizeof(HistoryLine), (void **)&lines->items, &lines->count, err);
}

/*
 * A slice on the wire: one CALL, by which the server extension makes batches for a
 * while. What it committed it has recorded; the answer only spares us reading that.
 */
#include <string.h>

#include "run/backfill/batch.h"
#include "run/connect/runner.h"

static const Column slice_columns[] = {
    COLUMN(INT64, BatchReport, position),
    COLUMN(TEXT, BatchReport, skipped),
    COLUMN(TEXT, BatchReport, ended),
    COLUMN(INT64, BatchReport, rows),
    COLUMN(INT64, BatchReport, hot),
    COLUMN(INT64, BatchReport, passed),
    COLUMN(INT64, BatchReport, wal_bytes),
    COLUMN_AS(INT64, BatchReport, waiters, "yields"),
    COLUMN_AS(DOUBLE_OR_MINUS, BatchReport, took_ms, "longest_ms"),
    COLUMN(DOUBLE_OR_MINUS, BatchReport, waited_ms),
    COLUMN(DOUBLE_OR_MINUS, BatchReport, rested_ms),
};

SqlText
batch_slice_text(Mem *mem, Run *run, const BatchOrder *order)
{
    const Section *section = order->job->fill->section;
    const SliceTerms terms = {
        .limits = {.lock_ms = order->lock_ms,
                   .skip_triggers = section->options.triggers_skip},
        .filenode = order->filenode,
        .guard = runner_guarded(mem, run),
    };

    return slice_call(mem, order->job, order->slice, &terms);
}

bool
batch_slice_read(const BatchOrder *order, const Rows *rows, BatchReport *report,
                 Err *err)
{
    int64_t seen = report->waiters;

    if (!rows_one(order->texts, rows, slice_columns, LENGTH(slice_columns), report,
                  err))
        return false;
    if (seen > report->waiters)
        report->waiters = seen;
    if (report->hot < 0)
        report->hot = 0;
    report->end = BATCH_DONE;
    if (strcmp(report->ended, "barred") == 0)
        report->end = BATCH_BARRED;
    if (strcmp(report->ended, "replaced") == 0)
        report->end = BATCH_REPLACED;
    return true;
}

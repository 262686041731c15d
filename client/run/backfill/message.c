#include "run/backfill/message.h"

#include <string.h>

#include "run/connect/runner.h"

void
message_add(Message *message, const char *label, const SqlText *sql)
{
    message->asks[message->count++] = (Ask){.label = label, .sql = sql_done(sql)};
}

void
message_begin(Mem *mem, Run *run, BatchLimits limits, Message *message)
{
    SqlText begin = sql_begin(mem, run->caps);
    SqlText guard = runner_guard(mem, run);
    SqlText times = batch_limits(mem, run->caps, limits);

    sql_raw(&begin, "BEGIN");
    message_add(message, "begin", &begin);
    message_add(message, "batch_limits", &times);
    message_add(message, "guard", &guard);
}

void
message_make(Mem *mem, Run *run, const BatchOrder *order, Message *message)
{
    if (order->slice != NULL)
    {
        SqlText call = batch_slice_text(mem, run, order);

        message_add(message, "slice", &call);
        return;
    }

    const Section *section = order->job->fill->section;
    const BatchLimits limits = {.lock_ms = order->lock_ms,
                                .statement_ms = STATEMENT_MS,
                                .skip_triggers = section->options.triggers_skip};
    SqlText lock = batch_lock(mem, order->job);
    SqlText check = batch_check(mem, order->job);
    SqlText change;

    message_begin(mem, run, limits, message);
    message_add(message, "batch_lock", &lock);
    message_add(message, "batch_check", &check);
    if (order->job->fill->repeat)
    {
        message->asks[message->count++] = (Ask){
            .label = "batch_change", .sql = order->job->fill->statement->sql.text};
        return;
    }
    if (order->batch->rows != NULL)
    {
        SqlText rows = batch_rows(mem, order->job, order->batch);

        message_add(message, "batch_rows", &rows);
        change = batch_told(mem, order->job, order->batch);
        message_add(message, "batch_change", &change);
        return;
    }
    if (order->batch->skip_locked)
    {
        SqlText find = batch_find(mem, order->job, order->batch);

        message_add(message, "batch_find", &find);
    }
    change = batch_change(mem, order->job, order->batch);
    message_add(message, "batch_change", &change);
}

const Rows *
message_rows(const Message *message, const Reply *reply, const char *label)
{
    for (int i = 0; i < message->count && i < reply->row_count; i++)
        if (strcmp(message->asks[i].label, label) == 0)
            return &reply->rows[i];
    return NULL;
}

/* --- a message of its own -------------------------------------------------------- */

static bool
text_send(Run *run, const char *label, const SqlText *text, int64_t *rows, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const BatchLimits limits = {
        .lock_ms = STATEMENT_MS, .statement_ms = STATEMENT_MS, .durable = true};
    Message message = {.count = 0};
    Reply reply;

    message_begin(scope, run, limits, &message);
    message_add(&message, label, text);
    message.asks[message.count++] = (Ask){.label = "commit", .sql = "COMMIT"};
    if (!db_script(scope, run->worker, message.asks, message.count, &reply, err))
        return strcmp(err->sqlstate, SQLSTATE_FENCED) == 0 ? fence_lost(err) : false;
    *rows = message_rows(&message, &reply, label)->affected;
    return true;
}

bool
batch_write(Run *run, const char *label, const SqlText *text, Err *err)
{
    int64_t rows;

    return text_send(run, label, text, &rows, err);
}

bool
batch_record(Run *run, const BatchJob *job, const BatchNote *note, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText text = batch_note(scope, job, note);
    int64_t rows;

    return text_send(run, "batch_note", &text, &rows, err) &&
           (rows == 1 || fence_lost(err));
}

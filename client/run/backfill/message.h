/*
 * What a batch sends in one message: its asks by label, in their order, and the answer
 * to one of them found by that label.
 */
#ifndef PGSTRIDE_RUN_BATCH_MESSAGE_H
#define PGSTRIDE_RUN_BATCH_MESSAGE_H

#include "run/backfill/batch.h"

/* When a batch is certainly stuck. */
#define STATEMENT_MS 10000

#define ASKS_MOST 8

typedef struct Message
{
    Ask asks[ASKS_MOST];
    int count;
} Message;

/* All of a batch but its COMMIT; of a slice, the call. */
void message_make(Mem *mem, Run *run, const BatchOrder *order, Message *message);

/* The beginning of any: BEGIN, the limits, the guard. */
void message_begin(Mem *mem, Run *run, BatchLimits limits, Message *message);
void message_add(Message *message, const char *label, const SqlText *sql);

/* NULL: it did not come so far. */
const Rows *message_rows(const Message *message, const Reply *reply, const char *label);

#endif

/*
 * One try of a step, as one simple-protocol message: no lock ever waits for the client.
 *
 *     BEGIN; timeouts; guards; lock loop; (what is left of the budget; statement)...;
 *     role back; records; when it was granted; COMMIT; when it was released
 *
 * Everything is SET LOCAL, so a session behind a pooler is left as it was. The budget
 * runs from the moment the server begins to queue, and every statement is given only
 * what is left of it. COMMIT is asynchronous, because a lock must not wait for a disk
 * or a standby, nor a thousand migrations a thousand times: a server that crashes takes
 * back deed and record together, and the run's end waits until all of them are durable.
 * A step that nobody can wait for needs no clocks.
 */
#ifndef PGSTRIDE_CORE_LOCK_MESSAGE_H
#define PGSTRIDE_CORE_LOCK_MESSAGE_H

#include "model/sqltext.h"
#include "model/step.h"

typedef enum TryPart
{
    TRY_PART_FRAME,     /* ours: BEGIN, settings, clocks, COMMIT */
    TRY_PART_GUARD,     /* the caller's checks, before any lock */
    TRY_PART_LOCK,      /* taking the locks */
    TRY_PART_STATEMENT, /* of the step */
    TRY_PART_RECORD     /* of the history */
} TryPart;

/* One statement of the message; the driver's Ask, with what it stands for. */
typedef struct TryAsk
{
    const char *label;
    const char *sql;
    const char *data; /* see SqlParsed */
    TryPart part;
    int index; /* which guard, statement or record; 0-based */
} TryAsk;

typedef struct TryMessage
{
    TryAsk *asks;
    int count;
} TryMessage;

typedef struct TryTerms
{
    const Caps *caps;
    const SqlParsed *statements;
    int statement_count;
    const LockNeed *locks; /* in the order they are taken */
    const bool *lockable;  /* LOCK TABLE accepts it; else lock_timeout guards the DDL */
    int lock_count;
    bool queue;       /* wait in the queue of one of them, instead of asking again */
    int queue_on;     /* which */
    double wait_ms;   /* how long to queue, or to go on asking */
    double budget_ms; /* for queueing and holding together */
    double hold_ms;   /* ... while a vigil is kept over it; 0: none is */
    bool unlimited;   /* the statements may take their time: they stall no traffic */
    bool secluded;    /* nobody can come to wait for it: it needs no clocks */
    bool in_session;  /* the file's session may have another role than ours by now */
    const SqlText *guards;
    int guard_count;
    const SqlText *records;
    int record_count;
    const SqlText *released; /* said behind COMMIT; NULL: the caller does it */
} TryTerms;

TryMessage lock_message(Mem *mem, const TryTerms *terms);

/*
 * The transaction that makes an ordinary autovacuum give way: it asks for the weakest
 * lock that an autovacuum refuses, waits longer than deadlock_timeout, and is gone.
 */
TryMessage lock_nudge_message(Mem *mem, const Caps *caps, const Holder *vacuum,
                              double wait_ms);

/* Of that budget, what the statements may take. */
double lock_message_budget_ms(double budget_ms);

/* Which lock the detail of a refusal names: 0-based, or -1. */
int lock_message_refused(const TryTerms *terms, const char *detail);

#endif

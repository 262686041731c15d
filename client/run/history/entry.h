/* What the rows of the history have in common, and those of the audit trail; private to
 * the files run/history/record*.c. */
#ifndef PGSTRIDE_RUN_ENTRY_H
#define PGSTRIDE_RUN_ENTRY_H

#include "run/run.h"

/* What a row says; cost and rows come later, where they are known. */
typedef struct Entry
{
    const char *kind;
    const Migration *migration;
    const char *phase; /* NULL: none */
    int step;          /* 0: none */
    const char *what;
    const char *outcome;
    bool metered; /* what it took until now is all that it costs */
} Entry;

void record_entries(SqlText *sql, const Run *run, const Entry *entries, int count);

/* The same behind another statement. */
void record_event(SqlText *sql, const Run *run, const Entry *entry);

/* 'main', '20260515': the key that every table of the history shares. */
void record_key(SqlText *sql, const Run *run, const char *version);

void record_run_id(SqlText *sql, const Run *run);

void record_where(SqlText *sql, const Run *run, const char *version);
void record_delete(SqlText *sql, const char *table);

/* "column = what is new, " */
void record_renewed(SqlText *sql, const char *column);

/* The migration's row, in that state; made where there is none. */
void record_state(SqlText *sql, const Run *run, const Migration *migration,
                  const char *how, State state);

/* What an earlier text of a repeatable one has left, unless this one was begun. */
void record_forget_phase(SqlText *sql, const Run *run, const Migration *migration,
                         Phase phase);

/* How far the row of a step tells of it. */
typedef enum StepTold
{
    STEP_STARTED,
    STEP_DONE,   /* what it cost is added when that is known */
    STEP_METERED /* and it cost nobody anything */
} StepTold;

/* The step's row, made or renewed; in record_step.c. */
void record_step_row(SqlText *sql, const Run *run, const Step *step, StepTold told);

/* Statements as one text, secrets scrubbed; empty when there are none. */
const char *record_statements(Mem *mem, const SqlParsed *parts, int count);

/* NULL: none is known. */
const char *record_way_back(Mem *mem, const Step *step);

/* What the message has taken until now, on the server's clock. */
void record_took_ms(SqlText *sql);

#endif

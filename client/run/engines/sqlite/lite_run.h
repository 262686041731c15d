/*
 * Acting on a SQLite file: shared between the files of this folder.
 *
 * The worker is also the warden. A phase is one BEGIN IMMEDIATE with its history
 * inside; whatever ends it otherwise rolls all of it back. Foreign keys are off in it
 * and checked before it commits, because a table that is made again would take its
 * children's rows with it.
 */
#ifndef PGSTRIDE_RUN_LITE_H
#define PGSTRIDE_RUN_LITE_H

#include "run/engines/engines.h"

bool lite_transaction(Run *run, const Step *step, Cost *cost, Progress *progress,
                      Err *err);
bool lite_alone(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err);
bool lite_fill(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err);

/* See Engine. */
bool lite_mend(Run *run, const Step *step, SqlText record, Cost *cost, Err *err);

/* One text, as a script of its own on that connection. */
bool lite_send(Mem *mem, Db *db, const char *label, const SqlText *sql, Reply *reply,
               Err *err);

/* Statement `index` of the step, by the recipe where ALTER TABLE lacks it. */
bool lite_statement(Run *run, Db *db, const Step *step, int index, Err *err);

/* Does it do what we took it for, and nothing that no migration may? Nothing runs. */
bool lite_look(Run *run, Db *db, const Step *step, int index, Err *err);

/* ERR_REFUSED where rows share what a unique key of the step is to compare: before its
 * transaction, and in it before that statement, each where the other cannot know. */
bool lite_shared_before(Run *run, Db *db, const Step *step, Err *err);
bool lite_shared_at(Run *run, Db *db, const Step *step, int index, Err *err);

/* All statements of the step, each table written again at most once in a row. */
bool lite_statements(Run *run, Db *db, const Step *step, Err *err);

/* Its folder is another runner's, and its files run as they are written. */
bool lite_verbatim(const Step *step);

/* What the statement is, read again from its text: steps keep no tree. */
const Act *lite_act(Mem *mem, const Run *run, const char *text);

typedef LIST(Act) LiteActs;

/* Their table is made again with what the acts change. */
bool lite_rebuild(Run *run, Db *db, const LiteActs *acts, Err *err);

/* Rows that a backfill of the migration has left to do are ERR_REFUSED. */
bool lite_level_check(Run *run, Db *db, const Migration *migration, Err *err);

/* How many rows the backfill has left to do. */
bool lite_rows_left(Run *run, Db *db, const Backfill *fill, int64_t *count, Err *err);

/* Where a backfill is, and along what it goes: the rowid, or without rowids the primary
 * key. The texts are those of lite_batch.c; `until` is a place. */
typedef struct LiteBatch
{
    Mem *mem; /* for place and key */
    Run *run;
    const Step *step;
    const Backfill *fill;
    const char **key; /* columns */
    int key_count;
    bool by_rowid;
    const char *place; /* the last row that is done; NULL: before the first */
} LiteBatch;

bool lite_batch_key(LiteBatch *batch, Err *err);
SqlText lite_batch_begin(Mem *mem, const LiteBatch *batch);
SqlText lite_batch_end(Mem *mem, const LiteBatch *batch, int rows);
void lite_batch_change(SqlText *sql, const LiteBatch *batch, const char *until);
/* WHERE it is a row behind the place, up to there, and not done. */
void lite_batch_range(SqlText *sql, const LiteBatch *batch, const char *until);
/* WHERE it is the backfill's own row. */
void lite_batch_row(SqlText *sql, const LiteBatch *batch);
/* The record of a batch, behind it; `until` NULL: the place stays. */
void lite_batch_done(SqlText *sql, const LiteBatch *batch, const char *until);

/* How a backfill shares the file with who else writes: see lite_pace.c. */
typedef struct LitePace
{
    int rows;       /* of the next batch */
    double held_ms; /* the last one had the file */
    double met;     /* the share of late batches that found somebody else at it */
    int64_t batches;
    double asked_ms; /* what the operator says was looked at; 0: never */
    bool wal;        /* its batches need no flush of their own */
    bool replicated; /* another program writes the WAL back */
    bool told;       /* that a reader pins it */
} LitePace;

bool lite_pace_begin(Run *run, LitePace *pace, Err *err);
void lite_pace_end(Run *run);
void lite_pace_size(const Run *run, LitePace *pace, double held_ms);
void lite_pace_met(LitePace *pace, double waited_ms);
double lite_pace_rest_ms(const LitePace *pace);
bool lite_pace_rest(Run *run, const Step *step, LitePace *pace, Err *err);

/* The row is not done, in parentheses. */
void lite_not_done(SqlText *sql, const Backfill *fill);

/* Once a run, before the first step that takes something away. */
bool lite_backup(Run *run, const Step *step, Err *err);

bool lite_gather(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err);
bool lite_rehearse(Run *run, const Plans *plans, Err *err);
bool lite_gate(Run *run, const Plan *plan, const Facts *facts, Err *err);

#endif

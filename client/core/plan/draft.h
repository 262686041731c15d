/*
 * A plan being drafted: statements are put into steps, and steps are cut where they
 * must be. At most one step is open; every function that needs another closes it first.
 */
#ifndef PGSTRIDE_CORE_DRAFT_H
#define PGSTRIDE_CORE_DRAFT_H

#include "base/err.h"
#include "core/plan/plan.h"
#include "core/sql/column_parts.h"

/* An ADD COLUMN of expand whose rows are filled in backfill. */
typedef struct Later
{
    const Section *section;
    const Statement *statement;
    const Act *act;
    const ColumnParts *parts;
} Later;

/* A column that is NOT NULL by what the plan does. */
typedef struct Certain
{
    QName table;
    const char *column;
} Certain;

typedef struct Draft
{
    Mem *mem;
    const PlanRequest *request;
    Phase phase;
    const Section *section;
    LIST(Step) steps;
    LIST(Backfill)
    fills; /* every backfill of the migration; read before the first step */
    LIST(const char *) notes;
    LIST(const char *) names; /* every table and column the catalog told of */
    LIST(QName) chosen;       /* names that the plan gave in the server's place */

    const Statement *whole; /* what the statements stand for, where one was cut up */
    LIST(Later) later;
    LIST(Certain) certain;
    int derived_fills; /* backfills that no section has */

    /* The open step. */
    bool open;
    Step step;
    LIST(SqlParsed) sql;
    LIST(Span) spans; /* of the statement each sql stands for */
    const Statement *statement;
    LIST(SqlParsed) undo; /* in the order of the deeds; turned round at the end */
    LIST(const char *) shows;
    LIST(const char *) titles;
    LIST(const char *) undo_shows;
    LIST(const char *) step_notes;
    LIST(LockNeed) locks;
    Buf identity;   /* what the step's hash is over */
    int stands_for; /* statements in it, so far */
    int sessions;   /* ... of what is sent: what is for the session only */
    int settings;   /* ... and only SETs constants */
} Draft;

/* What the next statement needs: a step of that kind, for that statement and table. */
typedef struct StepSeed
{
    StepKind kind;
    Work work;
    const char *recipe;         /* NULL: as written */
    const Statement *statement; /* NULL: pgstride's own idea */
    const char *detail; /* which of several steps that it makes of one statement */
    QName table;        /* the busy table it locks; name NULL: none */
    bool alone;         /* starts a step even where it could join the open one */
} StepSeed;

void draft_begin(Draft *draft, Mem *mem, const PlanRequest *request);

/*
 * Opens a step for the seed, or joins the open transaction: same section,
 * transactional, and no second busy table. After it the draft_* calls below fill the
 * step.
 */
void draft_step(Draft *draft, const StepSeed *seed);

/* The section runs as the runner that it was written for would run it: its statements
 * in one transaction, whatever they lock. */
bool draft_verbatim(const Draft *draft);
void draft_close(Draft *draft);

/* The history's row of the step that the recipe makes of the statement in this phase:
 * NULL: it has not begun. */
const StepRecord *draft_record(const Draft *draft, const char *recipe,
                               const Statement *statement);

/* The record is of that step, of this phase. */
bool draft_record_is(const Draft *draft, const StepRecord *record,
                     const StepSeed *seed);

/* Gives the plan its steps. Numbers for people run through; those for the history
 * begin again in every phase. */
void draft_number(const Draft *draft, Plan *plan);

void draft_sql(Draft *draft, SqlParsed sql, const char *title);
void draft_title(Draft *draft, const char *title);
void draft_show(Draft *draft, const char *line);
void draft_undo(Draft *draft, SqlParsed undo, const char *show);
void draft_irreversible(Draft *draft);

/* What the statement, sent last, leaves in its session. */
void draft_session(Draft *draft, const Statement *statement);
void draft_note(Draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The strongest mode wins; a parent goes before everything that is not one. */
void draft_lock(Draft *draft, const QName *relation, LockMode mode, bool parent);

/* The same of a table that no statement names: the other end of a foreign key. */
void draft_lock_found(Draft *draft, const LockNeed *need, bool parent);

/* ALTER TABLE name, to be continued. */
SqlText draft_alter(const Draft *draft, const QName *table);

/* Whether both names mean the same table, now. */
bool draft_same_table(const Draft *draft, const QName *a, const QName *b);

/* The table as the catalog knows it, or NULL: then it is new and nobody uses it. */
const TableFact *draft_table(const Draft *draft, const QName *name);

#endif

/* A step: one statement, one transaction of statements, or one backfill; and the plan.
 */
#ifndef PGSTRIDE_MODEL_STEP_H
#define PGSTRIDE_MODEL_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "model/backfill.h"
#include "model/facts.h"
#include "model/lock.h"
#include "model/migration.h"

typedef enum StepKind
{
    STEP_TRANSACTION, /* statements that commit together, under the lock policy */
    STEP_ALONE,       /* a statement that refuses a transaction, journalled */
    STEP_INDEX_BUILD, /* CREATE INDEX CONCURRENTLY, supervised */
    STEP_INDEX_DROP,  /* DROP INDEX CONCURRENTLY */
    STEP_REINDEX,     /* REINDEX CONCURRENTLY */
    STEP_VALIDATE,    /* VALIDATE CONSTRAINT: a short lock, then a long scan */
    STEP_BACKFILL,    /* a sweep in batches, then its verification */
    STEP_ANALYZE,
    STEP_KIND_COUNT
} StepKind;

/* What to do about hazards. */
typedef enum Safe
{
    SAFE_REWRITE, /* made safe by a recipe, or refused */
    SAFE_WARN,    /* verbatim, with the hazards named */
    SAFE_OFF,     /* verbatim */
    SAFE_BACK     /* a way back: by a recipe where there is one, and never refused */
} Safe;

typedef enum Work
{
    WORK_FAST,    /* catalog only */
    WORK_SCAN,    /* reads the table */
    WORK_BUILD,   /* reads the table, writes an index */
    WORK_REWRITE, /* writes the table again */
    WORK_BATCHES,
    WORK_COUNT
} Work;

const char *work_name(Work work);

/* A question about the rows, asked just before a step that they could defeat. */
typedef struct Probe
{
    SqlParsed sql;    /* gives left_over, counted to a hundred, and examples; text NULL:
                         nothing is asked */
    const char *asks; /* what must be so: "no two rows share (email)" */
    const char *one;  /* what is said where it is not: "row of \"t\" violates ..." */
    const char *many;
    const char *const *keys; /* names: it gives the values of key_1..., and how many
                                rows share them (held), a row each; NULL: as above */
    int key_count;
    bool gate;  /* contract asks it before anything changes */
    bool blame; /* asked only when the server has refused the rows: which are they? */
} Probe;

/* What keeps a backfill's columns level until the step ends it: made again, and the
 * rows filled again, where an interrupted attempt has dropped it. */
typedef struct StepLevel
{
    const Backfill *fill;
    const SqlParsed *make;
    int make_count;
    const SqlParsed *drop;
    int drop_count;
} StepLevel;

typedef struct Step
{
    const Migration *migration;
    int number;     /* 1-based within the migration, across phases: what people see */
    int ordinal;    /* 1-based within its phase: what the history keeps */
    bool last;      /* of its phase: its record completes the phase */
    bool completes; /* ... and the migration: no contract will follow */
    StepKind kind;
    Phase phase;
    const char
        *title; /* short, for progress lines: "ADD COLUMN new_email, sync trigger" */
    SqlParsed *sql; /* what is sent, in order */
    int sql_count;
    Span *spans;        /* of the statement in the file that each of them stands for */
    const char **shows; /* the lines plan prints; NULL entries are left out */
    int show_count;
    Millis max_stall;   /* what its section or the command line allows */
    Millis batch_time;  /* STEP_BACKFILL */
    const char *window; /* the hours that it may run in; NULL: any */
    LockNeed *locks;    /* strong locks, parents first */
    int lock_count;
    bool secluded; /* all that it locks it makes itself: nobody can come to wait for it
                    */
    Work work;
    SqlParsed *undo; /* statements that take it back, in order */
    int undo_count;
    const char *undo_show; /* "drop column", "none: irreversible", or "–" */
    bool
        undoes; /* this step takes a phase back; the last one leaves the state `left` */
    State left;
    bool repairs; /* of no migration: something half done is mended */
    bool irreversible;
    bool needs_down; /* the way back is known to a down section only */
    Probe probe;
    const Backfill *backfill; /* STEP_BACKFILL */
    StepLevel *levels;        /* a swap on a plain path: what ends with it */
    int level_count;
    QName table;            /* what it is about */
    QName index;            /* STEP_INDEX_* */
    const char *constraint; /* STEP_VALIDATE */
    const char *alone_why;  /* STEP_ALONE: "CREATE DATABASE" */
    SqlParsed finish;       /* ... what ends it where an attempt was interrupted */
    QName other;            /* ... which then is locked: the partition */
    const char *manner;     /* the way in which the server would do it, as it says;
                               NULL: it was not asked */
    bool verbatim;          /* of another runner's file, and sent as it stands there */
    bool lean;              /* planned without knowing the columns of its tables */
    bool session;           /* leaves session state that later steps may rely on */
    bool session_only;      /* ... and does nothing else */
    bool settings;          /* ... which saying it again brings back: SET, constants */
    bool in_session;        /* an earlier step of its phase left some: a role, maybe */
    char hash[65];          /* over what is sent: is it still the step that ran? */
    Span span;              /* of the statement it stands for */
    const char
        *stands_for; /* the statement as written, when a recipe replaced it; or NULL */
    const char *recipe; /* "swap", or NULL */
    int64_t rows;       /* estimates; -1 unknown */
    int64_t wal_bytes;
    int64_t grows_to; /* the table alone */
    int64_t grows_by; /* with its indexes */
    double estimate_ms;
    const char **notes; /* warnings that plan prints below it */
    int note_count;
    const char **names; /* tables and columns there are: for "did you mean" */
    int name_count;
} Step;

/* It locks out nobody, and waits for transactions instead of locks. */
bool step_is_concurrent(const Step *step);

/* What a line about it begins with: its phase, "down" where it takes one back, "repair"
 * where it is of none. */
const char *step_heading(const Step *step);

/* The phase as the history keeps it: "expand", or "undo expand". */
const char *step_phase(const Step *step);
const char *step_kind_name(StepKind kind); /* "index build" */

typedef struct Plan
{
    const Migration *migration;
    State state; /* of the migration, when this was planned */
    const Caps *caps;
    const char **about; /* the tables it touches: "identities (12,400,000 rows, ...)" */
    int about_count;
    Step *steps;
    int step_count;
    const char **vanishing; /* names that no code may use any more before contract */
    int vanishing_count;
    const char **surviving; /* names that mean something new after it */
    int surviving_count;
    const char **notes; /* the exceptions to the promise that apply here */
    int note_count;
} Plan;

#endif

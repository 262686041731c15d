/*
 * What the command line can ask of a database: one function a verb.
 *
 * Every function gathers, asks core, acts, and tells the observer as it goes; cli
 * prints. Results belong to the Mem given. All need a run opened by run_open.
 */
#ifndef PGSTRIDE_RUN_VERBS_H
#define PGSTRIDE_RUN_VERBS_H

#include "model/control.h"
#include "run/run.h"

/*
 * Connects, reads the folder (settings->dir) and the history. With `write`, it also
 * takes the runner lock, waits for orphans, makes pgstride's tables and takes the
 * fence; without it nothing at all is created or locked. Errors: ERR_CONNECT, ERR_BUSY
 * (another runner, named), ERR_USAGE (files), ERR_REFUSED (wrong server, checksum).
 */
bool run_open(Mem *mem, const Settings *settings, const Driver *driver, Clock *clock,
              Observer *observer, bool write, Run **run, Err *err);
void run_close(Run *run);

/* Notes in the history how the run ended; for a run opened to write. */
void run_finish(Run *run, const Err *err);

typedef struct Plans
{
    Plan **items; /* in the order they would run */
    int count;
} Plans;

/* What `verb` would do now; changes nothing. Also the refusals: hazards, gates,
 * overlap. */
bool run_plan(Run *run, Verb verb, Mem *mem, Plans *plans, Err *err);

/* A migration that moved, for the closing lines and JSON. */
typedef struct Moved
{
    const Migration *migration;
    State from;
    State to;
    double took_ms;
    int64_t rows;
    double stall_ms;
    const Plan *plan; /* its names that vanish and survive; NULL when it did not run */
} Moved;

typedef struct Report
{
    Moved *items;
    int count;
    int room;
    int waiting_contract; /* migrations that are backfilled now */
    const char *leveled;  /* the table of another runner that says so now; or NULL */
} Report;

/* Each moves migrations as far as it can; report says how far, also when it failed. */
bool run_up(Run *run, Mem *mem, Report *report, Err *err);
bool run_contract(Run *run, Mem *mem, Report *report, Err *err);
bool run_down(Run *run, Mem *mem, Report *report, Err *err);
bool run_goto(Run *run, Mem *mem, Report *report, Err *err);

/* Record-keeping that runs no SQL of the user's. settings->versions say which. */
typedef struct Marking
{
    const char *how; /* "force", "baseline", "mark", "adopt" */
    State state;     /* of the named versions (mark) */
} Marking;
bool run_mark(Run *run, const Marking *marking, Mem *mem, Report *report, Err *err);

/* status: folder and history side by side, in version order. */
typedef struct StatusLine
{
    const char *version;
    const char *name;
    const char *file; /* as listed */
    State state;
    const char *how;        /* "run", "baseline", ... or NULL */
    const char *applied_at; /* "2026-11-02 10:30:00", UTC; NULL while pending */
    const char *error;      /* the last attempt failed with this; or NULL */
    bool missing;           /* applied, and no longer in the folder */
    bool changed; /* its text changed since it ran (comments and white space aside) */
    bool skipped; /* see Migration */
    bool phased;
    const Migration *migration; /* NULL when missing */
} StatusLine;

typedef struct Status
{
    const char *database; /* "shop on PostgreSQL 15.20" */
    const char *layout;   /* of the folder: "native" */
    StatusLine *lines;
    int count;
    int pending; /* not backfilled yet */
    int waiting_contract;
    bool dirty;
    const char *dirty_version;
    const char *dirty_why;
    const char *dirty_mend; /* its own runner stopped in it, not we; or NULL */
    const char *refused; /* why nothing can run until somebody has decided; or NULL */
    const char *cure;    /* of either, or NULL */
    Control control;     /* what operators said last */
    const struct WatchRun *at_work; /* what its run is at; NULL: none is at work */
} Status;
bool run_status(Run *run, Mem *mem, Status *status, Err *err);

/* history: the audit trail, oldest first. */
typedef struct HistoryLine
{
    char *at;      /* RFC 3339 UTC */
    char *kind;    /* "step", "phase", "run", "mark", ... */
    char *version; /* or NULL */
    char *phase;   /* or NULL */
    char *what;
    char *who; /* database user */
    char *os_user;
    char *host;
    char *tool_version;
    char *outcome;
    double took_ms;  /* -1 unknown */
    double stall_ms; /* -1 unknown */
    int64_t tries;   /* -1 unknown */
    int64_t rows;    /* -1 unknown */
} HistoryLine;
typedef struct HistoryLines
{
    HistoryLine *items;
    int count;
} HistoryLines;
bool run_history(Run *run, Mem *mem, HistoryLines *lines, Err *err);

/* pause and resume, from anywhere: the folder is not needed. */
typedef struct Order
{
    bool pause;          /* else resume */
    const char *version; /* pause: only this migration; NULL: whatever runs */
    const char *limits;  /* resume: "max-lag=5s batch-time=50ms", or empty */
} Order;
bool run_meet(Mem *mem, const Settings *settings, const Driver *driver, Clock *clock,
              Observer *observer, Run **run, Err *err);
bool run_order(Run *run, const Order *order, Mem *mem, Control *control, Err *err);

/* wait: until the database answers, or (for_migrations) until nothing is pending. */
bool run_wait(Mem *mem, const Settings *settings, const Driver *driver, Clock *clock,
              Observer *observer, bool for_migrations, Millis patience, Err *err);

#endif

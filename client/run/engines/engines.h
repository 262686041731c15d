/*
 * The engines: how each kind of database is acted on, a row each in engines.c.
 *
 * To add one:
 *   - client/db/ENGINE/ is its Driver. It fills Caps (own, plain_path, one_writer and
 *     quoting among them) and answers the stored queries by the labels that run/ asks,
 *     with the same parameters and columns; booleans are t and f, times RFC 3339.
 *     Failures carry an SQLSTATE that db/driver.c knows (55P03 busy, 42501 not allowed,
 *     08006 lost, PS001 fenced): kinds of errors are decided there and nowhere else.
 *   - core/sql/ENGINE* is its Dialect, a row of core/sql/dialect.c.
 *   - migrations/bookkeeping/ENGINE/ are its tables, with the names and columns of
 *     PostgreSQL's behind OwnSql.prefix.
 *   - A row here says what it does with a step of each kind, and its schemes are rows
 * of core/config/target.c.
 *
 * The runner lock is a conversation of labels too (advisory_try, advisory_release,
 * runner_holder, fence_take, fence_check): RUNNER_LOCK and STEP_LOCK are classes of
 * locks, each with the key of a component. Where Caps.one_writer the worker's session
 * is the warden's, so that a killed run's orphan still holds the lock, and STEP_LOCK is
 * always free.
 *
 * A step's record commits with its deed (record_step in the same transaction, behind
 * guard), or, where the engine cannot do that, history_started goes before it,
 * history_done behind it, and the next run decides by what is there.
 */
#ifndef PGSTRIDE_RUN_ENGINES_H
#define PGSTRIDE_RUN_ENGINES_H

#include "db/embedded.h"
#include "model/sqltext.h"
#include "run/run.h"
#include "run/verbs.h"

/* Does the step and records it; ERR_LOST when nobody knows whether it was done. */
typedef bool (*StepAct)(Run *run, const Step *step, Cost *cost, Progress *progress,
                        Err *err);

/* A stored query of what there is to see. */
typedef struct EngineLook
{
    const char *label;
    const char *refused; /* where the database refuses it, the kind of note or ailment
                            that says so in its words; NULL: that is an error */
} EngineLook;

/* What doctor, repair and watch ask, beside the queries that all engines have:
 * doctor_history, watch_clock, and the watch_... parts (those that are missing are not
 * shown). */
typedef struct EngineLooks
{
    const EngineLook *ailments; /* rows of CatalogFind; the last has no label */
    const EngineLook *notes;    /* rows of NoteFind; likewise */
    const char *begin;          /* what a look from outside is one transaction by */
    const char *limit;          /* and what bounds it, or NULL */
    const char *hidden;         /* what an account may lack to be shown everything */
} EngineLooks;

typedef struct Engine
{
    const char *name; /* Target.engine */
    const Driver *driver;
    const Embedded *bookkeeping;    /* its tables, in order */
    const char *bookkeeping_begin;  /* sent before each */
    const char *bookkeeping_commit; /* and behind its record; NULL: COMMIT */
    const char *bookkeeping_place; /* "a schema \"pgstride\"": where people find them */

    /* ERR_REFUSED where this server is none to be written to; NULL: all are. Asked
     * before the runner lock, and again of whoever answers behind a lost connection. */
    bool (*may_write)(Run *run, Err *err);
    /* One statement behind BEGIN that raises SQLSTATE_FENCED when the run is not the
     * owner of its component any more. */
    SqlText (*guard)(Mem *mem, const Run *run);
    /* What core wants to know of tables; those that do not exist say so. */
    bool (*gather)(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err);
    /* Tries plans where nothing is changed by it; NULL: the engine cannot. Only for
     * plain paths: else core/plan/overlay.h foresees. */
    bool (*rehearse)(Run *run, const Plans *plans, Err *err);
    /* Where there is no history yet, all is foreseen before its tables are made: what
     * is refused leaves the database as it was. */
    bool looks_first;
    const EngineLooks *looks;
    /* Asks the rows something that may take as long as a scan, and ends it on the
     * server when asked to stop; NULL: run/locks does. */
    bool (*ask)(Run *run, Mem *mem, const Ask *ask, Reply *reply, Err *err);
    /* Sends a statement that mends something, and its record; NULL: run/locks does. */
    bool (*mend)(Run *run, const Step *step, SqlText record, Cost *cost, Err *err);
    /* ERR_REFUSED while contract may not begin. */
    bool (*gate)(Run *run, const Plan *plan, const Facts *facts, Err *err);
    StepAct acts[STEP_KIND_COUNT]; /* NULL: no plan for it has such steps */
    /* Those that record Run.start with their deed; before any other that is done. */
    bool opens[STEP_KIND_COUNT];
} Engine;

/* What is not named, or has no row, is PostgreSQL. */
const Engine *engine_named(const char *name);
const Engine *engine_of(const Run *run);

/* ERR_REFUSED: this server is none to be written to. */
bool engine_may_write(Run *run, Err *err);

extern const EngineLooks postgres_looks;
extern const EngineLooks sqlite_looks;
extern const EngineLooks mysql_looks;
extern const EngineLooks cockroach_looks;

extern const Engine postgres_engine;
extern const Engine cockroach_engine;
extern const Engine sqlite_engine;
extern const Engine mysql_engine;

#endif

/*
 * A run: one invocation that touches a database, and everything its rooms share.
 *
 * Gather, decide, act: run reads facts and history through the driver, asks core what
 * to do, does it, and tells the observer. Nothing here prints.
 */
#ifndef PGSTRIDE_RUN_RUN_H
#define PGSTRIDE_RUN_RUN_H

#include "base/clock.h"
#include "base/err.h"
#include "core/backfill/throttle.h"
#include "core/config/target.h"
#include "core/foreign/foreign.h"
#include "core/window.h"
#include "db/driver.h"
#include "model/event.h"
#include "model/history.h"
#include "model/migration.h"
#include "model/step.h"

/* What the operator asked for; filled by cli from flags, environment and defaults. */
typedef struct Settings
{
    Target target;
    const Target *standbys; /* --standby: looked at before strong locks */
    int standby_count;
    const char *dir;
    const char *layout;             /* --layout; NULL or "auto": found out */
    const Environment *environment; /* what ${NAME} in files of others stands for */
    const char *component;          /* "main" */
    const char *verb;               /* for the history and application_name */
    const char *role;               /* --role, or NULL */
    Safe safe;
    bool own_history; /* --history=own: no table of another runner is touched */
    const char *history_table; /* what its runner calls it; NULL: as usual */
    bool imports;              /* adopt --mode=import: its rows become ours, once */
    bool safe_said;       /* else a folder of another runner runs as it is written */
    Millis max_stall;     /* default 100 ms */
    Millis lock_patience; /* default 10 min */
    OnBlocker on_blocker; /* default: wait */
    Millis batch_time;    /* default 100 ms */
    bool max_stall_flag;  /* given as a flag: beats what a section says, which */
    bool batch_time_flag; /* beats environment and default (design §16.1) */
    Limits limits;        /* of the throttle; batch_ms and blocks_most are not said */
    const char *window;   /* --window, or NULL */
    bool window_flag;     /* given as a flag, like the two above */
    const char *throttle_query; /* --throttle-query, one statement; or NULL */
    const char *throttle_file;  /* --throttle-file, or NULL */
    Millis connect_timeout;
    Millis runner_patience; /* wait this long for another runner: default 10 min */
    Millis orphan_patience; /* and for what a killed run left going: default 10 min */
    const char *to;         /* --to V, or NULL */
    int steps;              /* --steps; 0: not said */
    Phase through;          /* --through contract; PHASE_BACKFILL otherwise */
    bool may_idle; /* up: where everything is applied, nothing is locked or written */
    bool begins;   /* up, goto: a database that is a file is made where there is none */
    Verb begins_by;
    bool skims;    /* status: where everything stands, not what it was */
    bool examines; /* doctor, repair: a folder and a readable history are no must */
    bool allow_overlap;
    bool writable_replica; /* a server that copies from another is written to */
    bool out_of_order;
    bool ignore_missing;   /* an applied version needs no file */
    int64_t free_space;    /* --free-space: on the server's disk; 0: not said */
    int workers;           /* sweep one table at once; 0 is 1 */
    bool no_wait;          /* do not wait for another runner */
    bool no_backup;        /* of a file, before something is taken away from it */
    const char **versions; /* positional */
    int version_count;
} Settings;

/* A transaction that was asked to end: asked once, whatever came of it. */
typedef struct AskedIdler
{
    int64_t pid;
    int64_t begun_us;
} AskedIdler;

/* Which database system, and how often another of its servers has taken over. */
typedef struct System
{
    char *identifier; /* NULL: not known */
    int64_t timeline;
} System;

typedef struct Standby Standby;

/* How the phase under way begins: that is recorded with its first deed where it is a
 * transaction of ours, else before it. */
typedef struct PhaseStart
{
    const Migration *migration;
    Phase phase;
    Checksums sums;
    bool recorded;
    const Step
        *whole; /* the one whose transaction recorded all of the phase; or NULL */
} PhaseStart;

typedef struct Run
{
    Mem *mem;
    const Settings *settings;
    const Driver *driver;
    Clock *clock;
    Observer *observer;
    char id[37];  /* uuid: the fence */
    Db *worker;   /* runs steps and batches */
    Db *watcher;  /* looks at locks and pressure; never in a transaction */
    Db *warden;   /* holds the runner lock; idle, autocommit */
    Db *onlooker; /* sees for whom one of these waits; NULL: none had to */
    Db **crew;    /* more workers, while several sweep one table */
    int crew_count;
    Db *worker_away;  /* while one of the crew has its place; or NULL */
    const Caps *caps; /* our own copy: plans outlive the connection that gave it */
    const char *extension_trouble; /* why the server extension is not used; or NULL */
    const char *database;          /* "shop on PostgreSQL 15.20" */
    Facts *around;    /* of the server as a whole, as gathered last; or NULL */
    double around_ms; /* when that was */
    double
        lean_ms; /* when the lean facts were read that are the last ones; 0: others */
    Migrations migrations;
    const char *layout; /* whose the folder is by the histories in here; or NULL */
    int found_at;       /* where check_find found the last one */
    bool heeds;         /* operators and windows can hold it; set by run_open */
    double heeded_ms;   /* when it was last asked; 0: never */
    char *window_text;  /* the window asked about last, and owner of `window` */
    Window window;
    int64_t window_loaded; /* seconds since 1970: when its zones were looked up */
    double kept_ms;        /* when the lease was last said to go on; 0: never */
    double beat_ms;        /* when the pulse was written; 0: never */
    char *orders;          /* new limits that an operator gave this run; or NULL */
    int orders_count; /* how often: whoever goes by limits sees that they changed */
    bool told_hidden; /* which grant would show the load */
    int64_t told_keeper_pid; /* who kept a question of ours waiting last */
    bool writes;             /* it holds the runner lock and may change things */
    System system;           /* that it began on */
    bool failed_over;
    int64_t deeds;     /* steps it has done, or undone, and recorded */
    bool taken_back;   /* ... and the server has lost the last of them */
    bool settled;      /* ... and they are durable: the history says how it ended */
    PhaseStart *start; /* of the phase under way; NULL: there is nothing to record */
    History history;
    const Foreign *foreign; /* the history of its runner that is shared; or NULL */
    bool foreign_here;      /* ... and its table is there */
    bool foreign_old;       /* ... as an older release of its runner made it */
    bool foreign_locked;    /* ... and its locks are ours */
    bool foreign_strange;   /* ... and it is not, though its schema is in use */
    bool foreign_based;     /* ... and it begins with a baseline */
    bool foreign_apart;     /* ... but was imported: it is read, and left alone */
    LIST(const Migration *) adopted; /* from there, by this run */
    char *foreign_schema;
    char *foreign_database;
    char *foreign_denied; /* what we may not do to its table, "INSERT, UPDATE" */
    char
        *foreign_counter; /* the sequence of its numbers that we may not use; or NULL */
    char *foreign_role;   /* who we are, as GRANT names it */
    ForeignRows foreign_rows;      /* of `remembered`, as the next is */
    ForeignMidway *foreign_midway; /* where it stopped, and says how far it came */
    Mem *remembered;               /* owns what history_read gave history */
    LIST(AskedIdler) asked;
    bool told_way_out; /* of an idle transaction */
    bool backed_up;
    Standby *standbys; /* see run/locks/standby.h */
    int standby_count;
} Run;

#endif

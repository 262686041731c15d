/*
 * A run on scripted connections: what tests of the room run/ begin with.
 *
 * Tests say what each connection will be asked, call the function under test, and read
 * what was told and what was sent.
 */
#ifndef PGSTRIDE_TESTS_STAGE_H
#define PGSTRIDE_TESTS_STAGE_H

#include "db/fake.h"
#include "run/run.h"

typedef struct Stage
{
    Mem *mem;
    Fake *fake;
    Settings settings;
    Observer observer; /* second to none: see stage.c */
    Buf told;          /* "waiting runner: pid 7", a line an event */
    Run run;
    Err err;
} Stage;

Stage *stage_open(Mem *mem);

/* Opens run.worker, run.watcher or run.warden ("worker", ...) on these lines. */
void stage_connect(Stage *stage, const char *role, const Line *lines);

/* Fails the test where something else was asked, or something was not; clears err. */
void stage_close(Stage *stage);

/* The folder of the run: names and texts in pairs, ended by NULL. */
void stage_folder(Stage *stage, const char *const *names_and_texts);

/* Fails the test with the err where good is false. */
void stage_good(Stage *stage, bool good);

/* The same where it is true, or where err is of another kind; its line, cleared. */
const char *stage_bad(Stage *stage, bool good, ErrKind kind);

/* --- lines that many tests need -------------------------------------------------- */

/* An answer of one cell in one row. */
#define ONE(label_, column_, cell_)                                                    \
    {                                                                                  \
        .label = (label_), .columns = (const char *const[]){(column_), NULL},          \
        .cells = (const char *const[]){(cell_)}, .row_count = 1                        \
    }

/* pgstride's tables are there, and may be read. */
#define HERE                                                                           \
    {                                                                                  \
        .label = "bookkeeping_exists",                                                 \
        .columns = (const char *const[]){"here", "readable", NULL},                    \
        .cells = (const char *const[]){"t", "t"}, .row_count = 1                       \
    }

/* A transaction of the history with one text under that label. */
#define WRITES(label_)                                                                 \
    {.label = "begin"}, {.label = "guard"}, {.label = (label_)},                       \
    {                                                                                  \
        .label = "commit"                                                              \
    }

/* The history is read: migrations, phases, steps, backfills. */
#define READS(...) HERE, __VA_ARGS__
#define NO_MIGRATIONS                                                                  \
    {                                                                                  \
        .label = "history_migrations"                                                  \
    }
#define NO_PHASES                                                                      \
    {                                                                                  \
        .label = "history_phases"                                                      \
    }
#define NO_STEPS                                                                       \
    {                                                                                  \
        .label = "history_steps"                                                       \
    }
#define NO_BACKFILLS                                                                   \
    {                                                                                  \
        .label = "history_backfills"                                                   \
    }
#define NO_HISTORY READS(NO_MIGRATIONS, NO_PHASES, NO_STEPS, NO_BACKFILLS)

#define MIGRATION(version_, state_)                                                    \
    {                                                                                  \
        .label = "history_migrations", .columns = stage_migration_columns,             \
        .cells =                                                                       \
            (const char *const[]){version_, "name", version_ "_name.sql",  state_,     \
                                  "run",    "1",    "2026-11-21 02:00:00", "f",        \
                                  NULL},                                               \
        .row_count = 1                                                                 \
    }
#define PHASE(version_, phase_, done_)                                                 \
    {                                                                                  \
        .label = "history_phases", .columns = stage_phase_columns,                     \
        .cells = (const char *const[]){version_, phase_, NULL, NULL, done_},           \
        .row_count = 1                                                                 \
    }
#define STEP(version_, phase_, number_, hash_, done_)                                  \
    {                                                                                  \
        .label = "history_steps", .columns = stage_step_columns,                       \
        .cells = (const char *const[]){version_,  phase_, number_, "transaction",      \
                                       "a title", hash_,  done_,   "ALTER TABLE old",  \
                                       ""},                                            \
        .row_count = 1                                                                 \
    }

extern const char *const stage_migration_columns[];
extern const char *const stage_phase_columns[];
extern const char *const stage_step_columns[];

#endif

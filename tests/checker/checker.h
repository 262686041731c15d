/*
 * checker: writers of every kind against one migration's whole life, killed at random.
 *
 * Rows belong to writers, so each writer knows without asking anybody what every one of
 * its rows must say. That model is the oracle: nothing pgstride believes is used to
 * judge it. A round is drawn from a seed and can be run again.
 */
#ifndef PGSTRIDE_TESTS_CHECKER_H
#define PGSTRIDE_TESTS_CHECKER_H

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum
{
    WRITERS = 8,
    ROWS = 120,
    VALUE = 64,
    COMPLAINTS_MOST = 12,
    COLD_ROWS = 40000, /* of writer 0: nobody */
    COLD_HELD = 12
};

/* Which names the application may use, and what the table makes of them. */
typedef enum Era
{
    ERA_OLD,        /* no new column that code may name; also while it is taken away */
    ERA_BOTH,       /* expanded: old code, and code that uses either name or both */
    ERA_CLOSING,    /* contract may commit at any moment: only the old name is used */
    ERA_CONTRACTED, /* the old name is the new column */
} Era;

/* One way to write the classic example. */
typedef struct Variant
{
    const char *name;
    const char *migration;   /* the file */
    const char *fill;        /* f, as SQL over `email` */
    bool lowers;             /* f makes lower case of it; else it copies */
    const char *partition;   /* how the table is partitioned; NULL: it is not */
    const char *const *tree; /* what makes its partitions or children; NULL ends it */
} Variant;

typedef struct Random
{
    uint64_t state;
} Random;

/* What a row must say. `fresh` is the new side: what it holds, or will be filled with.
 */
typedef struct Row
{
    long id;
    bool alive;
    bool filled; /* written while the trigger was there: NULL will not do */
    bool loose;  /* written while contract ran: either side may have survived it */
    char email[VALUE];
    char fresh[VALUE];
    int touched;
} Row;

typedef struct Round
{
    const Variant *variant;
    uint64_t seed;
    atomic_int era;
    atomic_int aborts;      /* how often the new column was taken away */
    atomic_bool backfilled; /* pgstride said so: no NULL is left */
    atomic_bool stopping;
    pthread_rwlock_t new_names; /* held for reading while new_email is used */
    pthread_mutex_t complaining;
    int complaints;
    char complaint[COMPLAINTS_MOST][400];
    char story[1000]; /* what happened, for the verdict */
} Round;

typedef struct Writer
{
    Round *round;
    int number;
    pthread_t thread;
    PGconn *connection;
    Random random;
    Era era;    /* that its model is in */
    int aborts; /* that its model knows of */
    long next_id;
    int values;
    long writes;
    long retries; /* 40001, as a REPEATABLE READ writer must expect */
    bool repeatable;
    bool broken; /* the transaction failed: undo the model */
    Row rows[ROWS];
    Row before[ROWS]; /* as of BEGIN */
    Row marked[ROWS]; /* as of SAVEPOINT */
} Writer;

/* random.c */
uint32_t random_below(Random *random, uint32_t limit);
Random random_from(uint64_t seed);

/* round.c: a round's shared state. */
void round_complain(Round *round, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void round_tell(Round *round, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void rest_ms(int millis);
PGconn *round_connect(Round *round, const char *application);

/* model.c: what statements make of rows. */
Row *row_alive(Writer *writer);
Row *row_free(Writer *writer);
void row_old_written(Writer *writer, Row *row, const char *value);
void row_new_written(Writer *writer, Row *row, const char *value);
void row_both_written(Writer *writer, Row *row, const char *old, const char *fresh);
void row_touched(Writer *writer, Row *row);
void model_follow(Writer *writer); /* the era that the round is in now */
bool model_accepts(const Row *row, Era era, const char *email, const char *fresh);

/* statements.c: what applications do, a row of its table each. */
void statement_any(Writer *writer);
void old_statement(Writer *writer); /* any that names only email */
void new_statement(Writer *writer);
void read_old(Writer *writer);
void write_old(Writer *writer, Row *row);

/* transactions.c: rows of that table too. */
void transact_old(Writer *writer);
void transact_new(Writer *writer);
void hold_row(Writer *writer);
void hold_cold(Writer *writer);
void repeatable(Writer *writer);
void as_replica(Writer *writer);
void elsewhere(Writer *writer);

/* writer.c */
void *writer_live(void *writer);
bool writer_say(Writer *writer, int rows, const char *sql, const char *const *values);
PGresult *writer_ask(Writer *writer, const char *sql, const char *const *values);
void writer_verify(Writer *writer); /* every row of its own, nobody else writing */

/* audit.c: the table as somebody sees it who wrote nothing. */
bool audit_setup(Round *round, PGconn *connection);
void *audit_live(void *round);
void audit_end(Round *round, PGconn *connection);

/* life.c: drives the real program through the round; the era it ends in says how. */
void life_run(Round *round, Random *random, PGconn *connection);
bool life_faults(void); /* reads the names of --list-faults */

#endif

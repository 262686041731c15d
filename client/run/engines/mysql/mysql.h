/*
 * How MySQL and MariaDB are acted on: ddl.c journals a change of schema and decides
 * after a crash by what is there, manner.c knows the ways to change a table, attempt.c
 * finds the least harmful one and waits for the metadata lock, holders.c looks who has
 * it, here and on replicas, ask.c asks for a way on an empty table, swap.c lets columns
 * change places, fill.c fills in batches along the key, gather.c reads the catalog.
 */
#ifndef PGSTRIDE_RUN_ENGINES_MYSQL_H
#define PGSTRIDE_RUN_ENGINES_MYSQL_H

#include "run/engines/engines.h"

/* A way to change a table, from the least harmful on. */
typedef struct Manner
{
    const char *clause;  /* "ALGORITHM=INSTANT"; NULL: nothing is added */
    const char *shown;   /* "INSTANT" */
    const char *product; /* NULL: both know it */
    int since;           /* version; 0: all */
    bool instant;        /* done when the lock is had */
    bool blocks_writers; /* for as long as it takes */
    bool builds;         /* replicas do it again, one after the other */
    bool unseen;         /* what it makes nobody can be waiting for */
} Manner;

/* How long the end of a build waits for the lock, in seconds: without it the work is
 * lost. */
#define MYSQL_END_QUEUE_S 10

/* The way at `index` that this server knows, from the least harmful on; NULL: no more.
 */
const Manner *mysql_manner(const Caps *caps, int *index);
/* A version on which nothing is done INSTANT: MySQL 8.0.29 to 8.0.31. */
bool mysql_instant_flawed(const Caps *caps);
/* The statement with that way behind it. */
char *mysql_text_with(Mem *mem, const char *text, const Manner *manner);
/* May the server be asked for a way to do it, or has its author said how? */
bool mysql_may_ask(const char *text);
/* How it is waited for where nothing is added to it. */
const Manner *mysql_manner_written(const char *text);

/* A text sent as it stands, with short waits for the metadata lock and rests between
 * them, until it is done, refused, or patience ends. `mend`: of what several statements
 * were done in part before the lock was not to be had, and what they hold, nothing may
 * be left while it rests; NULL: one statement leaves nothing. */
typedef struct MysqlText
{
    const char *sql;
    const Manner *manner;
    bool (*mend)(Run *run, const Step *step, Err *err);
} MysqlText;

/* Who has had that table for a second or longer, here or on a replica that --standby
 * names; NULL: nobody, for all we know. */
bool mysql_holder(Run *run, Mem *mem, const QName *table, const char **who, Err *err);
/* Who may have it just now, in words; also that nobody may be seen. */
const char *mysql_holder_shown(Run *run, Mem *mem, const QName *table);

bool mysql_try(Run *run, const Step *step, const MysqlText *text, Cost *cost, Err *err);

/* More rows than are read in a moment; a step without a table is of none. */
bool mysql_is_large(Run *run, const QName *table, bool *large, Err *err);
/* ERR_REFUSED where the table is large and its author has not allowed it. */
bool mysql_blocking_allowed(Run *run, const Step *step, const Manner *manner, Err *err);

/* ERR_REFUSED where only a way that blocks writers is left, and the table is large. */
bool mysql_attempt(Run *run, const Step *step, Cost *cost, const Manner **manner,
                   Err *err);

/* The swap of contract: old and new column change places while the table is locked. */
bool mysql_swap(Run *run, const Step *step, Cost *cost, const Manner **manner,
                Err *err);
/* Before contract: every row is filled, and every trigger there. */
bool mysql_swap_settle(Run *run, const Plan *plan, Err *err);
/* What the swap changes, and nothing that it only passes through. */
bool mysql_swap_print(Run *run, Mem *mem, const Step *step, char **print, Err *err);

/* Tells every step of the plans its way; ERR_REFUSED where only one that blocks writers
 * is left, and the table is large. */
bool mysql_classes(Run *run, const Plans *plans, Err *err);

/* ERR_REFUSED where what is written would be lost to the others, or kept out. */
bool mysql_may_write(Run *run, Err *err);

bool mysql_ddl(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err);
bool mysql_fill(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err);
bool mysql_gate(Run *run, const Plan *plan, const Facts *facts, Err *err);
bool mysql_gather(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err);

#endif

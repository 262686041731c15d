/*
 * How MySQL and MariaDB are acted on: ddl.c journals a change of schema and decides
 * after a crash by what is there, attempt.c finds the least harmful way the server
 * grants and waits for the metadata lock, fill.c fills in batches along the key,
 * gather.c reads the catalog.
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
} Manner;

/* ERR_REFUSED where only a way that blocks writers is left, and the table is large. */
bool mysql_attempt(Run *run, const Step *step, Cost *cost, const Manner **manner,
                   Err *err);

bool mysql_ddl(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err);
bool mysql_fill(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err);
bool mysql_gather(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err);

#endif

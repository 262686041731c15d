/* Rows that a backfill has set aside, as the history keeps them: for messages. */
#ifndef PGSTRIDE_RUN_ASIDE_H
#define PGSTRIDE_RUN_ASIDE_H

#include "run/run.h"

typedef struct Aside
{
    Rows rows; /* the first of them */
    int64_t count;
} Aside;

bool aside_read(Run *run, Mem *mem, const Migration *migration, const Backfill *about,
                Aside *aside, Err *err);

/* A detail of err each: key and error. */
void aside_details(const Aside *aside, Err *err);

#endif

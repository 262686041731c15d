/*
 * The engine: the steps of one phase, in order, each with its record.
 *
 * A step that is recorded done is passed over; a step that was interrupted is asked for
 * what is true and then done, or done again. Every way out leaves a history that the
 * next run continues.
 */
#ifndef PGSTRIDE_RUN_ENGINE_H
#define PGSTRIDE_RUN_ENGINE_H

#include "run/run.h"

/* What a phase took and cost, summed over its steps. */
typedef struct Toll
{
    int64_t rows;
    double stall_ms; /* the largest */
    double took_ms;
} Toll;

/* Errors are those of the steps, with migration, statement, file and line in the text.
 */
bool engine_phase(Run *run, const Plan *plan, Phase phase, Toll *toll, Err *err);

/* A plan of down_plan, whole. */
bool engine_down(Run *run, const Plan *plan, Toll *toll, Err *err);

/* The statement that refuses a transaction: journalled before and after. */
bool alone_run(Run *run, const Step *step, Cost *cost, Err *err);

#endif

/* Asking a step's probe: the rows answer before anything is locked or changed. */
#ifndef PGSTRIDE_RUN_PROBE_H
#define PGSTRIDE_RUN_PROBE_H

#include "run/run.h"

/* Of SQLSTATEs: the rows were refused. */
#define INTEGRITY_CLASS "23"

typedef struct Answer
{
    int64_t left_over;    /* rows in the way, counted to a hundred */
    const char *count;    /* "3", or "at least 100" */
    const char *examples; /* the first of them, by key */
} Answer;

/* The answer that the server gave. */
Answer probe_answer(Mem *mem, const Probe *probe, const Rows *rows);

/* ERR_REFUSED with count and keys. */
bool probe_refuse(const Step *step, const Span *span, const Probe *probe,
                  const Answer *answer, Err *err);

/* Reads only, may take as long as a scan, and is cancelled when we are asked to stop;
 * asked again by the next run. */
bool probe_ask(Run *run, Mem *mem, const Step *step, Answer *answer, Err *err);

/* The same, and ERR_REFUSED with file, line, count and keys where any row is left. */
bool probe_pass(Run *run, const Step *step, Err *err);

/* The server has refused some row and did not say which: adds them to its err. */
void probe_blame(Run *run, const Step *step, Err *err);

#endif

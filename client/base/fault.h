/*
 * Named places to die at, for the crash matrix.
 *
 * Compiled in only with -DPGSTRIDE_FAULTS (the test build). PGSTRIDE_FAULT=name[:n]
 * kills the process with SIGKILL when the point is passed for the n-th time (default
 * 1); name:n:INT interrupts it there, name:n:STOP stops it until it is continued.
 * `pgstride --list-faults` prints the names. A release build has no trace of them.
 */
#ifndef PGSTRIDE_BASE_FAULT_H
#define PGSTRIDE_BASE_FAULT_H

/* One row a point: when it is passed, in the order of a migration's life. */
/* clang-format off */
#define FAULT_POINTS(FAULT)                                                              \
    FAULT(runner_locked,      "the runner lock is held, nothing else has happened")      \
    FAULT(history_made,       "pgstride's own tables were just made")                    \
    FAULT(fence_taken,        "this run owns the fence")                                 \
    FAULT(step_before,        "a step is about to be tried")                             \
    FAULT(step_sent,          "the message with deed and record is on its way")          \
    FAULT(step_after,         "a step and its record are committed")                     \
    FAULT(alone_started,      "the journal says started, the statement is not sent")     \
    FAULT(alone_sent,         "a statement outside a transaction runs")                  \
    FAULT(alone_done,         "the statement is done, the journal does not say so yet")  \
    FAULT(index_leftover,     "an invalid index was found and is about to be dropped")   \
    FAULT(sweep_started,      "the progress row exists, no batch has run")               \
    FAULT(batch_open,         "a batch has changed rows and not committed")              \
    FAULT(batch_sent,         "a batch's COMMIT is on its way")                          \
    FAULT(batch_after,        "a batch is committed")                                    \
    FAULT(slice_sent,         "the server sweeps by itself")                             \
    FAULT(slice_after,        "it has answered, and the answer is not counted")          \
    FAULT(sweep_revisit,      "skipped rows are about to be revisited")                  \
    FAULT(sweep_done,         "every block was met, nothing is verified")                \
    FAULT(verify_done,        "verified, not yet recorded")                              \
    FAULT(phase_done,         "a phase without steps is recorded complete")              \
    FAULT(undo_after,         "an undo step and its record are committed")
/* clang-format on */

typedef enum Fault
{
#define FAULT_ENUM(name, when) FAULT_##name,
    FAULT_POINTS(FAULT_ENUM)
#undef FAULT_ENUM
    FAULT_COUNT
} Fault;

#ifdef PGSTRIDE_FAULTS
void fault_point(Fault fault);
#else
#define fault_point(fault) ((void)0)
#endif

/* Row `index` of the table, or NULL behind the last one; works in every build. */
const char *fault_name(int index, const char **when);

#endif

#include "run/facts/probe.h"

#include <inttypes.h>

#include "run/locks/supervise.h"

/* Where the count stops: see core/probe. */
#define COUNTED_MOST 100

bool
probe_ask(Run *run, Mem *mem, const Step *step, Answer *answer, Err *err)
{
    Cost cost = {0};
    const Supervised what = {.step = step,
                             .label = "probe",
                             .sql = step->probe.sql.text,
                             .doing = mem_text(mem, "asking: %s", step->probe.asks),
                             .patience = run->settings->lock_patience,
                             .stoppable = true,
                             .cost = &cost};
    Reply reply = {0};

    if (!supervise(run, mem, &what, &reply, err))
        return err_in(err, "while asking whether %s", step->probe.asks);
    if (reply.outcome != DB_DONE)
        return db_reply_err(&reply, &(Ask){.label = "probe"}, err) ||
               err_in(err, "while asking whether %s", step->probe.asks);

    int64_t left = rows_int(&reply.rows[0], 0, "left_over");

    *answer = (Answer){.left_over = left,
                       .count = mem_text(mem, "%s%" PRId64,
                                         left == COUNTED_MOST ? "at least " : "", left),
                       .examples = rows_cell(&reply.rows[0], 0, "examples")};
    return true;
}

bool
probe_pass(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Probe *probe = &step->probe;
    const char *version = step->migration->version;
    Answer answer;

    if (!probe_ask(run, scope, step, &answer, err))
        return false;
    if (answer.left_over == 0)
        return true;
    err_at(err, ERR_REFUSED, step->span.file, step->span.line, "%s %s", answer.count,
           answer.left_over == 1 ? probe->one : probe->many);
    err_detail(err, "%s%s", answer.examples, answer.left_over > 3 ? "; ..." : "");
    return err_hint(err, "Mend them, then: pgstride %s %s",
                    step->phase == PHASE_CONTRACT ? "contract" : "up --to", version);
}

void
probe_blame(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Err ignored = {0};
    Answer answer;

    if (probe_ask(run, scope, step, &answer, &ignored) && answer.left_over > 0)
        err_detail(err, "%s %s: %s%s", answer.count,
                   answer.left_over == 1 ? step->probe.one : step->probe.many,
                   answer.examples, answer.left_over > 3 ? "; ..." : "");
    err_clear(&ignored);
}

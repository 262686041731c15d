#include "run/facts/probe.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "run/engines/engines.h"
#include "run/locks/supervise.h"

enum
{
    COUNTED_MOST = 100, /* where the count stops: see core/plan/probe.h */
    EXAMPLES = 3,
    SHOWN_BYTES = 60
};

/* --- what was answered ----------------------------------------------------------- */

/* "email twice@example.com, 2 rows" */
static void
key_named(Buf *text, const Probe *probe, const Rows *rows, int row)
{
    MEM_SCOPE(scope, text->mem);

    for (int i = 0; i < probe->key_count; i++)
    {
        const char *value = rows_cell(rows, row, mem_text(scope, "key_%d", i + 1));

        value = value == NULL ? "NULL" : value;
        buf_format(text, "%s %.*s, ", probe->keys[i], (int)utf8_cut(value, SHOWN_BYTES),
                   value);
    }
    buf_format(text, "%s row%s", rows_cell(rows, row, "held"),
               rows_int(rows, row, "held") == 1 ? "" : "s");
}

static const char *
keys_named(Mem *mem, const Probe *probe, const Rows *rows)
{
    Buf text = buf_begin(mem);

    for (int i = 0; i < rows->row_count && i < EXAMPLES; i++)
    {
        buf_add(&text, i == 0 ? "" : "; ");
        key_named(&text, probe, rows, i);
    }
    return text.text;
}

Answer
probe_answer(Mem *mem, const Probe *probe, const Rows *rows)
{
    bool keys = probe->keys != NULL;
    int64_t left = keys ? rows->row_count : rows_int(rows, 0, "left_over");

    return (Answer){.left_over = left,
                    .count = mem_text(mem, "%s%" PRId64,
                                      left == COUNTED_MOST ? "at least " : "", left),
                    .examples = keys ? keys_named(mem, probe, rows)
                                     : rows_cell(rows, 0, "examples")};
}

bool
probe_refuse(const Step *step, const Span *span, const Probe *probe,
             const Answer *answer, Err *err)
{
    err_at(err, ERR_REFUSED, span->file, span->line, "%s %s", answer->count,
           answer->left_over == 1 ? probe->one : probe->many);
    err_detail(err, "%s%s", answer->examples,
               answer->left_over > EXAMPLES ? "; ..." : "");
    return err_hint(err, "Mend them, then: pgstride %s %s",
                    step->phase == PHASE_CONTRACT ? "contract" : "up --to",
                    step->migration->version);
}

/* --- asking ---------------------------------------------------------------------- */

static bool
probe_supervised(Run *run, Mem *mem, const Step *step, Reply *reply, Err *err)
{
    Cost cost = {0};
    const Supervised what = {.step = step,
                             .label = "probe",
                             .sql = step->probe.sql.text,
                             .doing = mem_text(mem, "asking: %s", step->probe.asks),
                             .patience = run->settings->lock_patience,
                             .stoppable = true,
                             .cost = &cost};

    return supervise(run, mem, &what, reply, err) &&
           (reply->outcome == DB_DONE ||
            db_reply_err(reply, &(Ask){.label = "probe"}, err));
}

bool
probe_ask(Run *run, Mem *mem, const Step *step, Answer *answer, Err *err)
{
    const Engine *engine = engine_of(run);
    const Ask ask = {.label = "probe", .sql = step->probe.sql.text};
    Reply reply = {0};

    if (!(engine->ask == NULL ? probe_supervised(run, mem, step, &reply, err)
                              : engine->ask(run, mem, &ask, &reply, err)))
        return err_in(err, "while asking whether %s", step->probe.asks);
    *answer = probe_answer(mem, &step->probe, &reply.rows[0]);
    return true;
}

/* A key of what the statement itself brings: the server looks at it. */
static bool
asked_too_early(const Probe *probe, Err *err)
{
    bool early = probe->keys != NULL && err->kind == ERR_SQL;

    if (early)
        err_clear(err);
    return early;
}

bool
probe_pass(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Answer answer;

    if (!probe_ask(run, scope, step, &answer, err))
        return asked_too_early(&step->probe, err);
    return answer.left_over == 0 ||
           probe_refuse(step, &step->span, &step->probe, &answer, err);
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
                   answer.examples, answer.left_over > EXAMPLES ? "; ..." : "");
    err_clear(&ignored);
}

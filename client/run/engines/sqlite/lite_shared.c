/*
 * Rows that share what a unique key is to compare: the library names the columns and
 * none of the rows, so they are asked for first. Where nothing in the transaction has
 * changed rows by then, that is before it begins, and no writer waits for the scan.
 */
#include <string.h>

#include "core/plan/plain_probe.h"
#include "core/sql/sqlite/lite.h"
#include "db/sqlite/look.h"
#include "run/engines/sqlite/lite_run.h"
#include "run/facts/probe.h"

/* As far as we can tell. */
static bool
changes_rows(Mem *mem, const Run *run, const char *text)
{
    const Act *act = lite_act(mem, run, text);

    return act == NULL || act->action == ACTION_INSERT ||
           act->action == ACTION_UPDATE || act->action == ACTION_DELETE ||
           act->action == ACTION_OTHER;
}

static bool
rows_change_before(Mem *mem, const Run *run, const Step *step, int index)
{
    for (int i = 0; i < index; i++)
        if (changes_rows(mem, run, step->sql[i].text))
            return true;
    return false;
}

/* The question before that statement; text NULL: none. */
static Probe
shared_probe(Mem *mem, const Run *run, const Step *step, int index)
{
    const Act *act =
        lite_verbatim(step) ? NULL : lite_act(mem, run, step->sql[index].text);

    return act == NULL || act->if_exists ? (Probe){0}
                                         : plain_probe_of(mem, run->caps, act, NULL);
}

/* What cannot be asked, of a table or column that is yet to be made, the library looks
 * at when it makes the key: an error here would end the transaction. */
static bool
can_be_asked(Mem *mem, Db *db, const char *question)
{
    Sight sight;
    Err ignored = {0};
    bool can = sqlite_look(mem, db, question, &sight, &ignored);

    err_clear(&ignored);
    return can;
}

static bool
shared_ask(Run *run, Db *db, const Step *step, int index, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Probe probe = shared_probe(scope, run, step, index);
    const Ask ask = {.label = "probe", .sql = probe.sql.text};
    Reply reply;

    if (ask.sql == NULL || !can_be_asked(scope, db, ask.sql))
        return true;
    if (!db_script(scope, db, &ask, 1, &reply, err))
        return err_in(err, "while asking whether %s", probe.asks);

    Answer answer = probe_answer(scope, &probe, &reply.rows[0]);

    return answer.left_over == 0 ||
           probe_refuse(step, &step->spans[index], &probe, &answer, err);
}

bool
lite_shared_before(Run *run, Db *db, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);

    for (int i = 0; i < step->sql_count; i++)
    {
        if (!shared_ask(run, db, step, i, err))
            return false;
        if (changes_rows(scope, run, step->sql[i].text))
            return true;
    }
    return true;
}

bool
lite_shared_at(Run *run, Db *db, const Step *step, int index, Err *err)
{
    MEM_SCOPE(scope, run->mem);

    return shared_probe(scope, run, step, index).sql.text == NULL ||
           !rows_change_before(scope, run, step, index) ||
           shared_ask(run, db, step, index, err);
}

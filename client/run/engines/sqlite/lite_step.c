#include <string.h>

#include "base/fault.h"
#include "run/connect/runner.h"
#include "run/engines/sqlite/lite_run.h"
#include "run/history/history.h"
#include "run/steps/engine.h"

bool
lite_send(Mem *mem, Db *db, const char *label, const SqlText *sql, Reply *reply,
          Err *err)
{
    const Ask ask = {.label = label, .sql = sql_done(sql)};

    return db_script(mem, db, &ask, 1, reply, err);
}

static void
lite_end(Db *db, const char *how)
{
    MEM_SCOPE(scope, NULL);
    const Ask asks[] = {{.label = "end", .sql = how},
                        {.label = "end", .sql = "PRAGMA foreign_keys = ON"},
                        {.label = "end", .sql = "PRAGMA legacy_alter_table = OFF"}};
    Reply reply;
    Err ignored = {0};

    db_script(scope, db, asks, LENGTH(asks), &reply, &ignored);
    err_clear(&ignored);
}

/* --- foreign keys ---------------------------------------------------------------- */

#define BROKEN_KEYS "SELECT count(*) AS keys FROM pragma_foreign_key_check"
#define BROKEN_EXAMPLES                                                                \
    "SELECT group_concat(DISTINCT \"table\" || ' -> ' || parent) AS examples "         \
    "FROM pragma_foreign_key_check"

static bool
keys_broken(Db *db, int64_t *count, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const Ask ask = {.label = "foreign_keys", .sql = BROKEN_KEYS};
    Reply reply;

    *count = 0;
    if (!db_script(scope, db, &ask, 1, &reply, err))
        return false;
    *count = rows_int(&reply.rows[0], 0, "keys");
    return true;
}

static bool
keys_refused(Db *db, int64_t count, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const Ask ask = {.label = "foreign_keys", .sql = BROKEN_EXAMPLES};
    Reply reply;

    if (!db_script(scope, db, &ask, 1, &reply, err))
        return false;
    err_set(err, ERR_SQL, "FOREIGN KEY constraint failed");
    err_detail(err, "%lld row%s would point at nothing: %s", (long long)count,
               count == 1 ? "" : "s", rows_cell(&reply.rows[0], 0, "examples"));
    return err_hint(err,
                    "Delete or repoint them in the same migration, before what they "
                    "point at goes.");
}

/* As other runners do it: keys are off, whatever their files say, and nobody looks. */
bool
lite_verbatim(const Step *step)
{
    const Migration *migration = step->migration;

    return migration->section_count > 0 && migration->sections[0].options.verbatim;
}

/* Checking reads every child, while writers wait: only where a key can have broken. */
static bool
step_keeps_keys(const Run *run, const Step *step)
{
    static const Action harmless[] = {ACTION_ADD_COLUMN,     ACTION_RENAME_COLUMN,
                                      ACTION_CREATE_INDEX,   ACTION_DROP_INDEX,
                                      ACTION_CREATE_TRIGGER, ACTION_DROP_TRIGGER,
                                      ACTION_CREATE_VIEW,    ACTION_DROP_VIEW};
    MEM_SCOPE(scope, run->mem);

    for (int i = 0; i < step->sql_count; i++)
    {
        const Act *act = lite_act(scope, run, step->sql[i].text);
        bool known = false;

        for (int j = 0; act != NULL && j < LENGTH(harmless); j++)
            known |= act->action == harmless[j];
        if (!known || strcasestr(step->sql[i].text, "REFERENCES") != NULL)
            return false;
    }
    return true;
}

/* Before the transaction, which an error would end: where a key names what is no key,
 * SQLite says so, and looks at none. */
static bool
keys_can_be_checked(Db *db, bool *can, Err *err)
{
    int64_t count;

    *can = keys_broken(db, &count, err);
    if (*can || strncmp(err->text, "foreign key mismatch", 20) != 0)
        return *can;
    err_clear(err);
    return true;
}

/* What was broken before is not ours to judge. */
static bool
keys_check(Db *db, int64_t before, Err *err)
{
    int64_t after = 0;

    return keys_broken(db, &after, err) &&
           (after <= before || keys_refused(db, after - before, err));
}

/* --- the transaction ------------------------------------------------------------- */

static bool
transaction_open(Run *run, Db *db, double *begun_ms, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText guard = runner_guard(scope, run);
    const Ask asks[] = {
        {.label = "foreign_keys_off", .sql = "PRAGMA foreign_keys = OFF"},
        {.label = "begin", .sql = caps_own(run->caps)->begin},
        {.label = "guard", .sql = sql_done(&guard)},
    };
    Reply reply;

    if (!db_script(scope, db, asks, LENGTH(asks), &reply, err))
        return false;
    *begun_ms = clock_now(run->clock);
    return true;
}

static bool
transaction_fill(Run *run, Db *db, const Step *step, bool checks, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText record = record_step(scope, run, step);
    int64_t broken = 0;
    Reply reply;

    if (step->phase == PHASE_CONTRACT && !step->undoes && step->ordinal == 1 &&
        !lite_level_check(run, db, step->migration, err))
        return false;
    if (checks && !keys_broken(db, &broken, err))
        return false;
    return lite_statements(run, db, step, err) &&
           (!checks || keys_check(db, broken, err)) &&
           (lite_send(scope, db, "record", &record, &reply, err) ||
            err_in(err, "while recording the step"));
}

bool
lite_transaction(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Db *db = run->worker;
    SqlText commit = sql_begin(scope, run->caps);
    bool checks = !lite_verbatim(step) && !step_keeps_keys(run, step);
    double begun_ms = 0;
    Reply reply;

    (void)progress;
    sql_raw(&commit, "COMMIT");
    cost->tries = 1;
    if (!lite_shared_before(run, db, step, err) || !lite_backup(run, step, err) ||
        (checks && !keys_can_be_checked(db, &checks, err)))
        return false;
    if (!transaction_open(run, db, &begun_ms, err))
    {
        lite_end(db, "SELECT 1");
        return false;
    }
    fault_point(FAULT_step_sent);
    if (!transaction_fill(run, db, step, checks, err) ||
        !lite_send(scope, db, "commit", &commit, &reply, err))
    {
        lite_end(db, "ROLLBACK");
        return false;
    }
    cost->held_ms = clock_now(run->clock) - begun_ms;
    cost->stall_ms = cost->held_ms;
    lite_end(db, "SELECT 1");
    return true;
}

static bool
alone_send(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Ask ask = {.label = "foreign_keys_off", .sql = "PRAGMA foreign_keys = OFF"};
    Reply reply;

    if (lite_verbatim(step) && !db_script(scope, run->worker, &ask, 1, &reply, err))
        return false;
    for (int i = 0; i < step->sql_count; i++)
        if (!lite_statement(run, run->worker, step, i, err))
            return false;
    return true;
}

/* VACUUM, and what its author keeps out of a transaction. */
bool
lite_alone(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    bool done;

    (void)progress;
    cost->tries = 1;
    if (!lite_shared_before(run, run->worker, step, err) ||
        !history_started(run, step, err))
        return false;
    fault_point(FAULT_alone_sent);
    done = alone_send(run, step, err);
    lite_end(run->worker, "SELECT 1");
    if (!done)
    {
        history_forget(run, step);
        return false;
    }
    fault_point(FAULT_alone_done);
    return history_done(run, step, err);
}

bool
lite_mend(Run *run, const Step *step, SqlText record, Cost *cost, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText guard = runner_guard(scope, run);
    const Ask asks[] = {
        {.label = "begin", .sql = caps_own(run->caps)->begin},
        {.label = "guard", .sql = sql_done(&guard)},
        {.label = "repair", .sql = step->sql[0].text},
        {.label = "record", .sql = sql_done(&record)},
        {.label = "commit", .sql = "COMMIT"},
    };
    Reply reply;

    cost->tries = 1;
    return db_script(scope, run->worker, asks, LENGTH(asks), &reply, err);
}

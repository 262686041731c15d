#include "base/stop.h"
#include "core/sql/sql.h"
#include "run/doctor/doctor.h"
#include "run/engines/engines.h"
#include "run/failure.h"
#include "run/history/history.h"
#include "run/indexes/index_tree.h"
#include "run/indexes/leftover.h"
#include "run/locks/locks.h"
#include "run/locks/supervise.h"
#include "run/tell.h"

#define STATEMENTS_MOST 2

/* One thing to mend, as the step that the engine's rooms know how to run. */
typedef struct Mend
{
    Run *run;
    const Ailment *ailment;
    Step step;
    SqlParsed sql[STATEMENTS_MOST];
    Span spans[STATEMENTS_MOST];
    LockNeed locks[STATEMENTS_MOST];
    Cost cost;
} Mend;

/* --- as a step ------------------------------------------------------------------- */

static StepKind
mend_kind(const Ailment *ailment)
{
    switch (ailment->kind->mending)
    {
    case MEND_CONCURRENT:
        return STEP_INDEX_DROP;
    case MEND_TREE:
        return STEP_INDEX_BUILD;
    case MEND_SCAN:
        return STEP_VALIDATE;
    default:
        return STEP_TRANSACTION;
    }
}

/* The table, and the partition that a detach is about. */
static void
mend_locks(Mend *mend)
{
    const Ailment *ailment = mend->ailment;
    Step *step = &mend->step;
    bool partition = ailment->object_name.name != NULL;

    if (ailment->kind->lock == LOCK_NONE || ailment->table_name.name == NULL)
        return;
    step->locks = mend->locks;
    step->locks[step->lock_count++] = (LockNeed){
        .relation = ailment->table_name,
        .mode = partition ? LOCK_SHARE_UPDATE_EXCLUSIVE : ailment->kind->lock};
    if (partition)
        step->locks[step->lock_count++] =
            (LockNeed){.relation = ailment->object_name, .mode = ailment->kind->lock};
}

static void
mend_begin(Mend *mend, Run *run, const Ailment *ailment, int number)
{
    *mend = (Mend){.run = run, .ailment = ailment};
    mend->sql[0].text = ailment->mend;
    mend->sql[1].text = ailment->also;
    mend->step = (Step){.number = number,
                        .kind = mend_kind(ailment),
                        .phase = PHASE_UP,
                        .repairs = true,
                        .title = ailment->kind->mending == MEND_TREE ? ailment->object
                                                                     : ailment->mend,
                        .sql = mend->sql,
                        .sql_count = ailment->also == NULL ? 1 : 2,
                        .spans = mend->spans,
                        .max_stall = run->settings->max_stall,
                        .table = ailment->table_name,
                        .index = ailment->object_name,
                        .rows = -1,
                        .estimate_ms = -1};
    mend_locks(mend);
}

/* --- acting ---------------------------------------------------------------------- */

static bool
mend_locked(Mend *mend, Err *err)
{
    MEM_SCOPE(scope, mend->run->mem);
    const Engine *engine = engine_of(mend->run);
    SqlText record = record_repair(scope, mend->run, mend->ailment->mend);

    if (engine->mend != NULL)
        return engine->mend(mend->run, &mend->step, record, &mend->cost, err);

    const StepTry what = {.step = &mend->step, .records = &record, .record_count = 1};

    return step_try_locked(mend->run, &what, &mend->cost, err);
}

static bool
mend_recorded(const Mend *mend, Err *err)
{
    MEM_SCOPE(scope, mend->run->mem);
    SqlText record = record_repair(scope, mend->run, mend->ailment->mend);

    return history_write(mend->run, "repair", &record, 1, err);
}

static bool
mend_concurrent(Mend *mend, Err *err)
{
    MEM_SCOPE(scope, mend->run->mem);
    const Supervised what = {.step = &mend->step,
                             .label = "repair",
                             .sql = mend->ailment->mend,
                             .patience = mend->run->settings->lock_patience,
                             .stoppable = true,
                             .cost = &mend->cost};
    Reply reply;

    return supervise(mend->run, scope, &what, &reply, err) &&
           (reply.outcome == DB_DONE ||
            db_reply_err(&reply, &(Ask){.label = what.label}, err)) &&
           mend_recorded(mend, err);
}

static bool
mend_tree(Mend *mend, Err *err)
{
    MEM_SCOPE(scope, mend->run->mem);
    const Ailment *ailment = mend->ailment;
    const IndexOn on = {.table = ailment->table_name,
                        .name = ailment->object_name.name,
                        .concurrently = true};
    IndexWork work = {.run = mend->run,
                      .step = &mend->step,
                      .cost = &mend->cost,
                      .table = ailment->table_name,
                      .started_ms = clock_now(mend->run->clock),
                      .build = true,
                      .ours = true,
                      .begun = true,
                      .apart = true};
    bool done = false;

    return sql_index_on(scope, ailment->note, &on, &mend->sql[0], err) &&
           index_tree_build(&work, &done, err) && mend_recorded(mend, err);
}

static bool
mend_act(Mend *mend, Err *err)
{
    switch (mend->ailment->kind->mending)
    {
    case MEND_CONCURRENT:
        return mend_concurrent(mend, err);
    case MEND_TREE:
        return mend_tree(mend, err);
    default:
        return mend_locked(mend, err);
    }
}

static bool
mend_one(Run *run, const Ailment *ailment, int number, Err *err)
{
    double began = clock_now(run->clock);
    Mend mend;

    mend_begin(&mend, run, ailment, number);
    tell_step(run, EVENT_STEP_START, &mend.step, NULL);

    bool good = mend_act(&mend, err);

    mend.cost.took_ms = clock_now(run->clock) - began;
    if (!good)
    {
        tell_step(run, EVENT_STEP_FAILED, &mend.step, err->text);
        return err_in(err, "%s \"%s\"", ailment->kind->title, ailment->object);
    }
    tell(run, &(Event){.kind = EVENT_STEP_DONE,
                       .phase = mend.step.phase,
                       .step = &mend.step,
                       .cost = &mend.cost});
    return true;
}

/* Another attempt, or another ailment, would meet the same. */
static bool
is_final(const Err *err)
{
    return err->kind == ERR_LOST || err->kind == ERR_STOPPED ||
           err->kind == ERR_CONNECT;
}

bool
run_repair(Run *run, const Ailments *ailments, int *mended, Err *err)
{
    int number = 0;

    *mended = 0;
    for (int i = 0; i < ailments->count; i++)
    {
        Err trouble = {0};

        if (!ailment_mendable(&ailments->items[i]))
            continue;
        if (stop_asked())
            return err_set(err, ERR_STOPPED, "asked to stop");
        if (mend_one(run, &ailments->items[i], ++number, &trouble))
        {
            ++*mended;
            continue;
        }

        bool final = is_final(&trouble);

        if (err->kind == ERR_NONE)
            *err = trouble;
        else
            err_clear(&trouble);
        if (final)
            return false;
    }
    return err->kind == ERR_NONE;
}

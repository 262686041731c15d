#include "run/history/record.h"

#include <string.h>

#include "base/version.h"
#include "core/sql/sql.h"
#include "run/connect/runner.h"
#include "run/foreign/foreign.h"
#include "run/history/entry.h"

/* The state a migration is in when that phase is complete. */
static const State state_after[PHASE_COUNT] = {
    [PHASE_UP] = STATE_CONTRACTED,
    [PHASE_EXPAND] = STATE_EXPANDED,
    [PHASE_BACKFILL] = STATE_BACKFILLED,
    [PHASE_CONTRACT] = STATE_CONTRACTED,
};

SqlText
record_repair(Mem *mem, const Run *run, const char *what)
{
    SqlText sql = sql_begin(mem, run->caps);

    record_entries(
        &sql, run,
        &(Entry){.kind = "repair", .what = sql_scrub(mem, what), .outcome = "done"}, 1);
    return sql;
}

/* A phase begins, or is complete now, or both at once. */
typedef struct PhaseMove
{
    const Migration *migration;
    Phase phase;
    bool complete;         /* and with it the migration */
    const Checksums *sums; /* of what begins; NULL: it has begun */
} PhaseMove;

static State
phase_leaves(const PhaseMove *move)
{
    return move->complete ? STATE_CONTRACTED : state_after[move->phase];
}

static SqlText
phase_begin(Mem *mem, const Run *run, const PhaseMove *move)
{
    const Migration *migration = move->migration;
    const Checksums *checksums = move->sums;
    Phase phase = move->phase;
    SqlText sql = sql_begin(mem, run->caps);
    State state = history_state(&run->history, migration->version);

    record_state(&sql, run, migration, "run", state);
    sql_raw(&sql, "; ");
    sql_upsert_into(&sql, "phases");
    sql_raw(&sql, " (component, version, phase, exact, normal, run_id) VALUES (");
    record_key(&sql, run, migration->version);
    sql_raw(&sql, ", ");
    sql_string(&sql, phase_name(phase));
    sql_raw(&sql, ", ");
    sql_string(&sql, checksums->exact);
    sql_raw(&sql, ", ");
    sql_string(&sql, checksums->normal);
    sql_raw(&sql, ", ");
    record_run_id(&sql, run);
    sql_raw(&sql, ")");
    sql_upsert(&sql, "component, version, phase");
    record_renewed(&sql, "exact");
    record_renewed(&sql, "normal");
    sql_raw(&sql, "run_id = ");
    sql_new(&sql, "run_id");
    foreign_note_begun(&sql, run, migration);
    return sql;
}

SqlText
record_phase_begin(Mem *mem, const Run *run, const Migration *migration, Phase phase,
                   const Checksums *checksums)
{
    const PhaseMove move = {.migration = migration, .phase = phase, .sums = checksums};
    SqlText begin = phase_begin(mem, run, &move);
    SqlText sql = sql_begin(mem, run->caps);

    /* Durable with whatever follows it: a deed is never on disk before this is. */
    sql_hasty(&sql);
    if (migration->repeatable)
        record_forget_phase(&sql, run, migration, phase);
    sql_add(&sql, &begin);
    return sql;
}

void
record_phase_known(SqlText *sql, const Run *run, const Migration *migration,
                   Phase phase, const Checksums *sums)
{
    sql_upsert_into(sql, "phases");
    sql_raw(sql, " (component, version, phase, exact, normal, done, finished_at, "
                 "run_id) VALUES (");
    record_key(sql, run, migration->version);
    sql_raw(sql, ", ");
    sql_string(sql, phase_name(phase));
    sql_raw(sql, ", ");
    sql_string(sql, sums == NULL ? NULL : sums->exact);
    sql_raw(sql, ", ");
    sql_string(sql, sums == NULL ? NULL : sums->normal);
    sql_raw(sql, ", true, ");
    sql_now(sql);
    sql_raw(sql, ", ");
    record_run_id(sql, run);
    sql_raw(sql, ")");
    sql_upsert(sql, "component, version, phase");
    if (sums != NULL)
    {
        record_renewed(sql, "exact");
        record_renewed(sql, "normal");
    }
    record_renewed(sql, "finished_at");
    sql_raw(sql, "done = true");
}

static void
phase_done(SqlText *sql, const Run *run, const PhaseMove *move)
{
    record_phase_known(sql, run, move->migration, move->phase, move->sums);
    sql_raw(sql, "; ");
    record_state(sql, run, move->migration, "run", phase_leaves(move));
    if (phase_leaves(move) == STATE_CONTRACTED)
        foreign_note_state(sql, run, move->migration, STATE_CONTRACTED);
}

static Entry
phase_entry(Mem *mem, const PhaseMove *move)
{
    return (Entry){
        .kind = "phase",
        .migration = move->migration,
        .phase = phase_name(move->phase),
        .what = mem_text(mem, "%s is %s", move->migration->label,
                         move->phase == PHASE_UP ? "applied"
                                                 : state_name(phase_leaves(move))),
        .outcome = "done",
    };
}

SqlText
record_phase_done(Mem *mem, const Run *run, const Migration *migration, Phase phase,
                  bool complete)
{
    SqlText sql = sql_begin(mem, run->caps);
    const PhaseMove move = {
        .migration = migration, .phase = phase, .complete = complete};
    Entry entry = phase_entry(mem, &move);

    phase_done(&sql, run, &move);
    record_event(&sql, run, &entry);
    return sql;
}

bool
record_deed_is_call(const Run *run, const DeedRecord *deed)
{
    const Step *step = deed->step;

    return deed->begins != NULL && step->last && !step->undoes && step->ordinal == 1 &&
           caps_own(run->caps)->deed_done;
}

SqlText
record_released(Mem *mem, const Run *run, const Step *step)
{
    SqlText sql = sql_begin(mem, run->caps);

    sql_raw(&sql, "SELECT ");
    sql_own(&sql, "deed_released");
    sql_raw(&sql, "(");
    record_key(&sql, run, step->migration->version);
    sql_raw(&sql, ", ");
    sql_string(&sql, step_phase(step));
    sql_raw(&sql, ") AS held_ms");
    return sql;
}

/* Those whom it locks out are readers or writers. */
static bool
step_stalls(const Step *step)
{
    for (int i = 0; i < step->lock_count; i++)
        if (lock_mode_blocks_traffic(step->locks[i].mode))
            return true;
    return false;
}

/* Most migrations are one step: the server keeps the plans of what records that. */
static SqlText
deed_call(Mem *mem, const Run *run, const DeedRecord *deed, const PhaseMove *move)
{
    MEM_SCOPE(scope, mem);
    const Step *step = deed->step;
    const Migration *migration = step->migration;
    Identity me = runner_identity(scope);
    const char *const texts[] = {step_phase(step),
                                 step_kind_name(step->kind),
                                 step->title,
                                 step->hash,
                                 record_statements(scope, step->sql, step->sql_count),
                                 record_way_back(scope, step),
                                 run->id,
                                 deed->begins->exact,
                                 deed->begins->normal,
                                 migration->name,
                                 migration->file,
                                 state_name(phase_leaves(move)),
                                 phase_entry(scope, move).what,
                                 me.os_user,
                                 me.host,
                                 PGSTRIDE_VERSION};
    SqlText sql = sql_begin(mem, run->caps);

    sql_raw(&sql, "SELECT ");
    sql_own(&sql, "deed_done");
    sql_raw(&sql, "(");
    record_key(&sql, run, migration->version);
    for (int i = 0; i < LENGTH(texts); i++)
    {
        sql_raw(&sql, ", ");
        sql_string(&sql, texts[i]);
    }
    sql_raw(&sql, ", ");
    sql_bool(&sql, deed->metered);
    sql_raw(&sql, ", ");
    sql_bool(&sql, deed->clocked);
    sql_raw(&sql, ", ");
    sql_bool(&sql, step_stalls(step));
    sql_raw(&sql, ") AS queued_ms");
    if (phase_leaves(move) == STATE_CONTRACTED)
        foreign_note_done(&sql, run, migration);
    return sql;
}

SqlText
record_deed(Mem *mem, const Run *run, const DeedRecord *deed)
{
    const Step *step = deed->step;
    const PhaseMove move = {.migration = step->migration,
                            .phase = step->phase,
                            .complete = step->completes,
                            .sums = deed->begins};
    bool ends = step->last && !step->undoes;
    SqlText sql = sql_begin(mem, run->caps);
    Entry entries[2] = {{.kind = "step",
                         .migration = step->migration,
                         .phase = step_phase(step),
                         .step = step->ordinal,
                         .what = step->title,
                         .outcome = "done",
                         .metered = deed->metered}};

    if (record_deed_is_call(run, deed))
        return deed_call(mem, run, deed, &move);
    if (deed->begins != NULL && !ends)
    {
        SqlText begin = phase_begin(mem, run, &move);

        sql_add(&sql, &begin);
        sql_raw(&sql, "; ");
    }
    record_step_row(&sql, run, step, deed->metered ? STEP_METERED : STEP_DONE);
    foreign_note_step(&sql, run, step);
    sql_raw(&sql, "; ");
    if (ends)
    {
        phase_done(&sql, run, &move);
        sql_raw(&sql, "; ");
        entries[1] = phase_entry(mem, &move);
    }
    record_entries(&sql, run, entries, ends ? 2 : 1);
    if (!step->last || ends)
        return sql;

    SqlText undone = record_undone(mem, run, step->migration, step->phase, step->left);

    sql_raw(&sql, "; ");
    sql_add(&sql, &undone);
    return sql;
}

SqlText
record_step(Mem *mem, const Run *run, const Step *step)
{
    return record_deed(mem, run, &(DeedRecord){.step = step});
}

void
record_deed_rows(Mem *mem, const DeedRecord *deed, MigrationRecord *migration,
                 PhaseRecord *phase, StepRecord *step)
{
    const Step *done = deed->step;
    const Migration *of = done->migration;
    const PhaseMove move = {.phase = done->phase, .complete = done->completes};
    char *version = mem_copy(mem, of->version);

    *migration =
        (MigrationRecord){.version = version,
                          .name = mem_copy(mem, of->name),
                          .file = mem_copy(mem, of->file),
                          .state = mem_copy(mem, state_name(phase_leaves(&move))),
                          .how = mem_copy(mem, "run"),
                          .applied_at = mem_copy(mem, "")};
    *phase = (PhaseRecord){.version = version,
                           .phase = mem_copy(mem, phase_name(done->phase)),
                           .exact = mem_copy(mem, deed->begins->exact),
                           .normal = mem_copy(mem, deed->begins->normal),
                           .done = true};
    *step = (StepRecord){
        .version = version,
        .phase = phase->phase,
        .number = done->ordinal,
        .kind = mem_copy(mem, step_kind_name(done->kind)),
        .title = mem_copy(mem, done->title),
        .hash = mem_copy(mem, done->hash),
        .done = true,
        .sql = mem_copy(mem, record_statements(mem, done->sql, done->sql_count)),
        .undo = mem_copy(mem, record_way_back(mem, done))};
}

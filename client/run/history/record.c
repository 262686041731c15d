#include "run/history/record.h"

#include <string.h>

#include "base/version.h"
#include "core/sql/sql.h"
#include "run/foreign.h"
#include "run/runner.h"

/* The state a migration is in when that phase is complete. */
static const State state_after[PHASE_COUNT] = {
    [PHASE_UP] = STATE_CONTRACTED,
    [PHASE_EXPAND] = STATE_EXPANDED,
    [PHASE_BACKFILL] = STATE_BACKFILLED,
    [PHASE_CONTRACT] = STATE_CONTRACTED,
};

/* ('main', '20260515' — the key that every table of the history shares. */
static void
record_key(SqlText *sql, const Run *run, const char *version)
{
    sql_string(sql, run->settings->component);
    sql_raw(sql, ", ");
    sql_string(sql, version);
}

static void
record_where(SqlText *sql, const Run *run, const char *version)
{
    sql_raw(sql, " WHERE component = ");
    sql_string(sql, run->settings->component);
    sql_raw(sql, " AND version = ");
    sql_string(sql, version);
}

static void
record_delete(SqlText *sql, const char *table)
{
    sql_raw(sql, "DELETE FROM ");
    sql_own(sql, table);
}

static void
record_run_id(SqlText *sql, const Run *run)
{
    sql_uuid(sql, run->id);
}

/* What a row of the audit trail says; cost and rows come later, where they are known.
 */
typedef struct Entry
{
    const char *kind;
    const Migration *migration;
    const char *phase; /* NULL: none */
    int step;          /* 0: none */
    const char *what;
    const char *outcome;
} Entry;

static void
record_entry(SqlText *sql, const Run *run, const Entry *entry)
{
    MEM_SCOPE(scope, run->mem);
    Identity me = runner_identity(scope);

    sql_raw(sql, "INSERT INTO ");
    sql_own(sql, "events");
    sql_raw(sql, " (component, version, run_id, kind, phase, step, what, outcome, "
                 "os_user, host, tool_version) VALUES (");
    record_key(sql, run, entry->migration == NULL ? NULL : entry->migration->version);
    sql_raw(sql, ", ");
    record_run_id(sql, run);
    sql_raw(sql, ", ");
    sql_string(sql, entry->kind);
    sql_raw(sql, ", ");
    sql_string(sql, entry->phase);
    sql_raw(sql, ", nullif(");
    sql_int(sql, entry->step);
    sql_raw(sql, ", 0), ");
    sql_string(sql, entry->what);
    sql_raw(sql, ", ");
    sql_string(sql, entry->outcome);
    sql_raw(sql, ", ");
    sql_string(sql, me.os_user);
    sql_raw(sql, ", ");
    sql_string(sql, me.host);
    sql_raw(sql, ", ");
    sql_string(sql, PGSTRIDE_VERSION);
    sql_raw(sql, ")");
}

/* The same behind another statement. */
static void
record_event(SqlText *sql, const Run *run, const Entry *entry)
{
    sql_raw(sql, "; ");
    record_entry(sql, run, entry);
}

SqlText
record_repair(Mem *mem, const Run *run, const char *what)
{
    SqlText sql = sql_begin(mem, run->caps);

    record_entry(
        &sql, run,
        &(Entry){.kind = "repair", .what = sql_scrub(mem, what), .outcome = "done"});
    return sql;
}

/* "column = what is new, " */
static void
record_renewed(SqlText *sql, const char *column)
{
    sql_ident(sql, column);
    sql_raw(sql, " = ");
    sql_new(sql, column);
    sql_raw(sql, ", ");
}

/* The migration's row, in that state; made where there is none. */
static void
record_state(SqlText *sql, const Run *run, const Migration *migration, const char *how,
             State state)
{
    static const char *const renewed[] = {"state", "how", "name", "file", "run_id"};

    sql_upsert_into(sql, "migrations");
    sql_raw(sql, " (component, version, name, file, state, how, run_id) VALUES (");
    record_key(sql, run, migration->version);
    sql_raw(sql, ", ");
    sql_string(sql, migration->name);
    sql_raw(sql, ", ");
    sql_string(sql, migration->file);
    sql_raw(sql, ", ");
    sql_string(sql, state_name(state));
    sql_raw(sql, ", ");
    sql_string(sql, how);
    sql_raw(sql, ", ");
    record_run_id(sql, run);
    sql_raw(sql, ")");
    sql_upsert(sql, "component, version");
    for (int i = 0; i < LENGTH(renewed); i++)
        record_renewed(sql, renewed[i]);
    sql_raw(sql, "failed = false, error = NULL, state_at = ");
    sql_now(sql);
}

/* What an earlier text of a repeatable one has left, unless this one was begun. */
static void
record_forget_phase(SqlText *sql, const Run *run, const Migration *migration,
                    Phase phase)
{
    static const char *const tables[] = {"steps", "phases"};

    for (int i = 0; i < LENGTH(tables); i++)
    {
        if (history_phase(&run->history, migration->version, phase) != NULL)
            continue;
        record_delete(sql, tables[i]);
        record_where(sql, run, migration->version);
        sql_raw(sql, "; ");
    }
}

SqlText
record_phase_begin(Mem *mem, const Run *run, const Migration *migration, Phase phase,
                   const Checksums *checksums)
{
    SqlText sql = sql_begin(mem, run->caps);
    State state = history_state(&run->history, migration->version);

    /* Durable with whatever follows it: a deed is never on disk before this is. */
    sql_hasty(&sql);
    if (migration->repeatable)
        record_forget_phase(&sql, run, migration, phase);
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
record_phase_done(Mem *mem, const Run *run, const Migration *migration, Phase phase,
                  bool complete)
{
    SqlText sql = sql_begin(mem, run->caps);
    State state = complete ? STATE_CONTRACTED : state_after[phase];

    sql_upsert_into(&sql, "phases");
    sql_raw(&sql, " (component, version, phase, done, finished_at, run_id) VALUES (");
    record_key(&sql, run, migration->version);
    sql_raw(&sql, ", ");
    sql_string(&sql, phase_name(phase));
    sql_raw(&sql, ", true, ");
    sql_now(&sql);
    sql_raw(&sql, ", ");
    record_run_id(&sql, run);
    sql_raw(&sql, ")");
    sql_upsert(&sql, "component, version, phase");
    record_renewed(&sql, "finished_at");
    sql_raw(&sql, "done = true; ");
    record_state(&sql, run, migration, "run", state);
    record_event(
        &sql, run,
        &(Entry){.kind = "phase",
                 .migration = migration,
                 .phase = phase_name(phase),
                 .what = mem_text(mem, "%s is %s", migration->label, state_name(state)),
                 .outcome = "done"});
    if (state == STATE_CONTRACTED)
        foreign_note_state(&sql, run, migration, state);
    return sql;
}

/* Statements as one text, secrets scrubbed; empty when there are none. */
static const char *
record_statements(Mem *mem, const SqlParsed *parts, int count)
{
    Buf text = buf_begin(mem);

    for (int i = 0; i < count; i++)
        buf_format(&text, "%s%s", i > 0 ? ";\n" : "", parts[i].text);
    return count == 0 ? "" : sql_scrub(mem, text.text);
}

static const char *const step_kind_names[STEP_KIND_COUNT] = {
    [STEP_TRANSACTION] = "transaction", [STEP_ALONE] = "alone",
    [STEP_INDEX_BUILD] = "index build", [STEP_INDEX_DROP] = "index drop",
    [STEP_REINDEX] = "reindex",         [STEP_VALIDATE] = "validate",
    [STEP_BACKFILL] = "backfill",       [STEP_ANALYZE] = "analyze",
};

static void
record_bool(SqlText *sql, bool value)
{
    if (value)
        sql_raw(sql, "true");
    else
        sql_raw(sql, "false");
}

/*
 * The way back that was found before the step was first started stays: found again
 * after a crash, what it made would look as if it had been there before. It goes before
 * the hash: some engines assign one after the other, and then compare with the new one.
 */
static void
record_kept_undo(SqlText *sql)
{
    sql_ident(sql, "undo");
    sql_raw(sql, " = CASE WHEN ");
    sql_old(sql, "steps", "hash");
    sql_raw(sql, " = ");
    sql_new(sql, "hash");
    sql_raw(sql, " THEN coalesce(nullif(");
    sql_old(sql, "steps", "undo");
    sql_raw(sql, ", ''), ");
    sql_new(sql, "undo");
    sql_raw(sql, ") ELSE ");
    sql_new(sql, "undo");
    sql_raw(sql, " END, ");
}

static void
record_step_row(SqlText *sql, const Run *run, const Step *step, bool done)
{
    static const char *const renewed[] = {"hash", "done", "sql", "finished_at"};
    Mem *mem = sql->buf.mem;

    sql_upsert_into(sql, "steps");
    sql_raw(sql, " (component, version, phase, number, kind, title, hash, done, ");
    sql_ident(sql, "sql");
    sql_raw(sql, ", ");
    sql_ident(sql, "undo");
    sql_raw(sql, ", finished_at, run_id) VALUES (");
    record_key(sql, run, step->migration->version);
    sql_raw(sql, ", ");
    sql_string(sql, step_phase(step));
    sql_raw(sql, ", ");
    sql_int(sql, step->ordinal);
    sql_raw(sql, ", ");
    sql_string(sql, step_kind_names[step->kind]);
    sql_raw(sql, ", ");
    sql_string(sql, step->title);
    sql_raw(sql, ", ");
    sql_string(sql, step->hash);
    sql_raw(sql, ", ");
    record_bool(sql, done);
    sql_raw(sql, ", ");
    sql_string(sql, record_statements(mem, step->sql, step->sql_count));
    sql_raw(sql, ", ");
    sql_string(sql, step->needs_down || step->irreversible
                        ? NULL
                        : record_statements(mem, step->undo, step->undo_count));
    sql_raw(sql, ", CASE WHEN ");
    record_bool(sql, done);
    sql_raw(sql, " THEN ");
    sql_now(sql);
    sql_raw(sql, " END, ");
    record_run_id(sql, run);
    sql_raw(sql, ")");
    sql_upsert(sql, "component, version, phase, number");
    record_kept_undo(sql);
    for (int i = 0; i < LENGTH(renewed); i++)
        record_renewed(sql, renewed[i]);
    sql_raw(sql, "run_id = ");
    sql_new(sql, "run_id");
}

SqlText
record_step_started(Mem *mem, const Run *run, const Step *step)
{
    SqlText sql = sql_begin(mem, run->caps);

    record_step_row(&sql, run, step, false);
    return sql;
}

SqlText
record_step_forgotten(Mem *mem, const Run *run, const Step *step)
{
    SqlText sql = sql_begin(mem, run->caps);

    record_delete(&sql, "steps");
    record_where(&sql, run, step->migration->version);
    sql_raw(&sql, " AND phase = ");
    sql_string(&sql, step_phase(step));
    sql_raw(&sql, " AND number = ");
    sql_int(&sql, step->ordinal);
    sql_raw(&sql, " AND NOT done");
    return sql;
}

SqlText
record_accepted(Mem *mem, const Run *run, const StepRecord *record, const Step *step)
{
    SqlText sql = sql_begin(mem, run->caps);

    if (step != NULL)
        record_step_row(&sql, run, step, true);
    else
    {
        record_delete(&sql, "steps");
        record_where(&sql, run, record->version);
        sql_raw(&sql, " AND phase = ");
        sql_string(&sql, record->phase);
        sql_raw(&sql, " AND number = ");
        sql_int(&sql, record->number);
    }
    record_event(&sql, run,
                 &(Entry){.kind = "repair",
                          .phase = record->phase,
                          .step = (int)record->number,
                          .what = mem_text(mem, "%s: the file says what is there",
                                           record->title),
                          .outcome = "done"});
    return sql;
}

SqlText
record_undone(Mem *mem, const Run *run, const Migration *migration, Phase phase,
              State left)
{
    static const char *const tables[] = {"steps", "phases"};
    SqlText sql = sql_begin(mem, run->caps);

    for (int i = 0; i < LENGTH(tables); i++)
    {
        record_delete(&sql, tables[i]);
        record_where(&sql, run, migration->version);
        sql_raw(&sql, " AND phase IN (");
        sql_string(&sql, phase_name(phase));
        sql_raw(&sql, ", ");
        sql_string(&sql, step_phase(&(Step){.phase = phase, .undoes = true}));
        sql_raw(&sql, "); ");
    }
    if (phase == PHASE_BACKFILL || left == STATE_PENDING)
    {
        record_delete(&sql, "backfills");
        record_where(&sql, run, migration->version);
        sql_raw(&sql, "; ");
        record_delete(&sql, "set_aside");
        record_where(&sql, run, migration->version);
        sql_raw(&sql, "; ");
    }
    if (left == STATE_PENDING)
    {
        record_delete(&sql, "migrations");
        record_where(&sql, run, migration->version);
    }
    else
        record_state(&sql, run, migration, "run", left);
    record_event(&sql, run,
                 &(Entry){.kind = "undo",
                          .migration = migration,
                          .phase = phase_name(phase),
                          .what = mem_text(mem, "%s of %s undone", phase_name(phase),
                                           migration->label),
                          .outcome = "done"});
    if (left == STATE_PENDING)
        foreign_note_state(&sql, run, migration, left);
    return sql;
}

SqlText
record_step(Mem *mem, const Run *run, const Step *step)
{
    SqlText sql = sql_begin(mem, run->caps);

    record_step_row(&sql, run, step, true);
    record_event(&sql, run,
                 &(Entry){.kind = "step",
                          .migration = step->migration,
                          .phase = step_phase(step),
                          .step = step->ordinal,
                          .what = step->title,
                          .outcome = "done"});
    if (step->last)
    {
        SqlText phase = step->undoes ? record_undone(mem, run, step->migration,
                                                     step->phase, step->left)
                                     : record_phase_done(mem, run, step->migration,
                                                         step->phase, step->completes);

        sql_raw(&sql, "; ");
        sql_add(&sql, &phase);
    }
    return sql;
}

SqlText
record_failed(Mem *mem, const Run *run, const Migration *migration, const char *why)
{
    SqlText sql = sql_begin(mem, run->caps);

    sql_raw(&sql, "UPDATE ");
    sql_own(&sql, "migrations");
    sql_raw(&sql, " SET failed = true, error = ");
    sql_string(&sql, sql_scrub(mem, why));
    record_where(&sql, run, migration->version);
    record_event(&sql, run,
                 &(Entry){.kind = "attempt",
                          .migration = migration,
                          .what = sql_scrub(mem, why),
                          .outcome = "failed"});
    return sql;
}

SqlText
record_mark(Mem *mem, const Run *run, const Migration *migration, const char *how,
            State state)
{
    static const char *const tables[] = {"steps", "phases", "backfills", "set_aside"};
    SqlText sql = sql_begin(mem, run->caps);

    for (int i = 0; i < LENGTH(tables); i++)
    {
        record_delete(&sql, tables[i]);
        record_where(&sql, run, migration->version);
        sql_raw(&sql, "; ");
    }
    if (state == STATE_PENDING)
    {
        record_delete(&sql, "migrations");
        record_where(&sql, run, migration->version);
    }
    else
        record_state(&sql, run, migration, how, state);
    record_event(&sql, run,
                 &(Entry){.kind = how,
                          .migration = migration,
                          .what = mem_text(mem, "%s is said to be %s", migration->label,
                                           state_name(state)),
                          .outcome = "done"});
    if (strcmp(how, "adopt") == 0)
        foreign_note_adopted(&sql, run, migration);
    else if (state == STATE_CONTRACTED || state == STATE_PENDING)
        foreign_note_state(&sql, run, migration, state);
    return sql;
}

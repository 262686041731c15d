/* What is recorded of a step: its row, from the moment it is started until somebody
 * says that it never was. */
#include "core/sql/sql.h"
#include "run/foreign/foreign.h"
#include "run/history/entry.h"
#include "run/history/record.h"

const char *
record_statements(Mem *mem, const SqlParsed *parts, int count)
{
    Buf text = buf_begin(mem);

    for (int i = 0; i < count; i++)
        buf_format(&text, "%s%s", i > 0 ? ";\n" : "", parts[i].text);
    return count == 0 ? "" : sql_scrub(mem, text.text);
}

const char *
record_way_back(Mem *mem, const Step *step)
{
    return step->needs_down || step->irreversible
               ? NULL
               : record_statements(mem, step->undo, step->undo_count);
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

void
record_step_row(SqlText *sql, const Run *run, const Step *step, StepTold told)
{
    static const char *const renewed[] = {"hash", "done", "sql", "finished_at"};
    Mem *mem = sql->buf.mem;
    bool done = told != STEP_STARTED;

    sql_upsert_into(sql, "steps");
    sql_raw(sql, " (component, version, phase, number, kind, title, hash, done, ");
    sql_ident(sql, "sql");
    sql_raw(sql, ", ");
    sql_ident(sql, "undo");
    sql_raw(sql, ", finished_at, run_id");
    if (told == STEP_METERED)
        sql_raw(sql, ", held_ms, took_ms");
    sql_raw(sql, ") VALUES (");
    record_key(sql, run, step->migration->version);
    sql_raw(sql, ", ");
    sql_string(sql, step_phase(step));
    sql_raw(sql, ", ");
    sql_int(sql, step->ordinal);
    sql_raw(sql, ", ");
    sql_string(sql, step_kind_name(step->kind));
    sql_raw(sql, ", ");
    sql_string(sql, step->title);
    sql_raw(sql, ", ");
    sql_string(sql, step->hash);
    sql_raw(sql, ", ");
    sql_bool(sql, done);
    sql_raw(sql, ", ");
    sql_string(sql, record_statements(mem, step->sql, step->sql_count));
    sql_raw(sql, ", ");
    sql_string(sql, record_way_back(mem, step));
    sql_raw(sql, ", CASE WHEN ");
    sql_bool(sql, done);
    sql_raw(sql, " THEN ");
    sql_now(sql);
    sql_raw(sql, " END, ");
    record_run_id(sql, run);
    for (int i = 0; told == STEP_METERED && i < 2; i++)
    {
        sql_raw(sql, ", ");
        record_took_ms(sql);
    }
    sql_raw(sql, ")");
    sql_upsert(sql, "component, version, phase, number");
    record_kept_undo(sql);
    if (told == STEP_METERED)
    {
        record_renewed(sql, "held_ms");
        record_renewed(sql, "took_ms");
    }
    for (int i = 0; i < LENGTH(renewed); i++)
        record_renewed(sql, renewed[i]);
    sql_raw(sql, "run_id = ");
    sql_new(sql, "run_id");
}

SqlText
record_step_started(Mem *mem, const Run *run, const Step *step)
{
    SqlText sql = sql_begin(mem, run->caps);

    record_step_row(&sql, run, step, STEP_STARTED);
    foreign_note_undoing(&sql, run, step);
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
    foreign_note_kept(&sql, run, step);
    return sql;
}

SqlText
record_accepted(Mem *mem, const Run *run, const StepRecord *record, const Step *step)
{
    SqlText sql = sql_begin(mem, run->caps);

    if (step != NULL)
        record_step_row(&sql, run, step, STEP_DONE);
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

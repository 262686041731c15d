/* What is recorded of a migration as a whole: it failed, was undone, or is said to be
 * in some state. */
#include <string.h>

#include "core/sql/sql.h"
#include "run/folder/check.h"
#include "run/foreign/foreign.h"
#include "run/history/entry.h"
#include "run/history/record.h"

SqlText
record_failed(Mem *mem, const Run *run, const Migration *migration,
              const Statement *statement, const char *why)
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
    foreign_note_failed(&sql, run, migration, statement, why);
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

/* It runs again when its text is another than the one that is there now. */
static void
repeatable_known(SqlText *sql, const Run *run, const Migration *migration)
{
    MEM_SCOPE(scope, NULL);
    Checksums sums;

    check_sums(scope, migration, PHASE_UP, &sums);
    sql_raw(sql, "; ");
    record_phase_known(sql, run, migration, PHASE_UP, &sums);
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
    if (state == STATE_CONTRACTED && migration->repeatable)
        repeatable_known(&sql, run, migration);
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

#include "run/history/entry.h"

#include "base/version.h"
#include "run/connect/runner.h"

void
record_key(SqlText *sql, const Run *run, const char *version)
{
    sql_string(sql, run->settings->component);
    sql_raw(sql, ", ");
    sql_string(sql, version);
}

void
record_run_id(SqlText *sql, const Run *run)
{
    sql_uuid(sql, run->id);
}

void
record_took_ms(SqlText *sql)
{
    sql_raw(sql, "1000 * extract(epoch FROM pg_catalog.clock_timestamp() - "
                 "pg_catalog.statement_timestamp())");
}

static void
entry_values(SqlText *sql, const Run *run, const Entry *entry, const Identity *me)
{
    const char *version = entry->migration == NULL ? NULL : entry->migration->version;

    record_key(sql, run, version);
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
    sql_string(sql, me->os_user);
    sql_raw(sql, ", ");
    sql_string(sql, me->host);
    sql_raw(sql, ", ");
    sql_string(sql, PGSTRIDE_VERSION);
    if (!entry->metered)
    {
        sql_raw(sql, ", NULL, NULL, NULL)");
        return;
    }
    sql_raw(sql, ", 1, 0, ");
    record_took_ms(sql);
    sql_raw(sql, ")");
}

void
record_entries(SqlText *sql, const Run *run, const Entry *entries, int count)
{
    MEM_SCOPE(scope, run->mem);
    Identity me = runner_identity(scope);

    sql_raw(sql, "INSERT INTO ");
    sql_own(sql, "events");
    sql_raw(sql, " (component, version, run_id, kind, phase, step, what, outcome, "
                 "os_user, host, tool_version, tries, stall_ms, took_ms) VALUES (");
    for (int i = 0; i < count; i++)
    {
        if (i > 0)
            sql_raw(sql, ", (");
        entry_values(sql, run, &entries[i], &me);
    }
}

void
record_event(SqlText *sql, const Run *run, const Entry *entry)
{
    sql_raw(sql, "; ");
    record_entries(sql, run, entry, 1);
}

void
record_where(SqlText *sql, const Run *run, const char *version)
{
    sql_raw(sql, " WHERE component = ");
    sql_string(sql, run->settings->component);
    sql_raw(sql, " AND version = ");
    sql_string(sql, version);
}

void
record_delete(SqlText *sql, const char *table)
{
    sql_raw(sql, "DELETE FROM ");
    sql_own(sql, table);
}

/* "column = what is new, " */
void
record_renewed(SqlText *sql, const char *column)
{
    sql_ident(sql, column);
    sql_raw(sql, " = ");
    sql_new(sql, column);
    sql_raw(sql, ", ");
}

/* The migration's row, in that state; made where there is none. */
void
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
void
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

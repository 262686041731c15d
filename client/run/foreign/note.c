/*
 * What is written into the table of a folder's runner beside our own records, in their
 * transaction: that a migration begins, how far it is, that it is done, undone or
 * failed, each where that runner keeps it.
 */
#include "core/sql/sql.h"
#include "run/foreign/foreign.h"

ForeignNote
foreign_note(const Run *run, const Migration *migration)
{
    return (ForeignNote){.migration = migration,
                         .schema = run->foreign_schema,
                         .table = run->foreign->table,
                         .component = run->settings->component};
}

/* Their table is ours to write. */
static bool
is_shared(const Run *run)
{
    return run->foreign != NULL && run->foreign_here && !run->foreign_apart &&
           run->foreign->applied != NULL;
}

void
foreign_note_state(SqlText *sql, const Run *run, const Migration *migration,
                   State state)
{
    if (!is_shared(run))
        return;

    const ForeignNote note = foreign_note(run, migration);

    sql_raw(sql, "; ");
    if (state == STATE_PENDING)
        run->foreign->undone(sql, &note);
    else
        run->foreign->applied(sql, &note);
}

/* Only a runner that keeps one row, its highest version, has to know. */
static bool
is_newest(const Run *run, const Migration *migration)
{
    bool newest = run->foreign->begun != NULL;

    for (int i = 0; newest && i < run->history.migration_count; i++)
    {
        const MigrationRecord *record = &run->history.migrations[i];
        const ForeignRow row = {.version = record->version, .applied = true};

        newest = !run->foreign->holds(&row, migration);
    }
    return newest;
}

void
foreign_note_done(SqlText *sql, const Run *run, const Migration *migration)
{
    if (!is_shared(run))
        return;

    ForeignNote note = foreign_note(run, migration);

    note.newest = is_newest(run, migration);
    sql_raw(sql, "; ");
    run->foreign->applied(sql, &note);
}

void
foreign_note_adopted(SqlText *sql, const Run *run, const Migration *migration)
{
    if (!is_shared(run) || run->foreign->adopted == NULL || run->foreign_old)
        return;

    const ForeignNote note = foreign_note(run, migration);

    sql_raw(sql, "; ");
    run->foreign->adopted(sql, &note);
}

/* Unless every statement is in one transaction: then it can only be done or not. */
static bool
stops_midway(const Run *run, const Migration *migration)
{
    if (!run->caps->ddl_in_transaction)
        return true;
    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &migration->sections[i];

        if (section->options.no_transaction || section->phase != PHASE_UP)
            return true;
        for (int j = 0; j < section->statements.count; j++)
            if (section->statements.items[j].alone)
                return true;
    }
    return false;
}

void
foreign_note_begun(SqlText *sql, const Run *run, const Migration *migration)
{
    if (!is_shared(run) || run->foreign->begun == NULL || !stops_midway(run, migration))
        return;

    const ForeignNote note = foreign_note(run, migration);

    sql_raw(sql, "; ");
    run->foreign->begun(sql, &note);
}

/* A statement on the way back goes on its own. */
void
foreign_note_undoing(SqlText *sql, const Run *run, const Step *step)
{
    if (!is_shared(run) || run->foreign->undoing == NULL || !step->undoes)
        return;

    const ForeignNote note = foreign_note(run, step->migration);

    sql_raw(sql, "; ");
    run->foreign->undoing(sql, &note);
}

/* It was the first, and did nothing. */
void
foreign_note_kept(SqlText *sql, const Run *run, const Step *step)
{
    if (is_shared(run) && run->foreign->undoing != NULL && step->undoes &&
        step->ordinal == 1)
        foreign_note_state(sql, run, step->migration, STATE_CONTRACTED);
}

void
foreign_note_failed(SqlText *sql, const Run *run, const Migration *migration,
                    const Statement *statement, const char *why)
{
    MEM_SCOPE(scope, NULL);

    if (!is_shared(run) || run->foreign->failed == NULL ||
        !stops_midway(run, migration))
        return;

    ForeignNote note = foreign_note(run, migration);

    note.error = sql_scrub(scope, why);
    if (statement != NULL)
        note.statement = sql_scrub(scope, statement->sql.text);
    sql_raw(sql, "; ");
    run->foreign->failed(sql, &note);
}

int
foreign_statements_done(const Step *step)
{
    const Section *section = migration_section(step->migration, PHASE_UP, false);
    int last = step->span.offset;
    int done = 0;

    for (int i = 0; i < step->sql_count && step->spans != NULL; i++)
        if (step->spans[i].offset > last)
            last = step->spans[i].offset;
    for (int i = 0; section != NULL && i < section->statements.count; i++)
        done += section->statements.items[i].span.offset <= last;
    return done;
}

void
foreign_note_step(SqlText *sql, const Run *run, const Step *step)
{
    if (!is_shared(run) || run->foreign->begun == NULL || step->undoes || step->last ||
        step->migration == NULL || !stops_midway(run, step->migration))
        return;

    ForeignNote note = foreign_note(run, step->migration);

    note.done = foreign_statements_done(step);
    sql_raw(sql, "; ");
    run->foreign->begun(sql, &note);
}

#include "run/foreign/foreign.h"

#include <string.h>

#include "core/layouts/layout.h"
#include "run/history/history.h"

static const Column row_columns[] = {
    COLUMN(TEXT_OR_NULL, ForeignRow, version),
    COLUMN(TEXT_OR_NULL, ForeignRow, name),
    COLUMN(TEXT_OR_NULL, ForeignRow, kind),
    COLUMN(TEXT_OR_NULL, ForeignRow, checksum),
    COLUMN(BOOL, ForeignRow, applied),
    COLUMN(BOOL, ForeignRow, failed),
};

ForeignNote
foreign_note(const Run *run, const Migration *migration)
{
    return (ForeignNote){.migration = migration,
                         .schema = run->foreign_schema,
                         .table = run->foreign->table,
                         .component = run->settings->component};
}

/* All up to its version is there, as it would be with the row that stands for it. */
static void
baseline_suppose(Run *run, Mem *mem)
{
    char kind[] = "BASELINE";

    run->foreign_based = true;
    run->foreign_rows = (ForeignRows){mem_new(mem, ForeignRow), 1};
    run->foreign_rows.items[0] = (ForeignRow){
        .version = mem_copy(mem, run->migrations.baseline),
        .name = mem_copy(mem, run->migrations.baseline_name),
        .kind = mem_copy(mem, kind),
        .applied = true,
    };
}

/* Only those who run something begin with one; others say what is there themselves. */
static bool
strange_look(Run *run, Mem *mem, const History *history, Err *err)
{
    Rows rows;

    run->foreign_strange = run->foreign_based = false;
    if (run->foreign_here || run->foreign_apart || !run->migrations.empty_first ||
        history->migration_count > 0)
        return true;
    if (!db_query(mem, run->watcher, "foreign_used", ARGS(run->foreign_schema), &rows,
                  err))
        return false;
    run->foreign_strange = rows_bool(&rows, 0, "used");
    if (run->foreign_strange && run->migrations.baseline != NULL &&
        (run->settings->begins || !run->writes))
        baseline_suppose(run, mem);
    return true;
}

bool
foreign_rows_read(Run *run, Mem *mem, Err *err)
{
    MEM_SCOPE(scope, mem);
    Ask ask = {.label = "foreign_rows"};
    Reply reply;

    ask.sql = foreign_text(
        run, scope, run->foreign_old ? run->foreign->old_query : run->foreign->query);
    return (db_script(scope, run->watcher, &ask, 1, &reply, err) &&
            rows_decode(mem, &reply.rows[reply.row_count - 1], row_columns,
                        LENGTH(row_columns), sizeof(ForeignRow),
                        (void **)&run->foreign_rows.items, &run->foreign_rows.count,
                        err)) ||
           err_in(err, "while reading the history of %s", foreign_runner(run));
}

bool
foreign_read(Run *run, Mem *mem, const History *history, Err *err)
{
    run->foreign_rows = (ForeignRows){0};
    run->foreign_midway = NULL;
    run->foreign_apart = run->settings->imports || history_imported(history);
    if (run->foreign == NULL)
        return true;
    if (!run->foreign_here)
        return strange_look(run, mem, history, err);
    run->foreign_strange = false;
    return foreign_rows_read(run, mem, err) && foreign_midway_read(run, mem, err);
}

/* --- reading --------------------------------------------------------------------- */

/* Its table has it, and ours has not. */
static bool
is_news(const Run *run, const History *history, const Migration *migration)
{
    return !migration->skipped &&
           history_migration(history, migration->version) == NULL &&
           foreign_row(run->foreign, &run->foreign_rows, migration) != NULL;
}

/* Under way, by its runner: ours knows nothing of it. */
static bool
is_midway(const Run *run, const History *history)
{
    return run->foreign_midway != NULL &&
           history_migration(history, run->foreign_midway->migration->version) == NULL;
}

static MigrationRecord
record_of(Mem *mem, const Migration *migration)
{
    return (MigrationRecord){
        .version = mem_copy(mem, migration->version),
        .name = mem_copy(mem, migration->name),
        .file = mem_copy(mem, migration->file),
        .state = mem_copy(mem, state_name(STATE_CONTRACTED)),
        .how = mem_copy(mem, "adopt"),
    };
}

void
foreign_overlay(Run *run, Mem *mem, History *history)
{
    LIST(MigrationRecord) records = {0};

    if (run->foreign_apart && !run->settings->imports)
        return;
    for (int i = 0; i < history->migration_count; i++)
        *list_add(mem, &records) = history->migrations[i];
    for (int i = 0; i < run->migrations.count && run->foreign_rows.count > 0; i++)
        if (is_news(run, history, &run->migrations.items[i]))
            *list_add(mem, &records) = record_of(mem, &run->migrations.items[i]);
    if (is_midway(run, history))
    {
        MigrationRecord record = record_of(mem, run->foreign_midway->migration);

        record.state = mem_copy(mem, state_name(STATE_PENDING));
        record.how = mem_copy(mem, "run");
        record.failed = true;
        record.error = foreign_midway_show(run, mem);
        *list_add(mem, &records) = record;
    }
    history->migrations = records.items;
    history->migration_count = records.count;
}

/* --- writing --------------------------------------------------------------------- */

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
    if (!is_shared(run) || run->foreign->adopted == NULL)
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
foreign_note_failed(SqlText *sql, const Run *run, const Migration *migration)
{
    if (!is_shared(run) || run->foreign->failed == NULL ||
        !stops_midway(run, migration))
        return;

    const ForeignNote note = foreign_note(run, migration);

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

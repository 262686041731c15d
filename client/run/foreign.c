#include "run/foreign.h"

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

const char *
foreign_runner(const Run *run)
{
    return layout_named(run->migrations.layout)->runner;
}

ForeignNote
foreign_note(const Run *run, const Migration *migration)
{
    return (ForeignNote){.migration = migration,
                         .schema = run->foreign_schema,
                         .table = run->foreign->table,
                         .component = run->settings->component};
}

/* --- meeting -----------------------------------------------------------------------
 */

static bool
place_refused(const Run *run, const char *columns, Err *err)
{
    err_set(err, ERR_REFUSED, "the table \"%s\" is not the one that %s makes",
            run->foreign->table, foreign_runner(run));
    err_detail(err, "its columns are: %s", columns);
    return err_hint(err, "Say whose folder it is: --layout=NAME. Or leave that table "
                         "alone: --history=own.");
}

/* Its runner keeps a history that we can read elsewhere, but not on this engine: what
 * it has applied would look pending. */
static bool
foreign_unread(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Foreign *elsewhere = foreign_of(run->migrations.layout, NULL);
    Rows rows;

    if (elsewhere == NULL || run->settings->own_history ||
        run->driver->query(run->watcher, "foreign_place") == NULL)
        return true;
    if (!db_query(scope, run->watcher, "foreign_place",
                  ARGS(elsewhere->schema, elsewhere->table), &rows, err))
        return false;
    if (!rows_bool(&rows, 0, "here"))
        return true;
    err_set(err, ERR_REFUSED, "the history of %s, \"%s\", cannot be read on %s yet",
            run->migrations.layout, elsewhere->table, run->caps->product);
    return err_hint(err, "Say what it has applied: pgstride baseline VERSION "
                         "--history=own. From then on, --history=own.");
}

static bool
place_look(Run *run, Mem *mem, const Foreign *foreign, Rows *rows, Err *err)
{
    if (!db_query(mem, run->watcher, "foreign_place",
                  ARGS(foreign->schema, foreign->table), rows, err))
        return false;
    run->foreign = foreign;
    run->foreign_here = rows_bool(rows, 0, "here");
    run->foreign_schema = mem_copy(run->mem, rows_cell(rows, 0, "schema"));
    run->foreign_database = mem_copy(run->mem, rows_cell(rows, 0, "database"));
    return true;
}

/* The first of its places where the table is, else the one where it is made. */
static bool
place_find(Run *run, Mem *mem, const Foreign *first, Rows *rows, Err *err)
{
    for (const Foreign *at = first; at != NULL; at = foreign_next(at))
    {
        if (!place_look(run, mem, at, rows, err))
            return false;
        if (run->foreign_here)
            return true;
    }
    return run->foreign == first || place_look(run, mem, first, rows, err);
}

bool
foreign_meet(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Foreign *foreign = foreign_of(run->migrations.layout, run->caps->engine);
    Rows rows;

    run->foreign = NULL;
    if (foreign == NULL)
        return foreign_unread(run, err);
    if (run->settings->own_history)
        return true;
    if (!place_find(run, scope, foreign, &rows, err))
        return false;
    if (!run->foreign_here)
        return true;
    if (!rows_bool(&rows, 0, "readable"))
        return err_set(err, ERR_CONNECT, "permission denied for table %s",
                       foreign->table) ||
               err_hint(err,
                        "Ask its owner: GRANT SELECT, INSERT, UPDATE, DELETE ON "
                        "%s TO this role.",
                        foreign->table);
    return strcmp(rows_cell(&rows, 0, "columns"), foreign->columns) == 0 ||
           place_refused(run, rows_cell(&rows, 0, "columns"), err);
}

bool
foreign_read(Run *run, Mem *mem, Err *err)
{
    MEM_SCOPE(scope, mem);
    Rows rows;

    run->foreign_rows = (ForeignRows){0};
    if (run->foreign == NULL || !run->foreign_here)
        return true;
    return (db_query(scope, run->watcher, run->foreign->query, NO_ARGS, &rows, err) &&
            rows_decode(mem, &rows, row_columns, LENGTH(row_columns),
                        sizeof(ForeignRow), (void **)&run->foreign_rows.items,
                        &run->foreign_rows.count, err)) ||
           err_in(err, "while reading the history of %s", foreign_runner(run));
}

/* --- reading -----------------------------------------------------------------------
 */

/* Its table has it, and ours has not. */
static bool
is_news(const Run *run, const History *history, const Migration *migration)
{
    return !migration->skipped &&
           history_migration(history, migration->version) == NULL &&
           foreign_row(run->foreign, &run->foreign_rows, migration) != NULL;
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

    for (int i = 0; i < history->migration_count; i++)
        *list_add(mem, &records) = history->migrations[i];
    for (int i = 0; i < run->migrations.count && run->foreign_rows.count > 0; i++)
        if (is_news(run, history, &run->migrations.items[i]))
            *list_add(mem, &records) = record_of(mem, &run->migrations.items[i]);
    history->migrations = records.items;
    history->migration_count = records.count;
}

/* --- agreeing ----------------------------------------------------------------------
 */

/* What it stopped at may be ours, under way. Its table may write a version without the
 * zeros that its file has. */
static bool
row_is_ours(const Run *run, const ForeignRow *row)
{
    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        bool same = row->version == NULL ? migration->repeatable &&
                                               strcmp(migration->name, row->name) == 0
                                         : strcmp(foreign_number(migration->version),
                                                  foreign_number(row->version)) == 0;

        if (same && history_migration(&run->history, migration->version) != NULL)
            return true;
    }
    return false;
}

const char *
foreign_stopped_at(const Run *run)
{
    for (int i = 0; run->foreign != NULL && i < run->foreign_rows.count; i++)
    {
        const ForeignRow *row = &run->foreign_rows.items[i];

        if (row->failed && !row_is_ours(run, row))
            return row->version != NULL ? row->version : row->name;
    }
    return NULL;
}

static bool
stopped_refused(const Run *run, const char *version, Err *err)
{
    err_set(err, ERR_DIRTY, "Database is in dirty state at version %s", version);
    err_detail(err, "%s stopped in the middle of it, and nobody knows how far it came",
               foreign_runner(run));
    return err_hint(err,
                    "Look at what is there, mend it, then say so: pgstride force %s "
                    "where it is applied, pgstride force of the version before it "
                    "where it is not.",
                    version);
}

static bool
checksum_refused(const ForeignRow *row, const Migration *migration, Err *err)
{
    err_at(err, ERR_REFUSED, migration->file, 0,
           "Migration checksum mismatch for migration version %s", migration->version);
    err_detail(err, "-> Applied to database : %s", row->checksum);
    err_detail(err, "-> Resolved locally    : %s", migration->checksum);
    return err_hint(err, "Put the old text back and write a new migration for what is "
                         "new.");
}

static bool
lost_refused(const Run *run, const Migration *migration, Err *err)
{
    err_at(err, ERR_REFUSED, migration->file, 0,
           "%s is applied, and %s does not have it in %s any more", migration->label,
           foreign_runner(run), run->foreign->table);
    return err_hint(err,
                    "Where it was taken back: pgstride mark %s --pending. Where it is "
                    "applied: pgstride mark %s.",
                    migration->version, migration->version);
}

static bool
migration_agrees(const Run *run, const Migration *migration, Err *err)
{
    State state = history_state(&run->history, migration->version);
    const ForeignRow *row = foreign_row(run->foreign, &run->foreign_rows, migration);

    if (migration->skipped || migration->repeatable || state != STATE_CONTRACTED)
        return true;
    if (row == NULL)
        return lost_refused(run, migration, err);
    /* A BASELINE row is of many, and has no sum. */
    return !run->foreign->sums_count || row->checksum == NULL ||
           migration->checksum == NULL ||
           strcmp(row->checksum, migration->checksum) == 0 ||
           checksum_refused(row, migration, err);
}

bool
foreign_check(Run *run, Err *err)
{
    const char *stopped = foreign_stopped_at(run);
    bool midway = false;

    if (stopped != NULL)
        return stopped_refused(run, stopped, err);
    if (run->foreign == NULL || !run->foreign_here)
        return true;
    for (int i = 0; i < run->foreign_rows.count; i++)
        midway = midway || run->foreign_rows.items[i].failed;
    for (int i = 0; i < run->migrations.count && !midway; i++)
        if (!migration_agrees(run, &run->migrations.items[i], err))
            return false;
    return true;
}

/* --- writing -----------------------------------------------------------------------
 */

void
foreign_note_state(SqlText *sql, const Run *run, const Migration *migration,
                   State state)
{
    if (run->foreign == NULL || !run->foreign_here)
        return;

    const ForeignNote note = foreign_note(run, migration);

    sql_raw(sql, "; ");
    if (state == STATE_PENDING)
        run->foreign->undone(sql, &note);
    else
        run->foreign->applied(sql, &note);
}

void
foreign_note_adopted(SqlText *sql, const Run *run, const Migration *migration)
{
    if (run->foreign == NULL || run->foreign->adopted == NULL)
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
    if (run->foreign == NULL || !run->foreign_here || run->foreign->begun == NULL ||
        !stops_midway(run, migration))
        return;

    const ForeignNote note = foreign_note(run, migration);

    sql_raw(sql, "; ");
    run->foreign->begun(sql, &note);
}

void
foreign_note_failed(SqlText *sql, const Run *run, const Migration *migration)
{
    if (run->foreign == NULL || !run->foreign_here || run->foreign->failed == NULL ||
        !stops_midway(run, migration))
        return;

    const ForeignNote note = foreign_note(run, migration);

    sql_raw(sql, "; ");
    run->foreign->failed(sql, &note);
}

/* The statements of its section that stand in the file before the end of the step. */
static int
statements_done(const Step *step)
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
    if (run->foreign == NULL || !run->foreign_here || run->foreign->begun == NULL ||
        step->undoes || step->last || step->migration == NULL ||
        !stops_midway(run, step->migration))
        return;

    ForeignNote note = foreign_note(run, step->migration);

    note.done = statements_done(step);
    sql_raw(sql, "; ");
    run->foreign->begun(sql, &note);
}

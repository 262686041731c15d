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

/* --- meeting --------------------------------------------------------------------- */

static bool
place_refused(const Run *run, const char *columns, Err *err)
{
    err_set(err, ERR_REFUSED, "the table \"%s\" is not the one that %s makes",
            run->foreign->table, foreign_runner(run));
    err_detail(err, "its columns are: %s", columns);
    return err_hint(err, "Say whose folder it is: --layout=NAME. Or leave that table "
                         "alone: --history=own.");
}

/* Its runner may have been told to give the table another name, or to keep it
 * elsewhere. */
static const Foreign *
foreign_called(Run *run, const Foreign *foreign)
{
    const char *table = run->migrations.history_table;
    Foreign *called;

    if (table == NULL)
        return foreign;
    called = mem_new(run->mem, Foreign);
    *called = *foreign;
    called->table = table;
    if (run->migrations.history_schema != NULL)
        called->schema = run->migrations.history_schema;
    return called;
}

char *
foreign_text(const Run *run, Mem *mem, const char *label)
{
    const char *text = run->driver->query(run->watcher, label);
    const char *usual = foreign_of(run->foreign->layout, run->caps->engine)->table;
    const char *schema = run->migrations.history_schema;
    Buf named = buf_begin(mem);

    for (const char *at; (at = strstr(text, usual)) != NULL; text = at + strlen(usual))
    {
        /* Longer names begin with it: those of its indexes, which follow it. */
        bool whole = at[strlen(usual)] != '_';

        buf_bytes(&named, text, (size_t)(at - text));
        if (schema != NULL && whole)
            buf_format(&named, "%s.", schema);
        buf_add(&named, run->foreign->table);
    }
    buf_add(&named, text);
    return named.text;
}

static bool
place_look(Run *run, Mem *mem, const Foreign *row, Rows *rows, Err *err)
{
    const Foreign *foreign = foreign_called(run, row);

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
    return foreign_next(first) == NULL || place_look(run, mem, first, rows, err);
}

/* Flyway would go to the schema that it is told; here the address says where we are. */
static bool
schema_agrees(Run *run, Mem *mem, const Foreign *foreign, Err *err)
{
    const char *told = run->migrations.schema;
    bool postgres = strcmp(run->caps->engine, "mysql") != 0;
    Rows rows;

    if (told == NULL || strcmp(run->caps->engine, "sqlite3") == 0)
        return true;
    if (!place_look(run, mem, foreign, &rows, err))
        return false;
    run->foreign = NULL;

    const char *here = rows_cell(&rows, 0, "schema");

    if (here != NULL && strcmp(here, told) == 0)
        return true;
    if (here == NULL || here[0] == '\0')
        return err_set(err, ERR_REFUSED, "there is no schema \"%s\"", told) ||
               err_hint(err, "%s would make it: CREATE SCHEMA %s;", foreign_runner(run),
                        ident_show(mem, told));
    err_set(err, ERR_REFUSED,
            "the schema of %s is \"%s\", and this address leads to \"%s\"",
            foreign_runner(run), told, here);
    return err_hint(err,
                    postgres ? "Name it in the address: currentSchema=%s."
                             : "Name it in the address, as its database: /%s.",
                    told);
}

bool
foreign_meet(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Foreign *foreign = foreign_of(run->migrations.layout, run->caps->engine);
    Rows rows;

    run->foreign = NULL;
    run->foreign_old = false;
    if (run->settings->history_table != NULL &&
        (foreign == NULL || foreign->applied == NULL))
        return err_set(err, ERR_USAGE,
                       "--history-table: a folder of %s has no table of that kind",
                       foreign_runner(run));
    if (foreign == NULL)
        return true;
    if (!schema_agrees(run, scope, foreign, err))
        return false;
    if (run->settings->own_history)
        return true;
    if (!foreign_attach(run, foreign, err) ||
        !place_find(run, scope, foreign, &rows, err) || !foreign_survey(run, err))
        return false;
    if (!run->foreign_here)
        return true;
    if (!rows_bool(&rows, 0, "readable"))
        return err_set(err, ERR_CONNECT, "permission denied for table %s",
                       run->foreign->table) ||
               err_hint(err,
                        "Ask its owner: GRANT SELECT, INSERT, UPDATE, DELETE ON "
                        "%s.%s TO %s;",
                        ident_show(scope, run->foreign_schema),
                        ident_show(scope, run->foreign->table),
                        rows_cell(&rows, 0, "role"));
    run->foreign_old = foreign_fits_old(run->foreign, rows_cell(&rows, 0, "columns"));
    return run->foreign_old ||
           foreign_fits(run->foreign, rows_cell(&rows, 0, "columns")) ||
           place_refused(run, rows_cell(&rows, 0, "columns"), err);
}

/* Its table is another's business since then. */
static bool
was_imported(const History *history)
{
    for (int i = 0; i < history->migration_count; i++)
        if (strcmp(history->migrations[i].how, "import") == 0)
            return true;
    return false;
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
foreign_read(Run *run, Mem *mem, const History *history, Err *err)
{
    MEM_SCOPE(scope, mem);
    Ask ask = {.label = "foreign_rows"};
    Reply reply;

    run->foreign_rows = (ForeignRows){0};
    run->foreign_midway = NULL;
    run->foreign_apart = run->settings->imports || was_imported(history);
    if (run->foreign == NULL)
        return foreign_claimed(run, history, err);
    if (!run->foreign_here)
        return strange_look(run, mem, history, err);
    run->foreign_strange = false;
    ask.sql = foreign_text(
        run, scope, run->foreign_old ? run->foreign->old_query : run->foreign->query);
    return (db_script(scope, run->watcher, &ask, 1, &reply, err) &&
            rows_decode(mem, &reply.rows[reply.row_count - 1], row_columns,
                        LENGTH(row_columns), sizeof(ForeignRow),
                        (void **)&run->foreign_rows.items, &run->foreign_rows.count,
                        err) &&
            foreign_midway_read(run, mem, err)) ||
           err_in(err, "while reading the history of %s", foreign_runner(run));
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

#include "run/foreign.h"

#include <string.h>

#include "base/stop.h"
#include "core/layouts/layout.h"
#include "run/history/history.h"
#include "run/tell.h"

static const Column row_columns[] = {
    COLUMN(TEXT_OR_NULL, ForeignRow, version),
    COLUMN(TEXT_OR_NULL, ForeignRow, name),
    COLUMN(TEXT_OR_NULL, ForeignRow, kind),
    COLUMN(TEXT_OR_NULL, ForeignRow, checksum),
    COLUMN(BOOL, ForeignRow, applied),
    COLUMN(BOOL, ForeignRow, failed),
};

static const char *
runner_name(const Run *run)
{
    return layout_named(run->migrations.layout)->runner;
}

/* --- meeting -----------------------------------------------------------------------
 */

static bool
place_refused(const Run *run, const char *columns, Err *err)
{
    err_set(err, ERR_REFUSED, "the table \"%s\" is not the one that %s makes",
            run->foreign->table, runner_name(run));
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
    if (!db_query(scope, run->watcher, "foreign_place",
                  ARGS(foreign->schema, foreign->table), &rows, err))
        return false;
    run->foreign = foreign;
    run->foreign_here = rows_bool(&rows, 0, "here");
    run->foreign_schema = mem_copy(run->mem, rows_cell(&rows, 0, "schema"));
    run->foreign_database = mem_copy(run->mem, rows_cell(&rows, 0, "database"));
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

static bool
rows_read(Run *run, Mem *mem, Err *err)
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
           err_in(err, "while reading the history of %s", runner_name(run));
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

bool
foreign_overlay(Run *run, Mem *mem, History *history, Err *err)
{
    LIST(MigrationRecord) records = {0};

    if (!rows_read(run, mem, err))
        return false;
    for (int i = 0; i < history->migration_count; i++)
        *list_add(mem, &records) = history->migrations[i];
    for (int i = 0; i < run->migrations.count && run->foreign_rows.count > 0; i++)
        if (is_news(run, history, &run->migrations.items[i]))
            *list_add(mem, &records) = record_of(mem, &run->migrations.items[i]);
    history->migrations = records.items;
    history->migration_count = records.count;
    return true;
}

/* --- taking ------------------------------------------------------------------------
 */

static bool
lock_take(Run *run, int64_t key, Err *err)
{
    double until = clock_now(run->clock) + (double)run->settings->runner_patience;

    for (bool told = false;; told = true)
    {
        MEM_SCOPE(scope, run->mem);
        Rows rows;

        if (!db_query(scope, run->warden, "foreign_lock",
                      ARGS(mem_text(scope, "%lld", (long long)key)), &rows, err))
            return false;
        if (rows_bool(&rows, 0, "taken"))
            return true;
        if (!told)
            tell_note(run, EVENT_WAITING_RUNNER, "%s is at work on this database",
                      runner_name(run));
        if (stop_asked())
            return err_set(err, ERR_STOPPED, "stopped while waiting for %s",
                           runner_name(run));
        if (run->settings->no_wait || clock_now(run->clock) >= until)
            return err_set(err, ERR_BUSY, "database is locked") ||
                   err_hint(err, "%s holds its own lock: wait for it to finish.",
                            runner_name(run));
        clock_rest(run->clock, 200);
    }
}

static bool
locks_take(Run *run, Err *err)
{
    int64_t keys[FOREIGN_LOCKS];
    int count =
        run->foreign->locks == NULL
            ? 0
            : run->foreign->locks(run->foreign_schema, run->foreign_database, keys);

    for (int i = 0; i < count; i++)
        if (!lock_take(run, keys[i], err))
            return false;
    return true;
}

/* With all that we have applied so far. */
static bool
table_make(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText sql = sql_begin(scope, run->caps);

    run->foreign->make(&sql, run->foreign_schema);
    run->foreign_here = true;
    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];

        if (history_state(&run->history, migration->version) == STATE_CONTRACTED)
            foreign_note_state(&sql, run, migration, STATE_CONTRACTED);
    }
    return history_write(run, "foreign_make", &sql, 1, err) ||
           err_in(err, "while making the history of %s", runner_name(run));
}

static bool
adopt(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    LIST(SqlText) texts = {0};

    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        const MigrationRecord *record =
            history_migration(&run->history, migration->version);
        bool news = record != NULL && record->applied_order == 0 &&
                    strcmp(record->how, "adopt") == 0;

        if (!news)
            continue;
        *list_add(scope, &texts) =
            record_mark(scope, run, migration, "adopt", STATE_CONTRACTED);
        *list_add(run->mem, &run->adopted) = migration;
    }
    if (texts.count == 0)
        return true;
    tell_note(run, EVENT_WARNING, "adopted from %s: %d migrations that it has applied",
              runner_name(run), texts.count);
    return history_write(run, "adopt", texts.items, texts.count, err);
}

bool
foreign_take(Run *run, Err *err)
{
    if (run->foreign == NULL)
        return true;
    /* Another run may have made the table while we waited for it. */
    return locks_take(run, err) && foreign_meet(run, err) && history_read(run, err) &&
           (run->foreign_here ? adopt(run, err) : table_make(run, err));
}

/* --- agreeing ----------------------------------------------------------------------
 */

/* What it stopped at may be ours, under way. */
const char *
foreign_stopped_at(const Run *run)
{
    for (int i = 0; run->foreign != NULL && i < run->foreign_rows.count; i++)
    {
        const ForeignRow *row = &run->foreign_rows.items[i];
        bool ours = row->version != NULL &&
                    history_migration(&run->history, row->version) != NULL;

        if (row->failed && !ours)
            return row->version != NULL ? row->version : row->name;
    }
    return NULL;
}

static bool
stopped_refused(const Run *run, const char *version, Err *err)
{
    err_set(err, ERR_DIRTY, "Database is in dirty state at version %s", version);
    err_detail(err, "%s stopped in the middle of it, and nobody knows how far it came",
               runner_name(run));
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
           runner_name(run), run->foreign->table);
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

static ForeignNote
note_of(const Run *run, const Migration *migration)
{
    return (ForeignNote){.migration = migration,
                         .schema = run->foreign_schema,
                         .component = run->settings->component};
}

void
foreign_note_state(SqlText *sql, const Run *run, const Migration *migration,
                   State state)
{
    if (run->foreign == NULL || !run->foreign_here)
        return;

    const ForeignNote note = note_of(run, migration);

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

    const ForeignNote note = note_of(run, migration);

    sql_raw(sql, "; ");
    run->foreign->adopted(sql, &note);
}

/* Every statement in one transaction: it can only be done or not. */
static bool
stops_midway(const Migration *migration)
{
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
        !stops_midway(migration))
        return;

    const ForeignNote note = note_of(run, migration);

    sql_raw(sql, "; ");
    run->foreign->begun(sql, &note);
}

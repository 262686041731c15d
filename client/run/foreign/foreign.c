#include "run/foreign/foreign.h"

#include <string.h>

#include "core/layouts/layout.h"
#include "run/folder/check.h"
#include "run/history/history.h"

static const Column row_columns[] = {
    COLUMN(TEXT_OR_NULL, ForeignRow, version),
    COLUMN(TEXT_OR_NULL, ForeignRow, name),
    COLUMN(TEXT_OR_NULL, ForeignRow, kind),
    COLUMN(TEXT_OR_NULL, ForeignRow, checksum),
    COLUMN(BOOL, ForeignRow, applied),
    COLUMN(BOOL, ForeignRow, failed),
};

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

static void
said_add(Buf *buf, const char *text)
{
    buf_add(buf, text == NULL ? "" : text);
    buf_add(buf, "\n");
}

char *
foreign_said(const Run *run, Mem *mem)
{
    Buf buf = buf_begin(mem);

    for (int i = 0; i < run->foreign_rows.count; i++)
    {
        const ForeignRow *row = &run->foreign_rows.items[i];

        said_add(&buf, row->version);
        said_add(&buf, row->name);
        said_add(&buf, row->checksum);
        buf_add(&buf, row->applied ? "1" : "0");
        buf_add(&buf, row->failed ? "1" : "0");
    }
    return buf.text == NULL ? mem_copy(mem, "") : buf.text;
}

/* --- reading --------------------------------------------------------------------- */

/*
 * A row that stands for more than its own version says nothing of a file that came
 * after it: what it stood for when our own history took it over is in there.
 */
static bool
came_late(Run *run, const History *history, const Migration *migration)
{
    for (int i = 0; run->foreign->covers && i < history->migration_count; i++)
    {
        const MigrationRecord *record = &history->migrations[i];
        const ForeignRow row = {.version = record->version, .applied = true};

        if (run->foreign->holds(&row, migration) &&
            history_kept(history, record->version) &&
            check_find(run, record->version) != NULL)
            return true;
    }
    return false;
}

/* Its table has it, and ours has not. */
static bool
is_news(Run *run, const History *history, const Migration *migration)
{
    return !migration->skipped &&
           history_migration(history, migration->version) == NULL &&
           foreign_row(run->foreign, &run->foreign_rows, migration) != NULL &&
           !came_late(run, history, migration);
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
        record.error = foreign_midway_next(run, mem, run->foreign_midway->migration);
        if (record.error == NULL)
            record.error = foreign_midway_show(run, mem);
        *list_add(mem, &records) = record;
    }
    history->migrations = records.items;
    history->migration_count = records.count;
}

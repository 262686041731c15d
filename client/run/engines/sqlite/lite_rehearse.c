/* The plans, tried on a copy of the schema in memory: what the library would refuse it
 * refuses here, with file and line, before anything has changed. */
#include <string.h>

#include "core/sql/sqlite/lite.h"
#include "run/engines/sqlite/lite_run.h"
#include "run/foreign/foreign.h"
#include "run/tell.h"

typedef struct Copy
{
    Db *db;
    bool partial; /* the library reads what it would not make: it is not there */
} Copy;

/* A function that only a newer library has, in a column that was added. */
static bool
part_missed(Run *run, const char *name, Copy *copy, Err *err)
{
    if (err->kind != ERR_SQL)
        return false;
    if (!copy->partial)
        tell_note(run, EVENT_NOTE,
                  "nothing is tried first: a copy of the schema cannot have \"%s\": %s",
                  name, err->text);
    err_clear(err);
    copy->partial = true;
    return true;
}

static bool
copy_open(Run *run, Mem *mem, Copy *copy, Err *err)
{
    const Target memory = {
        .engine = run->settings->target.engine, .given = ":memory:", .shown = "memory"};
    const SessionPlan plan = {.role = "rehearsal", .application = "pgstride"};
    Rows parts;

    if (!db_query(mem, run->watcher, "schema", NO_ARGS, &parts, err) ||
        !sqlite_driver.open(mem, &memory, &plan, &copy->db, err))
        return false;
    for (int i = 0; i < parts.row_count; i++)
    {
        const Ask ask = {.label = "schema", .sql = rows_cell(&parts, i, "sql")};
        Reply reply;

        if (!db_script(mem, copy->db, &ask, 1, &reply, err) &&
            !part_missed(run, rows_cell(&parts, i, "name"), copy, err))
            return false;
    }
    return true;
}

/* The copy has no rows, so what it says of them is said of nobody's. */
static bool
says_nothing(const Copy *copy, Err *err)
{
    if (strncmp(err->sqlstate, "23", 2) == 0 || (copy->partial && err->kind == ERR_SQL))
    {
        err_clear(err);
        return true;
    }
    if (err->kind == ERR_SQL)
        err->kind = ERR_REFUSED;
    return false;
}

/* Another runner would come as far as the file that needs a newer library, and so do
 * we. */
static bool
library_ends(Run *run, const Step *step, Copy *copy, Err *err)
{
    if (err->kind != ERR_REFUSED || !lite_verbatim(step) ||
        strstr(err->text, "no such function: ") == NULL)
        return false;
    tell_note(run, EVENT_NOTE, "only what is before %s can be applied: %s",
              step->migration->label, err->text);
    err_clear(err);
    copy->partial = true;
    return true;
}

/* Batches go along the key, and sync triggers find the row by it. */
static bool
fill_check(Run *run, Db *db, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Backfill *fill = step->backfill;
    const Span *span = &fill->statement->span;
    Rows rows;

    if (fill->repeat)
        return true;
    if (!db_query(scope, db, "batch_key", ARGS(fill->table.name), &rows, err))
        return false;
    if (rows.row_count == 0 || rows_cell(&rows, 0, "name") != NULL)
        return true;
    err_at(err, ERR_REFUSED, span->file, span->line,
           "\"%s\" cannot be filled along its rowids: columns of its own are named "
           "rowid, oid and _rowid_",
           fill->table.name);
    return err_hint(err, "Say repeat:true sync:off, and let the statement itself take "
                         "some rows at a time by its key.");
}

/* Foreign keys are watched where they will be: a transaction goes without, whatever its
 * statements say, and a key that names no key would stop every write to its table. */
static bool
keys_as_run(Run *run, Db *db, const Step *step, int index, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    bool off = step->kind == STEP_TRANSACTION || lite_verbatim(step);
    const Ask asks[] = {
        {.label = "keys",
         .sql = off ? "PRAGMA foreign_keys = OFF" : "PRAGMA foreign_keys = ON"},
        {.label = "keys", .sql = "PRAGMA legacy_alter_table = OFF"},
    };
    Reply reply;

    if (index > 0)
        return step->kind != STEP_TRANSACTION ||
               db_script(scope, db, asks, 1, &reply, err);
    return db_script(scope, db, asks, LENGTH(asks), &reply, err);
}

static bool
step_try(Run *run, Copy *copy, const Step *step, Err *err)
{
    Db *db = copy->db;
    const StepRecord *record = history_of_step(&run->history, step);
    bool is_vacuum = /* INTO would make a file */
        step->alone_why != NULL && strcmp(step->alone_why, "VACUUM") == 0;

    if ((record != NULL && record->done) || foreign_step_done(run, step))
        return true;
    if (step->kind == STEP_BACKFILL && !fill_check(run, db, step, err))
        return false;
    for (int i = 0; i < step->sql_count; i++)
    {
        if (!keys_as_run(run, db, step, i, err) || !lite_look(run, db, step, i, err))
            return false;
        if (!is_vacuum && !lite_statement(run, db, step, i, err) &&
            !says_nothing(copy, err) && !library_ends(run, step, copy, err))
            return err_in(err, "tried on a copy of the schema");
    }
    return true;
}

bool
lite_rehearse(Run *run, const Plans *plans, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Copy copy = {0};
    bool good = copy_open(run, scope, &copy, err);

    for (int i = 0; good && i < plans->count; i++)
        for (int j = 0; good && j < plans->items[i]->step_count; j++)
            good = step_try(run, &copy, &plans->items[i]->steps[j], err);
    if (copy.db != NULL)
        sqlite_driver.close(copy.db);
    return good;
}

/* What a writer does with the history of a folder's own runner before it begins. */
#include <string.h>

#include "base/stop.h"
#include "run/foreign/foreign.h"
#include "run/history/history.h"
#include "run/history/record.h"
#include "run/tell.h"

/* --- its locks ------------------------------------------------------------------- */

static bool
lock_refused(const Run *run, const char *holder, Err *err)
{
    err_set(err, ERR_BUSY, "database is locked");
    if (holder != NULL)
        err_detail(err, "held by %s", holder);
    return err_hint(err, "%s holds its own lock: wait for it to finish.%s%s",
                    foreign_runner(run), run->foreign->stays == NULL ? "" : " ",
                    run->foreign->stays == NULL ? "" : run->foreign->stays);
}

/* A query of its locks, or of those of this runner alone; false: there is none. */
static bool
lock_text(const Run *run, Mem *mem, const char *part, Ask *ask)
{
    const char *lock = run->foreign->lock == NULL ? "foreign_lock" : run->foreign->lock;

    ask->label = mem_text(mem, "%s%s", lock, part);
    if (run->driver->query(run->warden, ask->label) == NULL)
        return false;
    ask->sql = foreign_text(run, mem, ask->label);
    return true;
}

static bool
lock_take(Run *run, const char *key, Err *err)
{
    double until = clock_now(run->clock) + (double)run->settings->runner_patience;

    for (bool told = false;; told = true)
    {
        MEM_SCOPE(scope, run->mem);
        Ask ask = {.args = &key, .arg_count = 1};
        Reply reply;

        if (!lock_text(run, scope, "", &ask) ||
            !db_script(scope, run->warden, &ask, 1, &reply, err))
            return false;
        if (rows_bool(&reply.rows[0], 0, "taken"))
            return true;
        if (!told && !run->settings->no_wait)
            tell_note(run, EVENT_WAITING_RUNNER, "%s is at work on this database",
                      foreign_runner(run));
        if (stop_asked())
            return err_set(err, ERR_STOPPED, "stopped while waiting for %s",
                           foreign_runner(run));
        if (run->settings->no_wait || clock_now(run->clock) >= until)
            return lock_refused(run, rows_cell(&reply.rows[0], 0, "holder"), err);
        clock_rest(run->clock, 200);
    }
}

/* Where its locks are rows, the table of those comes first. */
static bool
locks_ready(Run *run, int count, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Ask ask = {0};
    Reply reply;

    return count == 0 || !lock_text(run, scope, "_make", &ask) ||
           db_script(scope, run->warden, &ask, 1, &reply, err);
}

static bool
locks_take(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const ForeignPlace place = {.schema = run->foreign_schema,
                                .database = run->foreign_database,
                                .table = run->foreign->table};
    const char *keys[FOREIGN_LOCKS];
    int count =
        run->foreign->locks == NULL ? 0 : run->foreign->locks(scope, &place, keys);

    if (!locks_ready(run, count, err))
        return false;
    for (int i = 0; i < count; i++)
        if (!lock_take(run, keys[i], err))
            return false;
    run->foreign_locked = count > 0;
    return true;
}

/* A lock that is a row would outlive the session that took it. */
void
foreign_release(Run *run)
{
    MEM_SCOPE(scope, run->mem);
    Err ignored = {0};
    Ask ask = {0};
    Reply reply;

    if (run->foreign != NULL && run->foreign->locks != NULL &&
        lock_text(run, scope, "_release", &ask))
        db_script(scope, run->warden, &ask, 1, &reply, &ignored);
    run->foreign_locked = false;
    err_clear(&ignored);
}

/* One that ends by itself is ours as long as we say so. */
bool
foreign_keep(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Ask ask = {0};
    Reply reply;

    if (!run->foreign_locked || !lock_text(run, scope, "_keep", &ask))
        return true;
    if (!db_script(scope, run->warden, &ask, 1, &reply, err))
        return err_in(err, "while keeping the lock of %s", foreign_runner(run));
    if (rows_bool(&reply.rows[0], 0, "ours"))
        return true;
    run->foreign_locked = false;
    err_set(err, ERR_REFUSED, "the lock of %s is no longer ours", foreign_runner(run));
    return err_hint(err, "Somebody has deleted its row, or it was not renewed in time. "
                         "What is done stays done: run it again.");
}

/* --- its table ------------------------------------------------------------------- */

/* With all that we have applied so far; or where there was something before us, with
 * the row that stands for it. */
static void
rows_fill(SqlText *sql, const Run *run, const char *table)
{
    if (run->foreign_based)
    {
        ForeignNote note = foreign_note(run, NULL);

        note.table = table;
        sql_raw(sql, "; ");
        run->foreign->based(sql, &note, &run->migrations);
        return;
    }
    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        ForeignNote note = foreign_note(run, migration);

        if (history_state(&run->history, migration->version) != STATE_CONTRACTED)
            continue;
        note.table = table;
        sql_raw(sql, "; ");
        run->foreign->applied(sql, &note);
    }
}

static const char *
table_text(const Run *run, Mem *mem)
{
    return foreign_text(run, mem, mem_text(mem, "%s_make", run->foreign->query));
}

static bool
warden_say(Run *run, const SqlText *sql, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Ask ask = {.label = "foreign_make", .sql = sql_done(sql)};
    Reply reply;

    return db_script(scope, run->warden, &ask, 1, &reply, err);
}

void
foreign_tell_baseline(Run *run)
{
    if (run->foreign_based)
        tell_note(run, EVENT_WARNING,
                  "the schema \"%s\" is in use: its history %s with a baseline at "
                  "version %s, as baselineOnMigrate has it",
                  run->foreign_schema, run->writes ? "begins" : "would begin",
                  run->migrations.baseline);
}

/*
 * Where a table commits by itself it is made under a name of ours, and gets its own
 * once its rows are in: whoever finds it, its runner too, finds it whole. The name may
 * have been taken meanwhile: then nothing is lost but our work.
 */
static bool
table_make_aside(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    char *aside = mem_text(scope, "pgstride_%s", run->foreign->table);
    const QName name = {.schema =
                            run->foreign->schema == NULL ? NULL : run->foreign_schema,
                        .name = aside};
    SqlText clear = sql_begin(scope, run->caps);
    SqlText make = sql_begin(scope, run->caps);
    SqlText fill = sql_begin(scope, run->caps);
    SqlText rename = sql_begin(scope, run->caps);

    sql_raw(&clear, "DROP TABLE IF EXISTS ");
    sql_qname(&clear, &name);
    sql_parsed(&make, (SqlParsed){.text = table_text(run, scope)});
    sql_raw(&fill, "SELECT 1");
    rows_fill(&fill, run, aside);
    sql_raw(&rename, "ALTER TABLE ");
    sql_qname(&rename, &name);
    sql_raw(&rename, " RENAME TO ");
    sql_ident(&rename, run->foreign->table);
    return warden_say(run, &clear, err) && warden_say(run, &make, err) &&
           history_write(run, "foreign_fill", &fill, 1, err) &&
           warden_say(run, &rename, err);
}

static bool
table_make(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText sql = sql_begin(scope, run->caps);
    bool made;

    sql_parsed(&sql, (SqlParsed){.text = table_text(run, scope)});
    sql_raw(&sql, "SELECT 1");
    rows_fill(&sql, run, run->foreign->table);
    made = run->caps->ddl_in_transaction
               ? history_write(run, "foreign_make", &sql, 1, err)
               : table_make_aside(run, err);
    run->foreign_here = made;
    if (made)
        foreign_tell_baseline(run);
    return made || err_in(err, "while making the history of %s", foreign_runner(run));
}

/* --- of an older release --------------------------------------------------------- */

/* An interrupted renewal leaves rows so. */
static bool
rows_lack_something(const Run *run)
{
    if (run->foreign_old)
        return true;
    for (int i = 0; i < run->foreign_rows.count && run->foreign->renewed != NULL; i++)
        if (run->foreign_rows.items[i].name == NULL)
            return true;
    return false;
}

static void
rows_renew(SqlText *sql, const Run *run)
{
    for (int i = 0; i < run->migrations.count && run->foreign->renewed != NULL; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        const ForeignNote note = foreign_note(run, migration);

        if (foreign_row(run->foreign, &run->foreign_rows, migration) == NULL)
            continue;
        sql_raw(sql, "; ");
        run->foreign->renewed(sql, &note);
    }
}

void
foreign_tell_old(Run *run)
{
    if (run->foreign != NULL && run->foreign_here && run->foreign_old &&
        !run->foreign_apart)
        tell_note(run, EVENT_WARNING,
                  "\"%s\" is as an older release made it: %s, as %s does; %s",
                  run->foreign->table, run->writes ? "renewed" : "up would renew it",
                  foreign_runner(run), run->foreign->renews);
}

/* As its runner would when it meets it: rows that it wrote then are rows of today. Who
 * only takes over what is there puts no table in the place of another. */
static bool
table_renew(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *label = mem_text(scope, "%s_renew", run->foreign->query);
    SqlText make = sql_begin(scope, run->caps);
    SqlText rows = sql_begin(scope, run->caps);
    bool apart = run->foreign_old && !run->caps->ddl_in_transaction;

    if (!rows_lack_something(run) ||
        (run->foreign->replaces && strcmp(run->settings->verb, "adopt") == 0))
        return true;
    if (run->foreign_old)
        sql_parsed(apart ? &make : &rows,
                   (SqlParsed){.text = foreign_text(run, scope, label)});
    sql_raw(&rows, "SELECT 1");
    rows_renew(&rows, run);
    foreign_tell_old(run);
    if ((apart && !warden_say(run, &make, err)) ||
        !history_write(run, "foreign_renew", &rows, 1, err))
        return err_in(err, "while renewing the history of %s", foreign_runner(run));
    run->foreign_old = false;
    return true;
}

/* --- what it has applied --------------------------------------------------------- */

static bool
adopt(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    LIST(SqlText) texts = {0};
    bool imports = run->settings->imports;

    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        const MigrationRecord *record =
            history_migration(&run->history, migration->version);
        bool news = record != NULL && record->applied_order == 0 &&
                    strcmp(record->how, "adopt") == 0;

        if (!news)
            continue;
        *list_add(scope, &texts) = record_mark(
            scope, run, migration, imports ? "import" : "adopt", STATE_CONTRACTED);
        *list_add(run->mem, &run->adopted) = migration;
    }
    if (texts.count == 0)
        return true;
    if (!run->foreign_based)
        tell_note(run, EVENT_WARNING, "%s from %s: %d migration%s that it has applied",
                  imports ? "imported" : "adopted", foreign_runner(run), texts.count,
                  texts.count == 1 ? "" : "s");
    return history_write(run, imports ? "import" : "adopt", texts.items, texts.count,
                         err);
}

/* Of what we do from then on its runner knows nothing. */
static bool
take_over(Run *run, Err *err)
{
    if (!run->foreign_here)
        return true;
    if (strcmp(run->settings->verb, "adopt") != 0)
        tell_note(run, EVENT_WARNING,
                  "the history of %s is only read: it learns nothing of what pgstride "
                  "does from now on",
                  foreign_runner(run));
    return adopt(run, err);
}

/* A schema that nobody vouches for is left as it is. */
static bool
table_begin(Run *run, Err *err)
{
    return (!run->settings->begins || foreign_check_strange(run, err)) &&
           table_make(run, err) && (!run->foreign_based || adopt(run, err));
}

bool
foreign_take(Run *run, Err *err)
{
    if (run->foreign == NULL)
        return true;
    if (!history_read(run, err))
        return false;
    /* SQLite's registry has no lock, and is attached when it is met: only once. */
    if (run->foreign->applied == NULL && !run->foreign_apart)
        return (run->foreign->locks == NULL ||
                (locks_take(run, err) && foreign_meet(run, err) &&
                 history_read(run, err))) &&
               take_over(run, err);
    if (run->foreign_apart)
        return !run->settings->imports || !run->foreign_here ||
               (foreign_check(run, err) && adopt(run, err));
    if (!foreign_may_write(run, err))
        return false;
    /* A lock that is one of its rows wants the table first, as that runner makes it. */
    if (run->foreign->lock != NULL && !run->foreign_here && !table_make(run, err))
        return false;
    /* Another run may have made the table while we waited for it. */
    return locks_take(run, err) && foreign_meet(run, err) && history_read(run, err) &&
           (run->foreign_here ? table_renew(run, err) && adopt(run, err)
                              : table_begin(run, err));
}

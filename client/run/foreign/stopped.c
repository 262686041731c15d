/* A migration that its own runner stopped in: which one, what it would say, the cure.
 */
#include <string.h>

#include "run/foreign/foreign.h"
#include "run/history/history.h"

/* What it stopped at may be ours, under way; not where ours is complete. Its table may
 * write a version without the zeros that its file has. */
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

        /* On the way back it names the one before. */
        if (run->foreign->undoing != NULL &&
            history_undoing(&run->history, migration->version))
            return true;
        if (same && history_kept(&run->history, migration->version) &&
            history_state(&run->history, migration->version) != STATE_CONTRACTED)
            return true;
    }
    return false;
}

/* What is done of it is known, and is what its file says: we go on behind it. */
static bool
row_goes_on(const Run *run, const ForeignRow *row)
{
    const ForeignMidway *midway = run->foreign_midway;

    return midway != NULL && midway->changed == 0 &&
           strcmp(midway->migration->version, row->version) == 0;
}

static const ForeignRow *
stopped_row(const Run *run)
{
    bool read = run->foreign != NULL && (!run->foreign_apart || run->settings->imports);

    for (int i = 0; read && i < run->foreign_rows.count; i++)
    {
        const ForeignRow *row = &run->foreign_rows.items[i];

        if (row->failed && !row_is_ours(run, row) && !row_goes_on(run, row))
            return row;
    }
    return NULL;
}

const char *
foreign_stopped_at(const Run *run)
{
    const ForeignRow *row = stopped_row(run);

    return row == NULL ? NULL : row->version != NULL ? row->version : row->name;
}

/* What has no version cannot be forced: without its row it runs again. */
const char *
foreign_stopped_mend(const Run *run, Mem *mem)
{
    const QName table = {.schema = run->foreign_schema,
                         .name = (char *)run->foreign->table};
    const ForeignRow *row = stopped_row(run);
    SqlText sql = sql_begin(mem, run->caps);

    if (row->version != NULL)
        return mem_text(mem, "pgstride force %s", row->version);
    sql_raw(&sql, "DELETE FROM ");
    sql_qname(&sql, &table);
    sql_raw(&sql, " WHERE version IS NULL AND NOT success");
    return sql_done(&sql);
}

/* Who went back to none has no version: -1. */
static bool
stopped_has_file(const Run *run, const ForeignRow *row)
{
    return foreign_resolved(run, row) ||
           (row->version != NULL && row->version[0] == '-');
}

static bool
changed_refused(const Run *run, const char *version, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const ForeignMidway *midway = run->foreign_midway;

    err_detail(err, "%s", foreign_midway_show(run, scope));
    err_detail(err, "history changed: statement %d from file \"%s\" changed",
               midway->changed, midway->migration->file);
    return err_hint(
        err,
        "Put the statements that are done back as they were, then: pgstride "
        "up. Or do the rest by hand, then: pgstride force %s",
        version);
}

/* What its runner says then: its users search for that. */
static void
stopped_in_its_words(const Run *run, const char *version, bool has_file, Err *err)
{
    if (strcmp(run->foreign->layout, "atlas") == 0 && !has_file)
        err_detail(err,
                   "missing migration: revision \"%s_%s.sql\" is partially applied but "
                   "migration file was not found",
                   version, stopped_row(run)->name);
    if (strcmp(run->foreign->layout, "pair") == 0)
        err_detail(err, "Dirty database version %s. Fix and force version.", version);
    if (strcmp(run->foreign->layout, "flyway") == 0)
        err_detail(err, "Schema \"%s\" contains a failed migration to version %s !",
                   run->foreign_schema, version);
}

/* Of Flyway, which alone has them. */
static bool
repeatable_refused(const Run *run, const char *name, Err *err)
{
    MEM_SCOPE(scope, NULL);

    err_detail(err, "Schema \"%s\" contains a failed repeatable migration (\"%s\") !",
               run->foreign_schema, name);
    return err_hint(err,
                    "Look at what is there, mend it, then let it run again: flyway "
                    "repair, or %s",
                    foreign_stopped_mend(run, scope));
}

static bool
stopped_refused(const Run *run, const char *version, Err *err)
{
    bool has_file = stopped_has_file(run, stopped_row(run));

    err_set(err, ERR_DIRTY, "Database is in dirty state at version %s", version);
    if (stopped_row(run)->version == NULL)
        return repeatable_refused(run, version, err);
    stopped_in_its_words(run, version, has_file, err);
    if (run->foreign_midway != NULL && run->foreign_midway->changed > 0)
        return changed_refused(run, version, err);
    err_detail(err, "%s stopped in the middle of it, and nobody knows how far it came",
               foreign_runner(run));
    if (!has_file && run->foreign->midway != NULL) /* with it we know, and go on */
        return err_hint(err, "Its file is not here: bring it back; --dir may point to "
                             "another folder.");
    return err_hint(err,
                    "%sLook at what is there, mend it, then say so: pgstride force %s "
                    "where it is applied, pgstride force of the version before it "
                    "where it is not.",
                    has_file ? "" : "Its file is not here: bring it back. ", version);
}

bool
foreign_check_stopped(const Run *run, const Migration *migration, Err *err)
{
    const char *stopped = foreign_stopped_at(run);

    return stopped == NULL ||
           (migration != NULL &&
            strcmp(foreign_number(stopped), foreign_number(migration->version)) != 0) ||
           stopped_refused(run, stopped, err);
}

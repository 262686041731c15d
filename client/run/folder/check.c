#include "run/folder/check.h"

#include <string.h>

#include "base/buf.h"
#include "core/plan/plan.h"
#include "core/sql/sql.h"
#include "run/connect/open.h"
#include "run/foreign/foreign.h"
#include "run/tell.h"

Migration *
check_find(Run *run, const char *version)
{
    int count = run->migrations.count;

    /* Who asks for one asks for the next one then: begin where the last was found. */
    for (int i = 0; i < count; i++)
    {
        int at = (run->found_at + i) % count;

        if (strcmp(run->migrations.items[at].version, version) != 0)
            continue;
        run->found_at = at;
        return &run->migrations.items[at];
    }
    return NULL;
}

static const char *
phase_text(Mem *mem, const Migration *migration, Phase phase)
{
    Buf text = buf_begin(mem);

    for (int i = 0; i < migration->section_count; i++)
        if (migration->sections[i].phase == phase && !migration->sections[i].down)
            buf_add(&text, migration->sections[i].text);
    return text.text;
}

void
check_sums(Mem *mem, const Migration *migration, Phase phase, Checksums *sums)
{
    sql_checksums(migration->engine, phase_text(mem, migration, phase), sums);
}

typedef enum Drift
{
    DRIFT_NONE,
    DRIFT_COMMENTS, /* the bytes differ, the tokens do not */
    DRIFT_TEXT
} Drift;

/* A phase that is not complete may still be edited; its done steps are checked one by
 * one. */
static Drift
phase_drift(Run *run, const Migration *migration, Phase phase)
{
    MEM_SCOPE(scope, run->mem);
    const PhaseRecord *record = history_phase(&run->history, migration->version, phase);
    Checksums now;

    if (record == NULL || !record->done || record->exact == NULL)
        return DRIFT_NONE;

    const char *text = phase_text(scope, migration, phase);

    sql_checksum_exact(text, &now);
    if (strcmp(now.exact, record->exact) == 0)
        return DRIFT_NONE;
    sql_checksums(migration->engine, text, &now);
    return strcmp(now.normal, record->normal) == 0 ? DRIFT_COMMENTS : DRIFT_TEXT;
}

bool
check_changed(Run *run, const Migration *migration, const char **phase)
{
    for (Phase p = 0; p < PHASE_COUNT; p++)
        if (phase_drift(run, migration, p) == DRIFT_TEXT)
        {
            *phase = phase_name(p);
            return true;
        }
    return false;
}

bool
check_unchanged(Run *run, const Migration *migration)
{
    for (Phase p = 0; p < PHASE_COUNT; p++)
        if (phase_drift(run, migration, p) != DRIFT_NONE)
            return false;
    return true;
}

static bool
text_refused(Run *run, const Migration *migration, Phase phase, Err *err)
{
    return err_at(err, ERR_REFUSED, migration->file, 0,
                  "%s has changed since its %s ran (checksum mismatch)",
                  migration->label, phase_name(phase)) ||
           err_hint(err,
                    "Put the old text back and write a new migration for what is "
                    "new; or, if the database is right as it is: pgstride mark %s "
                    "--to-state %s",
                    migration->version,
                    state_name(history_state(&run->history, migration->version)));
}

static bool
check_text(Run *run, const Migration *migration, Err *err)
{
    for (Phase p = 0; p < PHASE_COUNT; p++)
    {
        Drift drift = phase_drift(run, migration, p);

        if (drift == DRIFT_TEXT)
            return text_refused(run, migration, p, err);
        if (drift == DRIFT_COMMENTS)
            tell_note(run, EVENT_WARNING,
                      "%s: comments or white space changed since its %s ran",
                      migration->file, phase_name(p));
    }
    return true;
}

static bool
check_missing(Run *run, Err *err)
{
    if (run->migrations.lost_ignored || run->settings->ignore_missing)
        return true;
    for (int i = 0; i < run->history.migration_count; i++)
    {
        const MigrationRecord *record = &run->history.migrations[i];

        if (history_kept(&run->history, record->version) &&
            check_find(run, record->version) == NULL)
            return err_set(err, ERR_REFUSED,
                           "migration %s was applied and its file %s is gone",
                           record->version, record->file) ||
                   err_hint(err,
                            "Bring the file back; --dir may point to another folder. "
                            "Or, if it is to be forgotten: pgstride mark %s --pending",
                            record->version);
    }
    return true;
}

/* What the runners that refuse a late version say of it; their users search for that.
 */
/* clang-format off */
static const struct
{
    const char *layout;
    const char *words; /* of the late version, and of the newest that is applied */
    bool by_file;      /* ... which is called by its file */
} late_words[] = {
    {"flyway", "Detected resolved migration not applied to database: %s (current version %s)", false},
    {"goose",  "found missing migrations before current version %2$s: version %1$s",            false},
    {"atlas",  "migration file %s was added out of order",                                      true},
};
/* clang-format on */

static bool
late_refused(const Run *run, const Migration *late, const char *newest,
             const char *newest_version, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *text = mem_text(scope, "%s is older than %s, which was applied already",
                                late->label, newest);

    err_at(err, ERR_REFUSED, late->file, 0, "%s", text);
    for (int i = 0; i < LENGTH(late_words); i++)
        if (strcmp(late_words[i].layout, run->migrations.layout) == 0)
        {
            err_clear(err);
            err_at(err, ERR_REFUSED, late->file, 0, late_words[i].words,
                   late_words[i].by_file ? late->file : foreign_number(late->version),
                   foreign_number(newest_version));
            err_detail(err, "%s", text);
        }
    /* Its one row keeps no account of what it applied itself. */
    if (run->foreign != NULL && run->foreign->covers && !run->foreign_apart)
        return err_hint(err,
                        "Give it a newer version, or apply it all the same with "
                        "--out-of-order. Where %s has applied it: pgstride mark %s.",
                        foreign_runner(run), late->version);
    return err_hint(err, "Give it a newer version, or apply it all the same with "
                         "--out-of-order.");
}

/* What its runner has applied counts where the file is gone or not here yet, too. */
static bool
check_behind_rows(const Run *run, const Migration *migration, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const ForeignRow *row = foreign_newer(run, migration);

    return row == NULL ||
           late_refused(run, migration, mem_text(scope, "version %s", row->version),
                        row->version, err);
}

bool
check_order(Run *run, Err *err)
{
    const Migration *newest = NULL;

    if (run->settings->out_of_order || run->migrations.late_runs)
        return true;
    for (int i = run->migrations.count - 1; i >= 0; i--)
    {
        const Migration *migration = &run->migrations.items[i];
        bool known = history_kept(&run->history, migration->version);

        if (migration->repeatable)
            continue;
        if (known && newest == NULL)
            newest = migration;
        if (!known && newest != NULL && !migration->skipped)
            return late_refused(run, migration, newest->label, newest->version, err);
        if (!known && !migration->skipped && !check_behind_rows(run, migration, err))
            return false;
    }
    return true;
}

bool
check_engine(const Run *run, Err *err)
{
    if (!run->migrations.elsewhere)
        return true;
    err_set(err, ERR_REFUSED, "the folder has no migrations for %s",
            run->caps->product);
    return err_hint(err, "Connect to the engine that they are for, or name another "
                         "folder with --dir.");
}

void
check_tell(Run *run)
{
    const Migrations *migrations = &run->migrations;

    for (int i = 0; i < migrations->note_count; i++)
        tell_note(run, EVENT_WARNING, "%s", migrations->notes[i]);
    if (!run->writes)
    {
        foreign_tell_baseline(run);
        foreign_tell_old(run);
    }
    if (migrations->ignored != NULL)
        tell_note(run, EVENT_NOTE, "%s", migrations->ignored);
}

bool
check_folder(Run *run, Err *err)
{
    check_tell(run);
    /* First in the words of the folder's own runner, which its users know. */
    if (!foreign_check(run, err))
        return false;
    for (int i = 0; i < run->migrations.count; i++)
        if (!check_text(run, &run->migrations.items[i], err))
            return false;
    return check_missing(run, err);
}

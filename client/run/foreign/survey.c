/*
 * Whose tables are there? Asked before a history is adopted whose owner nobody named:
 * several runners may share a database, and the folder alone may be of more than one.
 */
#include <string.h>

#include "core/layouts/layout.h"
#include "run/foreign/foreign.h"

typedef struct Survey
{
    const Foreign *found[8];
    int count;
    bool own; /* that of the folder's runner is among them */
} Survey;

static bool
table_fits(const Foreign *foreign, const char *columns)
{
    return foreign_fits(foreign, columns) || foreign_fits_old(foreign, columns);
}

/* Two releases of a runner may be two layouts with one table: it is the folder's, then.
 */
static bool
is_of_the_folder(const Run *run, const Foreign *foreign, const char *columns)
{
    return run->foreign != NULL && strcmp(run->foreign->table, foreign->table) == 0 &&
           table_fits(run->foreign, columns);
}

static bool
survey_one(Run *run, const Foreign *foreign, Survey *survey, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    bool own = strcmp(foreign->layout, run->migrations.layout) == 0;
    Rows rows;

    if (!db_query(scope, run->watcher, "foreign_place",
                  ARGS(foreign->schema, foreign->table), &rows, err))
        return false;
    if (!rows_bool(&rows, 0, "here") || survey->count == LENGTH(survey->found))
        return true;

    const char *columns = rows_cell(&rows, 0, "columns");

    if (!table_fits(foreign, columns) ||
        (!own && is_of_the_folder(run, foreign, columns)))
        return true;
    survey->found[survey->count++] = foreign;
    survey->own = survey->own || own;
    return true;
}

static bool
survey_refuse(const Run *run, const Survey *survey, Err *err)
{
    if (survey->count > 1)
        err_set(err, ERR_REFUSED, "the database has the histories of several runners");
    else
        err_set(err, ERR_REFUSED,
                "the folder is of %s, and the database has the history of another "
                "runner",
                foreign_runner(run));
    for (int i = 0; i < survey->count; i++)
        err_detail(err, "%s: %s", survey->found[i]->table,
                   layout_named(survey->found[i]->layout)->runner);
    return err_hint(err, "Say whose is meant: pgstride adopt --from=%s",
                    survey->found[0]->layout);
}

bool
foreign_survey(Run *run, Err *err)
{
    const char *layout = run->settings->layout;
    bool said = layout != NULL && strcmp(layout, "auto") != 0;
    Survey survey = {0};

    if (strcmp(run->settings->verb, "adopt") != 0 || said)
        return true;
    for (int i = 0; foreign_at(run->caps->engine, i) != NULL; i++)
        if (!survey_one(run, foreign_at(run->caps->engine, i), &survey, err))
            return false;
    return survey.count == 0 || (survey.count == 1 && survey.own) ||
           survey_refuse(run, &survey, err);
}

/* --- a folder that reads as our own ---------------------------------------------- */

static const Column version_columns[] = {
    COLUMN(TEXT_OR_NULL, ForeignRow, version),
    COLUMN(BOOL, ForeignRow, applied),
};

/* How many migrations of the folder the table has; -1 with err filled. */
static int
twin_applied(Run *run, const Foreign *twin, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    ForeignRows found = {0};
    int applied = 0;
    Rows rows;

    if (!db_query(scope, run->watcher, "foreign_place", ARGS(twin->schema, twin->table),
                  &rows, err))
        return -1;
    if (!rows_bool(&rows, 0, "here") || !rows_bool(&rows, 0, "readable") ||
        !foreign_fits(twin, rows_cell(&rows, 0, "columns")))
        return 0;
    if (!db_query(scope, run->watcher, twin->query, NO_ARGS, &rows, err) ||
        !rows_decode(scope, &rows, version_columns, LENGTH(version_columns),
                     sizeof(ForeignRow), (void **)&found.items, &found.count, err))
        return -1;
    for (int i = 0; i < run->migrations.count; i++)
        applied += foreign_row(twin, &found, &run->migrations.items[i]) != NULL;
    return applied;
}

bool
foreign_claimed(Run *run, const History *history, Err *err)
{
    const Settings *settings = run->settings;
    const Foreign *twin = foreign_of("dbmate", run->caps->engine);
    bool said = settings->layout != NULL && strcmp(settings->layout, "auto") != 0;
    bool own =
        run->migrations.layout != NULL && strcmp(run->migrations.layout, "native") == 0;

    if (twin == NULL || said || !own || settings->own_history || settings->examines ||
        history->migration_count > 0)
        return true;

    int applied = twin_applied(run, twin, err);

    if (applied <= 0)
        return applied == 0;
    err_set(err, ERR_REFUSED,
            "dbmate has applied %d of the %d migrations in this folder, and pgstride "
            "none",
            applied, run->migrations.count);
    return err_hint(err, "Its files look like our own. To go on in its history: "
                         "--layout=dbmate, here and in the configuration. If they "
                         "never were dbmate's: --layout=native.");
}

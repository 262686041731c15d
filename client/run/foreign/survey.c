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

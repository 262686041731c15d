/*
 * What cannot be kept level by a trigger of MySQL's: the reasons are PostgreSQL's
 * (core/sync), and two of its own, a column that a foreign key changes unheard and an
 * account that may not create triggers.
 */
#include <stdio.h>
#include <string.h>

#include "core/sql/mysql/level.h"

/* `allow:` for the dangers here that only their author can judge. */
#define ALLOW_NULL "sync-null"
#define ALLOW_CASCADE "sync-cascade"

/* --- what is known of a column --------------------------------------------------- */

static void
known_from_act(const Act *act, const char *column, Known *known)
{
    if (act->column == NULL || strcasecmp(act->column, column) != 0)
        return;
    known->never_null = known->never_null || act->not_null;
    if (act->action != ACTION_ADD_COLUMN && act->action != ACTION_ADD_COLUMN_REQUIRED)
        return;
    known->type = act->type;
    known->missing = act->expression.text;
}

static void
known_from_section(const Leveling *leveling, const Section *section, const char *column,
                   Known *known)
{
    for (int i = 0; i < section->statements.count; i++)
    {
        const Statement *statement = &section->statements.items[i];

        for (int j = 0; j < statement->act_count; j++)
            if (statement->acts[j].relation.name != NULL &&
                strcmp(statement->acts[j].relation.name, leveling->fill->table.name) ==
                    0)
                known_from_act(&statement->acts[j], column, known);
    }
}

Known
my_column_known(const Leveling *leveling, const char *column)
{
    const TableFact *table = leveling->ask->table;
    const Migration *migration = leveling->ask->migration;
    Known known = {0};

    for (int i = 0; table != NULL && i < table->column_count; i++)
        if (strcasecmp(table->columns[i].name, column) == 0)
            known = (Known){.type = table->columns[i].type,
                            .missing = table->columns[i].default_sql,
                            .cascade = table->columns[i].cascade,
                            .generated = table->columns[i].generated,
                            .never_null = table->columns[i].not_null};
    if (known.missing != NULL && strchr(known.missing, '(') != NULL)
        known.missing = NULL;
    for (int i = 0; i < migration->section_count; i++)
        if (!migration->sections[i].down)
            known_from_section(leveling, &migration->sections[i], column, &known);
    return known;
}

/* --- what is refused ------------------------------------------------------------- */

static bool refuse(const Leveling *leveling, Err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool
refuse(const Leveling *leveling, Err *err, const char *format, ...)
{
    MEM_SCOPE(scope, NULL);
    const Backfill *fill = leveling->fill;
    va_list args;

    va_start(args, format);
    const char *text = mem_vtext(scope, format, args);
    va_end(args);
    err_at(err, ERR_REFUSED, fill->statement->span.file, fill->statement->span.line,
           "%s", text);
    return err_hint(err, "Say sync:off, and let the application write both columns.");
}

/* By values alone, a NULL that new code writes on purpose is a row not filled yet. */
static bool
check_null(const Leveling *leveling, const char *target, Err *err)
{
    const Backfill *fill = leveling->fill;
    bool null_is_undone = false;

    for (int i = 0; i < fill->where_column_count; i++)
        null_is_undone =
            null_is_undone || strcasecmp(fill->where_columns[i], target) == 0;
    if (fill->sync != SYNC_FORWARD || !null_is_undone ||
        my_column_known(leveling, target).never_null ||
        section_allows(fill->section, ALLOW_NULL) != NULL)
        return true;
    refuse(leveling, err,
           "\"%s\" may be NULL for good, and sync:forward cannot tell that from a row "
           "that is not filled yet",
           target);
    return err_hint(err,
                    "Make \"%s\" NOT NULL in contract, or say sync:both or sync:off, "
                    "or allow:" ALLOW_NULL ":\"...\" if new code never writes NULL.",
                    target);
}

static bool
check_stored(const Leveling *leveling, const Assignment *assignment, Err *err)
{
    for (int i = 0; i < assignment->source_count; i++)
        if (my_column_known(leveling, assignment->sources[i]).generated)
            return refuse(leveling, err,
                          "sync cannot use \"%s\": it is a generated column",
                          assignment->sources[i]);
    return true;
}

/* What a foreign key changes in a row, no trigger of the row is told. */
static bool
check_cascade(const Leveling *leveling, const char *column, Err *err)
{
    const char *cascade = my_column_known(leveling, column).cascade;

    if (cascade == NULL ||
        section_allows(leveling->fill->section, ALLOW_CASCADE) != NULL)
        return true;
    refuse(leveling, err,
           "sync cannot use \"%s\": foreign key %s changes it, and no trigger is told",
           column, cascade);
    return err_hint(err, "Say sync:off, and let the application write both columns; or "
                         "allow:" ALLOW_CASCADE
                         ":\"...\" if the rows it points at never change.");
}

static bool
check_cascades(const Leveling *leveling, const Assignment *assignment, Err *err)
{
    for (int i = 0; i < assignment->source_count; i++)
        if (!check_cascade(leveling, assignment->sources[i], err))
            return false;
    return check_cascade(leveling, assignment->target, err);
}

bool
my_level_check(const Leveling *leveling, Err *err)
{
    const Backfill *fill = leveling->fill;

    if (fill->other_relations)
        return refuse(leveling, err,
                      "a subquery cannot be kept level: it reads other rows");
    if (fill->is_volatile)
        return refuse(leveling, err,
                      "a value that changes by itself cannot be kept level");
    if (!leveling->ask->caps->sync_trigger)
    {
        refuse(leveling, err,
               "this account may not create triggers: the binary log is on (1419)");
        return err_hint(err, "An administrator's SET GLOBAL "
                             "log_bin_trust_function_creators = 1 allows it; or say "
                             "sync:off, and let the application write both columns.");
    }
    for (int i = 0; i < fill->assignment_count; i++)
        if (!check_stored(leveling, &fill->assignments[i], err) ||
            !check_cascades(leveling, &fill->assignments[i], err) ||
            !check_null(leveling, fill->assignments[i].target, err))
            return false;
    return true;
}

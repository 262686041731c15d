/*
 * Where a sync trigger would break the promise, it is refused before anything runs.
 * Every refusal names the file and line of the backfill, and what to write instead.
 * What one statement's text already shows (other tables, a column read and set) was
 * refused when it was read; here the catalog and the table's other backfills count.
 */
#include "core/sync/sync_shape.h"

#include <string.h>

/* `allow:` for the one danger here that only its author can judge. */
#define ALLOW_NULL "sync-null"

static bool refuse(const Backfill *fill, Err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool
refuse(const Backfill *fill, Err *err, const char *format, ...)
{
    MEM_SCOPE(scope, NULL);
    va_list args;

    va_start(args, format);
    const char *text = mem_vtext(scope, format, args);
    va_end(args);
    return err_at(err, ERR_REFUSED, fill->statement->span.file,
                  fill->statement->span.line, "%s", text);
}

static bool
reads(const char *const *columns, int count, const char *column)
{
    for (int i = 0; i < count; i++)
        if (strcmp(columns[i], column) == 0)
            return true;
    return false;
}

static bool
check_stored(const SyncShape *shape, const Backfill *fill, const char *column, Err *err)
{
    if (!sync_column(shape, column).generated)
        return true;
    refuse(fill, err, "sync cannot use \"%s\": it is a generated column", column);
    return err_hint(err, "A trigger runs before generated columns have their value: "
                         "write its expression instead of its name, or sync:off.");
}

static bool
check_sources(const SyncShape *shape, const Backfill *fill,
              const Assignment *assignment, Err *err)
{
    for (int i = 0; i < assignment->source_count; i++)
        if (!check_stored(shape, fill, assignment->sources[i], err))
            return false;
    return true;
}

/*
 * By values alone, a NULL that new code writes on purpose is a row not filled yet, and
 * the next touch would fill it from an old side that nobody writes any more.
 */
static bool
check_null(const Backfill *fill, const SyncColumn *target, Err *err)
{
    bool null_is_undone =
        reads(fill->where_columns, fill->where_column_count, target->name);

    if (fill->sync != SYNC_FORWARD || !null_is_undone || target->never_null ||
        section_allows(fill->section, ALLOW_NULL) != NULL)
        return true;
    refuse(fill, err,
           "\"%s\" may be NULL for good, and sync:forward cannot tell that from a row "
           "that is not filled yet",
           target->name);
    return err_hint(err,
                    "Make \"%s\" NOT NULL in contract, or say sync:both or sync:off, "
                    "or allow:" ALLOW_NULL ":\"...\" if new code never writes NULL.",
                    target->name);
}

static bool
check_assignment(const SyncShape *shape, const Backfill *fill,
                 const Assignment *assignment, Err *err)
{
    SyncColumn target = sync_column(shape, assignment->target);

    if (sync_assignment(shape, assignment->target, NULL) != assignment)
    {
        refuse(fill, err, "two synced backfills set \"%s\"", assignment->target);
        return err_hint(err, "Write one UPDATE with CASE, or say sync:off for one.");
    }
    if (target.default_computed)
    {
        refuse(fill, err,
               "sync cannot tell whether \"%s\" was given: its default is "
               "computed",
               assignment->target);
        return err_hint(err, "Set that default in contract, or say sync:off.");
    }
    return check_stored(shape, fill, assignment->target, err) &&
           check_sources(shape, fill, assignment, err) &&
           check_null(fill, &target, err);
}

/* Rules in both directions along a chain a -> b -> c would depend on their order. */
static bool
check_reverse(const SyncShape *shape, const Backfill *fill, const Reverse *reverse,
              Err *err)
{
    for (int i = 0; i < reverse->source_count; i++)
        if (sync_assignment(shape, reverse->sources[i], NULL) == NULL)
            return refuse(fill, err,
                          "the reverse of \"%s\" reads \"%s\", which no "
                          "backfill sets",
                          reverse->target, reverse->sources[i]);
    if (reverse->source_count == 0)
        return refuse(fill, err,
                      "the reverse of \"%s\" reads no column that the "
                      "backfill sets",
                      reverse->target);
    if (sync_assignment(shape, reverse->target, NULL) == NULL)
        return check_stored(shape, fill, reverse->target, err);
    refuse(fill, err, "sync:both cannot run through \"%s\", which is filled itself",
           reverse->target);
    return err_hint(err, "Say sync:forward for a column that is filled from another "
                         "filled column.");
}

static bool
check_functions(const SyncShape *shape, const Backfill *fill, Err *err)
{
    const Facts *facts = shape->request->facts;

    for (int i = 0; i < facts->function_count; i++)
    {
        const FunctionFact *function = &facts->functions[i];

        if (strcmp(function->volatility, "v") != 0 ||
            !reads(fill->functions, fill->function_count, function->name))
            continue;
        refuse(fill, err, "sync cannot use \"%s\": it is volatile", function->name);
        return err_hint(err, "Both sides are level only where the same row always "
                             "gives the same value; say sync:off.");
    }
    return true;
}

static bool
check_fill(const SyncShape *shape, const Backfill *fill, Err *err)
{
    if (!check_functions(shape, fill, err))
        return false;
    for (int i = 0; i < fill->where_column_count; i++)
        if (!check_stored(shape, fill, fill->where_columns[i], err))
            return false;
    for (int i = 0; i < fill->assignment_count; i++)
        if (!check_assignment(shape, fill, &fill->assignments[i], err))
            return false;
    for (int i = 0; i < fill->reverse_count; i++)
        if (!check_reverse(shape, fill, &fill->reverses[i], err))
            return false;
    return true;
}

/* What a trigger function does to the row is not to be known, so its place decides. */
static bool
check_last(const SyncShape *shape, const QName *table, const char *trigger, Err *err)
{
    if (strcmp(trigger, shape->trigger) <= 0)
        return true;
    refuse(shape->fills[0], err,
           "trigger \"%s\" on \"%s\" would run after the sync trigger and could change "
           "what it keeps level",
           trigger, table->name);
    return err_hint(err, "Rename it so that it starts with an ASCII letter: triggers "
                         "run in the order of their names.");
}

static bool
check_triggers(const SyncShape *shape, Err *err)
{
    const TableFact *table = shape->request->table;

    for (int i = 0; i < table->trigger_count; i++)
    {
        const TriggerFact *trigger = &table->triggers[i];

        if (trigger->ours && strcmp(trigger->name, shape->trigger) != 0)
            return refuse(shape->fills[0], err,
                          "\"%s\" still has the sync trigger of another migration: "
                          "\"%s\"",
                          table->name.name, trigger->name);
        if (trigger->before_row && (trigger->on_insert || trigger->on_update) &&
            !check_last(shape, shape->table, trigger->name, err))
            return false;
    }
    for (int i = 0; i < shape->acts.count; i++)
    {
        const Act *act = shape->acts.items[i].act;

        if (act->action == ACTION_CREATE_TRIGGER && act->object != NULL &&
            !check_last(shape, shape->table, act->object, err))
            return false;
    }
    return true;
}

/* Every table of the tree is written to by itself, so every one fires its own. */
static bool
check_tree(const SyncShape *shape, Err *err)
{
    const TableFact *table = shape->request->table;
    const Backfill *first = shape->fills[0];
    bool partitioned = strcmp(table->kind, "p") == 0;

    if (!partitioned && strcmp(table->kind, "r") != 0)
        return refuse(first, err, "sync works on tables: \"%s\" is none",
                      table->name.name);
    if (partitioned && shape->request->facts->caps->version < 130000)
        return refuse(first, err,
                      "sync on a partitioned table needs PostgreSQL 13 or newer") ||
               err_hint(err, "Say sync:off, and let new code write both sides.");
    for (int i = 0; i < shape->fill_count; i++)
        if (shape->fills[i]->only && table->tree_count > 0)
            return refuse(
                       shape->fills[i], err,
                       "ONLY leaves out children of \"%s\" that sync must keep level",
                       table->name.name) ||
                   err_hint(err, "Leave out ONLY, or say sync:off.");
    for (int i = 0; i < table->tree_count; i++)
        if (table->tree[i].late_trigger != NULL &&
            !check_last(shape, &table->tree[i].name, table->tree[i].late_trigger, err))
            return false;
    return true;
}

bool
sync_check(const SyncShape *shape, Err *err)
{
    const Backfill *first = shape->fills[0];

    if (!shape->request->facts->caps->sync_trigger)
        return refuse(first, err, "%s has no triggers that sync could use",
                      shape->request->facts->caps->product);
    if (!check_tree(shape, err))
        return false;
    for (int i = 0; i < shape->fill_count; i++)
        if (!check_fill(shape, shape->fills[i], err))
            return false;
    return check_triggers(shape, err);
}

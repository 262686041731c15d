/*
 * Sync triggers. A row is changed behind the statement that touched it, by conditions
 * on the row itself, so that expressions stand as they were written; what a trigger
 * writes fires the others, which then find nothing to do.
 */
#include <string.h>

#include "core/sql/sqlite/lite.h"

typedef struct Leveling
{
    Mem *mem;
    const LevelAsk *ask;
    LevelSql *level;
} Leveling;

static const ColumnFact *
column_of(const Leveling *leveling, const char *name)
{
    const TableFact *table = leveling->ask->table;

    for (int i = 0; table != NULL && i < table->column_count; i++)
        if (strcasecmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

/* The columns that the expression reads, each once. */
static int
sources_of(const Leveling *leveling, const Assignment *assignment, const char **names)
{
    int count = 0;

    for (int i = 0; i < assignment->source_count; i++)
    {
        const char *name = assignment->sources[i];
        bool again = false;

        for (int j = 0; j < count; j++)
            again |= strcasecmp(names[j], name) == 0;
        if (!again && column_of(leveling, name) != NULL)
            names[count++] = name;
    }
    return count;
}

/* OLD.a IS NOT NEW.a OR OLD.b ... */
static void
add_changed(SqlText *sql, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
    {
        if (i > 0)
            sql_raw(sql, " OR ");
        sql_raw(sql, "OLD.");
        sql_ident(sql, names[i]);
        sql_raw(sql, " IS NOT NEW.");
        sql_ident(sql, names[i]);
    }
}

/* By its key, or by its rowid where the table is not there yet. */
static void
add_same_row(SqlText *sql, const Leveling *leveling)
{
    static char *const unknown[] = {"rowid"};
    const TableFact *table = leveling->ask->table;
    bool known = table != NULL && table->row_key_count > 0;
    char *const *key = known ? table->row_key : unknown;

    for (int i = 0; i < (known ? table->row_key_count : 1); i++)
    {
        if (i > 0)
            sql_raw(sql, " AND ");
        sql_ident(sql, key[i]);
        sql_raw(sql, " = NEW.");
        sql_ident(sql, key[i]);
    }
}

/* UPDATE t SET target = (value) WHERE it is that row, */
static void
add_update(SqlText *sql, const Leveling *leveling, const char *target, SqlParsed value)
{
    sql_raw(sql, "UPDATE ");
    sql_ident(sql, leveling->ask->fill->table.name);
    sql_raw(sql, " SET ");
    sql_ident(sql, target);
    sql_raw(sql, " = (");
    sql_parsed(sql, value);
    sql_raw(sql, ") WHERE ");
    add_same_row(sql, leveling);
}

/* ... and its side was not given: NULL, or what it is by default. */
static void
add_unsaid(SqlText *sql, const Leveling *leveling, const char *name)
{
    const ColumnFact *column = column_of(leveling, name);

    sql_raw(sql, " AND (");
    sql_ident(sql, name);
    sql_raw(sql, " IS NULL");
    if (column != NULL && column->default_sql != NULL)
    {
        sql_raw(sql, " OR ");
        sql_ident(sql, name);
        sql_raw(sql, " IS (");
        sql_parsed(sql, (SqlParsed){.text = column->default_sql});
        sql_raw(sql, ")");
    }
    sql_raw(sql, ")");
}

static void
add_differs(SqlText *sql, const char *name, SqlParsed value)
{
    sql_raw(sql, " AND ");
    sql_ident(sql, name);
    sql_raw(sql, " IS NOT (");
    sql_parsed(sql, value);
    sql_raw(sql, ")");
}

/* The AND-terms of the WHERE that read no assigned column: which rows it is about. */
static void
add_scope(SqlText *sql, const Leveling *leveling)
{
    const Backfill *fill = leveling->ask->fill;
    LiteTokens tokens =
        lite_tokens(leveling->mem, fill->where.text == NULL ? "" : fill->where.text);
    int from = 0;

    for (int at = 0; at <= tokens.count; at++)
    {
        bool mentions = false;

        if (lite_is(&tokens, at, "OR") || lite_is(&tokens, at, "BETWEEN"))
            return;
        if (at < tokens.count && lite_is(&tokens, at, "("))
            at = lite_behind(&tokens, at) - 1;
        if (at < tokens.count && !lite_is(&tokens, at, "AND"))
            continue;
        for (int i = from; i < at; i++)
            for (int j = 0; j < fill->assignment_count; j++)
            {
                const char *name = lite_name(leveling->mem, &tokens, i);

                mentions |=
                    name != NULL && strcasecmp(name, fill->assignments[j].target) == 0;
            }
        if (!mentions && from < at)
        {
            sql_raw(sql, " AND (");
            sql_parsed(
                sql, (SqlParsed){.text = lite_slice(leveling->mem, &tokens, from, at)});
            sql_raw(sql, ")");
        }
        from = at + 1;
    }
}

/* --- the way back of sync:both --------------------------------------------------- */

typedef struct Way
{
    const char *old; /* NULL: there is none */
    SqlParsed value;
} Way;

static bool
way_back(const Leveling *leveling, const Assignment *assignment, Way *way, Err *err)
{
    const Backfill *fill = leveling->ask->fill;
    const char *said = fill->section->options.reverse;
    SqlText plain = sql_begin(leveling->mem, leveling->ask->caps);

    *way = (Way){NULL, {NULL}};
    if (fill->sync != SYNC_BOTH)
        return true;
    if (said != NULL)
    {
        LiteTokens tokens = lite_tokens(leveling->mem, said);

        if (lite_is(&tokens, 1, "="))
        {
            way->old = lite_name(leveling->mem, &tokens, 0);
            way->value.text = lite_slice(leveling->mem, &tokens, 2, tokens.count);
        }
    }
    else if (assignment->plain_source != NULL)
    {
        way->old = assignment->plain_source;
        sql_ident(&plain, assignment->target);
        way->value.text = sql_done(&plain);
    }
    if (way->old != NULL)
        return true;
    err_at(err, ERR_REFUSED, fill->section->file, fill->statement->span.line,
           "sync:both needs the way back of \"%s\"", assignment->target);
    return err_hint(err, "Say it: reverse:\"old = expression of %s\".",
                    assignment->target);
}

/* --- the triggers ---------------------------------------------------------------- */

static void
add_name(SqlText *sql, const Leveling *leveling, int assignment, const char *when)
{
    const Backfill *fill = leveling->ask->fill;

    sql_ident(sql, mem_text(leveling->mem, "pgstride_sync_%s_%d_%d_%s",
                            fill->table.name, fill->number, assignment, when));
}

static SqlText
trigger_begin(Leveling *leveling, int assignment, const char *when)
{
    const Caps *caps = leveling->ask->caps;
    SqlText make = sql_begin(leveling->mem, caps);
    SqlText drop = sql_begin(leveling->mem, caps);
    LevelSql *level = leveling->level;

    sql_raw(&drop, "DROP TRIGGER IF EXISTS ");
    add_name(&drop, leveling, assignment, when);
    level->drop[level->drop_count++].text = sql_done(&drop);
    sql_raw(&make, "CREATE TRIGGER ");
    add_name(&make, leveling, assignment, when);
    return make;
}

static void
trigger_end(Leveling *leveling, SqlText *sql)
{
    LevelSql *level = leveling->level;

    sql_raw(sql, "; END");
    level->make[level->make_count++].text = sql_done(sql);
}

static void
level_insert(Leveling *leveling, int number, const Assignment *assignment,
             const Way *way)
{
    SqlText sql = trigger_begin(leveling, number, "insert");

    sql_raw(&sql, " AFTER INSERT ON ");
    sql_ident(&sql, leveling->ask->fill->table.name);
    sql_raw(&sql, " BEGIN ");
    add_update(&sql, leveling, assignment->target, assignment->expression);
    add_unsaid(&sql, leveling, assignment->target);
    add_scope(&sql, leveling);
    if (way->old != NULL)
    {
        sql_raw(&sql, "; ");
        add_update(&sql, leveling, way->old, way->value);
        add_unsaid(&sql, leveling, way->old);
        add_differs(&sql, assignment->target, assignment->expression);
    }
    trigger_end(leveling, &sql);
}

/* The old side changed alone: the new one follows. */
static void
level_forward(Leveling *leveling, int number, const Assignment *assignment)
{
    const char **names =
        mem_array(leveling->mem, const char *, assignment->source_count + 1);
    int count = sources_of(leveling, assignment, names);
    SqlText sql;

    if (count == 0)
        return;
    sql = trigger_begin(leveling, number, "update");
    sql_raw(&sql, " AFTER UPDATE ON ");
    sql_ident(&sql, leveling->ask->fill->table.name);
    sql_raw(&sql, " WHEN ");
    add_changed(&sql, names, count);
    sql_raw(&sql, " BEGIN ");
    add_update(&sql, leveling, assignment->target, assignment->expression);
    sql_raw(&sql, " AND OLD.");
    sql_ident(&sql, assignment->target);
    sql_raw(&sql, " IS NEW.");
    sql_ident(&sql, assignment->target);
    add_differs(&sql, assignment->target, assignment->expression);
    add_scope(&sql, leveling);
    trigger_end(leveling, &sql);
}

/* The new side changed alone, and not to what the backfill would write. */
static void
level_back(Leveling *leveling, int number, const Assignment *assignment, const Way *way)
{
    SqlText sql = trigger_begin(leveling, number, "back");

    sql_raw(&sql, " AFTER UPDATE ON ");
    sql_ident(&sql, leveling->ask->fill->table.name);
    sql_raw(&sql, " WHEN ");
    add_changed(&sql, (const char *const[]){assignment->target}, 1);
    sql_raw(&sql, " BEGIN ");
    add_update(&sql, leveling, way->old, way->value);
    sql_raw(&sql, " AND OLD.");
    sql_ident(&sql, way->old);
    sql_raw(&sql, " IS NEW.");
    sql_ident(&sql, way->old);
    add_differs(&sql, assignment->target, assignment->expression);
    trigger_end(leveling, &sql);
}

static bool
level_refused(const Leveling *leveling, const char *why, Err *err)
{
    const Backfill *fill = leveling->ask->fill;

    err_at(err, ERR_REFUSED, fill->section->file, fill->statement->span.line, "%s",
           why);
    return err_hint(err, "Say sync:off, and let the application write both.");
}

bool
lite_level(Mem *mem, const LevelAsk *ask, LevelSql *level, Err *err)
{
    const Backfill *fill = ask->fill;
    Leveling leveling = {mem, ask, level};

    level->make = mem_array(mem, SqlParsed, fill->assignment_count * 3 + 1);
    level->drop = mem_array(mem, SqlParsed, fill->assignment_count * 3 + 1);
    if (fill->other_relations)
        return level_refused(
            &leveling, "a subquery cannot be kept level: it reads other rows", err);
    if (fill->is_volatile)
        return level_refused(
            &leveling, "a value that changes by itself cannot be kept level", err);
    for (int i = 0; i < fill->assignment_count; i++)
    {
        const Assignment *assignment = &fill->assignments[i];
        Way way;

        if (!way_back(&leveling, assignment, &way, err))
            return false;
        level_insert(&leveling, i + 1, assignment, &way);
        level_forward(&leveling, i + 1, assignment);
        if (way.old != NULL)
            level_back(&leveling, i + 1, assignment, &way);
    }
    return true;
}

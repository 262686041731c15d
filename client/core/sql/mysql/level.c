/*
 * Sync triggers of MySQL and MariaDB: BEFORE INSERT and BEFORE UPDATE, a pair for each
 * backfill, made behind those that the table has, so that they see what the others
 * wrote. The rules are PostgreSQL's (core/sync), and so are the reasons. To create one
 * the server waits until no transaction is open that has met the table: whoever writes
 * afterwards has its rows filled.
 */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "core/sql/dialect.h"
#include "core/sql/mysql/mysql.h"

enum
{
    NAME_MOST = 64 /* characters of a trigger's name */
};

/* `allow:` for the dangers here that only their author can judge. */
#define ALLOW_NULL "sync-null"
#define ALLOW_CASCADE "sync-cascade"

typedef struct Leveling
{
    Mem *mem;
    const LevelAsk *ask;
    const Backfill *fill;
    SqlText sql;
} Leveling;

/* --- what is known of a column --------------------------------------------------- */

/* Where it comes from: the table, and what this migration makes of it. */
typedef struct Known
{
    const char *type;    /* NULL: nobody knows */
    const char *missing; /* its default, where it is a literal; or NULL */
    const char *cascade; /* a foreign key that changes it unheard; or NULL */
    bool generated;
    bool never_null; /* now, or when contract is done */
} Known;

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

static Known
column_known(const Leveling *leveling, const char *column)
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

/* --- conditions ------------------------------------------------------------------ */

static const char *
side(Leveling *leveling, const char *row, const char *column)
{
    SqlText sql = sql_begin(leveling->mem, leveling->ask->caps);

    sql_ident(&sql, column);
    return mem_text(leveling->mem, "%s.%s", row, sql_done(&sql));
}

/* No column of these is another than before. */
static void
put_unchanged(Leveling *leveling, const char *const *columns, int count)
{
    for (int i = 0; i < count; i++)
    {
        sql_parsed(&leveling->sql, (SqlParsed){.text = i > 0 ? " AND " : ""});
        my_put_same(&leveling->sql, column_known(leveling, columns[i]).type,
                    (SqlParsed){.text = side(leveling, "NEW", columns[i])},
                    (SqlParsed){.text = side(leveling, "OLD", columns[i])});
    }
}

static void
put_scope(Leveling *leveling)
{
    if (leveling->fill->scope_over_new.text == NULL)
        return;
    sql_raw(&leveling->sql, "(");
    sql_parsed(&leveling->sql, leveling->fill->scope_over_new);
    sql_raw(&leveling->sql, ") AND ");
}

/* These have changed, and that one alone of its side has not. */
static void
put_only_changed(Leveling *leveling, const char *const *columns, int count,
                 const char *other)
{
    put_scope(leveling);
    sql_raw(&leveling->sql, "NOT (");
    put_unchanged(leveling, columns, count);
    sql_raw(&leveling->sql, ") AND ");
    put_unchanged(leveling, &other, 1);
}

/* As far as a value can tell, the writer of an INSERT did not give the column. */
static void
put_missing(Leveling *leveling, const char *column)
{
    Known known = column_known(leveling, column);
    const char *value = side(leveling, "NEW", column);

    sql_raw(&leveling->sql, "(");
    sql_parsed(&leveling->sql, (SqlParsed){.text = value});
    sql_raw(&leveling->sql, " IS NULL");
    if (known.missing != NULL)
    {
        sql_raw(&leveling->sql, " OR ");
        my_put_same(&leveling->sql, known.type, (SqlParsed){.text = value},
                    (SqlParsed){.text = known.missing});
    }
    sql_raw(&leveling->sql, ")");
}

/* --- what is done ---------------------------------------------------------------- */

static void
put_set(Leveling *leveling, const char *column, SqlParsed value)
{
    sql_raw(&leveling->sql, "SET ");
    sql_parsed(&leveling->sql, (SqlParsed){.text = side(leveling, "NEW", column)});
    sql_raw(&leveling->sql, " = ");
    sql_parsed(&leveling->sql, value);
    sql_raw(&leveling->sql, ";\n");
}

/*
 * new := f(old). An old value that f cannot take must not fail the application's write,
 * which was good before we came: the row stays unfilled, and contract says so.
 */
static void
derive(Leveling *leveling, const Assignment *assignment)
{
    sql_raw(&leveling->sql, "BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION ");
    put_set(leveling, assignment->target, (SqlParsed){.text = "NULL"});
    put_set(leveling, assignment->target, assignment->over_new);
    sql_raw(&leveling->sql, "END;\n");
}

static void
derive_if(Leveling *leveling, const Assignment *assignment)
{
    sql_raw(&leveling->sql, " THEN\n");
    derive(leveling, assignment);
    sql_raw(&leveling->sql, "END IF;\n");
}

static void
set_back(Leveling *leveling, const Reverse *reverse)
{
    sql_raw(&leveling->sql, " THEN ");
    put_set(leveling, reverse->target, reverse->over_new);
    sql_raw(&leveling->sql, "END IF;\n");
}

/* The way back goes first: where both sides are missing, the old one is the source. */
static void
on_insert(Leveling *leveling)
{
    const Backfill *fill = leveling->fill;

    for (int i = 0; i < fill->reverse_count; i++)
    {
        const Reverse *reverse = &fill->reverses[i];

        sql_raw(&leveling->sql, "IF ");
        put_scope(leveling);
        put_missing(leveling, reverse->target);
        sql_raw(&leveling->sql, " AND NOT (");
        for (int j = 0; j < reverse->source_count; j++)
        {
            sql_parsed(&leveling->sql, (SqlParsed){.text = j > 0 ? " AND " : ""});
            put_missing(leveling, reverse->sources[j]);
        }
        sql_raw(&leveling->sql, ")");
        set_back(leveling, reverse);
    }
    for (int i = 0; i < fill->assignment_count; i++)
    {
        sql_raw(&leveling->sql, "IF ");
        put_scope(leveling);
        put_missing(leveling, fill->assignments[i].target);
        derive_if(leveling, &fill->assignments[i]);
    }
}

static void
update_forward(Leveling *leveling, const Assignment *assignment)
{
    if (assignment->source_count == 0)
        return;
    sql_raw(&leveling->sql, "IF ");
    put_only_changed(leveling, assignment->sources, assignment->source_count,
                     assignment->target);
    derive_if(leveling, assignment);
}

static const Assignment *
assignment_of(const Backfill *fill, const char *target)
{
    for (int i = 0; i < fill->assignment_count; i++)
        if (strcasecmp(fill->assignments[i].target, target) == 0)
            return &fill->assignments[i];
    return NULL;
}

/* old := r(new), unless new is what f makes of old: then the backfill wrote it. */
static void
update_back(Leveling *leveling, const Reverse *reverse)
{
    sql_raw(&leveling->sql, "IF ");
    put_only_changed(leveling, reverse->sources, reverse->source_count,
                     reverse->target);
    sql_raw(&leveling->sql, " AND NOT (");
    for (int i = 0; i < reverse->source_count; i++)
    {
        const Assignment *assignment =
            assignment_of(leveling->fill, reverse->sources[i]);

        sql_parsed(&leveling->sql, (SqlParsed){.text = i > 0 ? " AND " : ""});
        my_put_same(&leveling->sql, column_known(leveling, reverse->sources[i]).type,
                    (SqlParsed){.text = side(leveling, "NEW", reverse->sources[i])},
                    assignment->over_new);
    }
    sql_raw(&leveling->sql, ")");
    set_back(leveling, reverse);
}

static void
on_update(Leveling *leveling)
{
    const Backfill *fill = leveling->fill;

    for (int i = 0; i < fill->assignment_count; i++)
        update_forward(leveling, &fill->assignments[i]);
    for (int i = 0; i < fill->reverse_count; i++)
        update_back(leveling, &fill->reverses[i]);
}

/* Fill on touch: whoever wrote the row, it is done when it leaves us. */
static void
fill_on_touch(Leveling *leveling)
{
    const Backfill *fill = leveling->fill;

    if (fill->where_over_new.text != NULL)
    {
        sql_raw(&leveling->sql, "IF ");
        sql_parsed(&leveling->sql, fill->where_over_new);
        sql_raw(&leveling->sql, " THEN\n");
    }
    for (int i = 0; i < fill->assignment_count; i++)
        derive(leveling, &fill->assignments[i]);
    if (fill->where_over_new.text != NULL)
        sql_raw(&leveling->sql, "END IF;\n");
}

/* --- what cannot be kept level --------------------------------------------------- */

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
        column_known(leveling, target).never_null ||
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
        if (column_known(leveling, assignment->sources[i]).generated)
            return refuse(leveling, err,
                          "sync cannot use \"%s\": it is a generated column",
                          assignment->sources[i]);
    return true;
}

/* What a foreign key changes in a row, no trigger of the row is told. */
static bool
check_cascade(const Leveling *leveling, const char *column, Err *err)
{
    const char *cascade = column_known(leveling, column).cascade;

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

static bool
level_check(const Leveling *leveling, Err *err)
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

/* --- the triggers ---------------------------------------------------------------- */

/* "pgstride_20261121_1_users_insert": of this migration alone, and cut where it is too
 * long. */
static QName
trigger_name(const Leveling *leveling, const char *when)
{
    const Backfill *fill = leveling->fill;
    char *name =
        mem_text(leveling->mem, "pgstride_%s_%d_%s", leveling->ask->migration->version,
                 fill->number, fill->table.name);
    int most = (int)utf8_cut(name, NAME_MOST - strlen(when));

    return (QName){fill->table.schema,
                   mem_text(leveling->mem, "%.*s%s", most, name, when)};
}

static void
trigger_put(Leveling *leveling, LevelSql *level, const char *when,
            void (*body)(Leveling *leveling))
{
    QName name = trigger_name(leveling, when);
    bool inserts = strcmp(when, "_insert") == 0;
    SqlText drop = sql_begin(leveling->mem, leveling->ask->caps);

    sql_raw(&drop, "DROP TRIGGER IF EXISTS ");
    sql_qname(&drop, &name);
    level->drop[level->drop_count++].text = sql_done(&drop);
    leveling->sql = sql_begin(leveling->mem, leveling->ask->caps);
    sql_raw(&leveling->sql, "CREATE TRIGGER ");
    sql_qname(&leveling->sql, &name);
    sql_parsed(&leveling->sql, (SqlParsed){.text = inserts ? " BEFORE INSERT ON "
                                                           : " BEFORE UPDATE ON "});
    sql_qname(&leveling->sql, &leveling->fill->table);
    sql_raw(&leveling->sql, " FOR EACH ROW\nBEGIN\n");
    body(leveling);
    fill_on_touch(leveling);
    sql_raw(&leveling->sql, "END");
    level->make[level->make_count++].text = sql_done(&leveling->sql);
}

bool
mysql_level(Mem *mem, const LevelAsk *ask, LevelSql *level, Err *err)
{
    enum
    {
        PAIR = 2
    };
    Leveling leveling = {.mem = mem, .ask = ask, .fill = ask->fill};

    if (!ask->back && !level_check(&leveling, err))
        return false;
    level->make = mem_array(mem, SqlParsed, PAIR);
    level->drop = mem_array(mem, SqlParsed, PAIR);
    trigger_put(&leveling, level, "_insert", on_insert);
    trigger_put(&leveling, level, "_update", on_update);
    return true;
}

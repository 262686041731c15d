/*
 * Sync triggers of MySQL and MariaDB: BEFORE INSERT and BEFORE UPDATE, a pair for each
 * backfill, made behind those that the table has, so that they see what the others
 * wrote. The rules are PostgreSQL's (core/sync). To create one the server waits until
 * no transaction is open that has met the table: whoever writes afterwards has its rows
 * filled.
 */
#include <string.h>

#include "base/utf8.h"
#include "core/sql/mysql/level.h"

enum
{
    NAME_MOST = 64 /* characters of a trigger's name */
};

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
        my_put_same(&leveling->sql, my_column_known(leveling, columns[i]).type,
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
    Known known = my_column_known(leveling, column);
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
        my_put_same(&leveling->sql, my_column_known(leveling, reverse->sources[i]).type,
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

    if (!ask->back && !my_level_check(&leveling, err))
        return false;
    level->make = mem_array(mem, SqlParsed, PAIR);
    level->drop = mem_array(mem, SqlParsed, PAIR);
    trigger_put(&leveling, level, "_insert", on_insert);
    trigger_put(&leveling, level, "_update", on_update);
    return true;
}

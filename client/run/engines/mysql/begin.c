/* What a backfill has to know before its first batch, and its record. */
#include <string.h>

#include "core/sql/mysql/mysql.h"
#include "run/engines/mysql/fill.h"
#include "run/engines/mysql/mysql.h"

static const char *
number_text(Mem *mem, const MysqlFill *fill)
{
    return mem_text(mem, "%d", fill->step->backfill->number);
}

/* --- what is to be done ---------------------------------------------------------- */

/* Types of the columns that are set; a missing one is none of ours to judge. */
static const char *
type_of(const Rows *columns, const char *name)
{
    for (int i = 0; i < columns->row_count; i++)
        if (strcasecmp(rows_cell(columns, i, "name"), name) == 0)
            return rows_cell(columns, i, "type");
    return NULL;
}

/* (WHERE) AND NOT (a <=> value AND b <=> value) */
static SqlParsed
not_done(Mem *mem, const Caps *caps, const Backfill *backfill, const Rows *columns)
{
    SqlText sql = sql_begin(mem, caps);
    const char *between = " AND NOT (";

    sql_raw(&sql, "(");
    sql_parsed(&sql, (SqlParsed){.text = backfill->where.text == NULL
                                             ? "true"
                                             : backfill->where.text});
    sql_raw(&sql, "\n)");
    if (backfill->is_volatile || backfill->is_delete)
        return (SqlParsed){.text = sql_done(&sql)};
    for (int i = 0; i < backfill->assignment_count; i++)
    {
        const Assignment *assignment = &backfill->assignments[i];
        SqlText target = sql_begin(mem, caps);

        if (assignment->is_default)
            continue;
        sql_ident(&target, assignment->target);
        sql_parsed(&sql, (SqlParsed){.text = between});
        my_put_same(&sql, type_of(columns, assignment->target),
                    (SqlParsed){.text = sql_done(&target)}, assignment->expression);
        between = " AND ";
    }
    sql_parsed(&sql, (SqlParsed){.text = strcmp(between, " AND ") == 0 ? ")" : ""});
    return (SqlParsed){.text = sql_done(&sql)};
}

static bool
not_done_read(MysqlFill *fill, Err *err)
{
    const QName *table = &fill->step->backfill->table;
    Rows columns;

    if (!db_query(fill->mem, fill->run->watcher, "column_facts",
                  ARGS(table->schema, table->name), &columns, err))
        return false;
    fill->not_done =
        not_done(fill->mem, fill->run->caps, fill->step->backfill, &columns);
    return true;
}

bool
mysql_fill_refuse(const MysqlFill *fill, Err *err, const char *text, const char *hint)
{
    err_at(err, ERR_REFUSED, fill->step->span.file, fill->step->span.line, "%s", text);
    return err_hint(err, "%s", hint);
}

/* --- the key --------------------------------------------------------------------- */

/* clang-format off */
static const char *const binary_types[] = {"binary", "varbinary", "inet6", "inet4", "uuid"};
/* What sorts otherwise than it compares with a literal. */
static const char *const other_types[] = {"enum", "set", "float", "double", "bit", "json"};
/* clang-format on */

static bool
is_among(const char *type, const char *const *types, int count)
{
    for (int i = 0; i < count; i++)
        if (strcasecmp(type, types[i]) == 0)
            return true;
    return false;
}

static bool
key_read(MysqlFill *fill, Err *err)
{
    const QName *table = &fill->step->backfill->table;
    Rows rows;

    if (!db_query(fill->mem, fill->run->watcher, "key_columns",
                  ARGS(table->schema, table->name), &rows, err))
        return false;
    if (rows.row_count == 0)
        return mysql_fill_refuse(
            fill, err, "the table has no key to go along",
            "A backfill needs a primary key, or a unique one without "
            "NULLs; or batch it yourself with repeat:true.");
    fill->index = rows_cell(&rows, 0, "index");
    fill->key_count = rows.row_count;
    fill->key = mem_array(fill->mem, KeyPart, rows.row_count);
    for (int i = 0; i < rows.row_count; i++)
    {
        const char *type = rows_cell(&rows, i, "type");

        if (is_among(type, other_types, LENGTH(other_types)))
            return mysql_fill_refuse(fill, err, "the table's key cannot be gone along",
                                     "Batch it yourself with repeat:true.");
        fill->key[i] = (KeyPart){rows_cell(&rows, i, "name"),
                                 strcasecmp(type, binary_types[0]) == 0 ||
                                     strcasecmp(type, binary_types[1]) == 0};
    }
    return true;
}

static bool
engine_check(MysqlFill *fill, Err *err)
{
    const QName *table = &fill->step->backfill->table;
    Rows rows;

    if (!db_query(fill->mem, fill->run->watcher, "table_facts",
                  ARGS(table->schema, table->name), &rows, err))
        return false;
    if (rows.row_count == 0)
        return mysql_fill_refuse(fill, err, "the table is not there",
                                 "Check its name.");
    if (strcasecmp(rows_cell(&rows, 0, "access_method"), "InnoDB") != 0)
        return mysql_fill_refuse(
            fill, err, "the table's engine has no transactions",
            "ALTER TABLE ... ENGINE=InnoDB first: a batch must be taken "
            "back whole.");
    fill->progress->rows_total = rows_int(&rows, 0, "rows");
    return true;
}

bool
mysql_fill_foresee(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Progress progress = {0};
    MysqlFill fill = {.run = run, .step = step, .mem = scope, .progress = &progress};
    const QName *table = &step->backfill->table;
    Rows rows;

    if (!db_query(scope, run->watcher, "table_facts", ARGS(table->schema, table->name),
                  &rows, err))
        return false;
    return rows.row_count == 0 || (engine_check(&fill, err) &&
                                   (step->backfill->repeat || key_read(&fill, err)));
}

/* --- the record ------------------------------------------------------------------ */

bool
mysql_fill_begin(MysqlFill *fill, Err *err)
{
    const Backfill *backfill = fill->step->backfill;
    const char *version = fill->step->migration->version;
    const char *component = fill->run->settings->component;
    Rows rows;

    if (!engine_check(fill, err) || (!backfill->repeat && !key_read(fill, err)) ||
        !not_done_read(fill, err))
        return false;
    if (backfill->where.text == NULL && backfill->is_volatile)
        return mysql_fill_refuse(
            fill, err, "without a WHERE there is no telling what is done",
            "The value differs each time: say which rows need it.");
    if (!db_query(
            fill->mem, fill->run->worker, "fill_begin",
            ARGS(component, version, number_text(fill->mem, fill), backfill->table.name,
                 fill->run->id,
                 mem_text(fill->mem, "%lld", (long long)fill->progress->rows_total)),
            &rows, err) ||
        !db_query(fill->mem, fill->run->worker, "fill_told",
                  ARGS(component, version, number_text(fill->mem, fill)), &rows, err))
        return false;
    fill->place = rows_cell(&rows, 0, "place");
    fill->verified = rows_bool(&rows, 0, "verified");
    fill->progress->rows_done = rows_int(&rows, 0, "rows_done");
    fill->progress->rows_before = fill->progress->rows_done;
    return true;
}

static bool
fill_say(MysqlFill *fill, const char *label, Err *err)
{
    Rows rows;

    return db_query(fill->mem, fill->run->worker, label,
                    ARGS(fill->run->settings->component, fill->step->migration->version,
                         number_text(fill->mem, fill)),
                    &rows, err);
}

bool
mysql_fill_rewind(MysqlFill *fill, Err *err)
{
    fill->place = NULL;
    return fill_say(fill, "fill_rewind", err);
}

bool
mysql_fill_end(MysqlFill *fill, Err *err)
{
    return fill_say(fill, "fill_end", err);
}

/* What a backfill has to know before its first batch, and its record. */
#include <string.h>

#include "run/engines/mysql/fill.h"
#include "run/engines/mysql/mysql.h"

static const char *
number_text(Mem *mem, const MysqlFill *fill)
{
    return mem_text(mem, "%d", fill->step->backfill->number);
}

/* --- what is to be done ---------------------------------------------------------- */

/* Functions whose value is another one each time: then only the WHERE tells. */
static bool
is_volatile(const Backfill *backfill)
{
    static const char *const names[] = {"RAND",
                                        "UUID",
                                        "UUID_SHORT",
                                        "NOW",
                                        "SYSDATE",
                                        "CURDATE",
                                        "CURTIME",
                                        "SLEEP",
                                        "CURRENT_TIMESTAMP",
                                        "CURRENT_DATE",
                                        "CURRENT_TIME",
                                        "UTC_TIMESTAMP",
                                        "UTC_DATE",
                                        "UNIX_TIMESTAMP",
                                        "LOCALTIME",
                                        "LOCALTIMESTAMP",
                                        "LAST_INSERT_ID",
                                        "NEXTVAL",
                                        "RANDOM_BYTES",
                                        "GEN_RANDOM_UUID"};

    for (int i = 0; i < backfill->value_function_count; i++)
        for (int j = 0; j < LENGTH(names); j++)
            if (strcasecmp(backfill->functions[i], names[j]) == 0)
                return true;
    return false;
}

/* (WHERE) AND NOT (a <=> value AND b <=> value) */
static SqlParsed
not_done(Mem *mem, const Caps *caps, const Backfill *backfill)
{
    SqlText sql = sql_begin(mem, caps);
    const char *between = "NOT (";

    sql_raw(&sql, "(");
    sql_parsed(&sql, (SqlParsed){backfill->where.text == NULL ? "true"
                                                              : backfill->where.text});
    sql_raw(&sql, "\n)");
    if (is_volatile(backfill) || backfill->is_delete)
        return (SqlParsed){sql_done(&sql)};
    for (int i = 0; i < backfill->assignment_count; i++)
    {
        const Assignment *assignment = &backfill->assignments[i];

        if (assignment->is_default)
            continue;
        sql_parsed(&sql, (SqlParsed){i == 0 ? " AND " : ""});
        sql_parsed(&sql, (SqlParsed){between});
        sql_ident(&sql, assignment->target);
        sql_raw(&sql, " <=> (");
        sql_parsed(&sql, assignment->expression);
        sql_raw(&sql, "\n)");
        between = " AND ";
    }
    sql_parsed(&sql, (SqlParsed){strcmp(between, "NOT (") == 0 ? "" : ")"});
    return (SqlParsed){sql_done(&sql)};
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

/* --- the record ------------------------------------------------------------------ */

bool
mysql_fill_begin(MysqlFill *fill, Err *err)
{
    const Backfill *backfill = fill->step->backfill;
    const char *version = fill->step->migration->version;
    const char *component = fill->run->settings->component;
    Rows rows;

    if (!engine_check(fill, err) || (!backfill->repeat && !key_read(fill, err)))
        return false;
    fill->not_done = not_done(fill->mem, fill->run->caps, backfill);
    if (backfill->where.text == NULL && is_volatile(backfill))
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

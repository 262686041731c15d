/* A backfill as the rest of the program knows it. */
#include <string.h>

#include "core/sql/dialect.h"
#include "core/sql/mysql/mysql.h"
#include "core/sql/tokens.h"
#include "model/keywords.h"

static SqlParsed
parsed(const char *text)
{
    return (SqlParsed){.text = text};
}

static bool
fault_tell(const BackfillSource *source, const MyFault *fault, Err *err)
{
    const Section *section = source->section;
    int start = source->statement->span.offset - section->text_offset;

    section_error(section, start + fault->offset, err, "%s", fault->message);
    return err_hint(err, "%s", fault->hint);
}

static void
assignments_take(Mem *mem, const MyUpdate *update, Backfill *fill)
{
    fill->assignments = mem_array(mem, Assignment, update->assignment_count);
    fill->assignment_count = update->assignment_count;
    for (int i = 0; i < update->assignment_count; i++)
    {
        const MyAssignment *from = &update->assignments[i];

        fill->assignments[i] = (Assignment){.target = from->target,
                                            .is_default = from->is_default,
                                            .expression = parsed(from->value),
                                            .over_new = parsed(from->over_new),
                                            .plain_source = from->plain,
                                            .sources = from->columns,
                                            .source_count = from->column_count};
    }
}

/* What that assignment reads and one before it has written, or NULL. */
static const char *
changed_before(const Backfill *fill, int at)
{
    const Assignment *assignment = &fill->assignments[at];

    for (int before = 0; before < at; before++)
        for (int i = 0; i < assignment->source_count; i++)
            if (strcasecmp(assignment->sources[i], fill->assignments[before].target) ==
                0)
                return assignment->sources[i];
    return NULL;
}

/* An assignment sees what those before it have written: here SET runs left to right. */
static bool
order_refuse(const BackfillSource *source, const Backfill *fill, Err *err)
{
    for (int i = 0; i < fill->assignment_count; i++)
    {
        const char *changed = changed_before(fill, i);

        if (changed == NULL)
            continue;
        err_at(err, ERR_REFUSED, source->section->file, source->statement->span.line,
               "\"%s\" is computed from \"%s\", which the same UPDATE has just changed",
               fill->assignments[i].target, changed);
        return err_hint(err, "The server assigns from left to right: write two "
                             "backfills.");
    }
    return true;
}

static bool
repeat_read(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err)
{
    const Statement *statement = source->statement;
    const Act *act = &statement->acts[0];
    bool fits = act->action == ACTION_UPDATE || act->action == ACTION_DELETE ||
                act->action == ACTION_INSERT;

    (void)mem;
    *fill = (Backfill){.number = source->number,
                       .table = act->relation,
                       .is_delete = act->action == ACTION_DELETE,
                       .is_insert = act->action == ACTION_INSERT,
                       .repeat = true,
                       .sync = SYNC_OFF,
                       .statement = statement,
                       .section = source->section};
    if (fits && act->relation.name != NULL)
        return true;
    err_at(err, ERR_USAGE, source->section->file, statement->span.line,
           "repeat:true is for an UPDATE, DELETE or INSERT");
    return err_hint(err, "It runs until it changes no row.");
}

/* Functions whose value is another one each time: then only the WHERE tells. */
static bool
value_is_volatile(const MyUpdate *update)
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

    for (int i = 0; i < update->value_function_count; i++)
        for (int j = 0; j < LENGTH(names); j++)
            if (strcasecmp(update->functions[i], names[j]) == 0)
                return true;
    return false;
}

/* --- the way back of sync:both --------------------------------------------------- */

static const Assignment *
assignment_of(const Backfill *fill, const char *target)
{
    for (int i = 0; i < fill->assignment_count; i++)
        if (strcasecmp(fill->assignments[i].target, target) == 0)
            return &fill->assignments[i];
    return NULL;
}

static bool
reverse_refuse(const BackfillSource *source, Err *err, const char *what,
               const char *name)
{
    err_at(err, ERR_REFUSED, source->section->file, source->statement->span.line,
           "%s \"%s\"", what, name);
    return err_hint(err, "Say it as in SET: reverse:\"old_column = expression over the "
                         "new one\"; or say sync:forward.");
}

/* A plain copy goes back the way it came. */
static bool
reverses_derive(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err)
{
    fill->reverses = mem_array(mem, Reverse, fill->assignment_count);
    for (int i = 0; i < fill->assignment_count; i++)
    {
        const Assignment *from = &fill->assignments[i];
        const char **read = mem_new(mem, const char *);
        const char *name = ident_quoted(mem, from->target, '`');

        if (from->plain_source == NULL)
            return reverse_refuse(source, err, "there is no plain way back from",
                                  from->target);
        for (int j = 0; j < i; j++)
            if (strcasecmp(fill->reverses[j].target, from->plain_source) == 0)
                return reverse_refuse(source, err, "two columns would write back to",
                                      from->plain_source);
        *read = from->target;
        fill->reverses[fill->reverse_count++] =
            (Reverse){.target = from->plain_source,
                      .sources = read,
                      .source_count = 1,
                      .expression = {name},
                      .over_new = {mem_text(mem, "NEW.%s", name)}};
    }
    return true;
}

/* Of the columns that the way back reads, those that this backfill assigns. */
static bool
reverse_take(Mem *mem, const BackfillSource *source, Backfill *fill,
             const MyAssignment *back, Err *err)
{
    Reverse *reverse = &fill->reverses[fill->reverse_count++];

    *reverse = (Reverse){.target = back->target,
                         .expression = parsed(back->value),
                         .over_new = parsed(back->over_new),
                         .sources = mem_array(mem, const char *, back->column_count)};
    for (int i = 0; i < back->column_count; i++)
        if (assignment_of(fill, back->columns[i]) != NULL)
            reverse->sources[reverse->source_count++] = back->columns[i];
    if (assignment_of(fill, back->target) != NULL)
        return reverse_refuse(source, err, "reverse: writes what the backfill assigns,",
                              back->target);
    return reverse->source_count > 0 ||
           reverse_refuse(source, err, "reverse: reads nothing that is assigned for",
                          back->target);
}

static bool
reverses_read_said(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err)
{
    const char *said = source->section->options.reverse;
    MyUpdate back;
    MyFault fault;

    if (!my_update_read(mem, mem_text(mem, "UPDATE t SET %s", said), &back, &fault))
        return reverse_refuse(source, err, fault.message, said);
    if (back.where != NULL || back.subquery)
        return reverse_refuse(
            source, err, "the way back is more than assignments over one row:", said);
    fill->reverses = mem_array(mem, Reverse, back.assignment_count);
    for (int i = 0; i < back.assignment_count; i++)
        if (!reverse_take(mem, source, fill, &back.assignments[i], err))
            return false;
    return true;
}

static bool
reverses_read_any(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err)
{
    if (source->section->options.sync != SYNC_BOTH)
        return true;
    return source->section->options.reverse != NULL
               ? reverses_read_said(mem, source, fill, err)
               : reverses_derive(mem, source, fill, err);
}

bool
mysql_read_fill(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err)
{
    MyUpdate update;
    MyFault fault;

    if (source->section->options.repeat)
        return repeat_read(mem, source, fill, err);
    if (!my_update_read(mem, source->statement->sql.text, &update, &fault))
        return fault_tell(source, &fault, err);
    *fill = (Backfill){.number = source->number,
                       .table = update.table,
                       .is_delete = update.is_delete,
                       .where = parsed(update.where),
                       .where_over_new = parsed(update.where_over_new),
                       .scope = parsed(update.scope),
                       .scope_over_new = parsed(update.scope_over_new),
                       .where_columns = update.where_columns,
                       .where_column_count = update.where_column_count,
                       .functions = update.functions,
                       .function_count = update.function_count,
                       .value_function_count = update.value_function_count,
                       .is_volatile = value_is_volatile(&update),
                       .other_relations = update.subquery,
                       .sync = SYNC_OFF,
                       .statement = source->statement,
                       .section = source->section};
    assignments_take(mem, &update, fill);
    return order_refuse(source, fill, err) && reverses_read_any(mem, source, fill, err);
}

/* A backfill as the rest of the program knows it. */
#include <string.h>

#include "core/sql/dialect.h"
#include "core/sql/mysql/mysql.h"
#include "core/sql/tokens.h"

static SqlParsed
parsed(const char *text)
{
    return (SqlParsed){text};
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

/* Its trigger is not written for this engine: rows of the old code are found when
 * contract looks, and filled then. */
static bool
sync_refuse(const BackfillSource *source, Err *err)
{
    Sync sync = source->section->options.sync;

    if (sync == SYNC_DEFAULT || sync == SYNC_OFF)
        return true;
    err_at(err, ERR_REFUSED, source->section->file, source->statement->span.line,
           "sync triggers are not there for MySQL and MariaDB yet");
    return err_hint(err, "Say sync:off and let the application write both columns, or "
                         "write the triggers in expand.");
}

bool
mysql_read_fill(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err)
{
    MyUpdate update;
    MyFault fault;

    if (!sync_refuse(source, err))
        return false;
    if (source->section->options.repeat)
        return repeat_read(mem, source, fill, err);
    if (!my_update_read(mem, source->statement->sql.text, &update, &fault))
        return fault_tell(source, &fault, err);
    *fill = (Backfill){.number = source->number,
                       .table = update.table,
                       .is_delete = update.is_delete,
                       .where = parsed(update.where),
                       .where_over_new = parsed(update.where_over_new),
                       .where_columns = update.where_columns,
                       .where_column_count = update.where_column_count,
                       .functions = update.functions,
                       .function_count = update.function_count,
                       .value_function_count = update.value_function_count,
                       .other_relations = update.subquery,
                       .sync = SYNC_OFF,
                       .statement = source->statement,
                       .section = source->section};
    assignments_take(mem, &update, fill);
    return order_refuse(source, fill, err);
}
